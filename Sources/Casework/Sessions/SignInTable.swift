/// What this process knows of the clients that try to sign in, over all its institutions: how many attempts each has under
/// way, and how many have failed. A plain value without clock.
///
/// An attempt holds a *place* of its client: a few at one institution, some more at all. A place that was given up before
/// anything was guessed is free again a second later, or hammering would cost nothing. An attempt counts as a failure when
/// it begins, which a success takes back; failures are forgotten one by one. A pair of client and account that signed in of
/// late has places of its own, so that nobody's neighbor can take them.
///
/// Clients are many and come from outside, so both tables are bounded: what is least worth knowing is forgotten.
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
        /// Failures allowed at once, at all institutions together.
        var failures = 300
        /// Failures, attempts under way among them, after which a client comes after the others.
        var failuresOfFailing = 4
        /// Seconds after which one failure is forgotten.
        var secondsPerFailure = 12.0
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
        /// Its standing, unless the institution knows better.
        let standing: HashingRequest.Standing
        /// Seconds until its client may try again, if it may not just now; who is trusted may nevertheless.
        let wait: Int
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

    private struct Client {
        var places: [Place] = []
        var failures = 0.0
        var asOf: Instant

        mutating func forget(until now: Instant, _ limits: Limits) {
            failures = max(failures - (now - asOf) / .seconds(limits.secondsPerFailure), 0)
            asOf = now
            places.removeAll { $0.until.map { $0 <= now } ?? false }
        }
    }

    private let limits: Limits
    private var clients: [String: Client] = [:]
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
    var knownClients: Int { clients.count }

    /// Begins an attempt, which must `end`.
    mutating func begin(_ pair: Pair, now: Instant) throws(Refusal) -> Attempt {
        var client = clients[pair.client] ?? Client(asOf: now)
        client.forget(until: now, limits)
        if recent.contains(pair) || older.contains(pair) {
            guard client.places.count(where: { $0.pair == pair }) < limits.placesOfPair else { throw .client }
        } else {
            let here = client.places.count { $0.pair.institution == pair.institution }
            guard here < limits.placesAtInstitution, client.places.count < limits.places else { throw .client }
            guard underWay[pair.institution, default: 0] < limits.attemptsAtInstitution else { throw .institution }
        }
        let standing: HashingRequest.Standing =
            client.failures >= Double(limits.failuresOfFailing) ? .failing : .ordinary
        let excess = client.failures + 1 - Double(limits.failures)
        let wait = excess > 0 ? Int((excess * limits.secondsPerFailure).rounded(.up)) : 0
        attempts += 1
        client.places.append(Place(attempt: attempts, pair: pair))
        client.failures += 1
        if clients[pair.client] == nil { makeRoom(now: now) }
        clients[pair.client] = client
        underWay[pair.institution, default: 0] += 1
        return Attempt(id: attempts, pair: pair, standing: standing, wait: wait)
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
        guard var client = clients[attempt.pair.client],
            let index = client.places.firstIndex(where: { $0.attempt == attempt.id })
        else { return }
        if outcome == .givenUp {
            client.places[index].until = now + .seconds(limits.secondsOfPlace)
        } else {
            client.places.remove(at: index)
        }
        if outcome != .failed { client.failures = max(client.failures - 1, 0) }
        clients[attempt.pair.client] = client
    }

    private mutating func remember(_ pair: Pair) {
        recent.insert(pair)
        guard recent.count > limits.entries / 2 else { return }
        older = recent
        recent = []
    }

    /// Forgets who has nothing to answer for; where that is nobody, everybody who has nothing under way.
    private mutating func makeRoom(now: Instant) {
        guard clients.count >= limits.entries else { return }
        for (name, client) in clients {
            var client = client
            client.forget(until: now, limits)
            clients[name] = client.places.isEmpty && client.failures < 1 ? nil : client
        }
        guard clients.count >= limits.entries else { return }
        clients = clients.filter { $0.value.places.contains { $0.until == nil } }
    }
}
