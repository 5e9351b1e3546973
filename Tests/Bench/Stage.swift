import Casework
import Foundation
import Logging
import Postgres
import PrivatePostgres
import Tenancy
import Web

/// A database with institutions, a running server and tokens: what every measurement needs.
struct Stage {
    let directory: URL
    let superuser: String
    let service: String
    let migrator: Migrator
    let deployment: Deployment
    let institution: Institution
    let tokens: [SessionToken]

    static let password = "only-for-benchmarks"

    /// A database with roles and platform schema.
    /// - Returns: its superuser's and its service's address, and who makes institutions there.
    static func database(
        server: PrivateServer, partitions: [Int]
    ) async throws -> (superuser: String, service: String, migrator: Migrator) {
        let maintenance = try await server.start()
        let connection = try await Connection.connect(conninfo: maintenance, connectTimeout: .seconds(10))
        try await connection.execute(script: "create database bench")
        await connection.close()
        let superuser = try url(maintenance, database: "bench")
        try await Cluster.prepare(
            superuser: superuser, partitions: partitions,
            passwords: partitions.reduce(into: ["waymark_migrator": password]) { $0["waymark_app_\($1)"] = password })
        let service = try url(superuser, user: "waymark_app_1")
        let migrator = try Migrator(conninfo: try url(superuser, user: "waymark_migrator"))
        _ = try await migrator.migrate()
        return (superuser, service, migrator)
    }

    /// 20,000 students in 40 cohorts of 10 milestones, each student in two of them; visible.
    static func make(server: PrivateServer, directory: URL) async throws -> Stage {
        let (superuser, service, migrator) = try await database(server: server, partitions: [1])
        let institution = try await migrator.create(slug: "bench", name: "Bench College")
        try await fill(institution, students: 20_000, cohorts: 40, migrator: migrator)
        let tokens = try await sessions(institution, count: 64, migrator: migrator)
        let insert: SQL = """
            insert into sessions (token_hash, account_id, expires_at)
            select sha256(convert_to(role, 'UTF8')), min(id), now() + interval '1 day' from accounts
            where role <> 'student' and (role <> 'staff' or id % 5 = 4) group by role
            """
        try await migrator.work(in: institution)(insert.done())
        return Stage(
            directory: directory, superuser: superuser, service: service, migrator: migrator,
            deployment: Deployment(.init(pool: Pool.Configuration(conninfo: service))), institution: institution,
            tokens: tokens)
    }

    /// People, cohorts, milestones and progress, made by the database itself.
    static func fill(_ institution: Institution, students: Int, cohorts: Int, migrator: Migrator) async throws {
        let statements: [SQL] = [
            """
            insert into accounts (email, given_name, family_name, role)
            select 'student' || n || '@example.edu', 'Given' || n, 'Family' || n, 'student'
            from generate_series(1, \(students)::int) n
            """,
            """
            insert into accounts (email, given_name, family_name, role)
            select 'staff' || n || '@example.edu', 'Staff' || n, 'Member', (array['admin', 'director', 'manager'])[n]
            from generate_series(1, 3) n
            union all
            select 'staff' || n || '@example.edu', 'Staff' || n, 'Member', 'staff' from generate_series(4, 10) n
            """,
            """
            insert into cards (account_id, account_role, title, email, published)
            select id, role, 'Advisor', email, true from accounts where role <> 'student'
            """,
            "insert into departments (name) values ('Advising')",
            "insert into department_directors (department_id, account_id) select min(d.id), min(a.id) from departments d, accounts a where a.role = 'director'",
            "insert into groups (name, department_id) select 'Group ' || n, min(d.id) from generate_series(1, 5) n, departments d group by n",
            """
            insert into group_members (group_id, account_id, account_role)
            select g.id, a.id, a.role from groups g join accounts a
              on a.role in ('admin', 'staff') and a.id % 5 = g.id % 5 or a.role = 'manager' and g.id % 5 = 4
            """,
            "insert into cohort_categories (name) values ('First-Year Students')",
            """
            insert into cohorts (category_id, name) select (select min(id) from cohort_categories), 'Cohort ' || n
            from generate_series(1, \(cohorts)::int) n
            """,
            "insert into cohort_groups (cohort_id, group_id) select c.id, g.id from cohorts c join groups g on g.id % 5 = c.id % 5",
            """
            insert into milestones (cohort_id, title, due_on, description, saved)
            select c.id, 'Milestone ' || n, current_date + n * 7 - 30, 'Meet your advisor and bring your degree plan.', true
            from cohorts c cross join generate_series(1, 10) n
            """,
            """
            insert into enrollments (cohort_id, student_id)
            select c.id, a.id from accounts a
            join (select id, row_number() over (order by id) - 1 as n from cohorts) c
              on c.n = a.id % \(cohorts) or c.n = (a.id + 1) % \(cohorts)
            where a.role = 'student'
            """,
            """
            insert into progress (milestone_id, student_id, cohort_id, completion, status)
            select m.id, e.student_id, m.cohort_id, m.completion, 'completed'
            from enrollments e join milestones m on m.cohort_id = e.cohort_id where (m.id + e.student_id) % 4 = 0
            """,
            """
            insert into progress (milestone_id, student_id, cohort_id, completion, status, comment, updated_at)
            select m.id, e.student_id, m.cohort_id, m.completion, 'submitted', 'I met my advisor.',
                   now() - e.student_id % 20 * interval '6 hours'
            from enrollments e join milestones m on m.cohort_id = e.cohort_id
            where e.cohort_id % 5 = 4 and (m.id + e.student_id) % 4 = 1 order by m.id, e.student_id limit 5000
            """,
            """
            insert into progress_events (milestone_id, student_id, cohort_id, actor_id, at, from_status, to_status)
            select milestone_id, student_id, cohort_id, (select min(id) from accounts where role = 'staff'),
                   updated_at - student_id % 50 * interval '1 day', 'open', status
            from progress where status = 'completed'
            """,
            """
            insert into sign_ins (account_id, at)
            select id, now() - id % 90 * interval '1 day' from accounts where role = 'student' and id % 3 > 0
            """,
            "update settings set student_visibility = true",
        ]
        for statement in statements { try await migrator.work(in: institution)(statement.done()) }
        try await migrator.pool.exclusive { connection in
            let tables = [
                "accounts", "enrollments", "progress", "progress_events", "milestones", "cohorts", "sign_ins",
            ].map { "\(institution.schema).\($0)" }
            try await connection.execute(script: "set role waymark_owner")
            try await connection.execute(script: "vacuum (analyze) \(tables.joined(separator: ", "))")
        }
    }

    /// Signed-in students. For pgbench there are as many sessions again, whose hashes are the numbers from 0.
    static func sessions(_ institution: Institution, count: Int, migrator: Migrator) async throws -> [SessionToken] {
        let work = migrator.work(in: institution)
        let students = try await work(
            SQL("select id from accounts where role = 'student' order by id limit \(count)").values(Int.self))
        var tokens: [SessionToken] = []
        for (number, student) in students.enumerated() {
            let token = SessionToken(kind: .session, institution: institution.id, secret: try Secret.random())
            let insert: SQL = """
                insert into sessions (token_hash, account_id, expires_at)
                values (\(token.hash), \(student), now() + interval '1 day'),
                       (decode(lpad(to_hex(\(number)::int), 64, '0'), 'hex'), \(student), now() + interval '1 day')
                """
            try await work(insert.done())
            tokens.append(token)
        }
        return tokens
    }

    /// The first of that role, signed in: the staff member works in the groups whose queue holds 5,000 requests.
    static func session(of role: String, at institution: Institution, migrator: Migrator) async throws -> SessionToken {
        let token = SessionToken(kind: .session, institution: institution.id, secret: try Secret.random())
        let insert: SQL = """
            insert into sessions (token_hash, account_id, expires_at)
            select \(token.hash), min(id), now() + interval '1 day' from accounts
            where role = \(role) and (role <> 'staff' or id % 5 = 4)
            """
        try await migrator.work(in: institution)(insert.done())
        return token
    }

    /// In SQL, the hash of the session of somebody of that role, for pgbench.
    static func token(of role: String) -> String { "sha256('\(role)')" }

    private static func url(_ text: String, database: String? = nil, user: String? = nil) throws -> String {
        guard var parts = URLComponents(string: text) else { throw ToolFailure(description: "no URL: \(text)") }
        if let database { parts.path = "/" + database }
        if let user {
            parts.user = user
            parts.password = password
        }
        return parts.string ?? text
    }
}
