import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

@Suite struct GroupAPITests {
    @Test func `an admin makes, moves, archives, restores and deletes a group`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let department = try await college.department("Advising")
        let made = try await client.send(
            .post, "/api/v1/groups", json: #"{"name":"Tutors","description":"Help with homework"}"#)
        #expect(made.status == 201)
        #expect(made["departmentId"] == .null)
        #expect(made.text("description") == "Help with homework")
        let path = "/api/v1/groups/\(try #require(made.number("id")))"
        let tag = try #require(made.headers[.eTag])
        let moved = try await client.send(
            .patch, path, json: #"{"departmentId":\#(department),"description":null}"#, headers: [.ifMatch: tag])
        #expect(moved.status == 200)
        #expect(moved.number("departmentId") == department)
        #expect(moved["description"] == .null)
        #expect(try await client.send(.patch, path, json: #"{"name":"X"}"#, headers: [.ifMatch: tag]).status == 412)

        #expect(try await client.send(.patch, path, json: #"{"archived":true}"#)["archived"] == .bool(true))
        let frozen = try await client.send(.patch, path, json: #"{"name":"Other"}"#)
        #expect(frozen.status == 409)
        #expect(frozen.text("state") == "archived")
        #expect(try await client.send(.get, "/api/v1/groups").items("name").isEmpty)
        #expect(try await client.send(.get, "/api/v1/groups?archived=true").items("name") == [.string("Tutors")])
        let restored = try await client.send(.patch, path, json: #"{"archived":false,"departmentId":null}"#)
        #expect(restored["archived"] == .bool(false))
        #expect(restored["departmentId"] == .null)
        #expect(try await client.send(.delete, path).status == 204)
        #expect(try await client.send(.delete, path).status == 404)
        #expect(try await college.audited().count == 5)
    }

    @Test func `bad input names the field`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let id = try await college.group("Tutors", in: nil)
        #expect(try await client.send(.post, "/api/v1/groups", json: #"{"name":"tutors"}"#).status == 409)
        for (body, field) in [
            (#"{"name":"x","departmentId":999999}"#, "departmentId"),
            (#"{"name":"x","departmentId":"1"}"#, "departmentId"),
            (#"{"name":"x","colour":"red"}"#, "colour"), (#"{"name":""}"#, "name"), (#"{"description":"x"}"#, "name"),
            (#"{"name":"x","departmentId":99999999999}"#, "departmentId"),
        ] {
            let refused = try await client.send(.post, "/api/v1/groups", json: body)
            #expect(refused.status == 422)
            #expect(refused.refusedFields == [field])
        }
        let unknown = try await client.send(.patch, "/api/v1/groups/\(id)", json: #"{"departmentId":999999}"#)
        #expect(unknown.status == 422)
        #expect(unknown.refusedFields == ["departmentId"])
        #expect(try await client.send(.patch, "/api/v1/groups/\(id)", json: #"{"archived":null}"#).status == 422)
        #expect(try await client.send(.get, "/api/v1/groups/abc").status == 404)
    }

    @Test func `what hangs on a group keeps it`() async throws {
        let college = try await TestInstitution.make()
        let admin = college.client(try await college.person("admin"))
        let director = try await college.person("director")
        let department = try await college.department("Advising", directors: [director])
        let staff = try await college.person("staff")
        let group = try await college.group("Advisors", in: department)
        let cohort = try await college.cohort("Fall 21").id
        try await college.join(staff, group)
        try await college.run("insert into cohort_groups (cohort_id, group_id) values (\(cohort), \(group))")
        let refused = try await admin.send(.delete, "/api/v1/groups/\(group)")
        #expect(refused.status == 409)
        #expect(refused["blockedBy"] == .array([.string("Fall 21"), .string("1 member")]))
        #expect(try await admin.send(.delete, "/api/v1/groups/\(group)/members/\(staff.id)").status == 204)
        // the director's call sees no cohorts, but learns that there is one
        let blind = try await college.client(director).send(.delete, "/api/v1/groups/\(group)")
        #expect(blind.status == 409)
        #expect(blind["blockedBy", 0] != nil)
    }

    @Test func `directors keep the groups of their departments only`() async throws {
        let college = try await TestInstitution.make()
        let director = try await college.person("director")
        let own = try await college.department("Own", directors: [director])
        let foreign = try await college.department("Foreign")
        let client = college.client(director)
        let made = try await client.send(.post, "/api/v1/groups", json: #"{"name":"Mine","departmentId":\#(own)}"#)
        #expect(made.status == 201)
        let path = "/api/v1/groups/\(try #require(made.number("id")))"
        let homeless = try await client.send(.post, "/api/v1/groups", json: #"{"name":"None"}"#)
        #expect(homeless.status == 422)
        #expect(homeless.refusedFields == ["departmentId"])
        let abroad = try await client.send(.post, "/api/v1/groups", json: #"{"name":"Far","departmentId":\#(foreign)}"#)
        #expect(abroad.status == 403)
        #expect(try await client.send(.patch, path, json: #"{"name":"Still mine"}"#).status == 200)
        #expect(try await client.send(.patch, path, json: #"{"departmentId":\#(foreign)}"#).status == 403)
        #expect(try await client.send(.patch, path, json: #"{"departmentId":null}"#).status == 422)
        #expect(try await client.send(.patch, path, json: #"{"archived":true}"#).status == 200)
        #expect(try await client.send(.patch, path, json: #"{"archived":false}"#).status == 200)

        let theirs = try await college.group("Theirs", in: foreign)
        #expect(try await client.send(.get, "/api/v1/groups/\(theirs)").status == 200)
        #expect(try await client.send(.patch, "/api/v1/groups/\(theirs)", json: #"{"name":"x"}"#).status == 403)
        #expect(try await client.send(.delete, "/api/v1/groups/\(theirs)").status == 403)
        #expect(try await client.send(.delete, "/api/v1/groups/999999").status == 404)
        #expect(try await client.send(.delete, path).status == 204)
    }

    @Test func `staff and above list groups, managers and staff make none`() async throws {
        let college = try await TestInstitution.make()
        let group = try await college.group("Tutors", in: nil)
        for role in ["manager", "staff"] {
            let client = college.client(try await college.person(role))
            #expect(try await client.send(.get, "/api/v1/groups?q=TUT").items("name") == [.string("Tutors")])
            #expect(try await client.send(.post, "/api/v1/groups", json: #"{"name":"x"}"#).status == 403)
            #expect(try await client.send(.patch, "/api/v1/groups/\(group)", json: #"{"name":"x"}"#).status == 403)
        }
        let student = college.client(try await college.person("student"))
        #expect(try await student.send(.get, "/api/v1/groups").status == 403)
        #expect(try await student.send(.get, "/api/v1/groups/\(group)").status == 403)
    }
}
