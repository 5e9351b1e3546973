import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import Testing
import TestSupport

/// Lists that are asked for in a body (RFC 7644, 3.4.3).
@Suite struct SCIMSearchTests {
    private func search(_ world: SCIMWorld, _ place: String, _ members: String) async throws -> TestClient.Answer {
        try await world.send(
            .post, place + "/.search",
            #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]\#(members)}"#)
    }

    private func filled() async throws -> SCIMWorld {
        let world = try await SCIMWorld.make(defaultRole: nil)
        for number in 1...3 { _ = try await world.create("s\(number)@n.edu") }
        for name in ["A", "B"] {
            _ = try await world.send(.post, "/Groups", #"{"displayName":"\#(name)","members":[{"value":"1"}]}"#)
        }
        return world
    }

    @Test func `a search answers as the list does`() async throws {
        let world = try await filled()
        let pairs = [
            ("Users", "", ""), ("Users", "startIndex=2&count=1", #","startIndex":2,"count":1"#),
            ("Users", "count=0", #","count":0"#),
            ("Users", "startIndex=-9&count=900", #","startIndex":-9,"count":900"#),
            (
                "Users", "filter=userName%20eq%20%22S2%40n.edu%22&attributes=userName,name.givenName",
                #","filter":"userName eq \"S2@n.edu\"","attributes":["userName","name.givenName"]"#
            ),
            (
                "Users", "excludedAttributes=emails,meta",
                #","EXCLUDEDattributes":["emails","meta"],"sortBy":"userName""#
            ),
            ("Users", "attributes=emails", #","attributes":"emails","filter":null"#),
            ("Groups", "excludedAttributes=members", #","excludedAttributes":["members"]"#),
            (
                "Groups", "filter=displayName%20eq%20%22b%22&count=9223372036854775807",
                #","filter":"displayName eq \"b\"","count":9223372036854775807"#
            ),
        ]
        for (place, query, body) in pairs {
            let list = try await world.send(.get, "/\(place)?\(query)")
            let found = try await search(world, "/\(place)", body)
            #expect(list.status == 200 && found.status == 200 && found.bytes == list.bytes, "\(query)")
            #expect(found.headers[.contentType] == "application/scim+json")
        }
        #expect(try await world.audited("scimuser.update") == 0)
    }

    @Test func `both kinds in one list, users first`() async throws {
        let world = try await filled()
        func names(_ members: String) async throws -> (Int?, [String]) {
            let found = try await search(world, "", members)
            #expect(found.status == 200, "\(members): \(found.text)")
            guard case .array(let list)? = found["Resources"] else { return (nil, []) }
            #expect(found.number("itemsPerPage") == list.count)
            return (
                found.number("totalResults"),
                list.compactMap { ($0["userName"] ?? $0["displayName"])?.string }
            )
        }
        let all = ["s1@n.edu", "s2@n.edu", "s3@n.edu", "A", "B"]
        // every page of every length shows what a cut of the whole does
        for start in 1...6 {
            for count in 0...6 {
                let page = try await names(#","startIndex":\#(start),"count":\#(count)"#)
                #expect(page.0 == 5 && page.1 == Array(all.dropFirst(start - 1).prefix(count)), "\(start) \(count)")
            }
        }
        #expect(try await names(#","startIndex":9223372036854775807,"count":9223372036854775807"#) == (5, []))
        // what one kind has not fits none of it
        #expect(try await names(#","filter":"userName eq \"s2@n.edu\"""#) == (1, ["s2@n.edu"]))
        #expect(try await names(#","filter":"members eq \"1\" and displayName eq \"a\"""#) == (1, ["A"]))
        #expect(try await names(#","filter":"meta.resourceType eq \"Group\"""#) == (2, ["A", "B"]))
        #expect(try await names(#","filter":"id eq \"1\"""#) == (1, ["s1@n.edu"]))
        #expect(try await names(#","filter":"id eq \"g1\"""#) == (1, ["A"]))
        let few = try await search(world, "", #","attributes":["displayName"]"#)
        #expect(few["Resources", 0, "userName"] == nil && few.text("Resources", 3, "displayName") == "A")
        #expect(few["Resources", 3, "members"] == nil)
    }

    @Test(arguments: ["", "/Users", "/Groups"])
    func `what is wrong is told in SCIM's form`(place: String) async throws {
        let world = try await SCIMWorld.make(defaultRole: nil)
        for (members, type, told) in [
            (#","filter":"title eq \"x\"""#, "invalidFilter", "filter"),
            (#","filter":"nonsense""#, "invalidFilter", "filter"),
            (#","filter":7"#, "invalidFilter", "filter"), (#","count":"many""#, "invalidValue", "count"),
            (#","startIndex":1.5"#, "invalidValue", "startIndex"),
            (#","attributes":[7]"#, "invalidValue", "attributes"),
            (#","excludedAttributes":{}"#, "invalidValue", "excludedAttributes"),
        ] {
            let refused = try await search(world, place, members)
            #expect(refused.status == 400 && refused.text("scimType") == type, "\(members): \(refused.text)")
            #expect(refused.text("detail")?.contains(told) == true, "\(members): \(refused.text)")
        }
        #expect(try await world.send(.post, "\(place)/.search", "[]").text("scimType") == "invalidSyntax")
        #expect(try await world.send(.get, "\(place)/.search").status == 405)
    }
}
