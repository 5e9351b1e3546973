/// How many attempts to sign in each client has under way in this process, over all its institutions. A plain value without
/// clock. (Those that failed are counted in the database, for all servers: `SignInCounters`.)
///
/// An attempt holds a *place* of its client: a few at one institution, some more at all. A place that was given up before
/// anything was guessed is free again a second later, or hammering would cost nothing. A pair of client and account that
/// signed in of late has places of its own, so that nobody's neighbor can take them.
///
/// Clients are many and come from outside, so what is remembered is bounded: what is least worth knowing is forgotten.
struct SignInTable: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How much one client may do.
    struct Limits: Sendable {
        /// Attempts under way at one institution.
        var placesAtInstitution = 8
        /// Attempts under way at all institutions.
        var places = 24
        /// Attempts under way of one pair that signed in of late.
        var placesOfPair = 2
        /// Attempts under way of everybody at one institution.
        var attemptsAtInstitution = 256
        /// Seconds a place stays taken that was given up.
        var secondsOfPlace = 1.0
        /// Clients, and pairs, remembered.
        var entries = 10_000
    }

    /// A client and the account it tries, at an institution.
    struct Pair: Sendable, Hashable {
        let institution: Int
        let client: String
        /// SHA-256 of client and address (`SignInCounters.pair`).
        let key: [UInt8]
    }

    /// One attempt under way.
    struct Attempt: Sendable {
        let id: Int
        let pair: Pair
    }

    /// How an attempt ended.
    enum Outcome: Sendable {
        case succeeded
        case failed
        /// Refused or canceled before anything was guessed.
        case givenUp
    }

    /// Why an attempt may not even begin.
    enum Refusal: String, Sendable, Error {
        /// Its client has too many under way.
        case client
        /// Its institution has.
        case institution
    }

    private struct Place {
        let attempt: Int
        let pair: Pair
        /// Nil while the attempt is under way.
        var until: Instant?
    }

    private let limits: Limits
    /// The places taken, by client.
    private var places: [String: [Place]] = [:]
    private var underWay: [Int: Int] = [:]
    private var recent: Set<Pair> = []
    private var older: Set<Pair> = []
    private var attempts = 0

    init(limits: Limits) {
        self.limits = limits
    }

    /// How many attempts are under way.
    var count: Int { underWay.values.reduce(0, +) }
    /// How many clients are remembered.
    var knownClients: Int { places.count }

    /// Begins an attempt, which must `end`.
    mutating func begin(_ pair: Pair, now: Instant) throws(Refusal) -> Attempt {
        var taken = Self.taken(places[pair.client] ?? [], now: now)
        if recent.contains(pair) || older.contains(pair) {
            guard taken.count(where: { $0.pair == pair }) < limits.placesOfPair else { throw .client }
        } else {
            let here = taken.count { $0.pair.institution == pair.institution }
            guard here < limits.placesAtInstitution, taken.count < limits.places else { throw .client }
            guard underWay[pair.institution, default: 0] < limits.attemptsAtInstitution else { throw .institution }
        }
        attempts += 1
        taken.append(Place(attempt: attempts, pair: pair))
        if places[pair.client] == nil { makeRoom(now: now) }
        places[pair.client] = taken
        underWay[pair.institution, default: 0] += 1
        return Attempt(id: attempts, pair: pair)
    }

    /// Ends an attempt.
    mutating func end(_ attempt: Attempt, _ outcome: Outcome, now: Instant) {
        let institution = attempt.pair.institution
        underWay[institution] = underWay[institution].flatMap { $0 > 1 ? $0 - 1 : nil }
        if outcome == .succeeded { remember(attempt.pair) }
        if outcome == .failed {
            recent.remove(attempt.pair)
            older.remove(attempt.pair)
        }
        guard var taken = places[attempt.pair.client],
            let index = taken.firstIndex(where: { $0.attempt == attempt.id })
        else { return }
        if outcome == .givenUp {
            taken[index].until = now + .seconds(limits.secondsOfPlace)
        } else {
            taken.remove(at: index)
        }
        places[attempt.pair.client] = taken.isEmpty ? nil : taken
    }

    private static func taken(_ places: [Place], now: Instant) -> [Place] {
        places.filter { $0.until.map { $0 > now } ?? true }
    }

    private mutating func remember(_ pair: Pair) {
        recent.insert(pair)
        guard recent.count > limits.entries / 2 else { return }
        older = recent
        recent = []
    }

    /// Forgets who holds no place any more; where that is nobody, everybody who has nothing under way.
    private mutating func makeRoom(now: Instant) {
        guard places.count >= limits.entries else { return }
        places = places.compactMapValues {
            let taken = Self.taken($0, now: now)
            return taken.isEmpty ? nil : taken
        }
        guard places.count >= limits.entries else { return }
        places = places.filter { $0.value.contains { $0.until == nil } }
    }
}
