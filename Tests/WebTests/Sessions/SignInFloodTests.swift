import HTTPTypes
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

    /// Tries addresses without an account until told to stop.
    /// - Returns: how often which status was answered; -1: without `Retry-After` where it must be.
    private static func attack(_ host: String, port: Int, name: Int, until stop: Signal) async throws -> [Int: Int] {
        let client = try await RawClient.connect(to: port)
        var answers: [Int: Int] = [:]
        var number = 0
        while !stop.isGiven, !client.isClosed {
            number += 1
            let body = #"{"email":"x\#(name)-\#(number)@example.edu","password":"wrong wrong wrong"}"#
            await client.send(
                "POST /api/v1/session HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
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
        let (stop, host) = (Signal(), "\(flooded.institution.slug).localhost")
        try await RunningServer.with(
            deployment: flooded.database.deployment, passwords: passwords, signIns: signIns
        ) { server in
            try await SecureClient.with(server, hosts: ["\(other.institution.slug).localhost"]) { clients in
                try await withThrowingTaskGroup(of: [Int: Int].self) { group in
                    for name in 0..<64 {
                        group.addTask { [port = server.port] in
                            try await Self.attack(host, port: port, name: name, until: stop)
                        }
                    }
                    while passwords.snapshot.done < 12 { try await Task.sleep(for: .milliseconds(5)) }
                    for _ in 0..<10 {
                        let ada = try await clients[0].signedIn("ada@example.edu", Self.password)
                        #expect(ada.token != nil)
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

    @Test func `one client that goes through many institutions is stopped at all, and only that one`() async throws {
        let site = Site(
            deployment: try await TestDatabase.shared.prepared().deployment, passwords: PasswordHasher(cost: .weak),
            domain: "localhost", logger: LogBook().logger,
            signIns: SignInClients(limits: .init(failures: 20, secondsPerFailure: 600)))
        var statuses: [Int] = []
        var places: [TestClient] = []
        for _ in 0..<5 {
            let college = try await college(site.passwords)
            places.append(TestClient(site: site, host: "\(college.institution.slug).localhost"))
        }
        func signIn(_ place: TestClient, _ email: String, _ password: String) async throws -> Int {
            try await place.send(
                .post, "/api/v1/session", json: #"{"email":"\#(email)","password":"\#(password)"}"#
            ).status
        }
        // who has been here before comes in afterwards too
        #expect(try await signIn(places[4], "ada@example.edu", Self.password) == 201)
        for place in places {
            for number in 0..<6 { statuses.append(try await signIn(place, "x\(number)@example.edu", "wrong wrong")) }
        }
        #expect(statuses == Array(repeating: 401, count: 20) + Array(repeating: 429, count: 10))
        #expect(site.passwords.snapshot.done == 5 + 1 + 20)
        #expect(try await signIn(places[3], "ada@example.edu", Self.password) == 429)
        #expect(try await signIn(places[4], "ada@example.edu", Self.password) == 201)
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
