import Casework
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

    private func rule(
        _ world: SCIMWorld, _ group: String, _ json: String, _ query: String = ""
    ) async throws -> TestClient.Answer {
        try await world.admin.send(.put, "/api/v1/scim/groups/\(group)/rule\(query)", json: json)
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

        #expect(try await rule(world, outer, #"{"role":"staff","groupId":\#(support)}"#).status == 200)
        #expect(try await world.account("anna@n.edu") == "staff active anna Weiss")
        #expect(try await world.college.number("select count(*) from group_members") == 1)
        let listed = try await world.admin.send(.get, "/api/v1/scim/groups")
        #expect(listed.text("items", 1, "name") == "Outer" && listed.number("items", 1, "members") == 1)
        // who comes into the inner one comes into both, and the greater role counts
        let bert = try await user(world, "bert")
        _ = try await world.patch("/Groups/\(inner)", #"{"op":"add","path":"members","value":[{"value":"\#(bert)"}]}"#)
        #expect(try await world.account("bert@n.edu") == "staff active bert Weiss")
        #expect(try await rule(world, inner, #"{"role":"manager"}"#).status == 200)
        #expect(try await world.account("bert@n.edu") == "manager active bert Weiss")

        // a rule's end asks for those too
        let asked = try await world.admin.send(.delete, "/api/v1/scim/groups/\(inner)/rule")
        #expect(asked.status == 409 && asked.text.contains("2 people would be suspended"), "\(asked.text)")
        #expect(try await world.admin.send(.delete, "/api/v1/scim/groups/\(inner)/rule?mostLosing=2").status == 204)
        #expect(try await world.account("bert@n.edu") == "staff active bert Weiss")

        let path = #"members[type eq \"Group\" and value eq \"\#(inner)\"]"#
        #expect(try await world.patch("/Groups/\(outer)", #"{"op":"remove","path":"\#(path)"}"#).status == 204)
        #expect(try await members(world, outer) == [])
        #expect(try await world.account("anna@n.edu") == "staff suspended anna Weiss")
        #expect(try await world.college.number("select count(*) from group_members") == 0)
        // as an address only, and in a whole group
        let ref = #"{"displayName":"Outer","members":[{"value":"\#(inner)","$ref":"../Groups/\#(inner)"}]}"#
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
        #expect(try await rule(world, second, #"{"role":"staff"}"#).status == 200)
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
        #expect(try await rule(world, chain[11], #"{"role":"director"}"#).status == 200)
        #expect(try await world.account("anna@n.edu") == nil)
        #expect(try await rule(world, chain[10], #"{"role":"staff"}"#).status == 200)
        #expect(try await world.account("anna@n.edu") == "staff active anna Weiss")
    }

    @Test func `users and groups of one number are told apart, and who is not here is named`() async throws {
        let world = try await SCIMWorld.make(defaultRole: nil)
        let anna = try await user(world, "anna")
        let inner = try await group(world, "Inner")
        #expect(anna == inner)
        let both = try await group(world, "Both", #"{"value":"\#(anna)"},\#(nested(inner))"#)
        #expect(try await members(world, both) == ["User \(anna)", "Group \(inner)"])
        let remove = #"{"op":"remove","path":"members","value":[{"value":"\#(anna)"}]}"#
        _ = try await world.patch("/Groups/\(both)", remove)
        #expect(try await members(world, both) == ["Group \(inner)"])
        let user = #"{"op":"remove","path":"members","value":[{"value":"\#(inner)","type":"User"}]}"#
        _ = try await world.patch("/Groups/\(both)", user)
        #expect(try await members(world, both) == ["Group \(inner)"])
        _ = try await world.patch("/Groups/\(both)", remove)
        #expect(try await members(world, both) == [])
        for unknown in ["99999", "x", "0", "-1", "99999999999999999999"] {
            let refused = try await world.patch(
                "/Groups/\(both)", #"{"op":"add","path":"members","value":[\#(nested(unknown))]}"#)
            #expect(refused.status == 400 && refused.text("scimType") == "invalidValue", "\(unknown)")
            #expect(refused.text("detail")?.contains("a group that is not here: \(unknown)") == true, "\(refused.text)")
        }
        for path in [#"members[type eq \"Group\"]"#, #"members[display eq \"x\"]"#] {
            #expect(try await world.patch("/Groups/\(both)", #"{"op":"remove","path":"\#(path)"}"#).status == 400)
        }
        #expect(try await members(world, both) == [])
    }

    @Test func `whoever comes into a group while that joins another follows both`() async throws {
        let world = try await SCIMWorld.make(defaultRole: nil)
        let outer = try await group(world, "Outer")
        #expect(try await rule(world, outer, #"{"role":"staff"}"#).status == 200)
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
