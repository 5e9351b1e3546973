import Casework
import HTTPTypes
import TestSupport
import Testing

@Suite struct DepartmentAPITests {
    @Test func `an admin makes, renames and deletes a department`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let made = try await client.send(.post, "/api/v1/departments", json: #"{"name":" Advising "}"#)
        #expect(made.status == 201)
        #expect(made.text("name") == "Advising")
        let id = try #require(made.number("id"))
        let tag = try #require(made.headers[.eTag])
        let path = "/api/v1/departments/\(id)"
        let renamed = try await client.send(.patch, path, json: #"{"name":"Advice"}"#, headers: [.ifMatch: tag])
        #expect(renamed.status == 200)
        #expect(renamed.text("name") == "Advice")
        #expect(try await client.send(.get, path).headers[.eTag] == renamed.headers[.eTag])
        let late = try await client.send(.patch, path, json: #"{"name":"Late"}"#, headers: [.ifMatch: tag])
        #expect(late.status == 412)
        let same = try await client.send(.patch, path, json: #"{"name":"Advice"}"#)
        #expect(same.headers[.eTag] == renamed.headers[.eTag])
        #expect(try await client.send(.delete, path, headers: [.ifMatch: tag]).status == 412)
        #expect(try await client.send(.delete, path).status == 204)
        #expect(try await client.send(.delete, path).status == 404)
        #expect(
            try await college.audited() == ["create", "update", "delete"].map { "department.\($0) department/\(id)" })
    }

    @Test func `names are unique without regard to case, and checked`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        #expect(try await client.send(.post, "/api/v1/departments", json: #"{"name":"Tutoring"}"#).status == 201)
        #expect(try await client.send(.post, "/api/v1/departments", json: #"{"name":"TUTORING"}"#).status == 409)
        for body in [#"{}"#, #"{"name":" "}"#, #"{"name":null}"#, #"{"name":5}"#, #"{"name":"a\u0000b"}"#] {
            let refused = try await client.send(.post, "/api/v1/departments", json: body)
            #expect(refused.status == 422)
            #expect(refused.refusedFields == ["name"])
        }
        #expect(try await client.send(.post, "/api/v1/departments", json: #"{"name":"#).status == 400)
    }

    @Test func `the list is paged by name and searched`() async throws {
        let college = try await TestInstitution.make()
        for name in ["beta", "Alpha", "gamma"] { _ = try await college.department(name) }
        let client = college.client(try await college.person("admin"))
        let first = try await client.send(.get, "/api/v1/departments?limit=2")
        #expect(first.items("name") == [.string("Alpha"), .string("beta")])
        let next = try #require(first.text("next"))
        let second = try await client.send(.get, "/api/v1/departments?limit=2&cursor=\(next)")
        #expect(second.items("name") == [.string("gamma")])
        #expect(second["next"] == .null)
        #expect(try await client.send(.get, "/api/v1/departments?q=AM").items("name") == [.string("gamma")])
        #expect(try await client.send(.get, "/api/v1/departments?limit=0").status == 422)
    }

    @Test func `a department with groups is not deleted`() async throws {
        let college = try await TestInstitution.make()
        let department = try await college.department("Advising")
        _ = try await college.group("First-Year Advisors", in: department)
        let client = college.client(try await college.person("admin"))
        let refused = try await client.send(.delete, "/api/v1/departments/\(department)")
        #expect(refused.status == 409)
        #expect(refused["blockedBy", 0] == .string("First-Year Advisors"))
    }

    @Test func `directors are named among directors`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let director = try await college.person("director")
        let manager = try await college.person("manager")
        let department = try await college.department("Advising")
        let path = "/api/v1/departments/\(department)/directors"
        #expect(try await client.send(.put, "\(path)/\(director.id)").status == 204)
        #expect(try await client.send(.put, "\(path)/\(director.id)").status == 204)
        let refused = try await client.send(.put, "\(path)/\(manager.id)")
        #expect(refused.status == 422)
        #expect(refused.refusedFields == ["accountId"])
        #expect(try await client.send(.put, "\(path)/999999").status == 404)
        #expect(try await client.send(.put, "/api/v1/departments/999999/directors/\(director.id)").status == 404)
        #expect(try await client.send(.get, "/api/v1/departments/999999/directors").status == 404)
        let list = try await client.send(.get, path)
        #expect(list.number("items", 0, "id") == director.id)
        #expect(try await client.send(.delete, "\(path)/\(director.id)").status == 204)
        #expect(try await client.send(.delete, "\(path)/\(director.id)").status == 404)
        #expect(
            try await college.audited() == ["create", "delete"].map { "directorship.\($0) department/\(department)" })
    }

    @Test func `nobody but admins may`() async throws {
        let college = try await TestInstitution.make()
        let department = try await college.department("Advising")
        for role in ["director", "manager", "staff", "student"] {
            let client = college.client(try await college.person(role))
            #expect(try await client.send(.get, "/api/v1/departments").status == 403)
            #expect(try await client.send(.post, "/api/v1/departments", json: #"{"name":"x"}"#).status == 403)
            #expect(try await client.send(.delete, "/api/v1/departments/\(department)").status == 403)
        }
    }
}
