import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

@Suite struct DirectoryAPITests {
    @Test func `colleagues see everybody who works here, students those with a card`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        let carded = try await college.person("staff")
        let draft = try await college.person("manager")
        let student = try await college.person("student")
        try await college.card(of: carded, title: "Tutor")
        try await college.card(of: draft, isPublished: false)
        _ = try await college.group("Writing", of: [carded, draft])
        _ = try await college.group("Algebra", of: [carded])
        let all = try await college.client(admin).send(.get, "/api/v1/directory")
        #expect((0..<4).compactMap { all.number("items", $0, "id") } == [admin.id, carded.id, draft.id])
        #expect(all["items", 0, "groups"] == .array([]))
        #expect(all["items", 1, "groups"] == .array([.string("Algebra"), .string("Writing")]))
        #expect(all.text("items", 1, "card", "title") == "Tutor")
        #expect(all["items", 2, "groups"] == .array([.string("Writing")]))
        #expect(all["items", 2, "card"] == .null)
        let seen = try await college.client(student).send(.get, "/api/v1/directory")
        #expect(seen.items("id").count == 1)
        #expect(seen.number("items", 0, "id") == carded.id)
        #expect(try await college.client().send(.get, "/api/v1/directory").status == 401)
    }

    @Test func `the search looks into names, and for colleagues into addresses`() async throws {
        let college = try await TestInstitution.make()
        let grace = try await college.account("staff", email: "hopper@example.edu", given: "Grace", family: "Murray")
        let colleague = college.client(try await college.person("staff"))
        let student = college.client(try await college.person("student"))
        try await college.run(
            "insert into cards (account_id, account_role, published) values (\(grace), 'staff', true)")
        func found(_ client: TestClient, _ text: String) async throws -> [Int] {
            let answer = try await client.send(.get, "/api/v1/directory?q=\(text)")
            return answer.items("id").indices.compactMap { answer.number("items", $0, "id") }
        }
        #expect(try await found(colleague, "ACE%20m") == [grace])
        #expect(try await found(colleague, "hopper") == [grace])
        #expect(try await found(colleague, "100%25") == [])
        #expect(try await found(student, "murray") == [grace])
        #expect(try await found(student, "hopper") == [])
    }

    @Test func `students are shown the preferred name, and find nobody by the given one or a number`() async throws {
        let college = try await TestInstitution.make()
        let kate = try await college.person("staff")
        try await college.run(
            """
            update accounts set given_name = 'Katherine', family_name = 'Hepburn', preferred_name = 'Kate',
                student_number = 'H-0042' where id = \(kate.id)
            """)
        try await college.card(of: kate, title: "Tutor")
        let colleague = college.client(try await college.person("staff"))
        let student = college.client(try await college.person("student"))
        func found(_ client: TestClient, _ text: String) async throws -> [JSONValue?] {
            try await client.send(.get, "/api/v1/directory?q=\(text)").items("name")
        }
        for text in ["kate", "katherine", "h-0042"] {
            #expect(try await found(colleague, text) == [.string("Kate Hepburn")], "\(text)")
        }
        #expect(try await found(student, "kate%20h") == [.string("Kate Hepburn")])
        #expect(try await found(student, "katherine").isEmpty)
        #expect(try await found(student, "h-0042").isEmpty)
        let all = try await student.send(.get, "/api/v1/directory").text
        #expect(!all.lowercased().contains("katherine") && !all.lowercased().contains("0042"))
    }

    @Test func `it is paged by name`() async throws {
        let college = try await TestInstitution.make()
        for (number, name) in ["Zoe", "adam", "Bea", "Adam"].enumerated() {
            _ = try await college.account("staff", email: "p\(number)@example.edu", given: name, family: "X")
        }
        let student = college.client(try await college.person("student"))
        #expect(try await student.send(.get, "/api/v1/directory").items("id").isEmpty)
        let admin = college.client(try await college.person("admin"))
        var names: [JSONValue?] = []
        var path: String? = "/api/v1/directory?limit=2"
        while let next = path {
            let page = try await admin.send(.get, next)
            names += page.items("name")
            path = page.text("next").map { "/api/v1/directory?limit=2&cursor=\($0)" }
        }
        #expect(names == ["Ada Lovelace", "adam X", "Adam X", "Bea X", "Zoe X"].map { .string($0) })
    }
}
