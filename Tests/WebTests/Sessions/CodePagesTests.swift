import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing
import Web

@testable import Casework

/// Signing in by two pages, setting up an app, and the list of where one is signed in.
@Suite struct CodePagesTests {
    private func post(
        _ scene: CodeScene, _ path: String, _ fields: [String: String], to other: TestClient? = nil
    ) async throws -> TestClient.Answer {
        let pairs = fields.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }
        let client = other ?? scene.client()
        return try await client.send(
            .post, path, body: Array(pairs.joined(separator: "&").utf8),
            contentType: "application/x-www-form-urlencoded",
            headers: [.origin: "https://\(client.host)", .userAgent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0"])
    }

    @Test func `a second page asks for the code, and goes where one wanted`() async throws {
        let scene = try await CodeScene()
        let owner = try await scene.owner("staff")
        let asked = try await post(
            scene, "/sign-in",
            ["email": owner.person.email, "password": CodeScene.password, "next": "/queue?age=2"])
        #expect(asked.status == 200 && asked.text.contains("Your code"), "\(asked.text)")
        #expect(asked.headers[.setCookie] == nil)
        let hidden = asked.hiddenFields(to: "/sign-in/code")
        #expect(hidden["next"] == "/queue?age=2")
        let wrong = try await post(scene, "/sign-in/code", hidden.merging(["code": "000"]) { $1 })
        #expect(wrong.status == 422 || wrong.status == 200, "\(wrong.status)")
        #expect(wrong.text.contains("This code is wrong") && wrong.headers[.setCookie] == nil)
        #expect(wrong.hiddenFields(to: "/sign-in/code") == hidden)
        let done = try await post(
            scene, "/sign-in/code", hidden.merging(["code": scene.code(owner.codes)]) { $1 })
        #expect(done.status == 303 && done.headers[.location] == "/queue?age=2", "\(done.text)")
        #expect(done.headers[.setCookie]?.hasPrefix("__Host-waymark=wms_") == true)
        let late = try await post(
            scene, "/sign-in/code", hidden.merging(["code": scene.code(owner.codes, steps: 1)]) { $1 })
        #expect(late.text.contains("That took too long") && late.headers[.setCookie] == nil)
        #expect(
            try await scene.college.texts(
                "select program from sessions where program is not null") == ["Firefox, Linux"])
    }

    @Test func `a server that lacks the key says so on the page too`() async throws {
        let scene = try await CodeScene()
        let owner = try await scene.owner("staff")
        let site = RunningServer.site(scene.college.database.deployment, log: LogBook())
        let client = TestClient(site: site, host: "\(scene.college.institution.slug).localhost", token: nil)
        let asked = try await post(
            scene, "/sign-in", ["email": owner.person.email, "password": CodeScene.password])
        let fields = asked.hiddenFields(to: "/sign-in/code").merging(["code": scene.code(owner.codes)]) { $1 }
        let refused = try await post(scene, "/sign-in/code", fields, to: client)
        #expect(refused.status == 503 && refused.text.contains("lacks the key that opens"), "\(refused.text)")
    }

    @Test func `an app is set up on a page, and its recovery codes are shown once`() async throws {
        let scene = try await CodeScene()
        let person = try await scene.person("student")
        let browser = scene.client().asBrowser(person)
        #expect(try await browser.get("/account").text.contains("href=\"/account/codes\""))
        #expect(try await browser.post("/account/codes", [:]).headers[.location] == "/account/codes")
        let own = Authenticators(gate: try scene.site.deployment.gate(of: scene.college.institution), of: person.id)
        let codes = try own.pending(try await own.find(), try #require(scene.site.secretKeys))
        let page = try await browser.get("/account/codes")
        #expect(page.text.contains(codes.text) && page.text.contains("href=\"otpauth://totp/"))
        #expect(page.headers[.cacheControl] == "no-store")
        let wrong = try await browser.post("/account/codes/confirm", ["code": "12 34 56 7"])
        #expect(wrong.text.contains("This code is wrong, or was used already.") && wrong.text.contains(codes.text))
        let made = try await browser.post("/account/codes/confirm", ["code": scene.code(codes)])
        #expect(made.status == 200 && made.text.matches(of: /<code>[a-z2-7]{4}(-[a-z2-7]{4}){3}<\/code>/).count == 10)
        let later = try await browser.get("/account/codes")
        #expect(!later.text.contains("<code>") && later.text.contains("10 recovery codes are left"))
        let refused = try await browser.post("/account/codes/remove", ["removalPassword": "another one"])
        #expect(refused.text.contains("This is not your current password."))
        let ended = try await browser.post("/account/codes/remove", ["removalPassword": CodeScene.password])
        #expect(ended.headers[.location] == "/account/codes?done=codesEnded")
    }

    @Test func `everybody sees where they are signed in, and ends it there`() async throws {
        let scene = try await CodeScene()
        let (person, other) = (try await scene.person("staff"), try await scene.person("staff"))
        let client = scene.client()
        let headers: HTTPFields = [.userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7) Version/26 Safari/604.1"]
        let opened = try await client.send(
            .post, "/api/v1/session", json: #"{"email":"\#(person.email)","password":"\#(CodeScene.password)"}"#,
            headers: headers)
        #expect(opened.status == 201)
        let elsewhere = client.signedIn(opened.text("token"))
        let list = try await scene.client(person).send(.get, "/api/v1/me/sessions")
        #expect(list.items("id").count == 2)
        #expect(!list.text.contains("hash"))
        let found = try await scene.college.number("select id from sessions where program = 'Safari, iPhone'")
        #expect(try await scene.college.texts("select address from sessions where id = \(found)") == [client.peer])
        #expect(list.text.contains(#""id":\#(found)"#) && list.text.contains(client.peer))
        #expect(list.text.contains(#""program":"Safari, iPhone""#))
        let page = try await scene.client().asBrowser(person).get("/account")
        #expect(page.text.contains("Safari, iPhone") && page.text.contains(client.peer))

        let address = "/api/v1/me/sessions/\(found)"
        #expect(try await scene.client(other).send(.delete, address).status == 404, "somebody else's")
        #expect(try await elsewhere.send(.get, "/api/v1/me").status == 200)
        #expect(try await scene.client(person).send(.delete, address).status == 204)
        #expect(try await elsewhere.send(.get, "/api/v1/me").status == 401)
        #expect(try await scene.client(person).send(.delete, address).status == 404)
        #expect(try await scene.client(person).send(.get, "/api/v1/me").status == 200)
        let more = try await scene.college.signIn(person.id)
        #expect(try await scene.client(person).send(.delete, "/api/v1/me/sessions").status == 204)
        #expect(try await client.signedIn(more.text).send(.get, "/api/v1/me").status == 401)
    }
}
