import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct InvitationAPITests {
    private func invited() async throws -> (college: TestInstitution, admin: TestClient, id: Int, secret: String) {
        let college = try await TestInstitution.make()
        let admin = college.client(try await college.person("admin"))
        let id = try await college.account("student", email: "new@example.edu")
        let answer = try await admin.send(.post, "/api/v1/accounts/\(id)/invitation")
        #expect(answer.status == 201)
        #expect(answer.text("expiresAt") != nil)
        let url = try #require(answer.text("url"))
        let prefix = "https://\(college.institution.slug).localhost/invitations/"
        #expect(url.hasPrefix(prefix))
        return (college, admin, id, String(url.dropFirst(prefix.count)))
    }

    private let chosen = #"{"password":"my very own words"}"#

    @Test func `a link sets a password once`() async throws {
        let (college, _, _, secret) = try await invited()
        let anyone = college.client()
        let short = try await anyone.send(.post, "/api/v1/invitations/\(secret)", json: #"{"password":"short"}"#)
        #expect(short.status == 422 && short.refusedFields == ["password"])
        #expect(try await anyone.send(.post, "/api/v1/invitations/\(secret)", json: chosen).status == 204)
        #expect(try await anyone.send(.post, "/api/v1/invitations/\(secret)", json: chosen).status == 404)
        let signIn = try await anyone.send(
            .post, "/api/v1/session", json: #"{"email":"new@example.edu","password":"my very own words"}"#)
        #expect(signIn.status == 201)
        let noted: SQL = "select count(*) from audit where action in ('invitation.create', 'invitation.accept')"
        #expect(try await college.owner(noted.value(Int.self)) == 2)
    }

    @Test func `unknown, expired and withdrawn links are nowhere`() async throws {
        let (college, admin, id, secret) = try await invited()
        let anyone = college.client()
        for wrong in ["x", String(secret.reversed())] {
            #expect(try await anyone.send(.post, "/api/v1/invitations/\(wrong)", json: chosen).status == 404)
        }
        #expect(try await admin.send(.post, "/api/v1/accounts/\(id)/invitation").status == 201)
        #expect(try await anyone.send(.post, "/api/v1/invitations/\(secret)", json: chosen).status == 404)
        let again = try await admin.send(.post, "/api/v1/accounts/\(id)/invitation").text("url") ?? ""
        let newest = try #require(again.split(separator: "/").last)
        try await college.run("update invitations set expires_at = now() - interval '1 second'")
        #expect(try await anyone.send(.post, "/api/v1/invitations/\(newest)", json: chosen).status == 404)
    }

    @Test func `a new password or a suspension ends an invitation`() async throws {
        for change in [#"{"password":"set by an admin"}"#, #"{"status":"suspended"}"#] {
            let (college, admin, id, secret) = try await invited()
            #expect(try await admin.send(.patch, "/api/v1/accounts/\(id)", json: change).status == 200)
            #expect(
                try await college.client().send(.post, "/api/v1/invitations/\(secret)", json: chosen).status == 404)
        }
    }

    @Test func `nobody is invited who is not there`() async throws {
        let (_, admin, _, _) = try await invited()
        #expect(try await admin.send(.post, "/api/v1/accounts/999999/invitation").status == 404)
    }

    @Test(arguments: [false, true])
    func `a link sent to an address that was corrected since does not work, whoever corrected it`(
        byProgram: Bool
    ) async throws {
        let (college, admin, id, secret) = try await invited()
        let token = try await admin.send(
            .post, "/api/v1/tokens",
            json:
                #"{"name":"Sync","expiresAt":"\#(Date.now.addingTimeInterval(86_400).formatted(.iso8601))","scopes":["write"]}"#
        )
        let path = "/api/v1/accounts/\(id)"
        let somebody = byProgram ? admin.signedIn(token.text("token")) : admin
        #expect(try await somebody.send(.patch, path, json: #"{"givenName":"Other"}"#).status == 200)
        #expect(try await college.owner(("select count(*) from invitations" as SQL).value(Int.self)) == 1)
        #expect(try await somebody.send(.patch, path, json: #"{"email":"right@example.edu"}"#).status == 200)
        #expect(try await college.client().send(.post, "/api/v1/invitations/\(secret)", json: chosen).status == 404)
        #expect(try await college.owner(("select count(*) from invitations" as SQL).value(Int.self)) == 0)
    }

    @Test func `of two invitations made at the same moment one works`() async throws {
        let (college, admin, id, _) = try await invited()
        let other: SQL = """
            with account as (select id from accounts where id = \(id) for no key update),
            gone as (delete from invitations where account_id = \(id))
            insert into invitations (secret_hash, account_id, expires_at)
            select decode(repeat('ab', 32), 'hex'), id, now() + interval '7 days' from account
            """
        let answer = try await college.meanwhile(other) {
            try await admin.send(.post, "/api/v1/accounts/\(id)/invitation")
        }
        #expect(answer.status == 201)
        #expect(try await college.number("select count(*) from invitations where used_at is null") == 1)
    }
}
