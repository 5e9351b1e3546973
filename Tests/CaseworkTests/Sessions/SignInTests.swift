import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Casework

@Suite struct SignInTests {
    private static let passwords = PasswordHasher(cost: .weak)
    static let password = "correct horse battery"
    private let network = TestNetwork()

    /// An institution with one person who has a password, and how to sign in there.
    private func college(
        passwords: PasswordHasher = passwords,
        clients: SignInClients = SignInClients(limits: .init(placesAtInstitution: 100, places: 100))
    ) async throws -> (college: TestInstitution, signIn: SignIn, id: Int) {
        let college = try await TestInstitution.make()
        let id = try await college.account("student", email: "Ada@Example.edu")
        let hash = try await Self.passwords.hash(Self.password)
        try await college.run("update accounts set password_hash = \(hash) where id = \(id)")
        let gate = try college.database.deployment.gate(of: college.institution)
        return (college, SignIn(gate: gate, passwords: passwords, clients: clients), id)
    }

    private func fail(_ signIn: SignIn, _ email: String, times: Int, peer: String) async throws {
        for _ in 0..<times {
            await #expect(throws: CaseworkError.unauthenticated) {
                try await signIn(email: email, password: "wrong wrong wrong", peer: peer)
            }
        }
    }

    private func isThrottled(_ signIn: SignIn, _ email: String, peer: String) async throws -> Int? {
        do {
            _ = try await signIn(email: email, password: Self.password, peer: peer)
            return nil
        } catch CaseworkError.throttled(let seconds) {
            return seconds
        }
    }

    @Test func `the right password opens a session, whatever the case of the address`() async throws {
        let (college, signIn, id) = try await college()
        let session = try await signIn(email: " aDA@example.EDU ", password: Self.password, peer: network[1])
        let hours = session.expiresAt.timeIntervalSinceNow / 3600
        #expect(hours > 11.9 && hours < 12.1)
        let work = try college.database.deployment.work(
            in: college.institution, tokenHash: session.token.hash, audience: .any, writing: false)
        #expect(try await SessionRepository(work: work).me(session.token).account.id == id)
        let audit: SQL = """
            select count(*) from audit where action = 'session.create' and subject = 'account/' || \(id)::int
                and after is null
            """
        #expect(try await college.owner(audit.value(Int.self)) == 1)
    }

    @Test(arguments: ["status = 'suspended'", "status = 'archived'", "password_hash = null", "email = 'b@example.edu'"])
    func `who may not come in is told what a wrong password is told`(state: String) async throws {
        let (college, signIn, _) = try await college()
        try await college.run("update accounts set " + SQL(unchecked: state))
        await #expect(throws: CaseworkError.unauthenticated) {
            try await signIn(email: "ada@example.edu", password: Self.password, peer: network[1])
        }
    }

    @Test func `the eleventh failure in a row has to wait, and so has the right password then`() async throws {
        let (college, signIn, _) = try await college()
        try await fail(signIn, "ada@example.edu", times: 10, peer: network[1])
        let wait = try #require(try await isThrottled(signIn, "ADA@example.edu", peer: network[1]))
        #expect((1...60).contains(wait))
        // hammering does not lengthen it, and time ends it
        for _ in 0..<5 { _ = try await isThrottled(signIn, "ada@example.edu", peer: network[1]) }
        try await college.run("update sign_in_attempts set window_start = window_start - interval '1 minute'")
        #expect(try await isThrottled(signIn, "ada@example.edu", peer: network[1]) == nil)
    }

    @Test func `a restart forgets no failure`() async throws {
        let (college, signIn, _) = try await college()
        try await fail(signIn, "ada@example.edu", times: 10, peer: network[1])
        let restarted = Deployment(.init(pool: Pool.Configuration(conninfo: college.database.serviceURL)))
        let again = SignIn(
            gate: try restarted.gate(of: college.institution), passwords: PasswordHasher(cost: .weak),
            clients: SignInClients())
        #expect(try await isThrottled(again, "ada@example.edu", peer: network[1]) != nil)
        #expect(try await isThrottled(again, "ada@example.edu", peer: network[2]) == nil)
        await restarted.close()
    }

    @Test func `unknown addresses are throttled alike`() async throws {
        let (_, signIn, _) = try await college()
        try await fail(signIn, "nobody@example.edu", times: 10, peer: network[1])
        #expect(try await isThrottled(signIn, "nobody@example.edu", peer: network[1]) != nil)
    }

    @Test func `an attacker elsewhere keeps nobody out`() async throws {
        let (_, signIn, _) = try await college()
        try await fail(signIn, "ada@example.edu", times: 10, peer: network[1])
        #expect(try await isThrottled(signIn, "ada@example.edu", peer: network[1]) != nil)
        #expect(try await isThrottled(signIn, "ada@example.edu", peer: network[2]) == nil)
    }

    @Test func `a success clears the client's failures, and nobody else's`() async throws {
        let (_, signIn, _) = try await college()
        try await fail(signIn, "ada@example.edu", times: 9, peer: network[1])
        try await fail(signIn, "ada@example.edu", times: 10, peer: network[9])
        #expect(try await isThrottled(signIn, "ada@example.edu", peer: network[1]) == nil)
        #expect(try await isThrottled(signIn, "ada@example.edu", peer: network[9]) != nil)
        try await fail(signIn, "ada@example.edu", times: 10, peer: network[1])
    }

    @Test func `an address tried from everywhere, or a client that tries everybody, waits; a known client does not`()
        async throws
    {
        let (college, signIn, _) = try await college()
        _ = try await signIn(email: "ada@example.edu", password: Self.password, peer: network[1])
        try await fail(signIn, "ada@example.edu", times: 1, peer: network[2])
        try await college.run("update sign_in_attempts set failures = 100, window_start = now() where failures > 0")
        #expect(try await isThrottled(signIn, "ada@example.edu", peer: network[3]) != nil)
        #expect(try await isThrottled(signIn, "ada@example.edu", peer: network[1]) == nil)
        try await fail(signIn, "x@example.edu", times: 1, peer: network[1])
        try await college.run("update sign_in_attempts set failures = 200, window_start = now() where failures >= 0")
        #expect(try await isThrottled(signIn, "y@example.edu", peer: network[1]) != nil)
        #expect(try await isThrottled(signIn, "ada@example.edu", peer: network[1]) == nil)
    }

    @Test func `attempts at the same moment are all counted`() async throws {
        let (_, signIn, _) = try await college()
        let tried = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<30 {
                group.addTask {
                    do {
                        _ = try await signIn(email: "ada@example.edu", password: "wrong wrong wrong", peer: network[1])
                        return true
                    } catch CaseworkError.throttled {
                        return false
                    } catch {
                        return true
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(tried == 10)
    }

    @Test func `who has to wait leaves nothing behind by naming other people`() async throws {
        let (college, signIn, _) = try await college()
        try await fail(signIn, "ada@example.edu", times: 1, peer: network[1])
        try await college.run("update sign_in_attempts set failures = 300")
        for name in ["b", "c", "d"] {
            #expect(try await isThrottled(signIn, "\(name)@example.edu", peer: network[1]) != nil)
        }
        #expect(try await college.number("select count(*) from sign_in_attempts") == 3)
    }

    @Test func `no other spelling of an address has failures of its own`() async throws {
        let (college, signIn, _) = try await college()
        _ = try await college.account("student", email: "mia@example.edu")
        try await fail(signIn, "mia@example.edu", times: 5, peer: network[1])
        try await fail(signIn, "M\u{130}A@example.edu", times: 5, peer: network[1])
        #expect(try await isThrottled(signIn, "mia@example.edu", peer: network[1]) != nil)
        #expect(try await college.number("select count(*) from sign_in_attempts") == 3)
    }

    @Test func `nothing that names a person is kept about attempts`() async throws {
        let (college, signIn, _) = try await college()
        try await fail(signIn, "ada@example.edu", times: 1, peer: network[1])
        let lengths: SQL = "select octet_length(key) from sign_in_attempts"
        #expect(try await college.owner(lengths.values(Int.self)) == [32, 32, 32])
    }

    @Test func `a client has few attempts under way, and others do not notice`() async throws {
        let clients = SignInClients(limits: .init(placesAtInstitution: 1, secondsOfPlace: 0.05))
        let busy = PasswordHasher(cost: .standard, workers: 1, waitLimit: .seconds(600))
        let (_, signIn, _) = try await college(passwords: busy, clients: clients)
        let attempt = Task {
            try await signIn(email: "x@example.edu", password: Self.password, peer: network[1])
        }
        while busy.snapshot.running == 0 { await Task.yield() }
        await #expect(throws: CaseworkError.unavailable) {
            try await signIn(email: "ada@example.edu", password: Self.password, peer: network[1])
        }
        _ = try await signIn(email: "ada@example.edu", password: Self.password, peer: network[2])
        await #expect(throws: CaseworkError.unauthenticated) { try await attempt.value }
    }

    @Test func `who goes away while waiting gives the place back, and nothing is counted`() async throws {
        let clients = SignInClients()
        let busy = PasswordHasher(cost: .standard, workers: 1, waitLimit: .seconds(600))
        let (college, signIn, _) = try await college(passwords: busy, clients: clients)
        let first = Task { try await busy.hash("correct horse battery") }
        while busy.snapshot.running == 0 { await Task.yield() }
        let attempt = Task {
            try await signIn(email: "ada@example.edu", password: "wrong wrong wrong", peer: network[1])
        }
        while busy.snapshot.queued == 0 && busy.snapshot.done == 0 { await Task.yield() }
        attempt.cancel()
        _ = await attempt.result
        #expect(clients.underWay == 0)
        let counted = try await college.number("select sum(failures) from sign_in_attempts")
        _ = try await first.value
        // unless its turn had come before it went
        #expect(busy.snapshot.queued == 0 && counted == (busy.snapshot.done == 1 ? 0 : 3))
        if counted == 0 { #expect(try await college.failures(of: network[1]) == nil) }
    }

    @Test func `a hash of another cost is renewed by the right password, and by no other`() async throws {
        let (college, signIn, id) = try await college()
        let stored: SQL = "select password_hash from accounts where id = \(id)"
        let old = try await PasswordHasher(cost: .init(logN: 9)).hash(Self.password)
        try await college.run("update accounts set password_hash = \(old) where id = \(id)")
        try await fail(signIn, "ada@example.edu", times: 1, peer: network[1])
        #expect(try await college.owner(stored.value(String.self)) == old)
        let session = try await signIn(email: "ada@example.edu", password: Self.password, peer: network[1])
        let renewed = try await college.owner(stored.value(String.self))
        #expect(renewed.hasPrefix("$scrypt$ln=10,"))
        let work = try college.database.deployment.work(
            in: college.institution, tokenHash: session.token.hash, audience: .any, writing: false)
        #expect(try await work.enter() == id)
        _ = try await signIn(email: "ada@example.edu", password: Self.password, peer: network[1])
        #expect(try await college.owner(stored.value(String.self)) == renewed)
        // a password chosen meanwhile stays
        let gate = try college.database.deployment.gate(of: college.institution)
        try await gate(("select renew_password_hash(\(id)::int, \(old), 'x')" as SQL).done())
        #expect(try await college.owner(stored.value(String.self)) == renewed)
    }
}
