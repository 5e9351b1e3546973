import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

@Suite struct SupportGroupAPITests {
    @Test func `an admin attaches and detaches groups`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let carded = try await college.person("staff")
        let bare = try await college.person("staff")
        try await college.card(of: carded, title: "Tutor")
        try await college.card(of: bare, isPublished: false)
        let group = try await college.group("Tutors", of: [carded, bare])
        let empty = try await college.group("Empty", in: nil)
        let cohort = try await college.cohort().id
        let path = "/api/v1/cohorts/\(cohort)/groups"
        let offers = "/api/v1/cohorts/\(cohort)/available-groups"
        #expect(try await client.send(.get, path).items("id").isEmpty)
        #expect(try await client.send(.get, offers).items("name") == [.string("Empty"), .string("Tutors")])
        #expect(try await client.send(.get, "\(offers)?q=TOR").items("name") == [.string("Tutors")])
        #expect(try await client.send(.put, "\(path)/\(group)").status == 204)
        #expect(try await client.send(.put, "\(path)/\(group)").status == 204)
        #expect(try await client.send(.put, "\(path)/\(empty)").status == 204)
        let list = try await client.send(.get, path)
        #expect(list.items("name") == [.string("Empty"), .string("Tutors")])
        #expect(list["items", 0, "members"] == .array([]))
        for position in 0...1 {
            let isCarded = list.number("items", 1, "members", position, "id") == carded.id
            #expect(list.text("items", 1, "members", position, "card", "title") == (isCarded ? "Tutor" : nil))
            if !isCarded { #expect(list["items", 1, "members", position, "card"] == .null) }
        }
        let first = try await client.send(.get, "\(path)?limit=1")
        let second = try await client.send(.get, "\(path)?limit=1&cursor=\(try #require(first.text("next")))")
        #expect(second.items("name") == [.string("Tutors")])
        #expect(second["items", 0, "members", 1] != nil)
        #expect(try await client.send(.get, offers).items("name").isEmpty)
        #expect(try await client.send(.delete, "\(path)/\(group)").status == 204)
        #expect(try await client.send(.delete, "\(path)/\(group)").status == 404)
        #expect(try await client.send(.put, "\(path)/999999").status == 404)
        #expect(try await client.send(.put, "/api/v1/cohorts/999999/groups/\(group)").status == 404)
        #expect(try await client.send(.get, "/api/v1/cohorts/999999/groups").status == 404)
        #expect(try await client.send(.get, "/api/v1/cohorts/999999/available-groups").status == 404)
        #expect(
            try await college.audited() == ["create", "create", "delete"].map { "attachment.\($0) cohort/\(cohort)" })
    }

    @Test func `archived things are not attached`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let group = try await college.group("Tutors", in: nil)
        let cohort = try await college.cohort().id
        try await college.run("update groups set archived_at = now()")
        #expect(try await client.send(.put, "/api/v1/cohorts/\(cohort)/groups/\(group)").status == 409)
        #expect(try await client.send(.get, "/api/v1/cohorts/\(cohort)/available-groups").items("id").isEmpty)
        try await college.run("update groups set archived_at = null")
        try await college.run("update cohorts set archived_at = now()")
        let frozen = try await client.send(.put, "/api/v1/cohorts/\(cohort)/groups/\(group)")
        #expect(frozen.status == 409)
        #expect(frozen.text("state") == "archived")
    }

    @Test func `staff see the groups of cohorts in scope and change none`() async throws {
        let college = try await TestInstitution.make()
        let staff = try await college.person("staff")
        let cohort = try await college.cohort("In scope").id
        let hidden = try await college.cohort("Hidden").id
        let group = try await college.group("Tutors", of: [staff], cohorts: [cohort])
        let client = college.client(staff)
        let early = try await client.send(.get, "/api/v1/cohorts/\(cohort)/groups")
        #expect(early.status == 403)
        #expect(early.text("type")?.hasSuffix("/not-set-up") == true)
        try await college.makeVisible()
        let list = try await client.send(.get, "/api/v1/cohorts/\(cohort)/groups")
        #expect(list.number("items", 0, "members", 0, "id") == staff.id)
        #expect(try await client.send(.get, "/api/v1/cohorts/\(hidden)/groups").status == 404)
        #expect(try await client.send(.put, "/api/v1/cohorts/\(cohort)/groups/\(group)").status == 403)
        #expect(try await client.send(.delete, "/api/v1/cohorts/\(cohort)/groups/\(group)").status == 403)
        let student = college.client(try await college.person("student"))
        #expect(try await student.send(.get, "/api/v1/cohorts/\(cohort)/groups").status == 403)
    }

    @Test func `delegates attach groups to linked cohorts`() async throws {
        let college = try await TestInstitution.make()
        let manager = try await college.person("manager")
        let linked = try await college.cohort("Linked").id
        let seen = try await college.cohort("Seen").id
        let hidden = try await college.cohort("Hidden").id
        let managed = try await college.group("Managed", manager: manager, cohorts: [linked])
        _ = try await college.group("Belonged to", of: [manager], cohorts: [seen])
        let other = try await college.group("Other", in: nil)
        try await college.makeVisible()
        let client = college.client(manager)
        #expect(try await client.send(.put, "/api/v1/cohorts/\(linked)/groups/\(other)").status == 403)
        try await college.run("update settings set cohort_delegation = true")
        #expect(try await client.send(.put, "/api/v1/cohorts/\(linked)/groups/\(other)").status == 204)
        #expect(try await client.send(.put, "/api/v1/cohorts/\(linked)/groups/\(other)").status == 204)
        #expect(try await client.send(.delete, "/api/v1/cohorts/\(linked)/groups/\(other)").status == 204)
        #expect(try await client.send(.put, "/api/v1/cohorts/\(seen)/groups/\(managed)").status == 403)
        #expect(try await client.send(.put, "/api/v1/cohorts/\(hidden)/groups/\(managed)").status == 404)
    }
}
