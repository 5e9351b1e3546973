import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import Testing
import TestSupport

@testable import Web

@Suite struct SCIMUserAPITests {
    @Test func `Entra makes a user, who is a student and in a cohort afterwards`() async throws {
        let world = try await SCIMWorld.make()
        let none = try await world.find(#"userName eq "anna@northfield.edu""#)
        #expect(none.status == 200 && none.number("totalResults") == 0 && none["Resources"] == .array([]))
        #expect(none.headers[.contentType] == "application/scim+json")
        let made = try await world.create("anna@northfield.edu")
        #expect(made.status == 201)
        let id = try #require(made.text("id"))
        #expect(made.headers[.location] == made.text("meta", "location"))
        #expect(made.headers[.location]?.hasSuffix("/scim/v2/Users/\(id)") == true)
        #expect(made.headers[.eTag] == made.text("meta", "version"))
        #expect(made.text("externalId") == "anna@northfield.edu-key" && made["active"] == .bool(true))
        #expect(made.text("emails", 0, "value") == "anna@northfield.edu" && !made.text.contains("null"))
        #expect(try await world.account("anna@northfield.edu") == "student active Anna Weiss")
        #expect(try await world.audited("scimuser.create") == 1)
        #expect(try await world.audited("account.create") == 1)

        let found = try await world.find(#"userName eq "ANNA@northfield.edu""#)
        #expect(found.number("totalResults") == 1 && found.text("Resources", 0, "id") == id)
        let category = try await world.admin.send(.post, "/api/v1/categories", json: #"{"name":"First Year"}"#)
        let cohort = try await world.admin.send(
            .post, "/api/v1/categories/\(category.number("id") ?? 0)/cohorts", json: #"{"name":"Fall"}"#)
        let enrolled = try await world.admin.send(
            .post, "/api/v1/cohorts/\(cohort.number("id") ?? 0)/students", json: #"{"email":"anna@northfield.edu"}"#)
        #expect(enrolled.status == 201)
    }

    @Test func `deactivation suspends and ends sessions, in every form it comes; coming back lets in again`()
        async throws
    {
        let world = try await SCIMWorld.make()
        let id = try #require(try await world.create("anna@northfield.edu").text("id"))
        let account = try await world.college.owner(
            ("select id from accounts where email = 'anna@northfield.edu'" as SQL).value(Int.self))
        let forms = [
            #"{"op":"Replace","path":"active","value":"False"}"#, #"{"op":"replace","value":{"active":false}}"#,
            #"{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:active","value":false}"#,
        ]
        for form in forms {
            let student = world.college.client().signedIn(try await world.college.signIn(account).text)
            #expect(try await student.send(.get, "/api/v1/me").status == 200)
            let gone = try await world.patch("/Users/\(id)", form)
            #expect(gone.status == 200 && gone["active"] == .bool(false))
            #expect(try await world.account("anna@northfield.edu") == "student suspended Anna Weiss")
            #expect(try await student.send(.get, "/api/v1/me").status == 401)
            // inactive users are still there
            #expect(try await world.find(#"userName eq "anna@northfield.edu""#).number("totalResults") == 1)
            #expect(try await world.send(.get, "/Users/\(id)").status == 200)
            let back = try await world.patch("/Users/\(id)", #"{"op":"Replace","path":"active","value":"True"}"#)
            #expect(back["active"] == .bool(true))
            #expect(try await world.account("anna@northfield.edu") == "student active Anna Weiss")
        }
    }

    @Test func `whom an admin suspended stays outside`() async throws {
        let world = try await SCIMWorld.make()
        let id = try #require(try await world.create("anna@northfield.edu").text("id"))
        try await world.college.run("update accounts set status = 'suspended' where email = 'anna@northfield.edu'")
        for value in ["False", "True"] {
            _ = try await world.patch("/Users/\(id)", #"{"op":"Replace","path":"active","value":"\#(value)"}"#)
            #expect(try await world.account("anna@northfield.edu") == "student suspended Anna Weiss")
        }
    }

    @Test func `Okta's PUT changes names, and leaves active where it does not say it`() async throws {
        let world = try await SCIMWorld.make()
        let id = try #require(try await world.create("anna@northfield.edu", active: "false").text("id"))
        #expect(try await world.account("anna@northfield.edu") == nil)
        let body = """
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"\(id)","userName":"anna@northfield.edu",
             "name":{"givenName":"Anne","familyName":"Braun"},"emails":[{"primary":true,"value":"anna@northfield.edu",
             "type":"work"}],"displayName":"Anne Braun","locale":"en-US","groups":[],"password":"never kept"
            """
        let put = try await world.send(.put, "/Users/\(id)", body + "}")
        #expect(put.status == 200 && put["active"] == .bool(false) && put.text("name", "familyName") == "Braun")
        let again = try await world.send(.put, "/Users/\(id)", body + #","active":true}"#)
        #expect(again["active"] == .bool(true) && again.headers[.eTag] != put.headers[.eTag])
        #expect(try await world.account("anna@northfield.edu") == "student active Anne Braun")
        let same = try await world.send(.put, "/Users/\(id)", body + #","active":true}"#)
        #expect(same.headers[.eTag] == again.headers[.eTag] && same["meta"] == again["meta"])
        #expect(try await world.audited("scimuser.update") == 2)
        let kept = try await world.college.owner(
            ("select count(*) from audit where (after || coalesce(before, '{}'))::text like '%never kept%'" as SQL)
                .value(Int.self))
        #expect(kept == 0)
    }

    @Test func `a deleted user's name frees the address, and the name comes back`() async throws {
        let world = try await SCIMWorld.make()
        let id = try #require(try await world.create("anna@northfield.edu").text("id"))
        let hidden = "0123456789abcdef0123456789abcdefanna@northfield.edu"
        let gone = try await world.patch(
            "/Users/\(id)",
            #"{"op":"Replace","path":"active","value":"False"},{"op":"Replace","path":"userName","value":"\#(hidden)"}"#
        )
        #expect(gone.status == 200 && gone.text("userName") == hidden)
        #expect(try await world.account(hidden) == "student suspended Anna Weiss")
        let other = try await world.create("anna@northfield.edu", given: "Other")
        #expect(other.status == 201 && other.text("id") != id)
        #expect(try await world.account("anna@northfield.edu") == "student active Other Weiss")
        let taken = try await world.patch(
            "/Users/\(id)",
            #"{"op":"Replace","path":"active","value":"True"},{"op":"Replace","path":"userName","value":"anna@northfield.edu"}"#
        )
        #expect(taken.status == 409 && taken.text("scimType") == "uniqueness" && taken.text("status") == "409")
        #expect(try await world.account(hidden) == "student suspended Anna Weiss")
    }

    @Test func `DELETE archives, and the address is not somebody else's`() async throws {
        let world = try await SCIMWorld.make()
        let id = try #require(try await world.create("anna@northfield.edu").text("id"))
        #expect(try await world.send(.delete, "/Users/\(id)").status == 204)
        #expect(try await world.send(.get, "/Users/\(id)").status == 404)
        #expect(try await world.send(.delete, "/Users/\(id)").status == 404)
        #expect(try await world.account("anna@northfield.edu") == "student archived Anna Weiss")
        let again = try await world.create("anna@northfield.edu")
        #expect(again.status == 409 && again.text("detail")?.contains("archived") == true)
        #expect(try await world.find(#"userName eq "anna@northfield.edu""#).number("totalResults") == 0)
        #expect(try await world.audited("scimuser.delete") == 1)
    }

    @Test func `without a role there is a user, and no account`() async throws {
        let world = try await SCIMWorld.make(defaultRole: nil)
        let staff = try await world.college.account("staff", email: "staff@northfield.edu")
        #expect(try await world.create("anna@northfield.edu").status == 201)
        let id = try #require(try await world.create("staff@northfield.edu").text("id"))
        _ = try await world.patch("/Users/\(id)", #"{"op":"Replace","path":"active","value":"False"}"#)
        #expect(try await world.account("anna@northfield.edu") == nil)
        #expect(try await world.account("staff@northfield.edu") == "staff active Ada Lovelace")
        #expect(staff > 0)
    }

    @Test func `who was here before keeps the role, and an admin all but the way in`() async throws {
        let world = try await SCIMWorld.make()
        _ = try await world.college.account("manager", email: "manager@northfield.edu")
        _ = try await world.college.account("admin", email: "boss@northfield.edu")
        _ = try await world.create("Manager@northfield.edu")
        #expect(try await world.account("Manager@northfield.edu") == "manager active Anna Weiss")
        let id = try #require(try await world.create("boss@northfield.edu").text("id"))
        let moved = try await world.patch(
            "/Users/\(id)", #"{"op":"replace","path":"emails[type eq \"work\"].value","value":"thief@example.com"}"#)
        #expect(moved.status == 200)
        #expect(try await world.account("boss@northfield.edu") == "admin active Ada Lovelace")
        _ = try await world.patch("/Users/\(id)", #"{"op":"replace","path":"active","value":false}"#)
        #expect(try await world.account("boss@northfield.edu") == "admin suspended Ada Lovelace")
    }

    @Test func `the last active admin stays`() async throws {
        let world = try await SCIMWorld.make()
        try await world.college.run("update accounts set email = 'last@northfield.edu' where id = \(world.adminID)")
        let id = try #require(try await world.create("last@northfield.edu").text("id"))
        let refused = try await world.patch("/Users/\(id)", #"{"op":"replace","path":"active","value":false}"#)
        #expect(refused.status == 409 && refused["scimType"] == nil)
        #expect(try await world.send(.delete, "/Users/\(id)").status == 409)
        let kept = try await world.send(.get, "/Users/\(id)")
        #expect(kept["active"] == .bool(true))
    }

    @Test func `lists have pages, and say what cannot be looked for`() async throws {
        let world = try await SCIMWorld.make()
        for number in 1...5 { _ = try await world.create("s\(number)@northfield.edu") }
        let page = try await world.send(.get, "/Users?startIndex=2&count=2")
        #expect(page.number("totalResults") == 5 && page.number("startIndex") == 2 && page.number("itemsPerPage") == 2)
        #expect(page.strings("Resources", each: "userName") == ["s2@northfield.edu", "s3@northfield.edu"])
        let total = try await world.send(.get, "/Users?startIndex=-7&count=0")
        #expect(
            total.number("totalResults") == 5 && total.number("startIndex") == 1 && total["Resources"] == .array([]))
        let beyond = try await world.send(.get, "/Users?startIndex=9223372036854775807&count=9223372036854775807")
        #expect(beyond.number("totalResults") == 5 && beyond.number("itemsPerPage") == 0)
        let filters = [
            (#"externalId eq "s3@northfield.edu-key""#, 1), (#"externalId eq "S3@northfield.edu-key""#, 0),
            (#"emails[type eq "work"].value eq "S4@northfield.edu""#, 1), (#"emails.value eq "s4@northfield.edu""#, 1),
            (#"emails[type eq "home"].value eq "s4@northfield.edu""#, 0), ("active eq true", 5), ("active eq False", 0),
            (#"name.familyName eq "weiss" and userName eq "s1@northfield.edu""#, 1), (#"id eq "x""#, 0),
        ]
        for (filter, count) in filters {
            #expect(try await world.find(filter).number("totalResults") == count, "\(filter)")
        }
        for filter in [#"title eq "x""#, "nonsense", #"userName co "s""#, #"emails[display eq "x"].value eq "y""#] {
            let refused = try await world.find(filter)
            #expect(refused.status == 400 && refused.text("scimType") == "invalidFilter", "\(filter)")
            #expect(refused["schemas", 0] == .string("urn:ietf:params:scim:api:messages:2.0:Error"))
        }
        #expect(try await world.send(.get, "/Users?count=many").text("scimType") == "invalidValue")
        let few = try await world.send(.get, "/Users?attributes=userName,emails.value&count=1")
        #expect(few.text("Resources", 0, "userName") != nil && few["Resources", 0, "name"] == nil)
        let most = try await world.send(.get, "/Users?excludedAttributes=emails,meta&count=1")
        #expect(most["Resources", 0, "emails"] == nil && most.text("Resources", 0, "userName") != nil)
    }

    @Test func `what is wrong is told in SCIM's form, and changes nothing`() async throws {
        let world = try await SCIMWorld.make()
        let id = try #require(try await world.create("anna@northfield.edu").text("id"))
        let place = "/Users/\(id)"
        let same = try await world.create("Anna@northfield.edu")
        #expect(same.status == 409 && same.text("scimType") == "uniqueness")
        let bodies: [(HTTPRequest.Method, String, String, Int, String?)] = [
            (.post, "/Users", "{", 400, "invalidSyntax"), (.post, "/Users", "[]", 400, "invalidSyntax"),
            (.post, "/Users", "{}", 400, "invalidValue"),
            (.post, "/Users", #"{"userName":"nobody"}"#, 400, "invalidValue"),
            (.post, "/Users", #"{"userName":"a\u0000@b.edu"}"#, 400, "invalidValue"),
            (.patch, place, "{}", 400, "invalidSyntax"), (.patch, "/Users/999", #"{"Operations":[]}"#, 404, nil),
            (.patch, place, #"{"Operations":[{"op":"remove"}]}"#, 400, "noTarget"),
            (.patch, place, #"{"Operations":[{"op":"add","path":"a[","value":1}]}"#, 400, "invalidPath"),
            (.put, place, #"{"userName":"x","active":"perhaps"}"#, 400, "invalidValue"),
            (
                .patch, place, #"{"Operations":[\#(Array(repeating: "{}", count: 1_001).joined(separator: ","))]}"#,
                400, "invalidSyntax"
            ),
        ]
        for (method, path, body, status, type) in bodies {
            let answer = try await world.send(method, path, body)
            #expect(answer.status == status && answer.text("scimType") == type, "\(method) \(path) \(body.prefix(80))")
            #expect(answer.text("status") == String(status))
            #expect(answer.headers[.contentType] == "application/scim+json")
        }
        let large = try await world.send(.post, "/Users", #"{"userName":"\#(String(repeating: "x", count: 1 << 20))"}"#)
        #expect(large.status == 413 && large.text("status") == "413")
        let form = try await world.provider.send(
            .post, "/scim/v2/Users", body: Array("a=b".utf8), contentType: "text/plain")
        #expect(form.status == 415 && form.text("status") == "415")
        let old = try await world.send(
            .put, place, #"{"userName":"anna@northfield.edu"}"#, headers: [.ifMatch: "\"7\""])
        #expect(old.status == 412 && old.text("status") == "412")
        #expect(try await world.send(.post, place, "{}").status == 405)
        let missing = try await world.send(.get, "/Nothing")
        #expect(missing.status == 404 && missing["schemas", 0] == .string(SCIMSchema.error))
        #expect(try await world.account("anna@northfield.edu") == "student active Anna Weiss")
        #expect(try await world.audited("scimuser.update") == 0)
    }

    @Test func `a token for SCIM opens SCIM alone, and nothing else opens it`() async throws {
        let world = try await SCIMWorld.make()
        for path in ["/api/v1/me", "/api/v1/accounts", "/api/v1/tokens", "/api/v1/settings", "/accounts"] {
            let answer = try await world.provider.send(.get, path)
            #expect(path.hasPrefix("/api") ? answer.status == 403 : answer.status >= 300, "\(path)")
        }
        let write = try await world.admin.send(
            .post, "/api/v1/tokens", json: #"{"name":"x","expiresAt":"2026-12-24T00:00:00Z","scopes":["scim","read"]}"#)
        #expect(write.status == 422 && write.refusedFields.contains("scopes"))
        for person in ["admin", "director", "manager", "staff", "student"] {
            let client = world.college.client(try await world.college.person(person))
            for path in ["/Users", "/Users/1", "/ServiceProviderConfig", "/Schemas"] {
                let answer = try await client.send(.get, "/scim/v2\(path)")
                #expect(answer.status == 403 && answer.text("status") == "403", "\(person) \(path)")
            }
            let made = try await client.send(.post, "/scim/v2/Users", json: #"{"userName":"a@b.edu"}"#)
            #expect(made.status == 403)
        }
        let bare = try await world.college.client().send(.get, "/scim/v2/Users")
        #expect(bare.status == 401 && bare.text("status") == "401" && bare.headers[.wwwAuthenticate] == "Bearer")
        let other = try await TestInstitution.make()
        let foreign = other.client().signedIn(world.provider.token)
        #expect(try await foreign.send(.get, "/scim/v2/Users").status == 401)
    }

    @Test func `what this server can do`() async throws {
        let world = try await SCIMWorld.make()
        let can = try await world.send(.get, "/ServiceProviderConfig")
        #expect(can["patch", "supported"] == .bool(true) && can["bulk", "supported"] == .bool(false))
        #expect(can.text("authenticationSchemes", 0, "type") == "oauthbearertoken")
        let extended = try await world.send(.get, "/ResourceTypes/User")
        #expect(extended.text("schemaExtensions", 0, "schema") == SCIMSchema.enterprise)
        #expect(extended["schemaExtensions", 0, "required"] == .bool(false))
        let extra = try await world.send(.get, "/Schemas/\(SCIMSchema.enterprise)")
        #expect(extra.strings("attributes", each: "name") == ["employeeNumber"])
        for kind in ["ResourceTypes", "Schemas"] {
            let list = try await world.send(.get, "/\(kind)")
            #expect(list.status == 200 && list.number("totalResults").map { $0 > 0 } == true)
            for place in 0..<(list.number("totalResults") ?? 0) {
                let id = try #require(list.text("Resources", place, "id"))
                let one = try await world.send(.get, "/\(kind)/\(id)")
                #expect(one.status == 200 && one.text("id") == id && !one.text.contains("null"))
            }
            #expect(try await world.send(.get, "/\(kind)/Nothing").status == 404)
        }
    }

    @Test func `over HTTPS, as a provider that knows nothing but the address and the token`() async throws {
        let world = try await SCIMWorld.make()
        try await RunningServer.with(deployment: world.college.database.deployment) { server in
            try await SecureClient.with(server, hosts: ["\(world.college.institution.slug).localhost"]) { clients in
                var client = try #require(clients.first)
                client.token = world.provider.token
                client.base = "/scim/v2"
                let made = try await client.send(
                    "POST", "/Users", body: #"{"userName":"anna@northfield.edu"}"#, contentType: "application/scim+json"
                )
                #expect(made.status == 201 && made.headers[.contentType] == "application/scim+json")
                let id = made.text("id") ?? ""
                let found = try await client.send("GET", "/Users?filter=userName%20eq%20%22anna%40northfield.edu%22")
                #expect(found.number("totalResults") == 1)
                let gone = try await client.send(
                    "PATCH", "/Users/\(id)",
                    body: #"{"Operations":[{"op":"Replace","path":"active","value":"False"}]}"#,
                    contentType: "application/scim+json")
                #expect(gone["active"] == .bool(false))
                #expect(try await client.send("DELETE", "/Users/\(id)").status == 204)
                #expect(try await client.send("GET", "/Users/\(id)").text("status") == "404")
            }
        }
    }
}
