import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing
import Web

/// The page *Account*: everybody changes the own password, and signs out elsewhere.
@Suite struct OwnAccountPagesTests {
    private static let old = "correct horse battery"
    private static let new = "a quite new passphrase"

    private func college() async throws -> TestInstitution {
        try await TestInstitution.make(name: "Northfield College")
    }

    private func withPassword(_ role: String, in college: TestInstitution) async throws -> TestInstitution.Person {
        let person = try await college.person(role)
        let hash = try await college.site.passwords.hash(Self.old)
        try await college.run("update accounts set password_hash = \(hash) where id = \(person.id)")
        return person
    }

    private func signsIn(_ person: TestInstitution.Person, _ password: String, at college: TestInstitution) async throws
        -> Bool
    {
        let body = #"{"email":"\#(person.email)","password":"\#(password)"}"#
        return try await college.client().send(.post, "/api/v1/session", json: body).status == 201
    }

    @Test(arguments: ["admin", "director", "manager", "staff", "student"])
    func `everybody has an account page and changes the password there`(role: String) async throws {
        let college = try await college()
        let person = try await withPassword(role, in: college)
        let browser = college.client().asBrowser(person)
        let elsewhere = try await college.browser(of: person.id)
        let page = try await browser.get("/account")
        #expect(page.status == 200 && page.text.contains(person.email))
        #expect(!page.text.contains("Preferred name"))
        try await college.run("update accounts set preferred_name = 'Addie' where id = \(person.id)")
        #expect(try await browser.get("/account").text.contains("Preferred name: Addie"))
        let own = try await college.client(person).send(.get, "/api/v1/me")
        #expect(own.text("account", "preferredName") == "Addie")

        try await college.run(
            """
            insert into invitations (secret_hash, account_id, expires_at)
            values (sha256('x'), \(person.id), now() + interval '7 days')
            """)
        let done = try await browser.post(
            "/account/password", ["currentPassword": Self.old, "newPassword": Self.new])
        #expect(try await college.number("select count(*) from invitations") == 0, "a link sent before undoes nothing")
        #expect(done.headers[.location] == "/account?done=passwordChanged")
        #expect(try await browser.get("/account").status == 200, "this session goes on")
        #expect(try await elsewhere.get("/account").status == 303, "the others have ended")
        #expect(try await !signsIn(person, Self.old, at: college))
        #expect(try await signsIn(person, Self.new, at: college))
        #expect(
            try await college.texts("select subject from audit where action = 'account.password'")
                == ["account/\(person.id)"])
    }

    @Test func `a wrong password changes nothing, and is counted like a sign-in`() async throws {
        let college = try await college()
        let person = try await withPassword("staff", in: college)
        let browser = college.client().asBrowser(person)
        let wrong = try await browser.post(
            "/account/password", ["currentPassword": "not the password", "newPassword": Self.new])
        #expect(wrong.status == 422)
        #expect(wrong.text.contains("This is not your current password."))
        #expect(!wrong.text.contains(Self.new) && !wrong.text.contains("not the password"))
        #expect(try await college.number("select count(*) from sign_in_attempts where failures > 0") > 0)
        #expect(try await signsIn(person, Self.old, at: college))
        let counted = try await college.number("select coalesce(sum(failures), 0) from sign_in_attempts")
        #expect(
            try await browser.post(
                "/account/password", ["currentPassword": Self.old, "newPassword": Self.new]
            ).status == 303)
        #expect(
            try await college.number("select coalesce(sum(failures), 0) from sign_in_attempts") <= counted,
            "what succeeds is given back")
    }

    @Test(arguments: ["short", ""])
    func `a new password has to be a good one`(new: String) async throws {
        let college = try await college()
        let person = try await withPassword("student", in: college)
        let refused = try await college.client().asBrowser(person).post(
            "/account/password", ["currentPassword": Self.old, "newPassword": new])
        #expect(refused.status == 422)
        #expect(refused.text.contains("id=\"newPassword-error\""))
        #expect(try await signsIn(person, Self.old, at: college))
    }

    @Test func `signing out elsewhere ends the own sessions and nobody else's`() async throws {
        let college = try await college()
        let (person, other) = (try await college.person("student"), try await college.person("student"))
        let elsewhere = try await college.browser(of: person.id)
        let browser = college.client().asBrowser(person)
        #expect(try await browser.get("/account").text.contains("Sign out everywhere else"))
        #expect(try await browser.post("/account/sessions/end", [:]).status == 303)
        #expect(try await elsewhere.get("/account").status == 303)
        #expect(try await browser.get("/account").status == 200)
        #expect(try await college.client().asBrowser(other).get("/account").status == 200)
        #expect(!(try await browser.get("/account").text.contains("Sign out everywhere else")))
    }

    @Test func `the sign-in page says whose it is, whom to ask, and speaks every language`() async throws {
        let college = try await college()
        let page = try await college.client().send(.get, "/sign-in")
        #expect(page.text.contains("Northfield College"))
        #expect(page.text.contains("Forgot your password?"))
        for language in ["English", "Español"] { #expect(page.text.contains(language)) }
    }
}
