import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import Testing
import TestSupport

@testable import Web

@Suite struct SCIMGroupAPITests {
    private func group(_ world: SCIMWorld, _ name: String, members: [String] = []) async throws -> String {
        let list = members.map { #"{"value":"\#($0)","display":"x"}"# }.joined(separator: ",")
        let made = try await world.send(
            .post, "/Groups",
            """
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"externalId":"\(name)-key","displayName":"\(name)",
             "members":[\(list)],"meta":{"resourceType":"Group"}}
            """)
        #expect(made.status == 201 && made.headers[.location] == made.text("meta", "location"))
        return try #require(made.text("id"))
    }

    private func user(_ world: SCIMWorld, _ name: String) async throws -> String {
        try #require(try await world.create("\(name)@n.edu", given: name).text("id"))
    }

    private func memberships(_ world: SCIMWorld) async throws -> [String] {
        try await world.college.owner(
            ("""
            select g.name || ': ' || a.email from group_members m join groups g on g.id = m.group_id
            join accounts a on a.id = m.account_id order by 1
            """ as SQL).values(String.self))
    }

    private func members(_ world: SCIMWorld, _ group: String) async throws -> [String] {
        try await world.send(.get, "/Groups/\(group)").strings("members", each: "value")
    }

    @Test func `members come and go in every form that providers send`() async throws {
        let world = try await SCIMWorld.make()
        let (a, b, c) = (try await user(world, "a"), try await user(world, "b"), try await user(world, "c"))
        let id = try await group(world, "Advisors", members: [a])
        let place = "/Groups/\(id)"
        let steps: [(String, [String])] = [
            (#"{"op":"Add","path":"members","value":[{"value":"\#(b)"},{"value":"\#(c)"}]}"#, [a, b, c]),
            (#"{"op":"Remove","path":"members","value":[{"$ref":null,"value":"\#(b)"}]}"#, [a, c]),
            (#"{"op":"remove","path":"members[value eq \"\#(c)\"]"}"#, [a]),
            (#"{"op":"remove","path":"members[value eq \"\#(c)\"]"}"#, [a]),
            (#"{"op":"replace","path":"members","value":[{"value":"\#(b)"}]}"#, [b]),
            (#"{"op":"add","value":{"members":[{"value":"\#(a)"}]}}"#, [a, b]),
            (#"{"op":"replace","value":{"id":"\#(id)","displayName":"Advisers"}}"#, [a, b]),
            (#"{"op":"Remove","path":"members"}"#, []),
        ]
        for (operation, left) in steps {
            let answer = try await world.patch(place, operation)
            #expect(answer.status == 204 && answer.bytes.isEmpty, "\(operation)")
            #expect(try await members(world, id) == left, "\(operation)")
        }
        let put = try await world.send(.put, place, #"{"displayName":"Advisors","members":[{"value":"\#(c)"}]}"#)
        #expect(put.status == 200 && put.text("externalId") == "Advisors-key" && put.text("members", 0, "value") == c)
        let found = try await world.find(
            #"displayName eq "advisors""#, in: "Groups", more: "&excludedAttributes=members")
        #expect(found.number("totalResults") == 1 && found["Resources", 0, "members"] == nil)
        let with = try await world.find(#"id eq "\#(id)" and members eq "\#(c)""#, in: "Groups")
        #expect(with.number("totalResults") == 1)
        #expect(try await world.find(#"members.value eq "\#(a)""#, in: "Groups").number("totalResults") == 0)
        for unknown in ["99999", "x", "0", "-1", "99999999999999999999"] {
            let refused = try await world.patch(
                place, #"{"op":"add","path":"members","value":[{"value":"\#(unknown)"}]}"#)
            #expect(refused.status == 400 && refused.text("scimType") == "invalidValue", "\(unknown)")
            #expect(refused.text("detail")?.contains(unknown) == true)
        }
        #expect(try await members(world, id) == [c])
        #expect(try await world.send(.delete, "/Users/\(c)").status == 204)
        #expect(try await members(world, id) == [])
        #expect(try await world.send(.delete, place).status == 204)
        #expect(try await world.send(.delete, place).status == 404)
        #expect(try await world.audited("scimgroup.update") == 8)
    }

    @Test func `a group gives nothing until an admin says what`() async throws {
        let world = try await SCIMWorld.make(defaultRole: nil)
        let anna = try await user(world, "anna")
        let id = try await group(world, "Admins", members: [anna])
        #expect(try await world.account("anna@n.edu") == nil)
        let support =
            try await world.admin.send(.post, "/api/v1/groups", json: #"{"name":"Advising"}"#).number("id") ?? 0
        let given = try await world.rule(id, #"{"role":"staff","groupId":\#(support)}"#)
        #expect(given.status == 200 && given.text("role") == "staff" && given.number("groupId") == support)
        #expect(try await world.account("anna@n.edu") == "staff active anna Weiss")
        #expect(try await memberships(world) == ["Advising: anna@n.edu"])
        #expect(try await world.admin.send(.get, "/api/v1/scim/groups").number("items", 0, "members") == 1)

        // who comes later follows too, and who goes goes
        let bert = try await user(world, "bert")
        #expect(try await world.account("bert@n.edu") == nil)
        _ = try await world.patch("/Groups/\(id)", #"{"op":"add","path":"members","value":[{"value":"\#(bert)"}]}"#)
        #expect(try await world.account("bert@n.edu") == "staff active bert Weiss")
        _ = try await world.patch("/Groups/\(id)", #"{"op":"remove","path":"members[value eq \"\#(anna)\"]"}"#)
        #expect(try await world.account("anna@n.edu") == "staff suspended anna Weiss")
        #expect(try await memberships(world) == ["Advising: bert@n.edu"])
        #expect(try await world.audited("membership.delete") == 1)
        _ = try await world.patch("/Groups/\(id)", #"{"op":"add","path":"members","value":[{"value":"\#(anna)"}]}"#)
        #expect(try await world.account("anna@n.edu") == "staff active anna Weiss")

        let rules = "/api/v1/scim/groups/\(SCIMWorld.number(id))/rule"
        for query in ["", "?mostLosing=0", "?mostLosing=1"] {
            let asked = try await world.admin.send(.delete, rules + query)
            #expect(asked.status == 409 && asked.text("code") == "too-many-losing", "\(asked.text)")
            #expect(asked.text("detail")?.hasPrefix("2 people would be suspended") == true)
        }
        #expect(try await world.admin.send(.delete, rules + "?mostLosing=-1").refusedFields == ["mostLosing"])
        #expect(
            try await memberships(world) == ["Advising: anna@n.edu", "Advising: bert@n.edu"], "nothing was changed")
        #expect(try await world.account("anna@n.edu") == "staff active anna Weiss")
        let ended = try await world.admin.send(.delete, rules + "?mostLosing=2")
        #expect(ended.status == 204)
        #expect(try await memberships(world) == [])
        #expect(try await world.account("anna@n.edu") == "staff suspended anna Weiss")
    }

    @Test func `the greatest role counts, and changes with the groups`() async throws {
        let world = try await SCIMWorld.make()
        let anna = try await user(world, "anna")
        let staff = try await group(world, "Staff", members: [anna])
        let leads = try await group(world, "Leads")
        #expect(try await world.rule(staff, #"{"role":"staff"}"#).status == 200)
        #expect(try await world.rule(leads, #"{"role":"director"}"#).status == 200)
        #expect(try await world.account("anna@n.edu") == "staff active anna Weiss")
        _ = try await world.send(.put, "/Groups/\(leads)", #"{"displayName":"Leads","members":[{"value":"\#(anna)"}]}"#)
        #expect(try await world.account("anna@n.edu") == "director active anna Weiss")
        // of what a rule changes only what is lost is asked for
        let lesser = try await world.rule(leads, #"{"role":"manager"}"#)
        #expect(lesser.status == 409 && lesser.text("code") == "too-many-losing")
        #expect(try await world.rule(staff, #"{"role":"student"}"#).status == 200, "the other group gives more")
        #expect(try await world.rule(staff, #"{"role":"staff"}"#).status == 200)
        #expect(try await world.account("anna@n.edu") == "director active anna Weiss")
        #expect(try await world.send(.delete, "/Groups/\(leads)").status == 204)
        #expect(try await world.account("anna@n.edu") == "staff active anna Weiss")
        #expect(try await world.send(.delete, "/Groups/\(staff)").status == 204)
        #expect(try await world.account("anna@n.edu") == "student active anna Weiss")
    }

    @Test func `an admin's choice of a role stays`() async throws {
        let world = try await SCIMWorld.make()
        let anna = try await user(world, "anna")
        let staff = try await group(world, "Staff", members: [anna])
        _ = try await world.rule(staff, #"{"role":"staff"}"#)
        try await world.college.run("update accounts set role = 'manager' where email = 'anna@n.edu'")
        _ = try await world.patch("/Users/\(anna)", #"{"op":"replace","path":"name.givenName","value":"Ann"}"#)
        #expect(try await world.account("anna@n.edu") == "manager active Ann Weiss")
        #expect(try await world.send(.delete, "/Groups/\(staff)").status == 204)
        #expect(try await world.account("anna@n.edu") == "manager active Ann Weiss")
    }

    @Test func `whose account cannot follow is told, and the others go on`() async throws {
        let world = try await SCIMWorld.make()
        let (anna, bert) = (try await user(world, "anna"), try await user(world, "bert"))
        let category = try await world.admin.send(.post, "/api/v1/categories", json: #"{"name":"First Year"}"#)
        let cohort = try await world.admin.send(
            .post, "/api/v1/categories/\(category.number("id") ?? 0)/cohorts", json: #"{"name":"Fall"}"#)
        _ = try await world.admin.send(
            .post, "/api/v1/cohorts/\(cohort.number("id") ?? 0)/students", json: #"{"email":"anna@n.edu"}"#)
        let staff = try await group(world, "Staff", members: [anna, bert])
        #expect(try await world.rule(staff, #"{"role":"staff"}"#).status == 200)
        #expect(try await world.account("anna@n.edu") == "student active anna Weiss")
        #expect(try await world.account("bert@n.edu") == "staff active bert Weiss")
        let behind = try await world.admin.send(.get, "/api/v1/scim/problems")
        #expect(behind.strings("items", each: "code") == ["student-in-cohort"])
        #expect(behind.strings("items", each: "userName") == ["anna@n.edu"])
        try await world.college.run("delete from enrollments")
        #expect(
            try await world.patch("/Users/\(anna)", #"{"op":"replace","path":"active","value":true}"#).status == 200)
        #expect(try await world.account("anna@n.edu") == "staff active anna Weiss")
        #expect(try await world.admin.send(.get, "/api/v1/scim/problems")["items"] == .array([]))
    }

    @Test func `rules are an admin's, in person, and never make an admin`() async throws {
        let world = try await SCIMWorld.make(defaultRole: nil)
        let id = try await group(world, "Staff")
        for (body, field) in [
            (#"{"role":"admin"}"#, "role"), ("{}", "role"), (#"{"role":"staff","groupId":999}"#, "groupId"),
            (#"{"role":"student","groupId":1}"#, "groupId"), (#"{"role":"staff","more":1}"#, "more"),
        ] {
            let refused = try await world.rule(id, body)
            #expect(refused.status == 422 && refused.refusedFields == [field], "\(body)")
        }
        #expect(try await world.rule("g999", #"{"role":"staff"}"#).status == 404)
        #expect(try await world.admin.send(.patch, "/api/v1/scim", json: #"{"defaultRole":"staff"}"#).status == 422)
        _ = try await user(world, "anna")
        let before = try await world.admin.send(.get, "/api/v1/scim")
        #expect(before["defaultRole"] == .null && before.number("users") == 1 && before.number("accounts") == 0)
        let after = try await world.admin.send(.patch, "/api/v1/scim", json: #"{"defaultRole":"student"}"#)
        #expect(after.text("defaultRole") == "student" && after.number("accounts") == 1)
        let stale = try await world.admin.send(
            .patch, "/api/v1/scim", json: #"{"defaultRole":null}"#,
            headers: [.ifMatch: before.headers[.eTag] ?? ""])
        #expect(stale.status == 412)
        let asked = try await world.admin.send(.patch, "/api/v1/scim", json: #"{"defaultRole":null}"#)
        #expect(asked.status == 409 && asked.text.contains("1 people would be suspended"), "\(asked.text)")
        #expect(try await world.account("anna@n.edu") == "student active anna Weiss")
        let ended = try await world.admin.send(.patch, "/api/v1/scim?mostLosing=1", json: #"{"defaultRole":null}"#)
        #expect(ended.status == 200 && ended["defaultRole"] == .null)
        #expect(try await world.account("anna@n.edu") == "student suspended anna Weiss")
    }

    @Test func `a rule has a version, and an older one changes nothing`() async throws {
        let world = try await SCIMWorld.make(defaultRole: nil)
        let anna = try await user(world, "anna")
        let id = try await group(world, "Staff", members: [anna])
        func rule(_ method: HTTPRequest.Method, _ tag: String, _ json: String? = nil) async throws -> TestClient.Answer
        {
            try await world.admin.send(
                method, "/api/v1/scim/groups/\(SCIMWorld.number(id))/rule", json: json, headers: [.ifMatch: tag])
        }
        let first = try await rule(.put, "\"1\"", #"{"role":"staff"}"#)
        #expect(first.status == 200 && first.headers[.eTag] == "\"2\"" && first.number("version") == 2)
        // what the provider changes of the group is no change of the rule
        _ = try await world.patch("/Groups/\(id)", #"{"op":"replace","path":"displayName","value":"Staff"}"#)
        _ = try await world.patch("/Groups/\(id)", #"{"op":"remove","path":"members"}"#)
        let same = try await rule(.put, "\"2\"", #"{"role":"staff"}"#)
        #expect(same.status == 200 && same.headers[.eTag] == "\"2\"")
        #expect(try await rule(.put, "\"1\"", #"{"role":"director"}"#).status == 412)
        #expect(try await rule(.delete, "\"1\"").status == 412)
        let listed = try await world.admin.send(.get, "/api/v1/scim/groups")
        #expect(listed.text("items", 0, "role") == "staff" && listed.number("items", 0, "version") == 2)
        #expect(try await rule(.delete, "\"2\"").status == 204)
        #expect(try await rule(.put, "\"3\"", #"{"role":"staff"}"#).headers[.eTag] == "\"4\"")
    }

    /// Sends again what a busy database has not done, as providers do.
    private func insisting(_ send: () async throws -> Int) async throws -> Int {
        while true {
            let status = try await send()
            if status != 503 { return status }
        }
    }

    @Test func `two requests at once do both their work`() async throws {
        let world = try await SCIMWorld.make()
        let users = try await [user(world, "a"), user(world, "b"), user(world, "c"), user(world, "d")]
        let staff = try await group(world, "Staff")
        _ = try await world.rule(staff, #"{"role":"staff"}"#)
        try await withThrowingTaskGroup(of: Int.self) { tasks in
            for id in users {
                tasks.addTask {
                    try await insisting {
                        try await world.patch(
                            "/Groups/\(staff)", #"{"op":"add","path":"members","value":[{"value":"\#(id)"}]}"#
                        ).status
                    }
                }
            }
            for _ in 1...3 { tasks.addTask { try await insisting { try await world.create("e@n.edu").status } } }
            var statuses: [Int] = []
            for try await status in tasks { statuses.append(status) }
            #expect(statuses.sorted() == [201, 204, 204, 204, 204, 409, 409])
        }
        #expect(try await members(world, staff) == users)
        for name in ["a", "b", "c", "d"] {
            #expect(try await world.account("\(name)@n.edu")?.hasPrefix("staff") == true)
        }
    }
}
