/// Requests that wait, served in turns by affinity: an affinity's own in order, and one of each affinity before the
/// second of any.
struct Turns {
    typealias Instant = ContinuousClock.Instant

    private struct Entry {
        let request: PipelineRequest
        let deadline: Instant
    }

    private var queues: [Int: [Entry]] = [:]
    /// The affinities that wait, the next one first.
    private(set) var affinities: [Int] = []
    private(set) var count = 0
    /// When the first of them has waited long enough: not later than that, perhaps too early.
    private(set) var soonest: Instant?

    var isEmpty: Bool { count == 0 }

    func waits(_ affinity: Int) -> Bool { queues[affinity] != nil }

    mutating func add(_ request: PipelineRequest, affinity: Int, until deadline: Instant) {
        if queues[affinity] == nil { affinities.append(affinity) }
        queues[affinity, default: []].append(Entry(request: request, deadline: deadline))
        added(deadline)
    }

    /// Before all others.
    mutating func addFirst(_ request: PipelineRequest, affinity: Int, until deadline: Instant) {
        affinities.removeAll { $0 == affinity }
        affinities.insert(affinity, at: 0)
        queues[affinity, default: []].insert(Entry(request: request, deadline: deadline), at: 0)
        added(deadline)
    }

    private mutating func added(_ deadline: Instant) {
        count += 1
        soonest = soonest.map { min($0, deadline) } ?? deadline
    }

    /// Takes the first request of the affinity at a position; its next one waits until it is the others' turn no more.
    mutating func take(at position: Int) -> PipelineRequest? {
        let affinity = affinities.remove(at: position)
        guard let entry = queues[affinity]?.removeFirst() else { return nil }
        if queues[affinity]?.isEmpty == false { affinities.append(affinity) } else { queues[affinity] = nil }
        removed(1)
        return entry.request
    }

    /// Takes the last request of the affinity that has the most, where that has at least two more than `affinity`.
    mutating func takeLast(inFavourOf affinity: Int) -> PipelineRequest? {
        guard let longest = queues.max(by: { $0.value.count < $1.value.count }),
            longest.value.count > (queues[affinity]?.count ?? 0) + 1
        else { return nil }
        removed(1)
        return queues[longest.key]?.removeLast().request
    }

    /// Takes every request for which it is so.
    mutating func takeAll(where matches: (PipelineRequest, Instant) -> Bool) -> [PipelineRequest] {
        var taken: [PipelineRequest] = []
        soonest = nil
        for affinity in affinities {
            queues[affinity]?.removeAll { entry in
                if matches(entry.request, entry.deadline) {
                    taken.append(entry.request)
                    return true
                }
                soonest = soonest.map { min($0, entry.deadline) } ?? entry.deadline
                return false
            }
            if queues[affinity]?.isEmpty == true { queues[affinity] = nil }
        }
        affinities.removeAll { queues[$0] == nil }
        removed(taken.count)
        return taken
    }

    private mutating func removed(_ number: Int) {
        count -= number
        if count == 0 { soonest = nil }
    }
}
