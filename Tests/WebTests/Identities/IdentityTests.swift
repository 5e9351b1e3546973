import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing
import Web

/// Whose account it is that a provider vouches for.
@Suite(.serialized) struct IdentityTests {
    @Test func `an account is found by its address only where that was allowed, and staff only one by one`()
        async throws
    {
        try await ProviderScene.with("") { scene in
            let ada = try await scene.college.account("student", email: "ada@northfield.example")
            let tom = try await scene.college.account("staff", email: "tom@northfield.example")
            let asTom: [String: String?] = ["sub": #""tom""#, "email": #""tom@northfield.example""#]
            #expect(try await scene.signIn().text.contains("ask an admin to link it"))
            #expect(try await scene.signIn(["email": #""new@northfield.example""#]).text.contains("no account for you"))
            #expect(try await scene.set(#""linksStudents":true,"createsStudents":true"#).status == 200)
            scene.issuer.answer("/person", .init(#"{"sub":"ada-1"}"#))
            let unverified: [[String: String?]] = [
                ["email_verified": "false"], ["email_verified": nil], ["email": nil],
            ]
            for changes in unverified {
                #expect(try await scene.signIn(changes).text.contains("no verified e-mail address"), "\(changes)")
            }
            #expect(scene.session(try await scene.signIn()) != nil)
            #expect(try await scene.college.number("select account_id from identities") == ada)
            // somebody else with the same address is not the same person
            #expect(try await scene.signIn(["sub": #""ada-2""#]).text.contains("ask an admin to link it"))
            #expect(try await scene.signIn(asTom).text.contains("ask an admin to link it"))

            let path = "/api/v1/accounts/\(tom)/identity"
            #expect(try await scene.admin.send(.put, path, json: #"{"awaited":true}"#).json()["awaited"] == .bool(true))
            let browser = scene.client.asBrowser(scene.person)
            #expect(try await browser.get("/accounts/\(tom)").text.contains("The next one whose verified address"))
            #expect(scene.session(try await scene.signIn(asTom)) != nil)
            let linked = try await scene.admin.send(.get, path).json()
            #expect(linked["issuer"]?.string == scene.issuer.origin && linked["awaited"] == .bool(false))
            #expect(try await browser.get("/accounts/\(tom)").text.contains("Signs in by"))

            let session = try #require(scene.session(try await scene.signIn(asTom)))
            #expect(try await scene.admin.send(.delete, path).status == 204)
            #expect(try await scene.client.signedIn(session).send(.get, "/api/v1/me").status == 401)
            #expect(scene.session(try await scene.signIn(asTom)) == nil)
        }
    }

    @Test func `an account that is there is found by a verified address alone, whatever else counts`() async throws {
        try await ProviderScene.with(#""linksStudents":true,"createsStudents":true,"requiresVerifiedEmail":false"#) {
            scene in
            _ = try await scene.college.account("student", email: "ada@northfield.example")
            let unverified: [[String: String?]] = [
                ["email_verified": nil], ["email_verified": "false"], ["email_verified": #""yes""#],
                ["email_verified": nil, "xms_edov": "false"],
            ]
            for changes in unverified {
                #expect(try await scene.signIn(changes).text.contains("ask an admin to link it"), "\(changes)")
            }
            // who has no account yet gets one
            let new: [String: String?] = ["sub": #""n""#, "email": #""n@x.edu""#, "email_verified": nil]
            #expect(scene.session(try await scene.signIn(new)) != nil)
            #expect(scene.session(try await scene.signIn(["email_verified": nil, "xms_edov": "true"])) != nil)
            // another claim than `email` is verified by nothing
            #expect(try await scene.set(#""emailClaim":"upn","linksStudents":true"#).status == 200)
            _ = try await scene.college.account("student", email: "tom@northfield.example")
            let other: [String: String?] = ["sub": #""eve""#, "upn": #""tom@northfield.example""#]
            #expect(try await scene.signIn(other).text.contains("no verified e-mail address"))
            #expect(
                scene.session(try await scene.signIn(other.merging(["email": #""TOM@northfield.example""#]) { $1 }))
                    != nil)
        }
    }

    @Test func `codes are not asked of whoever comes in by the provider, and admins who need them set them up`()
        async throws
    {
        try await ProviderScene.with(#""linksStudents":true"#) { scene in
            let ada = try await scene.college.account("student", email: "ada@northfield.example")
            try await scene.college.run(
                "insert into authenticators (account_id, seed, confirmed_at) values (\(ada), 'v1', now())")
            #expect(scene.session(try await scene.signIn()) != nil)
            let boss = try await scene.college.account("admin", email: "boss@northfield.example")
            #expect(
                try await scene.admin.send(.put, "/api/v1/accounts/\(boss)/identity", json: #"{"awaited":true}"#).status
                    == 200)
            try await scene.college.run("update settings set admins_need_codes = true")
            let asBoss: [String: String?] = ["sub": #""boss""#, "email": #""boss@northfield.example""#]
            let token = try #require(scene.session(try await scene.signIn(asBoss)))
            let admin = scene.client.signedIn(token)
            #expect(try await admin.send(.get, "/api/v1/accounts").status == 403)
            #expect(try await admin.send(.post, "/api/v1/me/authenticator").status == 201)
        }
    }

    @Test func `nothing a provider says makes more than a student but by a rule, and no admin`() async throws {
        let rules =
            #""rules":[{"claim":"groups","value":"advisers","role":"staff"},{"claim":"title","value":"dean","role":"director"}]"#
        try await ProviderScene.with(#""createsStudents":true,"domains":["Northfield.example"],\#(rules)"#) { scene in
            let people: [(String, [String: String?], String)] = [
                ("a", ["role": #""admin""#, "groups": #"["admins"]"#, "roles": #"["staff"]"#], "student"),
                ("b", ["groups": #"["x","advisers"]"#], "staff"), ("c", ["title": #""dean""#], "director"),
                ("d", ["groups": #"{"advisers":true}"#], "student"), ("e", ["groups": #""advisers ""#], "student"),
            ]
            for (name, claims, role) in people {
                let own: [String: String?] = ["sub": #""\#(name)""#, "email": #""\#(name)@northfield.example""#]
                #expect(scene.session(try await scene.signIn(claims.merging(own) { $1 })) != nil, "\(name)")
                let found = try await scene.college.texts(
                    "select role from accounts where email = \(name + "@northfield.example")")
                #expect(found == [role], "\(name)")
            }
            let beside: [String: String?] = ["sub": #""z""#, "email": #""z@northfield.example.evil.example""#]
            #expect(try await scene.signIn(beside).text.contains("no verified e-mail address"))
            for bad in [#"[{"claim":"g","value":"a","role":"admin"}]"#, #"[{"claim":"g"}]"#, "7", #"["x"]"#] {
                let answer = try await scene.set(#""rules":\#(bad)"#)
                #expect(answer.status == 422 && answer.text.contains(#""field":"rules""#), "\(bad)")
            }
        }
    }

    @Test func `who is suspended stays outside`() async throws {
        try await ProviderScene.with { scene in
            #expect(scene.session(try await scene.signIn()) != nil)
            for status in ["suspended", "archived"] {
                try await scene.college.run(
                    "update accounts set status = \(status) where email = 'ada@northfield.example'")
                #expect(try await scene.signIn().text.contains("suspended"))
            }
            let other = try await scene.signIn(["sub": #""other""#])
            #expect(scene.session(other) == nil && other.text.contains("suspended"))
        }
    }

    @Test func `the secret goes in, and nowhere out again`() async throws {
        try await ProviderScene.with { scene in
            let read = try await scene.admin.send(.get, "/api/v1/settings/identity-provider")
            #expect(try read.json()["hasClientSecret"] == .bool(true) && !read.text.contains("3:cret"))
            #expect(read.headers[.eTag] != nil)
            let stored = try await scene.college.texts("select sealed_secret from identity_providers")
            #expect(stored.first?.hasPrefix("v1.") == true && stored.first?.contains("cret") == false)
            let browser = scene.client.asBrowser(scene.person)
            let page = "/settings/identity-provider"
            #expect(try await browser.get(page).text.contains("3:cret") == false)
            // an empty field keeps it; another client drops it
            var fields = [
                "enabled": "true", "issuer": scene.issuer.origin, "clientId": "waymark", "emailClaim": "email",
                "clientSecret": "", "domains": "", "label": "", "numberClaim": "",
            ]
            fields["rules"] = "groups = advisers: staff\r\n\r\nou = a=b:c: manager"
            let saved = try await browser.submit(page, fields)
            #expect(saved.status == 303, "\(saved.text)")
            #expect(try await scene.college.texts("select sealed_secret from identity_providers") == stored)
            #expect(try await browser.get(page).text.contains("ou = a=b:c: manager"))
            fields["clientId"] = "another"
            fields["rules"] = ""
            #expect(try await browser.submit(page, fields).status == 303)
            let dropped = try await scene.admin.send(.get, "/api/v1/settings/identity-provider").json()
            #expect(dropped["hasClientSecret"] == .bool(false))
            fields["issuer"] = "idp.example"
            let refused = try await browser.submit(page, fields)
            #expect(refused.status == 422 && refused.text.contains("must be an address that starts with https://"))
            let tried = try await browser.submit("\(page)/test", on: page)
            #expect(tried.text.contains("its description and keys can be used"))
            let noted = try await scene.college.texts(
                "select coalesce(before::text, '') || after::text from audit where action = 'provider.update'")
            #expect(noted.count == 3 && !noted.contains { $0.contains("3:cret") || $0.contains("v1.") })
            // without keys no secret can be stored, and the rest can
            var site = scene.site
            site.secretKeys = nil
            let bare = TestClient(site: site, host: scene.client.host, token: scene.person.token.text)
            let noKeys = try await bare.send(.put, "/api/v1/settings/identity-provider", json: #"{"clientSecret":"x"}"#)
            #expect(noKeys.status == 409, "\(noKeys.text)")
            #expect(try await bare.send(.put, "/api/v1/settings/identity-provider", json: "{}").status == 200)
            #expect(try await scene.client.send(.get, "/sign-in").text.contains("/sign-in/provider") == false)
            #expect(
                try await scene.client.send(.get, "/sign-in/provider").text.contains("Nobody signs in here that way"))
        }
    }

    @Test func `the secret is sealed anew with the others, and goes to the provider under the new key`() async throws {
        try await ProviderScene.with { scene in
            let (old, new) = (scene.secretKey, try SecretKey.random().text)
            let renewal = SecretRenewal(work: scene.college.owner, columns: SealedColumn.all)
            #expect(try await renewal(SecretKeys("\(new)\n\(old)")) == 1)
            #expect(try await scene.signIn().text.contains("something that cannot be used"))
            var site = scene.site
            site.secretKeys = try SecretKeys(new)
            let renewed = scene.from(TestClient(site: site, host: scene.client.host))
            #expect(scene.session(try await renewed.signIn()) != nil)
        }
    }

    @Test func `students' passwords can be switched off, and nobody else's`() async throws {
        try await ProviderScene.with { scene in
            let words = "seven quiet lanterns"
            let hash = try await scene.college.site.passwords.hash(
                words, for: .accounts(of: scene.college.institution.id))
            for (role, email) in [("student", "s@x.edu"), ("admin", "a@x.edu")] {
                let id = try await scene.college.account(role, email: email)
                try await scene.college.run("update accounts set password_hash = \(hash) where id = \(id)")
            }
            func status(_ email: String) async throws -> Int {
                try await scene.client.send(
                    .post, "/api/v1/session", json: #"{"email":"\#(email)","password":"\#(words)"}"#
                ).status
            }
            #expect(try await status("s@x.edu") == 201)
            #expect(try await scene.set(#""studentPasswords":false"#).status == 200)
            #expect(try await status("s@x.edu") == 401)
            #expect(try await status("a@x.edu") == 201)
        }
    }
}
