import Events
import Postgres
import Synchronization
import Tenancy
import TestSupport
import Testing

@testable import Casework

extension TestInstitution {
    private static func key(_ peer: String) -> [UInt8] {
        SignInCounters(email: "", client: SignInCounters.client(of: peer)).client
    }

    /// Lets so many attempts of a client have failed just now, at all institutions together.
    func setFailures(_ failures: Int, of peer: String) async throws {
        try await run(
            """
            insert into waymark.sign_in_clients (key, forgotten_at)
            values (\(Self.key(peer)), now() + \(failures) * interval '12 seconds')
            on conflict (key) do update set forgotten_at = excluded.forgotten_at
            """)
    }

    /// What is known of a client's failures at all institutions: when they will be forgotten; nil for nothing.
    func failures(of peer: String) async throws -> String? {
        let sql: SQL = "select forgotten_at::text from waymark.sign_in_clients where key = \(Self.key(peer))"
        return try await owner(sql.optionalValue(String.self))
    }

    /// Locks what is known of a client, at once or not at all, while `body` runs.
    func locking(_ peer: String, _ body: () async throws -> Void = {}) async throws {
        let lock: SQL = "select from waymark.sign_in_clients where key = \(Self.key(peer)) for update nowait"
        try await owner.transaction { transaction in
            try await transaction(lock.done())
            try await body()
        }
    }
}

/// A client's attempts count together, wherever it makes them.
@Suite struct SignInClientsTests {
    private static let password = "correct horse battery"
    private let network = TestNetwork()

    /// One of several servers of a deployment, with connections and a table of clients of its own.
    private struct Server: Sendable {
        let deployment: Deployment
        let passwords: PasswordHasher
        let clients: SignInClients

        init(_ database: TestDatabase.Prepared, passwords: PasswordHasher? = nil, observers: Observers = .none) {
            deployment = database.apart().deployment
            self.passwords = passwords ?? PasswordHasher(cost: .weak, waitLimit: .seconds(600))
            clients = SignInClients(limits: .init(placesAtInstitution: 100, places: 100), observers: observers)
        }

        func signIn(_ place: TestInstitution, _ email: String, _ password: String, peer: String) async throws {
            let signIn = SignIn(
                gate: try deployment.gate(of: place.institution), passwords: passwords, clients: clients)
            _ = try await signIn(email: email, password: password, peer: peer)
        }

        /// Seconds to wait; nil where nobody had to.
        func wait(_ place: TestInstitution, _ email: String, peer: String) async throws -> Int? {
            do {
                try await signIn(place, email, SignInClientsTests.password, peer: peer)
                return nil
            } catch CaseworkError.throttled(let seconds) {
                return seconds
            }
        }
    }

    private func college() async throws -> TestInstitution {
        let college = try await TestInstitution.make()
        _ = try await college.account("student", email: "ada@example.edu")
        let hash = try await PasswordHasher(cost: .weak).hash(Self.password)
        try await college.run("update accounts set password_hash = \(hash)")
        return college
    }

    @Test func `two servers have one limit for a client at all institutions, also for attempts at the same moment`()
        async throws
    {
        let places = [try await college(), try await college()]
        let servers = places.map { Server($0.database) }
        try await places[0].setFailures(280, of: network[1])
        let start = ContinuousClock.now
        let guessed = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<80 {
                group.addTask { [peer = network[1]] in
                    do {
                        let place = places[number / 2 % 2]
                        try await servers[number % 2].signIn(place, "x\(number)@example.edu", "wrong wrong", peer: peer)
                        return 0
                    } catch CaseworkError.unauthenticated {
                        return 1
                    } catch CaseworkError.throttled(let seconds) {
                        #expect((1...12 * 80).contains(seconds))
                        return 0
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        let forgotten = Int((ContinuousClock.now - start) / .seconds(12)) + 1
        #expect((20...20 + forgotten).contains(guessed), "limits of their own would allow 80")
        for server in servers {
            #expect(server.clients.underWay == 0)
            await server.deployment.close()
        }
    }

    @Test func `who failed everywhere has to wait everywhere; neighbors and who has signed in there need not`()
        async throws
    {
        let told = Mutex<[String]>([])
        let observers = Observers([{ event in told.withLock { $0.append(type(of: event).name + " " + event.cause) } }])
        let (known, other) = (try await college(), try await college())
        let servers = [Server(known.database, observers: observers), Server(known.database, observers: observers)]
        try await servers[0].signIn(known, "ada@example.edu", Self.password, peer: network[1])
        try await known.setFailures(600, of: network[1])
        let counted: SQL = "select coalesce(sum(failures), 0) + count(*) from sign_in_attempts"
        let (before, here, there) = (
            try await known.failures(of: network[1]), try await known.owner(counted.value(Int.self)),
            try await other.owner(counted.value(Int.self))
        )
        for server in servers {
            let wait = try #require(try await server.wait(other, "ada@example.edu", peer: network[1]))
            #expect((1_800...3_612).contains(wait))
            #expect(try await server.wait(known, "eve@example.edu", peer: network[1]) != nil)
        }
        #expect(told.withLock { $0 } == Array(repeating: "sign_ins_throttled client", count: 4))
        #expect(try await known.owner(counted.value(Int.self)) == here)
        #expect(try await other.owner(counted.value(Int.self)) == there)
        for server in servers {
            #expect(try await server.wait(known, "ada@example.edu", peer: network[1]) == nil)
        }
        #expect(try await known.failures(of: network[1]) == before, "what succeeded, or was refused, is not counted")
        #expect(try await servers[1].wait(other, "ada@example.edu", peer: network[2]) == nil)
        for server in servers { await server.deployment.close() }
    }

    @Test func `a success leaves nothing behind, a failure its own trace`() async throws {
        let place = try await college()
        let server = Server(place.database)
        try await server.signIn(place, "ada@example.edu", Self.password, peer: network[1])
        #expect(try await place.failures(of: network[1]) == nil)
        try await place.setFailures(100, of: network[1])
        let before = try #require(try await place.failures(of: network[1]))
        await #expect(throws: CaseworkError.unauthenticated) {
            try await server.signIn(place, "ada@example.edu", "wrong wrong", peer: network[1])
        }
        let after: SQL = "select (\(before)::timestamptz + interval '12 seconds')::text"
        #expect(try await place.failures(of: network[1]) == (try await place.owner(after.value(String.self))))
        await server.deployment.close()
    }

    @Test func `while a password is checked nobody waits for its client's row`() async throws {
        let place = try await college()
        let busy = PasswordHasher(cost: .standard, workers: 1, waitLimit: .seconds(600))
        let server = Server(place.database, passwords: busy)
        let first = Task { try await busy.hash(Self.password) }
        while busy.snapshot.running == 0 { await Task.yield() }
        let attempt = Task { [peer = network[1]] in
            try await server.signIn(place, "eve@example.edu", "wrong wrong", peer: peer)
        }
        while busy.snapshot.queued == 0 && busy.snapshot.done == 0 { await Task.yield() }
        try await place.locking(network[1])
        _ = try await first.value
        await #expect(throws: CaseworkError.unauthenticated) { try await attempt.value }
        await server.deployment.close()
    }

    @Test func `who has to wait everywhere waits for nobody's lock`() async throws {
        let place = try await college()
        let server = Server(place.database)
        try await place.setFailures(600, of: network[1])
        try await place.locking(network[1]) {
            let wait = try await server.wait(place, "ada@example.edu", peer: network[1])
            #expect(wait != nil)
        }
        await server.deployment.close()
    }

    @Test func `a client is failing after four attempts that did not succeed, wherever it made them`() async throws {
        let place = try await college()
        let gate = try place.database.deployment.gate(of: place.institution)
        for (failures, standing) in [(0, HashingRequest.Standing.ordinary), (3, .ordinary), (5, .failing)] {
            try await place.setFailures(failures, of: network[1])
            let counters = SignInCounters(
                email: "x\(failures)@example.edu", client: SignInCounters.client(of: network[1]))
            let (_, _, verdict) = try await gate(counters.lock[0], counters.lock[1], counters.count)
            #expect(verdict.standing == standing && verdict.wait == 0, "\(failures)")
        }
    }
    @Test func `a right password whose session cannot be stored is no failure`() async throws {
        let place = try await college()
        let server = Server(place.database)
        let lock: SQL = "select from accounts where email = 'ada@example.edu' for update"
        try await place.owner.transaction { transaction in
            try await transaction(lock.done())
            await #expect(throws: PostgresError.self) {
                try await server.signIn(place, "ada@example.edu", Self.password, peer: network[1])
            }
        }
        #expect(try await place.failures(of: network[1]) == nil)
        let counted: SQL = "select coalesce(sum(greatest(failures, 0)), 0)::int from sign_in_attempts"
        #expect(try await place.owner(counted.value(Int.self)) == 0)
        await server.deployment.close()
    }

    @Test func `no gate can make a client wait for more than two hours`() async throws {
        let place = try await college()
        let gate = try place.database.deployment.gate(of: place.institution)
        for trusted in ["true", "null"] {
            try await place.setFailures(299, of: network[1])
            let key = SignInCounters(email: "", client: SignInCounters.client(of: network[1])).client
            let flood = SQL("select (begin_sign_in(\(key), ") + SQL(unchecked: trusted)
            _ = try await gate((flood + ")).wait from generate_series(1, 1000)").values(Int?.self))
            let far: SQL = """
                select count(*)::int from waymark.sign_in_clients
                 where key = \(key) and forgotten_at > now() + interval '3 hours'
                """
            #expect(try await place.owner(far.value(Int.self)) == 0, "\(trusted)")
        }
    }
}
