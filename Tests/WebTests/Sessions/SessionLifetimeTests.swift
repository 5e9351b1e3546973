import Casework
import Foundation
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// A session ends after half an hour without a request, and after twelve hours whatever happens.
@Suite struct SessionLifetimeTests {
    private func college() async throws -> (place: TestInstitution, client: TestClient) {
        let place = try await TestInstitution.make()
        let hash = try await PasswordHasher(cost: .weak).hash("four words and more")
        let id = try await place.account("staff", email: "ada@example.edu")
        try await place.run("update accounts set password_hash = \(hash) where id = \(id)")
        let answer = try await place.client().send(
            .post, "/api/v1/session", json: #"{"email":"ada@example.edu","password":"four words and more"}"#)
        #expect(answer.status == 201)
        return (place, place.client().signedIn(answer.text("token")))
    }

    private func passes(_ minutes: Int, idle: Bool, _ place: TestInstitution) async throws {
        try await place.run(
            """
            update sessions set expires_at = expires_at - make_interval(mins => \(minutes)::int),
              seen_at = seen_at - make_interval(mins => \(idle ? minutes : 0)::int)
            """)
    }

    @Test func `half an hour without a request ends it`() async throws {
        let (place, client) = try await college()
        // each request starts the half hour anew
        for _ in 0..<3 {
            try await passes(29, idle: true, place)
            #expect(try await client.send(.get, "/api/v1/me").status == 200)
        }
        try await passes(31, idle: true, place)
        #expect(try await client.send(.get, "/api/v1/me").status == 401)
        #expect(try await client.send(.get, "/api/v1/me").status == 401)
    }

    @Test func `twelve hours end it, however busy it is`() async throws {
        let (place, client) = try await college()
        for _ in 0..<3 {
            try await passes(239, idle: false, place)
            #expect(try await client.send(.get, "/api/v1/me").status == 200)
        }
        try await passes(4, idle: false, place)
        #expect(try await client.send(.get, "/api/v1/me").status == 401)
    }

    @Test func `the institution's own limits hold`() async throws {
        let (place, client) = try await college()
        try await place.run("update settings set session_idle_minutes = 5")
        try await passes(4, idle: true, place)
        #expect(try await client.send(.get, "/api/v1/me").status == 200)
        try await passes(6, idle: true, place)
        #expect(try await client.send(.get, "/api/v1/me").status == 401)
    }
}
