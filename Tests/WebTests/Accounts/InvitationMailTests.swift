import Casework
import Foundation
import HTTPTypes
import Mail
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// An institution whose mail a test keeps.
struct MailedPlace {
    let college: TestInstitution
    let transport = RecordingTransport()
    let worker: MailWorker

    init(_ name: String = "Test College") async throws {
        college = try await TestInstitution.make(name: name)
        worker = try MailWorker(
            deployment: college.database.deployment,
            MailWorker.Configuration(
                transport: transport, sender: "no-reply@{institution}.example", domain: "localhost", port: 8443))
    }

    /// What a worker sends now.
    func mails() async throws -> [String] {
        let before = transport.mails.count
        _ = try await worker.visit(college.institution)
        return transport.mails.dropFirst(before).map { text in
            // quoted-printable breaks long lines
            String(decoding: text.bytes, as: UTF8.self).replacing("=\r\n", with: "")
        }
    }

    /// The path of the link in a mail.
    func link(in mail: String) throws -> String {
        let origin = "https://\(college.institution.slug).localhost:8443"
        let found = try #require(mail.firstMatch(of: /(https:[^\/]*\/\/[^\/]+)(\/invitations\/[A-Za-z0-9_-]{43})/))
        #expect(found.output.1 == origin)
        return String(found.output.2)
    }

    /// How far somebody's invitation is, as the API tells it.
    func state(of account: Int, _ admin: TestClient) async throws -> String? {
        try await admin.send(.get, "/api/v1/accounts/\(account)/invitation").text("state")
    }
}

@Suite struct InvitationMailTests {
    private static let chosen = #"{"password":"my very own words"}"#

    @Test func `a mailed link is used up by choosing a password, and by nothing else`() async throws {
        let place = try await MailedPlace()
        let admin = place.college.client(try await place.college.person("admin"))
        let id = try await place.college.account("student", email: "new@example.edu")
        #expect(try await place.state(of: id, admin) == "none")
        let asked = try await admin.send(.post, "/api/v1/invitations", json: #"{"accountIds":[\#(id),999999]}"#)
        #expect(asked.status == 200 && asked.text.contains(#""invited":1"#))
        #expect(try await place.state(of: id, admin) == "sending")
        let hashes: SQL = "select count(*) from invitations"
        #expect(try await place.college.owner(hashes.value(Int.self)) == 0, "the secret is made when the mail is sent")

        let mail = try #require(try await place.mails().first)
        #expect(mail.contains("<new@example.edu>"))
        #expect(mail.contains("Subject: Your way into Test College") && !mail.contains("List-Unsubscribe"))
        #expect(try await place.state(of: id, admin) == "invited")
        let link = try place.link(in: mail)
        let secret = String(link.split(separator: "/").last ?? "")
        let stored = try await place.college.texts("select encode(secret_hash, 'hex') || account_id from invitations")
        #expect(stored.count == 1 && !stored[0].contains(secret))

        // programs that look into mail, as often as they like
        let anyone = place.college.client()
        for method in [HTTPRequest.Method.get, .head, .get] {
            #expect(try await anyone.send(method, link).status == 200)
        }
        #expect(try await anyone.send(.post, "/api/v1\(link)", json: #"{"password":"short"}"#).status == 422)
        #expect(try await anyone.send(.post, "/api/v1\(link)", json: Self.chosen).status == 204)
        #expect(try await anyone.send(.post, "/api/v1\(link)", json: Self.chosen).status == 404)
        #expect(try await anyone.send(.get, link).status == 404)
        #expect(try await place.state(of: id, admin) == "accepted")
        #expect(try await place.mails().isEmpty, "a first password is no changed one")
    }

    @Test func `of two who use a link at the same moment one sets the password`() async throws {
        let place = try await MailedPlace()
        let admin = place.college.client(try await place.college.person("admin"))
        let id = try await place.college.account("student", email: "new@example.edu")
        _ = try await admin.send(.post, "/api/v1/invitations", json: #"{"accountIds":[\#(id)]}"#)
        let link = try place.link(in: try #require(try await place.mails().first))
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<4 {
                group.addTask {
                    try await place.college.client().send(
                        .post, "/api/v1\(link)", json: #"{"password":"my very own words \#(number)"}"#
                    ).status
                }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.sorted() == [204, 404, 404, 404])
    }

    @Test func `inviting again ends the earlier link, and goes out on the same day`() async throws {
        let place = try await MailedPlace()
        let admin = place.college.client(try await place.college.person("admin"))
        let id = try await place.college.account("student", email: "new@example.edu")
        let body = #"{"accountIds":[\#(id)]}"#
        _ = try await admin.send(.post, "/api/v1/invitations", json: body)
        // whoever is on the list already gets no second mail
        #expect(try await admin.send(.post, "/api/v1/invitations", json: body).text.contains(#""invited":0"#))
        let first = try place.link(in: try #require(try await place.mails().first))
        #expect(try await admin.send(.post, "/api/v1/invitations", json: body).text.contains(#""invited":1"#))
        #expect(try await place.college.client().send(.get, first).status == 404)
        let second = try place.link(in: try #require(try await place.mails().first))
        #expect(first != second)
        #expect(try await place.college.client().send(.get, second).status == 200)
        let ids = Set(place.transport.mails.map(\.messageID))
        #expect(ids.count == 2, "or a mail program takes the second for the first")
    }

    @Test func `a mail that did not leave makes another link, and both work`() async throws {
        let place = try await MailedPlace()
        let admin = place.college.client(try await place.college.person("admin"))
        let id = try await place.college.account("student", email: "new@example.edu")
        _ = try await admin.send(.post, "/api/v1/invitations", json: #"{"accountIds":[\#(id)]}"#)
        place.transport.fail(DeliveryFailure(.refused, "550 no such mailbox"))
        #expect(try await place.mails().isEmpty)
        #expect(try await place.state(of: id, admin) == "failed")
        place.transport.fail(nil)
        let mail = try await place.college.number("select id from mails")
        #expect(try await admin.send(.post, "/api/v1/mails/\(mail)/resend").status == 204)
        let link = try place.link(in: try #require(try await place.mails().first))
        #expect(try await place.college.client().send(.get, link).status == 200)
        #expect(try await place.college.number("select count(*) from invitations") == 2)
        _ = try await place.college.client().send(.post, "/api/v1\(link)", json: Self.chosen)
        #expect(try await place.college.number("select count(*) from invitations where used_at is null") == 0)
    }

    @Test(arguments: ["status = 'suspended'", "status = 'archived'"])
    func `who may not come in gets no mail, and no link of theirs works`(change: String) async throws {
        let place = try await MailedPlace()
        let admin = place.college.client(try await place.college.person("admin"))
        let id = try await place.college.account("student", email: "new@example.edu")
        let body = #"{"accountIds":[\#(id)]}"#
        _ = try await admin.send(.post, "/api/v1/invitations", json: body)
        let link = try place.link(in: try #require(try await place.mails().first))
        _ = try await admin.send(.post, "/api/v1/invitations", json: body)
        try await place.college.run("update accounts set \(SQL(unchecked: change)) where id = \(id)")
        #expect(try await place.mails().isEmpty)
        #expect(try await place.college.texts("select state from mails") == ["dropped"])
        #expect(try await place.college.client().send(.get, link).status == 404)
        #expect(try await place.college.client().send(.post, "/api/v1\(link)", json: Self.chosen).status == 404)
        #expect(try await admin.send(.post, "/api/v1/invitations", json: body).text.contains(#""invited":0"#))
    }

    @Test func `a link of one institution opens nothing at another`() async throws {
        let (place, other) = (try await MailedPlace(), try await TestInstitution.make())
        let admin = place.college.client(try await place.college.person("admin"))
        let id = try await place.college.account("student", email: "new@example.edu")
        _ = try await admin.send(.post, "/api/v1/invitations", json: #"{"accountIds":[\#(id)]}"#)
        let link = try place.link(in: try #require(try await place.mails().first))
        #expect(try await other.client().send(.get, link).status == 404)
        #expect(try await other.client().send(.post, "/api/v1\(link)", json: Self.chosen).status == 404)
    }

    @Test func `everybody without a password who was never invited is invited, by role`() async throws {
        let place = try await MailedPlace()
        let college = place.college
        let admin = college.client(try await college.person("admin"))
        for number in 1...3 { _ = try await college.account("student", email: "s\(number)@example.edu") }
        let staff = try await college.account("staff", email: "staff@example.edu")
        try await college.run(
            "update accounts set password_hash = 'x' where email = 's1@example.edu' or role = 'admin'")
        try await college.run("update accounts set status = 'suspended' where email = 's2@example.edu'")
        let students = #"{"everybody":true,"role":"student"}"#
        #expect(try await admin.send(.post, "/api/v1/invitations", json: students).text.contains(#""invited":1"#))
        #expect(try await admin.send(.post, "/api/v1/invitations", json: students).text.contains(#""invited":0"#))
        let list = try await admin.send(.get, "/api/v1/accounts?invitation=none&role=staff")
        #expect(list.number("items", 0, "id") == staff)
        let page = college.client().asBrowser(try await college.person("admin"))
        let done = try await page.post("/invitations", ["everybody": "true", "role": ""])
        #expect(done.headers[.location]?.hasPrefix("/accounts?done=invited") == true)
        // the other admin has no password yet either
        let mails = try await place.mails()
        #expect(mails.count == 3 && mails.contains { $0.contains("staff@example.edu") })
        let noted: SQL = "select count(*) from audit where action = 'invitation.mail'"
        #expect(try await college.owner(noted.value(Int.self)) == 3)
    }

    @Test func `a form without anybody ticked invites nobody`() async throws {
        let place = try await MailedPlace()
        let college = place.college
        let browser = college.client().asBrowser(try await college.person("admin"))
        let id = try await college.account("student", email: "new@example.edu")
        #expect(try await browser.post("/invitations", [:]).status == 422)
        #expect(try await college.number("select count(*) from mails") == 0)
        let list = try await browser.get("/accounts")
        #expect(list.text.contains("not invited") && list.text.contains("name=\"accountIds\" value=\"\(id)\""))
        let chosen = try await browser.post("/invitations", ["accountIds": "\(id)"])
        #expect(chosen.status == 303)
        #expect(try await browser.get("/accounts/\(id)").text.contains("mail on its way"))
        #expect(try await browser.get("/invitations").text.contains("mail on its way"))
        let again = try await browser.post("/accounts/\(id)/invitation/mail", [:])
        #expect(again.status == 303)
    }

    @Test func `somebody is added and invited at once`() async throws {
        let place = try await MailedPlace()
        let browser = place.college.client().asBrowser(try await place.college.person("admin"))
        let fields = ["email": "new@example.edu", "givenName": "New", "role": "student", "status": "active"]
        let added = try await browser.post("/accounts", fields.merging(["invite": "true"]) { $1 })
        #expect(added.status == 303)
        #expect(try await place.mails().count == 1)
        let other = try await browser.post("/accounts", fields.merging(["email": "other@example.edu"]) { $1 })
        #expect(other.status == 303)
        #expect(try await place.mails().isEmpty)
    }

    @Test func `where no mail leaves nobody is invited by it`() async throws {
        let place = try await TestInstitution.make()
        var site = TestInstitution.site(place.database.deployment)
        site.sendsMail = false
        let person = try await place.person("admin")
        let client = TestClient(site: site, host: "\(place.institution.slug).localhost").signedIn(person.token.text)
        let body = #"{"accountIds":[\#(person.id)]}"#
        #expect(try await client.send(.post, "/api/v1/invitations", json: body).status == 409)
        let reset = try await client.send(.post, "/api/v1/password-resets", json: #"{"email":"a@example.edu"}"#)
        #expect(reset.status == 409)
        #expect(try await client.asBrowser(person).get("/forgot-password").text.contains("Ask an administrator"))
    }
}
