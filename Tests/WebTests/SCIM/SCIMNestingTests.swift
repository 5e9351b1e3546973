import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// Groups that are members of groups.
@Suite struct SCIMNestingTests {
    /// - Parameter members: as JSON.
    private func group(_ world: SCIMWorld, _ name: String, _ members: String = "") async throws -> String {
        let made = try await world.send(.post, "/Groups", #"{"displayName":"\#(name)","members":[\#(members)]}"#)
        #expect(made.status == 201, "\(made.text)")
        return try #require(made.text("id"))
    }

    private func user(_ world: SCIMWorld, _ name: String) async throws -> String {
        try #require(try await world.create("\(name)@n.edu", given: name).text("id"))
    }

    private func nested(_ id: String) -> String { #"{"value":"\#(id)","type":"Group"}"# }

    private func members(_ world: SCIMWorld, _ group: String) async throws -> [String] {
        let answer = try await world.send(.get, "/Groups/\(group)")
        return zip(answer.strings("members", each: "type"), answer.strings("members", each: "value"))
            .map { "\($0) \($1)" }
    }

    @Test func `who is in a group is in those around it, for as long as that is so`() async throws {
        let world = try await SCIMWorld.make(defaultRole: nil)
        let anna = try await user(world, "anna")
        let inner = try await group(world, "Inner", #"{"value":"\#(anna)"}"#)
        let outer = try await group(world, "Outer", nested(inner))
        let support = try await world.college.group("Advising", cohorts: [])
        #expect(try await members(world, inner) == ["User \(anna)"])
        #expect(try await members(world, outer) == ["Group \(inner)"])
        let shown = try await world.send(.get, "/Groups/\(outer)")
        #expect(shown.text("members", 0, "$ref")?.hasSuffix("/scim/v2/Groups/\(inner)") == true)

        #expect(try await world.rule(outer, #"{"role":"staff","groupId":\#(support)}"#).status == 200)
        #expect(try await world.account("anna@n.edu") == "staff active anna Weiss")
        #expect(try await world.college.number("select count(*) from group_members") == 1)
        let listed = try await world.admin.send(.get, "/api/v1/scim/groups")
        #expect(listed.text("items", 1, "name") == "Outer" && listed.number("items", 1, "members") == 1)
        // who comes into the inner one comes into both, and the greater role counts
        let bert = try await user(world, "bert")
        _ = try await world.patch("/Groups/\(inner)", #"{"op":"add","path":"members","value":[{"value":"\#(bert)"}]}"#)
        #expect(try await world.account("bert@n.edu") == "staff active bert Weiss")
        #expect(try await world.rule(inner, #"{"role":"manager"}"#).status == 200)
        #expect(try await world.account("bert@n.edu") == "manager active bert Weiss")

        // a rule's end asks for those too
        let asked = try await world.admin.send(.delete, "/api/v1/scim/groups/\(SCIMWorld.number(inner))/rule")
        #expect(asked.status == 409 && asked.text.contains("2 people would be suspended"), "\(asked.text)")
        #expect(
            try await world.admin.send(.delete, "/api/v1/scim/groups/\(SCIMWorld.number(inner))/rule?mostLosing=2")
                .status == 204)
        #expect(try await world.account("bert@n.edu") == "staff active bert Weiss")

        let path = #"members[type eq \"Group\" and value eq \"\#(inner)\"]"#
        #expect(try await world.patch("/Groups/\(outer)", #"{"op":"remove","path":"\#(path)"}"#).status == 204)
        #expect(try await members(world, outer) == [])
        #expect(try await world.account("anna@n.edu") == "staff suspended anna Weiss")
        #expect(try await world.college.number("select count(*) from group_members") == 0)
        // by its id alone, and in a whole group
        let ref = #"{"displayName":"Outer","members":[{"value":"\#(inner)"}]}"#
        #expect(try await world.send(.put, "/Groups/\(outer)", ref).status == 200)
        #expect(try await world.account("anna@n.edu") == "staff active anna Weiss")
        #expect(try await world.send(.delete, "/Groups/\(inner)").status == 204)
        #expect(try await world.account("anna@n.edu") == "staff suspended anna Weiss")
        #expect(try await members(world, outer) == [])
    }

    @Test func `a circle ends, and so does what it gave`() async throws {
        let world = try await SCIMWorld.make(defaultRole: nil)
        let anna = try await user(world, "anna")
        let first = try await group(world, "First", #"{"value":"\#(anna)"}"#)
        let second = try await group(world, "Second", nested(first))
        for (place, inner) in [(first, second), (second, second), (first, first)] {
            let answer = try await world.patch(
                "/Groups/\(place)", #"{"op":"add","path":"members","value":[\#(nested(inner))]}"#)
            #expect(answer.status == 204, "\(answer.text)")
        }
        #expect(try await world.rule(second, #"{"role":"staff"}"#).status == 200)
        #expect(try await world.account("anna@n.edu") == "staff active anna Weiss")
        #expect(try await world.send(.put, "/Groups/\(second)", #"{"displayName":"Second"}"#).status == 200)
        #expect(try await world.account("anna@n.edu") == "staff suspended anna Weiss")
        _ = try await world.patch("/Groups/\(second)", #"{"op":"add","path":"members","value":[\#(nested(first))]}"#)
        #expect(try await world.account("anna@n.edu") == "staff active anna Weiss")
        #expect(try await world.send(.delete, "/Groups/\(second)").status == 204)
        #expect(try await world.account("anna@n.edu") == "staff suspended anna Weiss")
    }

    @Test func `ten steps lead to a group that counts, and eleven do not`() async throws {
        let world = try await SCIMWorld.make(defaultRole: nil)
        let anna = try await user(world, "anna")
        var chain = [try await group(world, "0", #"{"value":"\#(anna)"}"#)]
        for number in 1...11 {
            chain.append(try await group(world, "\(number)", nested(try #require(chain.last))))
        }
        #expect(try await world.rule(chain[11], #"{"role":"director"}"#).status == 200)
        #expect(try await world.account("anna@n.edu") == nil)
        #expect(try await world.rule(chain[10], #"{"role":"staff"}"#).status == 200)
        #expect(try await world.account("anna@n.edu") == "staff active anna Weiss")
    }

    @Test func `no user has the id of a group, and what is no id is nobody's`() async throws {
        let world = try await SCIMWorld.make(defaultRole: nil)
        let anna = try await user(world, "anna")
        let inner = try await group(world, "Inner")
        #expect(inner == "g\(anna)", "of one number")
        for (place, id) in [("Users", inner), ("Groups", anna)] {
            #expect(try await world.send(.get, "/\(place)/\(id)").status == 404)
            #expect(try await world.find(#"id eq "\#(id)""#, in: place).number("totalResults") == 0)
        }
        // whatever stands beside it, the id says who is meant
        let both = try await group(
            world, "Both", #"{"value":"\#(anna)","type":"Group"},{"value":"\#(inner)","$ref":"../Users/\#(inner)"}"#)
        #expect(try await members(world, both) == ["User \(anna)", "Group \(inner)"])
        let shown = try await world.send(.get, "/Groups/\(both)")
        #expect(shown.text("meta", "location")?.hasSuffix("/scim/v2/Groups/\(both)") == true)
        #expect(shown.text("members", 0, "$ref")?.hasSuffix("/scim/v2/Users/\(anna)") == true)
        for id in [anna, inner] {
            let found = try await world.find(#"members.value eq "\#(id)""#, in: "Groups")
            #expect(found.strings("Resources", each: "id") == [both], "\(found.text)")
        }
        for (path, left) in [
            (#"members[type eq \"User\" and value eq \"\#(inner)\"]"#, ["User \(anna)", "Group \(inner)"]),
            (#"members[value eq \"\#(inner)\"]"#, ["User \(anna)"]),
            (#"members[value eq \"\#(anna)\" and type eq \"user\"]"#, []),
        ] {
            #expect(try await world.patch("/Groups/\(both)", #"{"op":"remove","path":"\#(path)"}"#).status == 204)
            #expect(try await members(world, both) == left, "\(path)")
        }
        for unknown in [
            "99999", "g99999", "x", "g", "gg1", "g 1", "G1", "g01", "g+1", "g-1", "0", "01", "+1", "-1", "1g",
            "g99999999999999999999", "99999999999999999999", "g\u{301}1",
        ] {
            let refused = try await world.patch(
                "/Groups/\(both)", #"{"op":"add","path":"members","value":[{"value":"\#(unknown)"}]}"#)
            #expect(refused.status == 400 && refused.text("scimType") == "invalidValue", "\(unknown)")
            #expect(refused.text("detail")?.contains("not here: \(unknown)") == true, "\(refused.text)")
            let encoded = unknown.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            for place in ["Users", "Groups"] {
                #expect(try await world.send(.get, "/\(place)/\(encoded)").status == 404, "\(unknown)")
                #expect(try await world.send(.delete, "/\(place)/\(encoded)").status == 404, "\(unknown)")
                #expect(try await world.find(#"id eq "\#(unknown)""#, in: place).number("totalResults") == 0)
            }
        }
        for path in [#"members[type eq \"Group\"]"#, #"members[display eq \"x\"]"#] {
            #expect(try await world.patch("/Groups/\(both)", #"{"op":"remove","path":"\#(path)"}"#).status == 400)
        }
        #expect(try await members(world, both) == [])
    }

    @Test func `whoever comes into a group while that joins another follows both`() async throws {
        let world = try await SCIMWorld.make(defaultRole: nil)
        let outer = try await group(world, "Outer")
        #expect(try await world.rule(outer, #"{"role":"staff"}"#).status == 200)
        for round in 1...5 {
            let anna = try await user(world, "anna\(round)")
            let inner = try await group(world, "Inner \(round)")
            let joins = [
                (outer, nested(inner)), (inner, #"{"value":"\#(anna)"}"#),
            ]
            try await withThrowingTaskGroup(of: Int.self) { tasks in
                for (place, member) in joins {
                    tasks.addTask {
                        while true {
                            let status = try await world.patch(
                                "/Groups/\(place)", #"{"op":"add","path":"members","value":[\#(member)]}"#
                            ).status
                            // a busy database; providers send it again
                            if status != 503 { return status }
                        }
                    }
                }
                for try await status in tasks { #expect(status == 204) }
            }
            #expect(try await world.account("anna\(round)@n.edu") == "staff active anna\(round) Weiss")
        }
    }
}
