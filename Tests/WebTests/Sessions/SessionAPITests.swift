import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing
import Web

@Suite struct SessionAPITests {
    static let password = "correct horse battery"

    private func college() async throws -> (TestInstitution, Int) {
        let college = try await TestInstitution.make(name: "Northfield")
        let id = try await college.account("director", email: "dora@example.edu", given: "Dora", family: "Diaz")
        let hash = try await college.site.passwords.hash(Self.password)
        try await college.run("update accounts set password_hash = \(hash)")
        return (college, id)
    }

    private func body(_ email: String, _ password: String) -> String {
        #"{"email":"\#(email)","password":"\#(password)"}"#
    }

    @Test func `signing in, looking and signing out`() async throws {
        let (college, id) = try await college()
        let client = college.client()
        let answer = try await client.send(
            .post, "/api/v1/session", json: body("DORA@example.edu", Self.password))
        #expect(answer.status == 201)
        #expect(answer.number("account", "id") == id)
        #expect(answer.text("account", "role") == "director")
        #expect(answer["account", "studentNumber"] == .null)
        #expect(answer["account", "password"] == nil)
        #expect(answer.text("expiresAt")?.hasSuffix("Z") == true)
        #expect(answer.headers[.setCookie] == nil)
        let dora = client.signedIn(answer.text("token"))

        let me = try await dora.send(.get, "/api/v1/me")
        #expect(me.status == 200)
        #expect(me.text("institution", "name") == "Northfield")
        #expect(me.text("institution", "slug") == college.institution.slug)
        #expect(me.text("account", "email") == "dora@example.edu")
        #expect(me["menu"] == .array([.string("case-management")]))
        #expect(me.text("csrfToken")?.isEmpty == false)

        #expect(try await dora.send(.delete, "/api/v1/session").status == 204)
        #expect(try await dora.send(.get, "/api/v1/me").status == 401)
        #expect(try await dora.send(.delete, "/api/v1/session").status == 401)
    }

    @Test func `every failure is the same 401`() async throws {
        let (college, _) = try await college()
        _ = try await college.account("staff", email: "nopassword@example.edu")
        let client = college.client()
        var texts: Set<String> = []
        for (email, password) in [
            ("dora@example.edu", "wrong wrong wrong"), ("nobody@example.edu", "x"), ("nopassword@example.edu", "x"),
            ("not an address", "x"), ("dora@example.edu", ""),
        ] {
            let answer = try await client.send(.post, "/api/v1/session", json: body(email, password))
            #expect(answer.status == 401)
            texts.insert(answer.text)
        }
        #expect(texts.count == 1)
    }

    @Test func `what is missing is named`() async throws {
        let (college, _) = try await college()
        let client = college.client()
        let answer = try await client.send(.post, "/api/v1/session", json: #"{"password":"x","extra":1}"#)
        #expect(answer.status == 422)
        #expect(Set(answer.refusedFields) == ["email", "extra"])
        #expect(
            try await client.send(.post, "/api/v1/session", json: body(#"a\u0000"#, #"b\u0000"#)).refusedFields == [
                "email", "password",
            ])
        #expect(try await client.send(.post, "/api/v1/session", json: "{").status == 400)
        #expect(try await client.send(.post, "/api/v1/session", body: [1], contentType: "text/plain").status == 415)
    }

    @Test func `repeated failures answer 429 with Retry-After`() async throws {
        let (college, _) = try await college()
        let client = college.client()
        for email in ["dora@example.edu", "nobody@example.edu"] {
            for _ in 0..<10 {
                #expect(try await client.send(.post, "/api/v1/session", json: body(email, "wrong wrong")).status == 401)
            }
            let answer = try await client.send(.post, "/api/v1/session", json: body(email, Self.password))
            #expect(answer.status == 429)
            #expect(answer.headers[.retryAfter].flatMap { Int($0) }.map { (1...60).contains($0) } == true)
        }
    }

    @Test func `the bare domain and a suspended institution have no sign-in`() async throws {
        let (college, _) = try await college()
        let sent = body("dora@example.edu", Self.password)
        let bare = TestClient(site: college.site, host: "localhost")
        #expect(try await bare.send(.post, "/api/v1/session", json: sent).status == 404)
        try await college.run("update settings set suspended = true")
        #expect(try await college.client().send(.post, "/api/v1/session", json: sent).status == 404)
    }

    @Test(arguments: ["admin", "director", "manager", "staff", "student"])
    func `every role may ask who it is`(role: String) async throws {
        let (college, _) = try await college()
        let person = try await college.person(role)
        try await college.run("update settings set student_visibility = true, cohort_delegation = true")
        let me = try await college.client(person).send(.get, "/api/v1/me")
        #expect(me.status == 200)
        #expect(me.text("account", "role") == role)
        let menus = [
            "admin": ["case-management", "cohorts", "settings"], "director": ["case-management", "cohorts"],
            "manager": ["case-management", "cohorts"], "staff": ["case-management"], "student": ["dashboard"],
        ]
        #expect(me["menu"] == .array((menus[role] ?? []).map(JSONValue.string)))
    }

    @Test func `a student sees no dashboard before visibility`() async throws {
        let (college, _) = try await college()
        let student = try await college.person("student")
        #expect(try await college.client(student).send(.get, "/api/v1/me")["menu"] == .array([]))
    }

    @Test func `a token of another institution opens nothing here`() async throws {
        let (college, _) = try await college()
        let (other, _) = try await self.college()
        let person = try await other.person("admin")
        #expect(try await college.client(person).send(.get, "/api/v1/me").status == 401)
    }

    @Test(arguments: [
        ("en", "E-mail address or password is wrong."), ("es", "Correo electrónico o contraseña incorrectos."),
    ])
    func `a refused sign-in leads to its field, whose name is said once`(language: String, text: String) async throws {
        let college = try await TestInstitution.make()
        let page = try await college.client().send(
            .post, "/sign-in", body: Array("email=a%40x.edu&password=wrong+wrong".utf8),
            contentType: "application/x-www-form-urlencoded",
            headers: [.origin: "https://\(college.institution.slug).localhost", .acceptLanguage: language])
        #expect(page.status == 422)
        #expect(page.text.contains("<a href=\"#email\">\(text)</a>"))
    }
}
