import HTTPTypes
import Networks
import Postgres
import Synchronization
import Tenancy
import TestSupport
import Testing
import Web

@testable import Casework

/// Others try to keep people out.
@Suite struct SignInFloodTests {
    static let password = "correct horse battery"

    /// An institution with one person, whose password is hashed at that cost.
    private func college(_ passwords: PasswordHasher) async throws -> TestInstitution {
        let college = try await TestInstitution.make()
        _ = try await college.account("staff", email: "ada@example.edu")
        try await college.run("update accounts set password_hash = \(try await passwords.hash(Self.password))")
        return college
    }

    private final class Signal: Sendable {
        private let given = Mutex(false)

        var isGiven: Bool { given.withLock { $0 } }

        func give() {
            given.withLock { $0 = true }
        }
    }

    /// Tries addresses without an account until told to stop, by way of a proxy that says where it comes from.
    /// - Returns: how often which status was answered; -1: without `Retry-After` where it must be.
    private static func attack(
        _ host: String, port: Int, from peer: String, name: Int, until stop: Signal
    ) async throws -> [Int: Int] {
        let client = try await RawClient.connect(to: port)
        var answers: [Int: Int] = [:]
        var number = 0
        while !stop.isGiven, !client.isClosed {
            number += 1
            let body = #"{"email":"x\#(name)-\#(number)@example.edu","password":"wrong wrong wrong"}"#
            await client.send(
                "POST /api/v1/session HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\n"
                    + "X-Forwarded-For: \(peer)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            let answer = try await client.answer(within: .seconds(60))
            let isComplete = answer.status == 401 || answer.headers["retry-after"] != nil
            answers[isComplete ? answer.status : -1, default: 0] += 1
        }
        await client.close()
        return answers
    }

    @Test func `64 connections that try unknown addresses keep nobody of another institution out`() async throws {
        let passwords = PasswordHasher(cost: .init(logN: 14), workers: 2)
        let signIns = SignInClients()
        let (flooded, other) = (try await college(passwords), try await college(passwords))
        let (stop, host, peer) = (Signal(), "\(flooded.institution.slug).localhost", TestNetwork()[1])
        try await RunningServer.with(
            deployment: flooded.database.deployment, passwords: passwords, signIns: signIns,
            proxies: TrustedProxies(AddressBlock.loopback)
        ) { server in
            try await SecureClient.with(server, hosts: ["\(other.institution.slug).localhost"]) { clients in
                try await withThrowingTaskGroup(of: [Int: Int].self) { group in
                    for name in 0..<64 {
                        group.addTask { [port = server.port] in
                            try await Self.attack(host, port: port, from: peer, name: name, until: stop)
                        }
                    }
                    while passwords.snapshot.done < 12 { try await Task.sleep(for: .milliseconds(5)) }
                    for _ in 0..<10 {
                        let ada = try await clients[0].send(
                            "POST", "/session",
                            json: #"{"email":"ada@example.edu","password":"\#(Self.password)"}"#,
                            headers: ["X-Forwarded-For": peer])
                        #expect(ada.status == 201)
                        #expect(signIns.underWay <= 8)
                    }
                    stop.give()
                    let answers = try await group.reduce(into: [Int: Int]()) { $0.merge($1) { $0 + $1 } }
                    #expect(Set(answers.keys).isSubset(of: [401, 429, 503]))
                    #expect(answers[401, default: 0] <= 200)
                }
            }
        }
        #expect(passwords.snapshot.queued == 0 && signIns.underWay == 0)
    }

    @Test func `one client that goes through many institutions is stopped at all, on all servers, and only that one`()
        async throws
    {
        let database = try await TestDatabase.shared.prepared()
        let servers = (0..<2).map { _ in TestInstitution.site(database.apart().deployment) }
        let network = TestNetwork()
        var places: [(TestInstitution, TestClient)] = []
        for number in 0..<4 {
            let college = try await college(servers[0].passwords)
            var client = TestClient(site: servers[number % 2], host: "\(college.institution.slug).localhost")
            client.peer = network[1]
            places.append((college, client))
        }
        func signIn(_ place: TestClient, _ email: String, _ password: String) async throws -> TestClient.Answer {
            try await place.send(.post, "/api/v1/session", json: #"{"email":"\#(email)","password":"\#(password)"}"#)
        }
        // who has been here before comes in afterwards too
        #expect(try await signIn(places[3].1, "ada@example.edu", Self.password).status == 201)
        let key = SignInCounters(email: "", client: SignInCounters.client(of: network[1])).client
        try await places[0].0.run(
            "insert into waymark.sign_in_clients (key, forgotten_at) values (\(key), now() + interval '2 hours')")
        for (_, place) in places {
            let answer = try await signIn(place, "x@example.edu", "wrong wrong")
            #expect(answer.status == 429)
            #expect(answer.headers[.retryAfter].flatMap { Int($0) }.map { (60...3_612).contains($0) } == true)
        }
        #expect(servers.map { $0.passwords.snapshot.done } == [4, 1])
        #expect(try await signIn(places[2].1, "ada@example.edu", Self.password).status == 429)
        #expect(try await signIn(places[3].1, "ada@example.edu", Self.password).status == 201)
        places[2].1.peer = network[2]
        #expect(try await signIn(places[2].1, "ada@example.edu", Self.password).status == 201)
        for server in servers { await server.deployment.close() }
    }

    @Test func `made-up invitations are not worth a hash`() async throws {
        let college = try await TestInstitution.make()
        for _ in 0..<5 {
            let path = "/invitations/\(try Secret.random().text)"
            let answer = try await college.client().send(
                .post, "/api/v1\(path)", json: #"{"password":"\#(Self.password)"}"#)
            #expect(answer.status == 404)
            let page = try await college.client().send(
                .post, path, body: Array("password=correct+horse+battery".utf8),
                contentType: "application/x-www-form-urlencoded",
                headers: [.origin: "https://\(college.institution.slug).localhost"])
            #expect(page.status == 404)
        }
        #expect(college.site.passwords.snapshot.done == 0)
    }
}
