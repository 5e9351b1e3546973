import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing
import Web

/// Text typed into a form goes back to its own account and to no other, whatever happened to the sign-in meanwhile.
@Suite struct EarlierFormTests {
    /// A window of a browser: its cookie, and what it shows.
    private struct Window {
        let college: TestInstitution
        var cookie: String?
        var page: TestClient.Answer?

        init(_ college: TestInstitution) { self.college = college }

        mutating func open(_ path: String) async throws {
            page = try await college.client().send(.get, path, headers: headers)
        }

        /// Sends a form; the cookie of the answer is kept.
        @discardableResult
        mutating func send(_ path: String, _ fields: [(String, String)]) async throws -> TestClient.Answer {
            func encoded(_ text: String) -> String {
                text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            }
            let body = fields.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&")
            let answer = try await college.client().send(
                .post, path, body: Array(body.utf8), contentType: "application/x-www-form-urlencoded", headers: headers)
            if let set = answer.headers[.setCookie] {
                cookie = set.split(separator: ";").first.map(String.init)
            }
            page = answer
            return answer
        }

        /// Signs in by the form that is shown, or by an empty one.
        mutating func signIn(_ email: String) async throws {
            try await send("/sign-in", hidden + [("email", email), ("password", EarlierFormTests.password)])
        }

        private var headers: HTTPFields {
            var fields: HTTPFields = [.origin: "https://\(college.institution.slug).localhost"]
            if let cookie { fields[.cookie] = cookie }
            return fields
        }

        var text: String { page?.text ?? "" }

        /// The hidden fields of what is shown.
        var hidden: [(String, String)] {
            text.matches(of: /<input type="hidden" name="([^"]*)" value="([^"]*)">/).map {
                (String($0.output.1), Self.plain(String($0.output.2)))
            }
        }

        var csrf: String { hidden.first { $0.0 == "csrf" }?.1 ?? "" }

        /// What is shown for copying.
        var shown: [String] {
            text.matches(of: /readonly>\n([^<]*)<\/textarea>/).map { Self.plain(String($0.output.1)) }
        }

        private static func plain(_ html: String) -> String {
            html.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
                .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
        }
    }

    static let password = "correct horse battery"
    private static let typed = "Professor <of> \"Wörk\" & more"

    private func college() async throws -> TestInstitution {
        let college = try await TestInstitution.make()
        let hash = try await college.site.passwords.hash(Self.password)
        for (email, role) in [("ana@x.edu", "staff"), ("ben@x.edu", "staff"), ("root@x.edu", "admin")] {
            _ = try await college.account(role, email: email, given: String(email.prefix(3)))
        }
        try await college.run("update accounts set password_hash = \(hash)")
        return college
    }

    private func titles(_ college: TestInstitution) async throws -> [String] {
        try await college.texts(
            "select a.email || ' ' || k.title from cards k join accounts a on a.id = k.account_id order by 1")
    }

    /// Ana has her card open, and her sign-in ends.
    private func interrupted(_ college: TestInstitution, by end: SQL) async throws -> Window {
        var window = Window(college)
        try await window.signIn("ana@x.edu")
        try await window.open("/card")
        #expect(window.csrf.utf8.count == 43)
        try await college.run(end)
        return window
    }

    private static let idle: SQL = "update sessions set seen_at = now() - interval '1 day'"
    private static let over: SQL = "update sessions set expires_at = now() - interval '1 day'"

    @Test(arguments: [EarlierFormTests.idle, EarlierFormTests.over])
    func `what was typed comes back to its own account, which sees what it sends`(end: SQL) async throws {
        let college = try await college()
        var window = try await interrupted(college, by: end)
        let csrf = window.csrf
        let ended = try await window.send(
            "/card?back=1", [("csrf", csrf), ("version", "0"), ("title", Self.typed), ("phone", "")])
        #expect(ended.status == 401 && ended.text.contains("what you typed is kept for you"))
        #expect(window.shown.isEmpty)
        // a wrong password loses nothing
        try await window.send("/sign-in", window.hidden + [("email", "ana@x.edu"), ("password", "wrong wrong")])
        #expect(window.page?.status == 422)
        try await window.signIn("ana@x.edu")
        #expect(window.page?.status == 200 && window.shown == [Self.typed])
        #expect(window.text.contains("action=\"/card?back=1\""))
        #expect(try await titles(college).isEmpty, "nothing is sent before she says so")
        let sent = try await window.send("/card", window.hidden)
        #expect(sent.status == 303, "\(sent.text)")
        #expect(try await titles(college) == ["ana@x.edu \(Self.typed)"])
    }

    @Test func `who signs in next on that page gets nothing of it`() async throws {
        let college = try await college()
        var window = try await interrupted(college, by: Self.idle)
        let csrf = window.csrf
        try await window.send("/card", [("csrf", csrf), ("title", Self.typed)])
        try await window.signIn("ben@x.edu")
        #expect(window.page?.status == 200 && window.text.contains("belongs to another account"))
        #expect(!window.text.contains("Professor") && window.hidden.isEmpty)
        try await window.open("/card")
        #expect(window.page?.status == 200 && !window.text.contains("Professor"), "and is signed in")
    }

    @Test func `kept text without the proof, or with another's, is nobody's`() async throws {
        let college = try await college()
        var ben = Window(college)
        try await ben.signIn("ben@x.edu")
        try await ben.open("/card")
        for proof in ["", "x", ben.csrf, String(repeating: "A", count: 43)] {
            var window = Window(college)
            try await window.send(
                "/sign-in",
                [
                    ("resume", "/card"), ("proof", proof), ("kept.title", "Planted"), ("email", "ana@x.edu"),
                    ("password", Self.password),
                ])
            #expect(window.page?.status == 200 && !window.text.contains("Planted"), "\(proof)")
        }
    }

    @Test func `what nobody can tell the owner of is shown to who has sent it, and not kept`() async throws {
        let college = try await college()
        var window = try await interrupted(college, by: "delete from sessions")
        let csrf = window.csrf
        for proof in [csrf, "", "x"] {
            try await window.send("/card", [("csrf", proof), ("title", Self.typed), ("hours", "9 to 5")])
            #expect(window.page?.status == 401 && window.shown == ["9 to 5", Self.typed], "\(proof)")
            #expect(window.hidden.isEmpty && window.text.contains("Copy what you need"))
        }
    }

    @Test func `a field named like a password is never kept nor shown`() async throws {
        let college = try await college()
        var window = Window(college)
        try await window.signIn("root@x.edu")
        try await window.open("/accounts/new")
        let csrf = window.csrf
        for end in [Self.idle, "delete from sessions" as SQL] {
            try await college.run(end)
            try await window.send(
                "/accounts",
                [
                    ("csrf", csrf), ("givenName", "Nia"), ("password", "hunter-two-hunter"), ("newPassword", "hunter"),
                    ("api_token", "hunter"), ("clientSecret", "hunter"),
                ])
            #expect(window.page?.status == 401 && window.text.contains("Nia"))
            #expect(!window.text.contains("hunter"))
        }
    }

    @Test func `what is kept is bounded in number and size, and else shown`() async throws {
        let college = try await college()
        var window = try await interrupted(college, by: Self.idle)
        let csrf = window.csrf
        let many = (0..<150).map { ("field\($0)", "v") }
        try await window.send("/card", [("csrf", csrf)] + many)
        #expect(window.shown.count == 100 && window.hidden.isEmpty && window.text.contains("too much"))
        try await window.send(
            "/card", [("csrf", csrf), ("biography", String(repeating: "x", count: 60_001)), ("title", "T")])
        #expect(window.shown == ["T"] && window.hidden.isEmpty && window.text.contains("too much"))
        try await window.send("/card", [("csrf", csrf), ("biography", String(repeating: "x", count: 59_000))])
        #expect(window.shown.isEmpty && window.hidden.contains { $0.0 == "kept.biography" })
    }

    @Test func `a whole queue of notes is kept`() async throws {
        let college = try await college()
        var window = try await interrupted(college, by: Self.idle)
        let csrf = window.csrf
        let rows = (1...40).flatMap { [("item", "\($0)-7-1"), ("comment-\($0)-7", $0 == 3 ? "A word" : "")] }
        try await window.send("/queue", [("csrf", csrf), ("action", "return"), ("comment", "For all")] + rows)
        #expect(window.shown.isEmpty && window.hidden.count { $0.0.hasPrefix("kept.") } == 82)
        try await window.signIn("ana@x.edu")
        #expect(window.page?.status == 200 && window.shown.contains("A word") && window.shown.contains("return"))
    }

    @Test(arguments: [false, true])
    func `a form from an earlier sign-in of the same person says so, and may be sent`(signsOut: Bool) async throws {
        let college = try await college()
        var window = Window(college)
        try await window.signIn("ana@x.edu")
        try await window.open("/card")
        let csrf = window.csrf
        if signsOut { try await window.send("/sign-out", [("csrf", csrf)]) }
        var second = window
        second.page = nil
        try await second.signIn("ana@x.edu")
        window.cookie = second.cookie
        let answer = try await window.send("/card", [("csrf", csrf), ("version", "0"), ("title", Self.typed)])
        #expect(answer.status == 409 && answer.text.contains("This form is from an earlier sign-in"))
        #expect(window.shown == [Self.typed])
        #expect(try await titles(college).isEmpty)
        try await window.send("/card", window.hidden)
        #expect(try await titles(college) == ["ana@x.edu \(Self.typed)"])
    }

    @Test func `a form of somebody else's sign-in is not sent, and not shown`() async throws {
        let college = try await college()
        var window = Window(college)
        try await window.signIn("ana@x.edu")
        try await window.open("/card")
        let csrf = window.csrf
        for signsOut in [false, true] {
            if signsOut { try await window.send("/sign-out", [("csrf", csrf)]) }
            var ben = Window(college)
            try await ben.signIn("ben@x.edu")
            let answer = try await ben.send("/card", [("csrf", csrf), ("title", Self.typed)])
            #expect(answer.status == 403 && answer.text.contains("This form is from another sign-in"))
            #expect(!answer.text.contains("Professor") && ben.hidden.isEmpty)
        }
        #expect(try await titles(college).isEmpty)
    }

    @Test func `a refusal on a page of its own gives back what was typed`() async throws {
        let college = try await college()
        var window = Window(college)
        try await window.signIn("ana@x.edu")
        try await window.open("/card")
        let csrf = window.csrf
        let refused = try await window.send("/accounts/4711/card", [("csrf", csrf), ("title", Self.typed)])
        #expect(refused.status == 403 && window.shown == [Self.typed])
        // where somebody is not even let in, too
        try await college.run("update settings set student_visibility = false")
        let closed = try await window.send("/queue", [("csrf", csrf), ("comment", "A word to you")])
        #expect(closed.status == 403 && window.shown == ["A word to you"])
    }

    @Test func `the database finds a form's session by the proof that the program makes`() async throws {
        let college = try await college()
        let ana = try await college.person("staff")
        let origin = FormOrigin(gate: try college.database.deployment.gate(of: college.institution))
        #expect(try await origin.account(csrfToken: ana.token.secret.csrfToken) == ana.id)
        #expect(try await origin.account(csrfToken: try Secret.random().csrfToken) == nil)
        #expect(try await origin.account(csrfToken: ana.token.secret.csrfToken + "=") == nil)
    }
}
