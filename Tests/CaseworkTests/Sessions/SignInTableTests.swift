import TestSupport
import Testing

@testable import Casework

@Suite struct SignInTableTests {
    private let start = ContinuousClock.now

    private func pair(_ institution: Int, _ client: String = "192.0.2.1", _ account: UInt8 = 0) -> SignInTable.Pair {
        SignInTable.Pair(institution: institution, client: client, key: [account])
    }

    @Test func `a client has few attempts under way at one institution, some more at all`() throws {
        var table = SignInTable(limits: .init(placesAtInstitution: 2, places: 3))
        let first = try table.begin(pair(1), now: start)
        _ = try table.begin(pair(1), now: start)
        #expect(throws: SignInTable.Refusal.client) { try table.begin(pair(1), now: start) }
        _ = try table.begin(pair(2), now: start)
        #expect(throws: SignInTable.Refusal.client) { try table.begin(pair(3), now: start) }
        // nobody else is in the way
        _ = try table.begin(pair(1, "192.0.2.2"), now: start)
        table.end(first, .failed, now: start)
        _ = try table.begin(pair(1), now: start)
        #expect(table.count == 4)
    }

    @Test func `a place that was given up is free a second later`() throws {
        var table = SignInTable(limits: .init(placesAtInstitution: 1))
        table.end(try table.begin(pair(1), now: start), .givenUp, now: start)
        #expect(table.count == 0)
        #expect(throws: SignInTable.Refusal.client) { try table.begin(pair(1), now: start + .milliseconds(999)) }
        _ = try table.begin(pair(1), now: start + .seconds(1))
    }

    @Test func `an institution has so many attempts under way, whoever makes them`() throws {
        var table = SignInTable(limits: .init(attemptsAtInstitution: 3))
        for number in 0..<3 { _ = try table.begin(pair(1, "\(number)"), now: start) }
        #expect(throws: SignInTable.Refusal.institution) { try table.begin(pair(1, "x"), now: start) }
        _ = try table.begin(pair(2, "x"), now: start)
    }

    @Test func `who signed in of late has places that no neighbor can take, until the password is wrong`() throws {
        var table = SignInTable(limits: .init(placesAtInstitution: 1, places: 1, placesOfPair: 2))
        table.end(try table.begin(pair(1, "nat", 7), now: start), .succeeded, now: start)
        _ = try table.begin(pair(1, "nat", 8), now: start)
        #expect(throws: SignInTable.Refusal.client) { try table.begin(pair(1, "nat", 9), now: start) }
        let known = try table.begin(pair(1, "nat", 7), now: start)
        _ = try table.begin(pair(1, "nat", 7), now: start)
        #expect(throws: SignInTable.Refusal.client) { try table.begin(pair(1, "nat", 7), now: start) }
        table.end(known, .failed, now: start)
        #expect(throws: SignInTable.Refusal.client) { try table.begin(pair(1, "nat", 7), now: start) }
    }

    @Test func `remembers no more clients than it may, and those under way always`() throws {
        var table = SignInTable(limits: .init(entries: 100))
        let kept = try table.begin(pair(1, "kept"), now: start)
        for number in 0..<5_000 {
            table.end(try table.begin(pair(1, "client \(number)"), now: start), .givenUp, now: start)
            #expect(table.knownClients <= 101)
        }
        table.end(kept, .failed, now: start)
        #expect(table.count == 0)
    }

    @Test func `keeps nothing of a client whose attempts have ended`() throws {
        var table = SignInTable(limits: .init())
        for outcome in [SignInTable.Outcome.failed, .succeeded] {
            table.end(try table.begin(pair(1), now: start), outcome, now: start)
            #expect(table.knownClients == 0)
        }
    }

    /// Whatever the order, what began and ended leaves nothing behind.
    @Test(arguments: 0..<10) func `every place is given back`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) &* 104_729 &+ 1)
        var table = SignInTable(limits: .init(places: 12, attemptsAtInstitution: 20, entries: 30))
        var now = start
        var open: [SignInTable.Attempt] = []
        for _ in 0..<3_000 {
            now += .milliseconds(Int.random(in: 0...50, using: &generator))
            let pair = pair(
                Int.random(in: 1...3, using: &generator), "c\(Int.random(in: 1...60, using: &generator))",
                UInt8.random(in: 0...3, using: &generator))
            if Bool.random(using: &generator), let attempt = try? table.begin(pair, now: now) { open.append(attempt) }
            if Bool.random(using: &generator), let index = open.indices.randomElement(using: &generator) {
                let outcomes: [SignInTable.Outcome] = [.succeeded, .failed, .givenUp]
                table.end(open.remove(at: index), outcomes.randomElement(using: &generator) ?? .failed, now: now)
            }
            #expect(table.count == open.count && table.knownClients <= 30 + open.count)
        }
        for attempt in open { table.end(attempt, .failed, now: now) }
        #expect(table.count == 0)
    }
}
