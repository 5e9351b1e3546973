import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

@Suite struct MembershipAPITests {
    @Test func `an admin adds, promotes and removes members`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let staff = try await college.person("staff")
        let hidden = try await college.person("manager")
        try await college.card(of: staff, title: "Tutor")
        try await college.card(of: hidden, isPublished: false)
        let group = try await college.group("Tutors", in: nil)
        let path = "/api/v1/groups/\(group)/members"
        #expect(try await client.send(.put, "\(path)/\(staff.id)").status == 204)
        #expect(try await client.send(.put, "\(path)/\(staff.id)", json: "{}").status == 204)
        #expect(try await client.send(.put, "\(path)/\(hidden.id)", json: #"{"manager":true}"#).status == 204)
        let list = try await client.send(.get, path)
        #expect(list.items("id").count == 2)
        for position in 0...1 {
            let isStaff = list.number("items", position, "id") == staff.id
            #expect(list["items", position, "manager"] == .bool(!isStaff))
            #expect(list.text("items", position, "card", "title") == (isStaff ? "Tutor" : nil))
            if !isStaff { #expect(list["items", position, "card"] == .null) }
        }
        #expect(try await client.send(.put, "\(path)/\(hidden.id)", json: #"{"manager":false}"#).status == 204)
        #expect(try await client.send(.put, "\(path)/\(hidden.id)", json: #"{"manager":"no"}"#).status == 422)
        #expect(try await client.send(.delete, "\(path)/\(staff.id)").status == 204)
        #expect(try await client.send(.delete, "\(path)/\(staff.id)").status == 404)
        #expect(try await client.send(.put, "\(path)/999999").status == 404)
        #expect(try await client.send(.put, "/api/v1/groups/999999/members/\(staff.id)").status == 404)
        #expect(
            try await college.audited()
                == ["create", "create", "update", "delete"].map { "membership.\($0) group/\(group)" })
    }

    @Test func `a student is nobody's colleague`() async throws {
        let college = try await TestInstitution.make()
        let manager = try await college.person("manager")
        let student = try await college.person("student")
        let group = try await college.group("Tutors", in: nil)
        try await college.join(manager, group, asManager: true)
        for person in [try await college.person("admin"), manager] {
            let refused = try await college.client(person).send(.put, "/api/v1/groups/\(group)/members/\(student.id)")
            #expect(refused.status == 422)
            #expect(refused.refusedFields == ["accountId"])
        }
    }

    @Test func `managers keep members, but not who manages`() async throws {
        let college = try await TestInstitution.make()
        let manager = try await college.person("manager")
        let second = try await college.person("manager")
        let staff = try await college.person("staff")
        let group = try await college.group("Tutors", in: nil)
        let other = try await college.group("Others", in: nil)
        try await college.join(manager, group, asManager: true)
        try await college.join(second, group, asManager: true)
        let client = college.client(manager)
        let path = "/api/v1/groups/\(group)/members"
        #expect(try await client.send(.get, path).items("id").count == 2)
        #expect(try await client.send(.put, "\(path)/\(staff.id)", json: #"{"manager":true}"#).status == 403)
        #expect(try await client.send(.get, path).items("id").count == 2)
        #expect(try await client.send(.put, "\(path)/\(staff.id)", json: #"{"manager":false}"#).status == 204)
        #expect(try await client.send(.put, "\(path)/\(staff.id)").status == 204)
        #expect(try await client.send(.put, "\(path)/\(staff.id)", json: #"{"manager":true}"#).status == 403)
        #expect(try await client.send(.put, "\(path)/\(second.id)").status == 204)
        #expect(try await client.send(.put, "\(path)/\(second.id)", json: #"{"manager":false}"#).status == 403)
        #expect(try await client.send(.delete, "\(path)/\(second.id)").status == 403)
        #expect(try await client.send(.delete, "\(path)/\(staff.id)").status == 204)
        #expect(try await client.send(.delete, "\(path)/\(staff.id)").status == 404)
        #expect(try await client.send(.get, "/api/v1/groups/\(other)/members").status == 403)
        #expect(try await client.send(.put, "/api/v1/groups/\(other)/members/\(staff.id)").status == 403)
        #expect(try await client.send(.put, "/api/v1/groups/999999/members/\(staff.id)").status == 404)
    }

    @Test func `directors name managers in their departments`() async throws {
        let college = try await TestInstitution.make()
        let director = try await college.person("director")
        let manager = try await college.person("manager")
        let group = try await college.group("Tutors", in: try await college.department("Own", directors: [director]))
        let foreign = try await college.group("Foreign", in: try await college.department("Foreign"))
        let client = college.client(director)
        let path = "/api/v1/groups/\(group)/members/\(manager.id)"
        #expect(try await client.send(.put, path, json: #"{"manager":true}"#).status == 204)
        #expect(try await client.send(.put, path, json: #"{"manager":false}"#).status == 204)
        #expect(try await client.send(.put, path, json: #"{"manager":true}"#).status == 204)
        #expect(try await client.send(.delete, path).status == 204)
        #expect(try await client.send(.put, "/api/v1/groups/\(foreign)/members/\(manager.id)").status == 403)
    }

    @Test func `staff keep nobody, flag or not`() async throws {
        let college = try await TestInstitution.make()
        let staff = try await college.person("staff")
        let colleague = try await college.person("staff")
        let group = try await college.group("Tutors", in: nil)
        try await college.join(staff, group, asManager: true)
        let client = college.client(staff)
        #expect(try await client.send(.get, "/api/v1/groups/\(group)/members").status == 403)
        #expect(try await client.send(.put, "/api/v1/groups/\(group)/members/\(colleague.id)").status == 403)
        #expect(try await client.send(.delete, "/api/v1/groups/\(group)/members/\(staff.id)").status == 403)
    }

    @Test func `an archived group keeps its members`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let staff = try await college.person("staff")
        let group = try await college.group("Tutors", in: nil)
        try await college.join(staff, group)
        try await college.run("update groups set archived_at = now()")
        #expect(try await client.send(.put, "/api/v1/groups/\(group)/members/\(staff.id)").status == 409)
        #expect(try await client.send(.delete, "/api/v1/groups/\(group)/members/\(staff.id)").status == 409)
        #expect(try await client.send(.get, "/api/v1/groups/\(group)/members").items("id").count == 1)
    }
}
