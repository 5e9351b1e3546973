import Casework
import Postgres
import Tenancy

extension TestInstitution {
    /// Adds a category and a cohort in it.
    public func cohort(_ name: String = "Fall") async throws -> (category: Int, id: Int) {
        let category = try await owner(
            ("insert into cohort_categories (name) values (\("Kind of " + name)) returning id" as SQL).value(Int.self))
        let cohort = try await owner(
            ("insert into cohorts (category_id, name) values (\(category), \(name)) returning id" as SQL).value(
                Int.self))
        return (category, cohort)
    }

    /// Adds a group of these people and attaches it to cohorts.
    public func group(
        _ name: String, of people: [Person] = [], manager: Person? = nil, cohorts: [Int] = []
    ) async throws -> Int {
        let group = try await owner(
            ("insert into groups (name) values (\(name)) returning id" as SQL).value(Int.self))
        try await run(
            """
            insert into group_members (group_id, account_id, account_role, manager)
            select \(group), id, role, id = \(manager?.id ?? 0) from accounts
            where id = any (\(people.map(\.id))) or id = \(manager?.id ?? 0)
            """)
        try await run(
            "insert into cohort_groups (cohort_id, group_id) select unnest(\(cohorts)::int[]), \(group)")
        return group
    }

    /// Makes Case Management open to staff and students whatever is set up.
    public func makeVisible() async throws {
        try await run("update settings set student_visibility = true")
    }

    /// Puts a student into a cohort.
    public func enroll(_ student: Int, in cohort: Int) async throws {
        try await run("insert into enrollments (cohort_id, student_id) values (\(cohort), \(student))")
    }

    /// The texts that a query of the owner's finds.
    public func texts(_ sql: SQL) async throws -> [String] { try await owner(sql.values(String.self)) }

    /// The number that a query of the owner's finds.
    public func number(_ sql: SQL) async throws -> Int { try await owner(sql.value(Int.self)) }

    /// What a query of the owner's says to a question.
    public func truth(_ sql: SQL) async throws -> Bool { try await owner(sql.value(Bool.self)) }
}
