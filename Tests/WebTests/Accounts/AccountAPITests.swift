import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct AccountAPITests {
    private func college() async throws -> (college: TestInstitution, admin: TestClient, id: Int) {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin", email: "root@example.edu")
        return (college, college.client(admin), admin.id)
    }

    private static let student = """
        {"email":"Zoe@example.edu","givenName":" Zoe ","familyName":"Zapf","role":"student","studentNumber":"Z-1"}
        """

    @Test func `a person from beginning to end`() async throws {
        let (_, admin, _) = try await college()
        let made = try await admin.send(.post, "/api/v1/accounts", json: Self.student)
        #expect(made.status == 201)
        #expect(made.text("givenName") == "Zoe")
        #expect(made.text("status") == "active")
        #expect(made.text("studentNumber") == "Z-1")
        let tag = try #require(made.headers[.eTag])
        let path = "/api/v1/accounts/\(try #require(made.number("id")))"

        let read = try await admin.send(.get, path)
        #expect(read.text == made.text && read.headers[.eTag] == tag)
        let changed = try await admin.send(
            .patch, path, json: #"{"familyName":"Zorn","studentNumber":null}"#, headers: [.ifMatch: tag])
        #expect(changed.status == 200)
        #expect(changed.text("familyName") == "Zorn" && changed["studentNumber"] == .null)
        #expect(changed.headers[.eTag] != tag)
        #expect(try await admin.send(.patch, path, json: #"{"givenName":"Y"}"#, headers: [.ifMatch: tag]).status == 412)
        #expect(try await admin.send(.delete, path, headers: [.ifMatch: tag]).status == 412)
        #expect(try await admin.send(.delete, path).status == 204)
        #expect(try await admin.send(.delete, path).status == 404)
        #expect(try await admin.send(.get, path).status == 404)
    }

    @Test func `a preferred name comes, is looked for beside the given one, and goes`() async throws {
        let (college, admin, _) = try await college()
        let made = try await admin.send(
            .post, "/api/v1/accounts",
            json: """
                {"email":"kh@example.edu","givenName":"Katherine","familyName":"Hepburn","preferredName":" Kate ",\
                "role":"student","studentNumber":"H-0042"}
                """)
        #expect(made.status == 201 && made.text("preferredName") == "Kate")
        let id = try #require(made.number("id"))
        for text in ["kate%20hep", "katherine%20hep", "kh%40", "h-0042"] {
            let found = try await admin.send(.get, "/api/v1/accounts?q=\(text)")
            #expect(found.items("id").count == 1 && found.number("items", 0, "id") == id, "\(text)")
        }
        let path = "/api/v1/accounts/\(id)"
        let long = String(repeating: "k", count: 101)
        let refused = try await admin.send(.patch, path, json: #"{"preferredName":"\#(long)"}"#)
        #expect(refused.status == 422 && refused.refusedFields == ["preferredName"])
        let kept = try await admin.send(.patch, path, json: #"{"familyName":"Houghton"}"#)
        #expect(kept.text("preferredName") == "Kate")
        let gone = try await admin.send(.patch, path, json: #"{"preferredName":null}"#)
        #expect(gone.status == 200 && gone["preferredName"] == .null)
        #expect(try await admin.send(.get, "/api/v1/accounts?q=kate").items("id").isEmpty)
        let audited: SQL = """
            select concat_ws('|', before ->> 'preferredName', after ->> 'preferredName') from audit
            where subject = \("account/\(id)") order by id
            """
        #expect(try await college.owner(audited.values(String.self)) == ["Kate", "Kate|Kate", "Kate"])
    }

    @Test func `wrong fields are all named`() async throws {
        let (_, admin, id) = try await college()
        let made = try await admin.send(
            .post, "/api/v1/accounts",
            json: #"{"email":"x","givenName":"","role":"king","password":"short","color":"red","status":null}"#)
        #expect(made.status == 422)
        #expect(Set(made.refusedFields) == ["email", "givenName", "role", "password", "color", "status"])
        let changed = try await admin.send(
            .patch, "/api/v1/accounts/\(id)", json: #"{"givenName":null,"password":null}"#)
        #expect(changed.status == 422)
        #expect(Set(changed.refusedFields) == ["givenName", "password"])
        let own = try await admin.send(.patch, "/api/v1/accounts/\(id)", json: #"{"password":"root@EXAMPLE.edu"}"#)
        #expect(own.status == 422 && own.refusedFields == ["password"])
    }

    @Test func `an address and a number belong to one person, whatever the case`() async throws {
        let (_, admin, id) = try await college()
        _ = try await admin.send(.post, "/api/v1/accounts", json: Self.student)
        let again = try await admin.send(
            .post, "/api/v1/accounts", json: #"{"email":"ZOE@example.EDU","givenName":"Z","role":"staff"}"#)
        #expect(again.status == 409)
        let number = try await admin.send(
            .post, "/api/v1/accounts",
            json: #"{"email":"z@example.edu","givenName":"Z","role":"student","studentNumber":"Z-1"}"#)
        #expect(number.status == 409)
        let moved = try await admin.send(.patch, "/api/v1/accounts/\(id)", json: #"{"email":"zoe@example.edu"}"#)
        #expect(moved.status == 409)
    }

    @Test func `the last active admin stays`() async throws {
        let (college, admin, id) = try await college()
        let suspended = try await college.account("admin", email: "old@example.edu")
        try await college.run("update accounts set status = 'suspended' where id = \(suspended)")
        let path = "/api/v1/accounts/\(id)"
        for change in [#"{"role":"staff"}"#, #"{"status":"suspended"}"#, #"{"status":"archived"}"#] {
            #expect(try await admin.send(.patch, path, json: change).status == 409)
        }
        #expect(try await admin.send(.delete, path).status == 409)
        #expect(try await admin.send(.patch, path, json: #"{"givenName":"Root"}"#).status == 200)
        #expect(try await admin.send(.get, "/api/v1/me").status == 200)
    }

    @Test(arguments: [#"{"role":"manager"}"#, #"{"status":"suspended"}"#, #"{"password":"a new long password"}"#])
    func `a new role, status or password ends sessions`(change: String) async throws {
        let (college, admin, _) = try await college()
        let staff = try await college.person("staff")
        let path = "/api/v1/accounts/\(staff.id)"
        #expect(try await admin.send(.patch, path, json: #"{"givenName":"New"}"#).status == 200)
        #expect(try await college.client(staff).send(.get, "/api/v1/me").status == 200)
        #expect(try await admin.send(.patch, path, json: change).status == 200)
        #expect(try await college.client(staff).send(.get, "/api/v1/me").status == 401)
    }

    @Test func `what hangs on a person is told`() async throws {
        let (college, admin, _) = try await college()
        let staff = try await college.person("staff")
        try await college.run("insert into groups (name) values ('Advising')")
        try await college.run("insert into group_members select id, \(staff.id), 'staff', false from groups")
        let answer = try await admin.send(.delete, "/api/v1/accounts/\(staff.id)")
        #expect(answer.status == 409)
        #expect(answer["blockedBy"] == .array([.string("group Advising")]))
        #expect(try await admin.send(.get, "/api/v1/accounts/\(staff.id)").status == 200)
    }

    @Test func `an archived account is read-only until it is active again`() async throws {
        let (college, admin, _) = try await college()
        let staff = try await college.person("staff")
        let path = "/api/v1/accounts/\(staff.id)"
        #expect(try await admin.send(.patch, path, json: #"{"status":"archived"}"#).status == 200)
        #expect(try await admin.send(.patch, path, json: #"{"givenName":"New"}"#).status == 409)
        #expect(try await admin.send(.post, "\(path)/invitation").status == 409)
        #expect(try await admin.send(.get, "/api/v1/accounts?q=\(staff.email)")["items"] == .array([]))
        #expect(try await admin.send(.get, "/api/v1/accounts?archived=true").number("items", 0, "id") == staff.id)
        #expect(try await admin.send(.patch, path, json: #"{"status":"active"}"#).status == 200)
    }

    @Test func `lists filter and page`() async throws {
        let (college, admin, _) = try await college()
        for name in ["Cruz", "Abel", "Baum"] {
            _ = try await college.account("student", email: "\(name)@example.edu", family: name)
        }
        let first = try await admin.send(.get, "/api/v1/accounts?role=student&limit=2")
        #expect(first.items("familyName") == [.string("Abel"), .string("Baum")])
        #expect(first.headers[HTTPField.Name("Link")!]?.contains("rel=\"next\"") == true)
        let cursor = try #require(first.text("next"))
        let second = try await admin.send(.get, "/api/v1/accounts?role=student&limit=2&cursor=\(cursor)")
        #expect(second.items("familyName") == [.string("Cruz")])
        #expect(second["next"] == .null)
        #expect(try await admin.send(.get, "/api/v1/accounts?q=CRUZ%40ex").items("familyName") == [.string("Cruz")])
        for query in ["limit=0", "limit=201", "cursor=x", "role=king", "status=gone"] {
            #expect(try await admin.send(.get, "/api/v1/accounts?\(query)").status == 422)
        }
    }

    @Test(arguments: ["director", "manager", "staff", "student"])
    func `nobody but admins`(role: String) async throws {
        let (college, _, id) = try await college()
        let client = college.client(try await college.person(role))
        #expect(try await client.send(.get, "/api/v1/accounts").status == 403)
        #expect(try await client.send(.get, "/api/v1/accounts/\(id)").status == 403)
        #expect(try await client.send(.post, "/api/v1/accounts", json: "{}").status == 403)
        #expect(try await client.send(.patch, "/api/v1/accounts/\(id)", json: "{}").status == 403)
        #expect(try await client.send(.delete, "/api/v1/accounts/999999").status == 403)
        #expect(try await client.send(.post, "/api/v1/accounts/\(id)/invitation").status == 403)
        #expect(try await client.send(.get, "/api/v1/tokens").status == 403)
    }

    @Test func `another institution's people are not there`() async throws {
        let (_, admin, _) = try await college()
        let other = try await TestInstitution.make()
        for _ in 0..<3 { _ = try await other.person("staff") }
        let stranger = try await other.account("staff", email: "far@example.edu")
        #expect(try await admin.send(.get, "/api/v1/accounts/\(stranger)").status == 404)
        #expect(try await admin.send(.get, "/api/v1/accounts?q=far")["items"] == .array([]))
    }

    @Test func `admins work while somebody's role is changed, and a made-up cursor is no error of the server's`()
        async throws
    {
        let college = try await TestInstitution.make()
        let person = try await college.person("admin")
        let admin = college.client(person)
        let id = try await college.account("staff", email: "s@x.edu")
        // what the admin does at this moment holds a share of the admin's key, as every reference to an account does
        try await college.owner.transaction { transaction in
            try await transaction(SQL("select id from accounts where id = \(person.id) for key share").done())
            #expect(try await admin.send(.patch, "/api/v1/accounts/\(id)", json: #"{"role":"manager"}"#).status == 200)
        }
        let cursor = "WyJhIiwzMDAwMDAwMDAwXQ"  // ["a",3000000000]
        #expect(try await admin.send(.get, "/api/v1/accounts?cursor=\(cursor)").status == 200)
        #expect(try await admin.send(.get, "/api/v1/tokens?cursor=\(cursor)").status == 200)
    }
}
