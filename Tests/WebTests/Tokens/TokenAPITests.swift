import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct TokenAPITests {
    private func instant(days: Double) -> String {
        Date.now.addingTimeInterval(days * 86_400).formatted(.iso8601)
    }

    private func draft(_ scopes: String, days: Double = 30) -> String {
        #"{"name":"Sync","expiresAt":"\#(instant(days: days))","scopes":[\#(scopes)]}"#
    }

    private func college(_ scopes: String) async throws -> (
        college: TestInstitution, admin: TestClient, program: TestClient, id: Int
    ) {
        let college = try await TestInstitution.make()
        let admin = college.client(try await college.person("admin"))
        let made = try await admin.send(.post, "/api/v1/tokens", json: draft(scopes))
        #expect(made.status == 201)
        return (college, admin, admin.signedIn(made.text("token")), try #require(made.number("id")))
    }

    @Test func `a token is shown once, works, and is revoked`() async throws {
        let (_, admin, program, id) = try await college(#""read","write""#)
        let list = try await admin.send(.get, "/api/v1/tokens")
        #expect(list.number("items", 0, "id") == id)
        #expect(list["items", 0, "token"] == nil && list.text("items", 0, "name") == "Sync")
        #expect(try await program.send(.get, "/api/v1/accounts").status == 200)
        #expect(try await program.send(.delete, "/api/v1/session").status == 404)
        #expect(try await admin.send(.delete, "/api/v1/tokens/\(id)").status == 204)
        #expect(try await admin.send(.delete, "/api/v1/tokens/\(id)").status == 404)
        #expect(try await program.send(.get, "/api/v1/accounts").status == 401)
        #expect(try await admin.send(.get, "/api/v1/tokens")["items"] == .array([]))
    }

    @Test func `a year at most, with scopes`() async throws {
        let (_, admin, _, _) = try await college(#""read""#)
        for days in [-1.0, 367] {
            let answer = try await admin.send(.post, "/api/v1/tokens", json: draft(#""read""#, days: days))
            #expect(answer.status == 422 && answer.refusedFields == ["expiresAt"])
        }
        #expect(try await admin.send(.post, "/api/v1/tokens", json: draft(#""read""#, days: 365)).status == 201)
        let none = try await admin.send(.post, "/api/v1/tokens", json: draft(""))
        #expect(none.status == 422 && none.refusedFields == ["scopes"])
        let all = try await admin.send(.post, "/api/v1/tokens", json: "{}")
        #expect(Set(all.refusedFields) == ["name", "expiresAt", "scopes"])
    }

    @Test func `reading is not writing`() async throws {
        let (_, _, program, _) = try await college(#""read""#)
        #expect(try await program.send(.get, "/api/v1/accounts").status == 200)
        let added = try await program.send(
            .post, "/api/v1/accounts", json: #"{"email":"s@example.edu","givenName":"S","role":"student"}"#)
        #expect(added.status == 403)
    }

    @Test func `no token touches tokens, passwords, roles and invitations`() async throws {
        let (college, _, program, id) = try await college(#""read","write""#)
        let staff = try await college.person("staff")
        let path = "/api/v1/accounts/\(staff.id)"
        #expect(try await program.send(.get, "/api/v1/tokens").status == 403)
        #expect(try await program.send(.post, "/api/v1/tokens", json: draft(#""read""#)).status == 403)
        #expect(try await program.send(.delete, "/api/v1/tokens/\(id)").status == 403)
        #expect(try await program.send(.post, "\(path)/invitation").status == 403)
        for change in [#"{"password":"a long password"}"#, #"{"role":"admin"}"#, #"{"role":3}"#] {
            #expect(try await program.send(.patch, path, json: change).status == 403)
        }
        #expect(try await program.send(.patch, path, json: #"{"givenName":"New"}"#).status == 200)
        for person in [
            #"{"email":"a@example.edu","givenName":"A","role":"admin"}"#,
            #"{"email":"a@example.edu","givenName":"A","role":"student","password":"a long password"}"#,
        ] {
            #expect(try await program.send(.post, "/api/v1/accounts", json: person).status == 403)
        }
        let added = try await program.send(
            .post, "/api/v1/accounts", json: #"{"email":"s@example.edu","givenName":"S","role":"student"}"#)
        #expect(added.status == 201)
        let noted: SQL = "select token_id from audit where action = 'account.create' order by id desc limit 1"
        #expect(try await college.owner(noted.value(Int.self)) == id)
    }

    @Test func `an end that has passed by the database's clock is refused too`() async throws {
        let college = try await TestInstitution.make()
        let site = TestInstitution.site(college.database.deployment) { Date.now.addingTimeInterval(-3_600) }
        let client = TestClient(
            site: site, host: "\(college.institution.slug).localhost",
            token: try await college.person("admin").token.text)
        let answer = try await client.send(.post, "/api/v1/tokens", json: draft(#""read""#, days: -0.01))
        #expect(answer.status == 422 && answer.refusedFields == ["expiresAt"])
    }
}
