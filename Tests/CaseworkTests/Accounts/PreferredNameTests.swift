import Casework
import Postgres
import Tenancy
import TestSupport
import Testing

/// What people are called, where they stand in lists, and by what they are found.
@Suite struct PreferredNameTests {
    private func person(_ given: String, _ family: String, _ preferred: String?) async throws -> [String] {
        let college = try await TestInstitution.make()
        let id = try await college.account("student", email: "k@x.edu", given: given, family: family)
        try await college.owner(
            ("update accounts set preferred_name = \(preferred), student_number = 'H-1' where id = \(id)" as SQL).done()
        )
        let sql: SQL = "select unnest(array[name, sort_name, search_text]) from accounts where id = \(id)"
        return try await college.owner(sql.values(String.self))
    }

    @Test func `it stands for the given name, and the search finds both`() async throws {
        let columns = try await person("Katherine", "Hepburn", "Kate")
        #expect(columns == ["Kate Hepburn", "hepburn kate", "kate hepburn katherine hepburn k@x.edu h-1"])
    }

    @Test func `without one the given name does`() async throws {
        let columns = try await person("Katherine", "Hepburn", nil)
        #expect(columns == ["Katherine Hepburn", "hepburn katherine", "katherine hepburn k@x.edu h-1"])
    }

    @Test func `who has one name only is called by it alone`() async throws {
        #expect(try await person("Teller", "", "Ray").prefix(2) == ["Ray", "ray"])
    }

    @Test(arguments: ["", String(repeating: "k", count: 101)])
    func `the database refuses an empty one and a long one`(_ name: String) async throws {
        await #expect(throws: PostgresError.self) { try await person("Katherine", "Hepburn", name) }
    }

    @Test func `staff find the students in scope by it and by number, and an admin does`() async throws {
        let college = try await TestInstitution.make()
        try await college.makeVisible()
        let (staff, admin) = (try await college.person("staff"), try await college.person("admin"))
        let cohort = try await college.cohort("Mine").id
        _ = try await college.group("Advisors", of: [staff], cohorts: [cohort])
        let kate = try await college.account("student", email: "k@x.edu", given: "Katherine", family: "Hepburn")
        try await college.enroll(kate, in: cohort)
        try await college.run(
            "update accounts set preferred_name = 'Kate', student_number = 'H-0042' where id = \(kate)")
        for text in ["kate hep", "katherine hep", "h-0042"] {
            for (person, asAdmin) in [(staff, false), (admin, true)] {
                let reading = try QueueRepository.students(search: text, PageRequest(limit: 50), asAdmin: asAdmin)
                let found = try await college.work(person, .casework).read(reading)
                #expect(found.items.map(\.name) == ["Kate Hepburn"], "\(text)")
            }
        }
    }
}
