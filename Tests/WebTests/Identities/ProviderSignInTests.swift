import Foundation
import HTTPTypes
import Outgoing
import Postgres
import TestSupport
import Testing
import Web

@testable import Casework

/// One after another: each has a server of its own and waits for it a few seconds only.
@Suite(.serialized) struct ProviderSignInTests {
    @Test(arguments: [TestIssuerKey.Algorithm.rs256, .ps256, .es256])
    func `a first sign-in makes a student, whom a file then finds by the address`(
        algorithm: TestIssuerKey.Algorithm
    ) async throws {
        try await ProviderScene.with(#""createsStudents":true,"numberClaim":"number""#, algorithm: algorithm) { scene in
            let page = try await scene.client.send(.get, "/sign-in?next=/dashboard").text
            #expect(
                page.contains(#"href="/sign-in/provider?next=%2Fdashboard""#)
                    && page.contains("Sign in with Northfield"))
            let departure = try await scene.depart(next: "/dashboard")
            #expect(departure.query["code_challenge_method"] == "S256" && departure.query["response_type"] == "code")
            let answer = try await scene.arrive(departure, changes: ["number": "4711"])
            #expect(answer.status == 303 && answer.headers[.location] == "/dashboard", "\(answer.text)")
            let token = try #require(scene.session(answer))
            let student = scene.client.signedIn(token)
            let me = try await student.send(.get, "/api/v1/me").json()["account"]
            #expect(me?["role"]?.string == "student" && me?["email"]?.string == "ada@northfield.example")
            #expect(me?["studentNumber"]?.string == "4711")
            // the secret went in the header, the proof of PKCE in the form
            let form = try #require(scene.issuer.asked.first { $0.hasPrefix("/token ") })
            #expect(form.contains("code_verifier=") && form.contains("grant_type=authorization_code"))
            #expect(!form.contains("cret"))

            let category = try await scene.admin.send(.post, "/api/v1/categories", json: #"{"name":"First years"}"#)
            let cohort = try await scene.admin.send(
                .post, "/api/v1/categories/\(try #require(category.number("id")))/cohorts", json: #"{"name":"Fall"}"#)
            let file = try await scene.admin.send(
                .post, "/api/v1/cohorts/\(try #require(cohort.number("id")))/students",
                body: Array("email\nADA@northfield.example\n".utf8), contentType: "text/csv")
            #expect(file.status == 200, "\(file.text)")
            try await scene.college.run("update settings set student_visibility = true")
            let dashboard = try await student.send(.get, "/api/v1/dashboard")
            #expect(dashboard.status == 200 && dashboard.text.contains("Fall"), "\(dashboard.text)")
            #expect(try await scene.accounts() == 2)
            // whatever the address is now: it is the same person
            let again = try await scene.signIn(["email": #""other@northfield.example""#])
            let later = try #require(scene.session(again))
            let other = scene.client.signedIn(later)
            #expect(
                try await other.send(.get, "/api/v1/me").json()["account"]?["email"]?.string == "ada@northfield.example"
            )
            let noted = try await scene.college.audited()
            #expect(
                noted.contains { $0.hasPrefix("account.arrive ") } && noted.contains { $0.hasPrefix("session.create ") }
            )
        }
    }

    @Test func `a token that is wrong in anything lets nobody in`() async throws {
        try await ProviderScene.with { scene in
            let now = Int(Date().timeIntervalSince1970)
            let wrong: KeyValuePairs<String, [[String: String?]]> = [
                "issuer": [["iss": #""https://elsewhere.example""#], ["iss": nil]],
                "audience": [["aud": #""other""#], ["aud": "[]"], ["aud": nil]],
                "party": [
                    ["aud": #"["waymark","other"]"#], ["aud": #"["waymark","other"]"#, "azp": #""other""#],
                    ["azp": #""other""#],
                ],
                "nonce": [["nonce": #""n""#], ["nonce": nil]], "expired": [["exp": "\(now - 61)"]],
                "claims": [["exp": nil], ["exp": #""soon""#], ["exp": "1e400"], ["iat": nil]],
                "future": [["iat": "\(now + 3_600)"], ["nbf": "\(now + 3_600)"]],
                "subject": [["sub": nil], ["sub": #""""#], ["sub": "7"]],
            ]
            for (reason, all) in wrong {
                for changes in all {
                    let answer = try await scene.signIn(changes)
                    #expect(scene.session(answer) == nil, "\(changes)")
                    #expect(answer.status == 422 && answer.text.contains("something that cannot be used"))
                    #expect(scene.told == "unusable token: \(reason)", "\(changes)")
                }
            }
            let departure = try await scene.depart()
            let content = scene.content(departure)
            let stranger = try TestIssuerKey(.rs256, id: "first")
            let tokens = [
                ("e30.e30.", "algorithm"), ("", "malformed"), ("a.b.c", "malformed"),
                (scene.key.tokenByPublicKey(content), "algorithm"), (try stranger.token(content), "signature"),
                (try scene.key.token(content, header: #"{"alg":"none"}"#), "algorithm"),
                (TestToken.none(content), "algorithm"), (String(repeating: "a", count: 100_000), "malformed"),
                (try scene.key.token(content, header: #"{"alg":"RS256","kid":"first","crit":["exp"]}"#), "critical"),
                (try scene.key.token(content, header: #"{"alg":"PS256","kid":"first"}"#), "signature"),
            ]
            for (token, reason) in tokens {
                let answer = try await scene.arrive(departure, token: token)
                #expect(scene.session(answer) == nil, "\(token.prefix(60))")
                #expect(scene.told == "unusable token: \(reason)", "\(token.prefix(60))")
            }
            // a clock that differs by half a minute does no harm
            let late = try await scene.signIn(["exp": "\(now - 20)", "iat": "\(now + 20)", "aud": #"["waymark"]"#])
            #expect(scene.session(late) != nil)
            #expect(try await scene.accounts() == 2)
        }
    }

    @Test func `an answer counts once, in the browser that asked, and from the one who was asked`() async throws {
        try await ProviderScene.with { scene in
            let (first, second) = (try await scene.depart(), try await scene.depart())
            let mixed = ProviderScene.Departure(cookie: first.cookie, query: second.query)
            let none = ProviderScene.Departure(cookie: "", query: first.query)
            let odd = ProviderScene.Departure(cookie: "__Host-waymark-provider=abc", query: first.query)
            for departure in [mixed, none, odd] {
                let answer = try await scene.arrive(departure)
                #expect(scene.session(answer) == nil && answer.text.contains("Begin again"))
            }
            let token = try scene.key.token(scene.content(first))
            let elsewhere = try await scene.arrive(first, token: token, query: "&iss=https://elsewhere.example")
            #expect(scene.session(elsewhere) == nil && elsewhere.text.contains("Begin again"))
            #expect(!scene.issuer.asked.contains { $0.hasPrefix("/token") })
            let good = try await scene.arrive(first, token: token, query: "&iss=\(scene.issuer.origin)")
            #expect(scene.session(good) != nil)
            let repeated = try await scene.arrive(first, token: token)
            #expect(scene.session(repeated) == nil && repeated.text.contains("Begin again"))
            let denied = try await scene.client.send(
                .get, "/sign-in/provider/return?error=access_denied&state=\(second.query["state"] ?? "")",
                headers: [.cookie: second.cookie])
            #expect(denied.text.contains("was stopped on the other page"))
            for query in [
                "", "?code=c", "?state=\(second.query["state"] ?? "")", "?code=%zz", "?code=c&state=s&state=t",
            ] {
                let answer = try await scene.client.send(
                    .get, "/sign-in/provider/return" + query, headers: [.cookie: second.cookie])
                #expect(answer.status == 422 && scene.session(answer) == nil, "\(query)")
            }
            // who names itself in every answer must do so in this one
            scene.issuer.answer(
                "/.well-known/openid-configuration",
                .init(scene.issuer.document(["authorization_response_iss_parameter_supported": "true"])))
            _ = try await scene.admin.send(.post, "/api/v1/settings/identity-provider/test")
            #expect(scene.session(try await scene.arrive(try await scene.depart())) == nil)
        }
    }

    @Test func `reloading the return address, going back and two tabs end in a page, and in one account`() async throws
    {
        try await ProviderScene.with { scene in
            func isSignInPage(_ answer: TestClient.Answer) -> Bool {
                answer.status == 422 && scene.session(answer) == nil && answer.text.contains("Begin again")
                    && answer.text.contains(#"href="/sign-in/provider"#)
            }
            let departure = try await scene.depart(next: "/dashboard")
            let first = try await scene.arrive(departure)
            let token = try #require(scene.session(first))
            #expect(first.status == 303)
            // the answer took the cookie away
            #expect(first.headers[values: .setCookie].contains { $0.hasPrefix("__Host-waymark-provider=; ") })
            let address = "/sign-in/provider/return?code=c&state=\(departure.query["state"] ?? "")"
            let signedIn = "__Host-waymark=\(token)"
            for cookie in [signedIn, "\(signedIn); \(departure.cookie)", departure.cookie, ""] {
                for _ in 1...2 {
                    let again = try await scene.client.send(.get, address, headers: [.cookie: cookie])
                    #expect(isSignInPage(again), "\(cookie) \(again.status)")
                }
            }
            let head = try await scene.client.send(.head, address, headers: [.cookie: departure.cookie])
            #expect(head.status < 500 && scene.session(head) == nil)
            // who is signed in stays so
            #expect(try await scene.client.signedIn(token).send(.get, "/api/v1/me").status == 200)

            // the provider refuses a code that was used
            scene.issuer.answer("/token", .init(#"{"error":"invalid_grant"}"#, status: 400))
            let spent = try await scene.depart()
            let refused = try await scene.client.send(
                .get, "/sign-in/provider/return?code=c&state=\(spent.query["state"] ?? "")",
                headers: [.cookie: spent.cookie])
            #expect(refused.status == 422 && refused.text.contains("something that cannot be used"))

            // a browser keeps the cookie of the tab that began last
            let (one, two) = (try await scene.depart(), try await scene.depart())
            let stale = ProviderScene.Departure(cookie: two.cookie, query: one.query)
            #expect(isSignInPage(try await scene.arrive(stale)))
            #expect(scene.session(try await scene.arrive(two)) != nil)
            #expect(isSignInPage(try await scene.arrive(stale)))
            #expect(try await scene.accounts() == 2)
            #expect(try await scene.college.number("select count(*) from identities") == 1)
        }
    }

    @Test func `the same answer many times at once opens one session`() async throws {
        try await ProviderScene.with { scene in
            let departure = try await scene.depart()
            let token = try scene.key.token(scene.content(departure))
            let answers = try await withThrowingTaskGroup(of: TestClient.Answer.self) { group in
                for _ in 1...4 { group.addTask { try await scene.arrive(departure, token: token) } }
                return try await group.reduce(into: [TestClient.Answer]()) { $0.append($1) }
            }
            #expect(answers.map(\.status).sorted() == [303, 422, 422, 422])
            #expect(answers.count { scene.session($0) != nil } == 1)
            #expect(try await scene.accounts() == 2)
        }
    }

    @Test func `a new key is asked for once, and not for every token that names none`() async throws {
        try await ProviderScene.with { scene in
            #expect(scene.session(try await scene.signIn()) != nil)
            func asked() -> Int { scene.issuer.asked.count { $0 == "/keys" } }
            let before = asked()
            let departure = try await scene.depart()
            for number in 0..<5 {
                let unknown = try TestIssuerKey(.es256, id: "unknown \(number)")
                let answer = try await scene.arrive(departure, token: try unknown.token(scene.content(departure)))
                #expect(scene.session(answer) == nil)
            }
            #expect(asked() == before)
            // the provider signs by another key from now on, which an admin has asked it for
            let second = try TestIssuerKey(.es256, id: "second")
            scene.issuer.show([second.jwk])
            _ = try await scene.admin.send(.post, "/api/v1/settings/identity-provider/test")
            let (new, old) = (try await scene.depart(), try await scene.depart())
            #expect(scene.session(try await scene.arrive(new, token: try second.token(scene.content(new)))) != nil)
            #expect(scene.session(try await scene.arrive(old)) == nil)
        }
    }

    @Test func `who is sent elsewhere by a forged address goes on here`() async throws {
        try await ProviderScene.with { scene in
            for next in ["//evil.example", "https://evil.example/", "/%5Cevil.example", "%2F%2Fevil.example", "evil"] {
                let answer = try await scene.arrive(try await scene.depart(next: next))
                #expect(answer.status == 303 && answer.headers[.location] == "/", "\(next)")
            }
            // the cookie is the browser's own: what it says is looked at once more
            for next in ["//evil.example", "https://evil.example/", "/\\evil.example", "/a\r\nSet-Cookie: a=b"] {
                let departure = try await scene.depart()
                let cookie = departure.cookie + "." + TestToken.part(next)
                let answer = try await scene.arrive(.init(cookie: cookie, query: departure.query))
                #expect(answer.status == 303 && answer.headers[.location] == "/", "\(next)")
            }
        }
    }

    @Test func `a session says where it began, and a client that fails too often waits`() async throws {
        try await ProviderScene.with { scene in
            #expect(scene.session(try await scene.signIn()) != nil)
            let places = try await scene.college.texts(
                "select address from sessions s join accounts a on a.id = s.account_id where a.role = 'student'")
            #expect(places == [scene.client.peer])
            #expect(scene.session(try await scene.signIn(["sub": #""""#])) == nil)
            // one such attempt stands; as if it were one of three hundred
            let key = SignInCounters(email: "", client: SignInCounters.client(of: scene.client.peer)).client
            try await scene.college.run(
                "update waymark.sign_in_clients set forgotten_at = now() + interval '2 hours' where key = \(key)")
            #expect(try await scene.signIn().text.contains("Too many"))
            var elsewhere = scene.client
            elsewhere.peer = TestNetwork()[1]
            let other = scene.from(elsewhere)
            #expect(scene.session(try await other.signIn()) != nil)
        }
    }

    @Test(arguments: [
        TestIssuer.Answer("", status: 302, location: "/token"), .init("{}", status: 400), .init("<html>"), .init("{}"),
        .init(#"{"id_token":7}"#), .init(String(repeating: " ", count: 600_000)), .init(#"{"error":"invalid_client"}"#),
    ])
    func `without a token nobody comes in`(answer: TestIssuer.Answer) async throws {
        try await ProviderScene.with { scene in
            let departure = try await scene.depart()
            scene.issuer.answer("/token", answer)
            let back = try await scene.client.send(
                .get, "/sign-in/provider/return?code=c&state=\(departure.query["state"] ?? "")",
                headers: [.cookie: departure.cookie])
            #expect(back.status == 422 && scene.session(back) == nil)
            #expect(back.text.contains("something that cannot be used"))
            #expect(back.headers[.cacheControl] == "no-store")
        }
    }

    @Test func `what the token keeps to itself is asked for, of the same person only`() async throws {
        try await ProviderScene.with { scene in
            let bare: [String: String?] = ["email": nil, "email_verified": nil, "given_name": nil, "family_name": nil]
            let person = #""email":"ada@northfield.example","email_verified":true,"name":"Ada Lovelace""#
            scene.issuer.answer("/person", .init(#"{"sub":"somebody","email":"eve@northfield.example"}"#))
            let stranger = try await scene.signIn(bare)
            #expect(scene.session(stranger) == nil)
            scene.issuer.answer("/person", .init(#"{"sub":"ada-1",\#(person)}"#))
            #expect(scene.session(try await scene.signIn(bare)) != nil)
            #expect(
                try await scene.college.texts("select name from accounts where email = 'ada@northfield.example'") == [
                    "Ada Lovelace"
                ])
        }
    }

    @Test(arguments: [
        ("not json", "no JSON object"), (#"["a"]"#, "no JSON object"),
        (#"{"issuer":"https://elsewhere.example"}"#, "elsewhere.example"),
        ("{}", "is of nobody"),
    ])
    func `a provider that describes another is not believed`(document: String, said: String) async throws {
        try await ProviderScene.with { scene in
            scene.issuer.answer("/.well-known/openid-configuration", .init(document))
            let trial = try await scene.admin.send(.post, "/api/v1/settings/identity-provider/test").json()
            #expect(trial["usable"] == .bool(false) && trial["problem"]?.string?.contains(said) == true)
            let start = try await scene.client.send(.get, "/sign-in/provider")
            #expect(start.status == 422 && start.text.contains("something that cannot be used"))
            #expect(start.text.contains(#"action="/sign-in""#))
        }
    }

    @Test func `answers that lead on, never end or are too long are no answers`() async throws {
        try await ProviderScene.with { scene in
            let path = "/.well-known/openid-configuration"
            let bad: [TestIssuer.Answer] = [
                .init("", status: 302, location: "\(scene.issuer.origin)\(path)"),
                .init("", status: 302, location: "http://169.254.169.254/"), .init("{}", status: 500),
                .init(String(repeating: " ", count: 600_000)),
                .init(scene.issuer.document(["jwks_uri": #""http://idp.localhost/keys""#])),
                .init(scene.issuer.document(["token_endpoint": #""file:///etc/passwd""#])),
                .init(scene.issuer.document(["authorization_endpoint": #""javascript:alert(1)""#])),
                .init(scene.issuer.document(["id_token_signing_alg_values_supported": #"["HS256","none"]"#])),
                .init(scene.issuer.document(["jwks_uri": #""https://127.0.0.1:1/keys""#])),
            ]
            for answer in bad {
                scene.issuer.answer(path, answer)
                let trial = try await scene.admin.send(.post, "/api/v1/settings/identity-provider/test").json()
                #expect(trial["usable"] == .bool(false), "\(answer.body.prefix(80))")
            }
            scene.issuer.answer(path, .init(scene.issuer.document()))
            #expect(
                try await scene.admin.send(.post, "/api/v1/settings/identity-provider/test").json()["usable"]
                    == .bool(true))
            for keys in [#"{"keys":[]}"#, #"{"keys":7}"#, "[]", #"{"keys":[{"kty":"oct","k":"AA"}]}"#] {
                scene.issuer.answer("/keys", .init(keys))
                let trial = try await scene.admin.send(.post, "/api/v1/settings/identity-provider/test").json()
                #expect(trial["usable"] == .bool(false), "\(keys)")
            }
        }
    }
}

extension ProviderScene {
    /// Cause and reason of the last sign-in that failed.
    fileprivate var told: String? {
        book.events.compactMap { $0 as? ProviderSignInFailed }.last.map { "\($0.cause) \($0.details["reason"] ?? "")" }
    }
}

enum TestToken {
    /// A token that says it needs no signature.
    static func none(_ content: String) -> String { "\(part(#"{"alg":"none"}"#)).\(part(content))." }

    /// Base64url without padding.
    static func part(_ text: String) -> String {
        Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}
