import Casework
import Foundation
import HTTPTypes
import Mail
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// A forgotten password: a link by mail, for whoever has a way in already.
@Suite struct ResetTests {
    private static let old = "correct horse battery"
    private static let new = "four quite new words"

    private func place() async throws -> (MailedPlace, TestInstitution.Person) {
        let place = try await MailedPlace()
        let person = try await place.college.person("staff", email: "ada@example.edu")
        let hash = try await place.college.site.passwords.hash(Self.old)
        try await place.college.run("update accounts set password_hash = \(hash) where id = \(person.id)")
        return (place, person)
    }

    private func ask(_ email: String, at place: MailedPlace) async throws -> TestClient.Answer {
        try await place.college.client().send(.post, "/api/v1/password-resets", json: #"{"email":"\#(email)"}"#)
    }

    @Test func `a link by mail sets another password, ends all sessions, and a mail says so`() async throws {
        let (place, person) = try await place()
        let browser = place.college.client().asBrowser(person)
        #expect(try await ask(" ADA@example.edu ", at: place).status == 204)
        let mail = try #require(try await place.mails().first)
        #expect(mail.contains("Subject: A new password for Test College") && !mail.contains("List-Unsubscribe"))
        let link = try place.link(in: mail)
        let anyone = place.college.client()
        let shown = try await anyone.send(.get, link)
        #expect(shown.status == 200 && shown.text.contains("Choose a new password"))
        #expect(shown.headers[.cacheControl] == "no-store" && shown.headers[.referrerPolicy] == "same-origin")
        #expect(try await browser.get("/account").status == 200, "until then all goes on")
        let chosen = try await anyone.send(.post, "/api/v1\(link)", json: #"{"password":"\#(Self.new)"}"#)
        #expect(chosen.status == 204)
        #expect(try await browser.get("/account").status == 303)
        for (password, status) in [(Self.old, 401), (Self.new, 201)] {
            let body = #"{"email":"ada@example.edu","password":"\#(password)"}"#
            #expect(try await anyone.send(.post, "/api/v1/session", json: body).status == status)
        }
        let told = try #require(try await place.mails().first)
        #expect(told.contains("Subject: Your password at Test College was changed"))
        let noted = try await place.college.texts("select action from audit where action like 'reset.%' order by id")
        #expect(noted == ["reset.create", "reset.accept"])
    }

    /// Nothing tells from outside whether an address is anybody's: the same statements are run, and the same is stored.
    @Test func `an unknown address gets the same answer, and nobody a mail`() async throws {
        let (place, _) = try await place()
        let (known, unknown) = (try await ask("ada@example.edu", at: place), try await ask("no@example.edu", at: place))
        #expect(known.status == unknown.status && known.text == unknown.text)
        let names = { (answer: TestClient.Answer) in answer.headers.map { $0.name.canonicalName }.sorted() }
        #expect(names(known) == names(unknown))
        #expect(
            try await place.college.texts("select address from reset_requests order by address")
                == ["ada@example.edu", "no@example.edu"])
        #expect(try await place.mails().count == 1)
        #expect(try await place.college.number("select count(*) from reset_requests") == 0)
    }

    @Test(arguments: [
        ("status = 'suspended'", false), ("status = 'archived'", false), ("password_hash = null", false),
        ("given_name = 'Other'", true),
    ])
    func `who has no way in gets none by an address`(change: String, isSent: Bool) async throws {
        let (place, person) = try await place()
        try await place.college.run("update accounts set \(SQL(unchecked: change)) where id = \(person.id)")
        #expect(try await ask("ada@example.edu", at: place).status == 204)
        #expect(try await place.mails().isEmpty == !isSent)
    }

    @Test func `who was invited and came too late asks for another link`() async throws {
        let (place, person) = try await place()
        try await place.college.run("update accounts set password_hash = null where id = \(person.id)")
        try await place.college.run(
            """
            insert into invitations (secret_hash, account_id, expires_at)
            values (sha256('x'), \(person.id), now() - interval '1 day')
            """)
        _ = try await ask("ada@example.edu", at: place)
        let link = try place.link(in: try #require(try await place.mails().first))
        #expect(try await place.college.client().send(.get, link).status == 200)
    }

    @Test func `a link works for an hour`() async throws {
        let (place, _) = try await place()
        _ = try await ask("ada@example.edu", at: place)
        let link = try place.link(in: try #require(try await place.mails().first))
        #expect(
            try await place.college.truth(
                "select expires_at between now() + interval '59 minutes' and now() + interval '1 hour' from invitations"
            ))
        try await place.college.run("update invitations set expires_at = now() - interval '1 second'")
        #expect(try await place.college.client().send(.get, link).status == 404)
    }

    @Test func `asking again and again sends one mail in five minutes, and is throttled like signing in`() async throws
    {
        let (place, _) = try await place()
        for _ in 0..<3 {
            _ = try await ask("ada@example.edu", at: place)
            _ = try await place.mails()
        }
        #expect(place.transport.mails.count == 1)
        try await place.college.run("update mails set settled_at = settled_at - interval '6 minutes'")
        _ = try await ask("ada@example.edu", at: place)
        #expect(try await place.mails().count == 1)
        var statuses: [Int] = []
        for _ in 0..<10 { statuses.append(try await ask("ada@example.edu", at: place).status) }
        #expect(statuses.last == 429 && statuses.first == 204)
        // and nobody is kept from signing in by it
        let body = #"{"email":"ada@example.edu","password":"\#(Self.old)"}"#
        #expect(try await place.college.client().send(.post, "/api/v1/session", json: body).status == 201)
    }

    /// Whoever asks must not say where the link leads.
    @Test func `the link's host is the configuration's`() async throws {
        let (place, _) = try await place()
        let answer = try await place.college.client().send(
            .post, "/api/v1/password-resets", json: #"{"email":"ada@example.edu"}"#,
            headers: [HTTPField.Name("X-Forwarded-Host") ?? .host: "evil.example"])
        #expect(answer.status == 204)
        _ = try place.link(in: try #require(try await place.mails().first))
        #expect(!place.transport.mails.contains { String(decoding: $0.bytes, as: UTF8.self).contains("evil.example") })
    }

    @Test func `the pages ask, and say no more than the API`() async throws {
        let (place, person) = try await place()
        let browser = place.college.client().asBrowser(person)
        #expect(try await browser.get("/sign-in").text.contains("href=\"/forgot-password\""))
        #expect(try await browser.get("/forgot-password").status == 200)
        let known = try await browser.post("/forgot-password", ["email": "ada@example.edu"])
        let unknown = try await browser.post("/forgot-password", ["email": "no@example.edu"])
        #expect(known.status == 303 && known.headers[.location] == "/sign-in?done=resetAsked")
        #expect(unknown.headers[.location] == known.headers[.location])
        #expect(try await browser.post("/forgot-password", ["email": "x"]).status == 422)
        let link = try place.link(in: try #require(try await place.mails().first))
        let refused = try await browser.post(link, ["password": "ada lovelace 99"])
        #expect(refused.status == 422 && refused.text.contains("Choose a new password"))
        #expect(try await browser.post(link, ["password": Self.new]).headers[.location] == "/sign-in?done=passwordSet")
        #expect(try await browser.post(link, ["password": Self.new]).status == 404)
    }

    @Test func `a password changed on the account's page or by an admin is told too`() async throws {
        let (place, person) = try await place()
        let browser = place.college.client().asBrowser(person)
        let changed = try await browser.post(
            "/account/password", ["currentPassword": Self.old, "newPassword": Self.new])
        #expect(changed.status == 303)
        #expect(try await place.mails().count == 1)
        let admin = place.college.client(try await place.college.person("admin"))
        let patch = #"{"password":"chosen by an admin"}"#
        #expect(try await admin.send(.patch, "/api/v1/accounts/\(person.id)", json: patch).status == 200)
        let told = try await place.mails()
        #expect(told.count == 1 && told.allSatisfy { $0.contains("was changed on") })
    }
}
