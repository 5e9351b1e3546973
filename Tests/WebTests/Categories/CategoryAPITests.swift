import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct CategoryAPITests {
    @Test func `an admin makes, renames and deletes a category`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let made = try await client.send(.post, "/api/v1/categories", json: #"{"name":"  First-Year Students "}"#)
        #expect(made.status == 201)
        #expect(made.text("name") == "First-Year Students")
        let id = try #require(made.number("id"))
        let tag = try #require(made.headers[.eTag])

        let renamed = try await client.send(
            .patch, "/api/v1/categories/\(id)", json: #"{"name":"First Year"}"#, headers: [.ifMatch: tag])
        #expect(renamed.status == 200)
        #expect(renamed.text("name") == "First Year")
        #expect(renamed.headers[.eTag] != tag)
        let late = try await client.send(
            .patch, "/api/v1/categories/\(id)", json: #"{"name":"Too late"}"#, headers: [.ifMatch: tag])
        #expect(late.status == 412)
        #expect(try await client.send(.delete, "/api/v1/categories/\(id)", headers: [.ifMatch: tag]).status == 412)

        let audit = try await college.texts("select action || ' ' || subject from audit order by id")
        #expect(audit == ["category.create category/\(id)", "category.update category/\(id)"])
        #expect(try await client.send(.delete, "/api/v1/categories/\(id)").status == 204)
        #expect(try await client.send(.get, "/api/v1/categories/\(id)").status == 404)
        #expect(try await client.send(.delete, "/api/v1/categories/\(id)").status == 404)
    }

    @Test func `a rename to the same name changes nothing`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let made = try await client.send(.post, "/api/v1/categories", json: #"{"name":"Athletes"}"#)
        let id = try #require(made.number("id"))
        let again = try await client.send(.patch, "/api/v1/categories/\(id)", json: #"{"name":"Athletes"}"#)
        #expect(again.headers[.eTag] == made.headers[.eTag])
        #expect(try await client.send(.patch, "/api/v1/categories/\(id)", json: "{}").status == 200)
        #expect(try await college.number("select count(*) from audit") == 1)
    }

    @Test func `a category moves to a place, and those it passes make room`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        var ids: [String: Int] = [:]
        for name in ["a", "b", "c"] {
            ids[name] = try await client.send(.post, "/api/v1/categories", json: "{\"name\":\"\(name)\"}").number("id")
        }
        func order() async throws -> [String] {
            try await college.texts("select name from cohort_categories order by position nulls last, lower(name), id")
        }
        func move(_ name: String, _ position: Int) async throws -> TestClient.Answer {
            try await client.send(
                .patch, "/api/v1/categories/\(try #require(ids[name]))", json: "{\"position\":\(position)}")
        }
        #expect(try await move("c", 1).number("position") == 1)
        #expect(try await order() == ["c", "a", "b"])
        #expect(try await move("c", 99).number("position") == 3)
        #expect(try await order() == ["a", "b", "c"])
        let moved = try await move("a", 2)
        #expect(try await order() == ["b", "a", "c"])
        #expect(try await move("a", 2).headers[.eTag] == moved.headers[.eTag], "where it is already")
        #expect(try await move("a", 0).status == 422)

        let new = try await client.send(.post, "/api/v1/categories", json: #"{"name":"0"}"#)
        #expect(new["position"] == .null)
        #expect(try await order() == ["b", "a", "c", "0"])
    }

    @Test func `names are unique without regard to case`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        #expect(try await client.send(.post, "/api/v1/categories", json: #"{"name":"Honors"}"#).status == 201)
        #expect(try await client.send(.post, "/api/v1/categories", json: #"{"name":"HONORS"}"#).status == 409)
        let other = try await client.send(.post, "/api/v1/categories", json: #"{"name":"Other"}"#)
        let id = try #require(other.number("id"))
        #expect(try await client.send(.patch, "/api/v1/categories/\(id)", json: #"{"name":"honors"}"#).status == 409)
    }

    @Test func `a category with cohorts is not deleted`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let category = try #require(
            try await client.send(.post, "/api/v1/categories", json: #"{"name":"Honors"}"#).number("id"))
        _ = try await client.send(.post, "/api/v1/categories/\(category)/cohorts", json: #"{"name":"Fall"}"#)
        let refused = try await client.send(.delete, "/api/v1/categories/\(category)")
        #expect(refused.status == 409)
        #expect(refused.text("blockedBy", 0) == "Fall")
    }

    @Test(arguments: [
        ("{}", 422), (#"{"name":""}"#, 422), (#"{"name":null}"#, 422), (#"{"name":7}"#, 422),
        (#"{"name":"x","color":"red"}"#, 422), ("{", 400), ("[]", 422),
    ])
    func `bad input is refused`(body: String, status: Int) async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        #expect(try await client.send(.post, "/api/v1/categories", json: body).status == status)
        #expect(try await client.send(.post, "/api/v1/categories", body: Array("name=x".utf8)).status == 415)
    }

    @Test func `lists by name, in pages, searching`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        for name in ["b", "C", "a", "100%", "1000"] {
            _ = try await client.send(.post, "/api/v1/categories", json: "{\"name\":\"\(name)\"}")
        }
        let first = try await client.send(.get, "/api/v1/categories?limit=3")
        #expect(first.strings("items", each: "name") == ["100%", "1000", "a"])
        let next = try #require(first.text("next"))
        let second = try await client.send(.get, "/api/v1/categories?limit=3&cursor=\(next)")
        #expect(second.strings("items", each: "name") == ["b", "C"])
        #expect(second["next"] == .null)
        let found = try await client.send(.get, "/api/v1/categories?q=0%25")
        #expect(found.strings("items", each: "name") == ["100%"])
        #expect(try await client.send(.get, "/api/v1/categories?limit=0").status == 422)
        #expect(try await client.send(.get, "/api/v1/categories?cursor=x").status == 422)
    }

    @Test(arguments: ["director", "manager", "staff", "student"])
    func `who may not edit cohorts sees no categories`(role: String) async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person(role))
        #expect(try await client.send(.get, "/api/v1/categories").status == 403)
        #expect(try await client.send(.post, "/api/v1/categories", json: #"{"name":"x"}"#).status == 403)
        #expect(try await client.send(.get, "/api/v1/categories/1").status == 403)
        #expect(try await college.client().send(.get, "/api/v1/categories").status == 401)
    }

    @Test func `another institution's category does not exist`() async throws {
        let (college, other) = (try await TestInstitution.make(), try await TestInstitution.make())
        let client = college.client(try await college.person("admin"))
        let there = other.client(try await other.person("admin"))
        for name in ["a", "b", "c"] {
            _ = try await client.send(.post, "/api/v1/categories", json: "{\"name\":\"\(name)\"}")
        }
        #expect(try await there.send(.get, "/api/v1/categories/3").status == 404)
        #expect(try await there.send(.patch, "/api/v1/categories/3", json: #"{"name":"x"}"#).status == 404)
        #expect(try await there.send(.get, "/api/v1/categories").strings("items", each: "name").isEmpty)
    }
}
