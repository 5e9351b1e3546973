/// What a pool learns of the affinities it serves: how long their requests take of late, and who was active lately.
struct Activity {
    typealias Instant = ContinuousClock.Instant

    /// An affinity counts as active for this long after its last request.
    private static let memory: Duration = .seconds(5)
    /// What an affinity not seen before is taken to need.
    private static let unknown: Duration = .milliseconds(1)
    /// What is longer counts no more than this: a report of a minute must not be remembered for an hour.
    private static let longest: Duration = .milliseconds(250)
    private static let capacity = 10_000

    private var paces: [Int: Duration] = [:]
    private var latest: (affinity: Int, at: Instant)?
    /// The last request of another affinity than the latest one's.
    private var other: (affinity: Int, at: Instant)?

    func pace(of affinity: Int) -> Duration { paces[affinity] ?? Self.unknown }

    mutating func learn(_ affinity: Int, took time: Duration) {
        if paces.count >= Self.capacity { paces.removeAll(keepingCapacity: true) }
        let pace = pace(of: affinity)
        paces[affinity] = pace + (min(time, Self.longest) - pace) / 4
    }

    mutating func note(_ affinity: Int, now: Instant) {
        if latest?.affinity != affinity { other = latest }
        latest = (affinity, now)
    }

    /// Whether any other affinity is active.
    func hasOthers(than affinity: Int, now: Instant) -> Bool {
        let seen = latest?.affinity == affinity ? other : latest
        return seen.map { $0.at + Self.memory > now } ?? false
    }
}
