import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing
import Web

@testable import Casework

/// Codes at sign-in: each works once, and nothing else opens a session.
@Suite struct AuthenticatorTests {
    @Test(arguments: ["admin", "student"])
    func `a code is asked for once an app is set up`(role: String) async throws {
        let scene = try await CodeScene()
        let person = try await scene.person(role)
        #expect(try await scene.client(person).send(.get, "/api/v1/me/authenticator").status == 404)
        let codes = try await scene.begin(person)
        #expect(try await scene.signIn(person).status == 201, "nothing counts before it is confirmed")
        let wrong = try await scene.confirm(person, scene.code(codes, steps: 5))
        #expect(wrong.status == 422 && wrong.text("errors", 0, "code") == "wrong-code")
        let confirmed = try await scene.confirm(person, scene.code(codes))
        #expect(confirmed.status == 201 && confirmed.strings("recoveryCodes").count == 10)
        #expect(confirmed.headers[.cacheControl]?.contains("no-store") == true)
        #expect(try await scene.confirm(person, scene.code(codes)).status == 404, "it is confirmed already")
        #expect(try await scene.client(person).send(.post, "/api/v1/me/authenticator").status == 409)

        let challenge = try await scene.challenge(person)
        #expect(try await scene.finish(challenge, scene.code(codes)).status == 401, "it confirmed the app")
        scene.clock.move(seconds: 30)
        let session = try await scene.finish(challenge, scene.code(codes))
        #expect(session.status == 201 && session.number("account", "id") == person.id)
        let client = scene.client().signedIn(session.text("token"))
        let state = try await client.send(.get, "/api/v1/me/authenticator")
        #expect(state.number("recoveryCodes") == 10 && state.text("confirmedAt") != nil)
        #expect(!state.text.contains("seed"))
        #expect(try await scene.college.number("select count(*) from mails where kind = 'codes-on'") == 1)
        let stored = try await scene.college.texts("select seed from authenticators")
        #expect(stored[0].hasPrefix("v1.") && !stored[0].contains(codes.text.replacing(" ", with: "")))
        #expect(try await scene.college.audited().contains("authenticator.create account/\(person.id)"))
    }

    @Test func `clocks may differ by a step, and a code that was used is over, and all before it`() async throws {
        let scene = try await CodeScene()
        let owner = try await scene.owner("staff")
        scene.clock.move(seconds: 300)
        let far = try await scene.challenge(owner.person)
        for steps in [-2, 2] {
            #expect(try await scene.finish(far, scene.code(owner.codes, steps: steps)).status == 401, "\(steps)")
        }
        let early = try await scene.challenge(owner.person)
        #expect(try await scene.finish(early, scene.code(owner.codes, steps: -1)).status == 201)
        let again = try await scene.challenge(owner.person)
        #expect(try await scene.finish(again, scene.code(owner.codes, steps: -1)).status == 401, "replayed")
        #expect(try await scene.finish(again, scene.code(owner.codes, steps: 1)).status == 201)
        let late = try await scene.challenge(owner.person)
        #expect(try await scene.finish(late, scene.code(owner.codes)).status == 401, "older than the last one used")
        #expect(try await scene.finish(again, scene.code(owner.codes, steps: 1)).status == 404, "a challenge is spent")
    }

    @Test func `a recovery code works once, however it is typed`() async throws {
        let scene = try await CodeScene()
        let owner = try await scene.owner("student")
        let typed = owner.recovery(3).uppercased().replacing("-", with: " ")
        let opened = try await scene.finish(scene.challenge(owner.person), typed)
        #expect(opened.status == 201, "\(opened.text)")
        #expect(try await scene.finish(scene.challenge(owner.person), owner.recovery(3)).status == 401)
        let state = try await scene.client(owner.person).send(.get, "/api/v1/me/authenticator")
        #expect(state.number("recoveryCodes") == 9)
        #expect(try await scene.college.audited().contains("recovery-code.use account/\(owner.person.id)"))

        let client = scene.client(owner.person)
        let address = "/api/v1/me/authenticator/recovery-codes"
        #expect(try await client.send(.post, address, json: #"{"password":"another one"}"#).status == 401)
        let renewed = try await client.send(.post, address, json: #"{"password":"\#(CodeScene.password)"}"#)
        #expect(renewed.status == 201 && renewed.strings("recoveryCodes").count == 10)
        #expect(try await scene.finish(scene.challenge(owner.person), owner.recovery(0)).status == 401, "they ended")
    }

    @Test(arguments: [true, false])
    func `of requests at once with one code a single one signs in`(isRecovery: Bool) async throws {
        let scene = try await CodeScene()
        let owner = try await scene.owner("staff")
        let code = isRecovery ? owner.recovery(0) : scene.code(owner.codes)
        var challenges: [String] = []
        for _ in 0..<5 { challenges.append(try await scene.challenge(owner.person)) }
        // each from an address of its own, so that none waits for another's counters
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for challenge in challenges { group.addTask { try await scene.finish(challenge, code).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.sorted() == [201, 401, 401, 401, 401])
    }

    @Test func `one challenge opens one session, whatever codes come with it`() async throws {
        let scene = try await CodeScene()
        let owner = try await scene.owner("staff")
        let challenge = try await scene.challenge(owner.person)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for code in owner.recovery.prefix(4) { group.addTask { try await scene.finish(challenge, code).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.count { $0 == 201 } == 1, "\(statuses)")
    }

    @Test func `guesses at codes are throttled, and the right one too then`() async throws {
        let scene = try await CodeScene()
        let owner = try await scene.owner("staff")
        let challenge = try await scene.challenge(owner.person)
        let client = scene.client()
        for guess in 0..<10 {
            #expect(try await scene.finish(challenge, "nonsense \(guess)", by: client).status == 401)
        }
        let refused = try await scene.finish(challenge, scene.code(owner.codes), by: client)
        #expect(refused.status == 429 && refused.headers[.retryAfter] != nil)
        #expect(try await scene.finish(challenge, scene.code(owner.codes)).status == 201, "elsewhere it goes on")
    }

    @Test func `a challenge is worth nothing elsewhere, nor after the password has changed`() async throws {
        let (scene, other) = (try await CodeScene(), try await CodeScene())
        let owner = try await scene.owner("student")
        let stranger = try await other.owner("student")
        let challenge = try await scene.challenge(owner.person)
        #expect(try await other.finish(challenge, other.code(stranger.codes)).status == 404, "another institution's")
        #expect(try await scene.finish(challenge, other.code(stranger.codes, steps: 40)).status == 401)
        #expect(try await scene.finish("nonsense", scene.code(owner.codes)).status == 404)
        let hash = try await scene.site.passwords.hash("another password altogether")
        try await scene.college.run("update accounts set password_hash = \(hash) where id = \(owner.person.id)")
        #expect(try await scene.finish(challenge, scene.code(owner.codes)).status == 404)
        #expect(try await scene.signIn(owner.person).text("challenge") == nil)
        #expect(try await scene.college.number("select count(*) from sessions where address is not null") == 0)
    }

    @Test func `a challenge ends after five minutes`() async throws {
        let scene = try await CodeScene()
        let owner = try await scene.owner("student")
        let challenge = try await scene.challenge(owner.person)
        #expect(
            try await scene.college.truth(
                "select expires_at between now() + interval '4 min' and now() + interval '5 min' from sign_in_challenges"
            ))
        try await scene.college.run("update sign_in_challenges set expires_at = now()")
        #expect(try await scene.finish(challenge, scene.code(owner.codes)).status == 404)
    }

    @Test func `it ends with the password alone`() async throws {
        let scene = try await CodeScene()
        let owner = try await scene.owner("manager")
        let client = scene.client(owner.person)
        let address = "/api/v1/me/authenticator/removal"
        #expect(try await client.send(.post, address, json: #"{"password":"another one"}"#).status == 401)
        #expect(try await scene.signIn(owner.person).status == 401)
        #expect(try await client.send(.post, address, json: #"{"password":"\#(CodeScene.password)"}"#).status == 204)
        #expect(try await scene.signIn(owner.person).status == 201)
        #expect(try await client.send(.post, address, json: #"{"password":"\#(CodeScene.password)"}"#).status == 404)
        #expect(try await scene.college.number("select count(*) from mails where kind = 'codes-off'") == 1)
        #expect(try await scene.college.audited().contains("authenticator.delete account/\(owner.person.id)"))
    }

    @Test func `an admin takes a lost app away, and nobody else does`() async throws {
        let scene = try await CodeScene()
        let owner = try await scene.owner("student")
        let (admin, staff) = (try await scene.person("admin"), try await scene.person("staff"))
        let address = "/api/v1/accounts/\(owner.person.id)/authenticator"
        #expect(try await scene.client(staff).send(.delete, address).status == 403)
        let page = try await scene.client(nil).asBrowser(admin).get("/accounts/\(owner.person.id)")
        #expect(page.text.contains("/accounts/\(owner.person.id)/authenticator/remove"))
        #expect(try await scene.client(admin).send(.delete, address).status == 204)
        #expect(try await scene.client(admin).send(.delete, address).status == 404)
        #expect(try await scene.signIn(owner.person).status == 201)
        #expect(try await scene.college.audited().contains("authenticator.reset account/\(owner.person.id)"))
    }

    @Test func `where the institution demands it, an admin without an app reaches one page`() async throws {
        let scene = try await CodeScene()
        let (first, second, staff) = (
            try await scene.person("admin"), try await scene.person("admin"), try await scene.person("staff")
        )
        func demand() async throws -> TestClient.Answer {
            try await scene.client(first).send(.patch, "/api/v1/settings", json: #"{"adminsNeedCodes":true}"#)
        }
        let early = try await demand()
        #expect(early.status == 422 && early.text("errors", 0, "code") == "codes-first", "\(early.text)")
        let codes = try await scene.begin(first)
        #expect(try await scene.confirm(first, scene.code(codes)).status == 201)
        #expect(try await demand().status == 200)

        #expect(try await scene.client(first).send(.get, "/api/v1/me").status == 200)
        #expect(try await scene.client(staff).send(.get, "/api/v1/me").status == 200)
        let refused = try await scene.client(second).send(.get, "/api/v1/accounts")
        #expect(refused.status == 403 && refused.text("code") == "codes-needed", "\(refused.text)")
        #expect(try await scene.client(second).send(.patch, "/api/v1/settings", json: "{}").status == 403)
        let browser = scene.client().asBrowser(second)
        #expect(try await browser.get("/settings").headers[.location] == "/account/codes")
        #expect(try await browser.post("/settings", ["name": "X"]).status == 403)
        let page = try await browser.get("/account/codes")
        #expect(page.status == 200 && page.text.contains("Your institution asks this of its admins"), "\(page.text)")

        let own = try await scene.begin(second)
        #expect(try await scene.confirm(second, scene.code(own)).status == 201)
        #expect(try await scene.client(second).send(.get, "/api/v1/accounts").status == 200)
    }

    @Test(arguments: [false, true])
    func `a server without the key of a stored secret says so to whoever signs in by it`(hasOther: Bool) async throws {
        let scene = try await CodeScene()
        let owner = try await scene.owner("staff")
        let book = EventBook()
        var site = RunningServer.site(
            scene.college.database.deployment, log: LogBook(), observers: book.observers)
        if hasOther { site.secretKeys = try SecretKeys(try SecretKey.random().text) }
        let client = TestClient(site: site, host: "\(scene.college.institution.slug).localhost", token: nil)
        let challenge = try await scene.challenge(owner.person)
        let refused = try await scene.finish(challenge, scene.code(owner.codes), by: client)
        #expect(refused.status == 503 && refused.text("code") == "secret-key-missing", "\(refused.text)")
        #expect(refused.text("detail")?.contains("lacks the key") == true && refused.headers[.retryAfter] != nil)
        #expect(book.titles == ["request_refused lacking_secret_key"])
        let kept = try await scene.challenge(owner.person)
        let recovery = try await scene.finish(kept, owner.recovery(0), by: client)
        // what needs no key goes on where the server has some key
        #expect(recovery.status == (hasOther ? 201 : 503), "\(recovery.text)")
    }

    @Test func `without keys nothing is set up, and it is said what is missing`() async throws {
        let scene = try await CodeScene(keys: false)
        let person = try await scene.person("student")
        let refused = try await scene.client(person).send(.post, "/api/v1/me/authenticator")
        #expect(refused.status == 409 && refused.text("code") == "no-secret-keys")
        #expect(refused.text.contains("secretKeys"))
        let page = try await scene.client().asBrowser(person).get("/account/codes")
        #expect(page.status == 200 && page.text.contains("secretKeys"))
        #expect(try await scene.college.number("select count(*) from authenticators") == 0)
    }
}
