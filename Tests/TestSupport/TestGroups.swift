import Postgres
import Tenancy

extension TestInstitution {
    /// Adds a department and who directs it.
    public func department(_ name: String, directors: [Person] = []) async throws -> Int {
        let department = try await owner(
            ("insert into departments (name) values (\(name)) returning id" as SQL).value(Int.self))
        for director in directors {
            try await run(
                "insert into department_directors (department_id, account_id) values (\(department), \(director.id))")
        }
        return department
    }

    /// Adds a group without members to a department, or to none.
    public func group(_ name: String, in department: Int?) async throws -> Int {
        try await owner(
            ("insert into groups (name, department_id) values (\(name), \(department)) returning id" as SQL)
                .value(Int.self))
    }

    /// Makes somebody a member of a group.
    public func join(_ person: Person, _ group: Int, asManager isManager: Bool = false) async throws {
        try await run(
            """
            insert into group_members (group_id, account_id, account_role, manager)
            select \(group), id, role, \(isManager)::bool from accounts where id = \(person.id)
            """)
    }

    /// Gives somebody a card.
    public func card(of person: Person, title: String = "Advisor", isPublished: Bool = true) async throws {
        try await run(
            """
            insert into cards (account_id, account_role, title, email, published)
            select id, role, \(title), email, \(isPublished)::bool from accounts where id = \(person.id)
            """)
    }

    /// Sets up what Case Management needs: a cohort with a student, a saved milestone and a group with a carded member.
    public func makeReady() async throws {
        let student = try await person("student")
        let staff = try await person("staff")
        try await card(of: staff)
        let category = try await owner(
            ("insert into cohort_categories (name) values ('Ready') returning id" as SQL).value(Int.self))
        let cohort = try await owner(
            ("insert into cohorts (category_id, name) values (\(category), 'Ready') returning id" as SQL).value(
                Int.self))
        let group = try await group("Ready", in: nil)
        try await join(staff, group)
        try await run("insert into cohort_groups (cohort_id, group_id) values (\(cohort), \(group))")
        try await run("insert into enrollments (cohort_id, student_id) values (\(cohort), \(student.id))")
        try await run("insert into milestones (cohort_id, title, saved) values (\(cohort), 'Meet', true)")
    }

    /// What the audit holds: `group.create group/3`, oldest first.
    public func audited() async throws -> [String] {
        try await owner(("select action || ' ' || subject as line from audit order by id" as SQL).values(String.self))
    }
}
