import Postgres
import Tenancy
import TestSupport
import Testing

/// Plans of the statements that are asked most, for each role, among 20,000 students.
@Suite struct PlanTests {
    /// Tables that nobody reads whole for a page.
    static let large = ["accounts", "enrollments", "progress", "progress_events", "sessions", "audit"]

    struct Asked: Sendable {
        let callers: [Int]
        let audience: Audience
        let statement: String

        init(_ callers: [Int], _ audience: Audience, _ statement: String) {
            self.callers = callers
            self.audience = audience
            self.statement = statement
        }
    }

    private static let admin = 30_001, director = 30_002, manager = 30_003, staff = 30_004, student = 7

    static let asked: [Asked] = [
        // the dashboard
        Asked([student], .student, "select id, name, category from my_cohorts order by lower(name), id"),
        Asked(
            [student], .student,
            """
            select milestone_id, cohort_id, title, due_on, description, status, overdue, completion, comment
            from my_assignments order by due_on nulls last, milestone_id
            """),
        Asked([student], .student, "select id, milestone_id, name from milestone_files order by milestone_id, id"),
        Asked([student], .student, "select group_id, group_name, name, title from support_network"),
        Asked([student], .progress, "select status from assignments where milestone_id = 8 and student_id = 7"),
        Asked([student], .student, "select id, name from accounts"),
        // the caseload: a cohort's students, one student, what waits for an answer
        Asked(
            [director, manager, staff, admin], .casework,
            "select id, name from my_students where cohort_id = 1 order by sort_name, id limit 51"),
        Asked(
            [director, manager, staff, admin], .casework,
            """
            select a.student_id, a.status from assignments a
            join my_students s on s.cohort_id = a.cohort_id and s.id = a.student_id
            where a.cohort_id = 1 order by s.sort_name, a.student_id, a.milestone_id limit 51
            """),
        Asked(
            [director, manager, staff, admin], .casework,
            "select milestone_id, student_id from progress where cohort_id = 1 and status = 'submitted'"),
        Asked([director, manager, staff, admin], .casework, "select id, email, version from students where id = 51"),
        Asked(
            [director, manager, staff, admin], .casework,
            "select status from assignments where milestone_id = 1 and student_id = 51"),
        Asked(
            [director, manager, staff, admin], .casework,
            "select to_status from progress_events where milestone_id = 1 and student_id = 51 order by id"),
        Asked(
            [director, manager, staff, admin], .casework,
            "select cohort_id from enrollments where student_id = 51"),
        Asked([director, manager, staff], .any, "select token_hash from sessions"),
        // an admin among all
        Asked([admin], .admin, "select id, name from accounts where search_text like '%given777 %'"),
        Asked([admin], .admin, "select id, name from accounts order by sort_name, id limit 51"),
        Asked(
            [admin], .admin,
            "select id from accounts where (sort_name, id) > ('family0500', 3) order by sort_name, id limit 51"),
        Asked([admin], .admin, "select id from accounts where lower(email) = 'p5@x.edu'"),
        Asked([admin], .admin, "select id, action from audit where subject = 'account/7' order by id desc limit 51"),
    ]

    @Test func `no page reads a large table whole`() async throws {
        let place = try await Self.filled()
        let call = try Regex(#"(waymark|inst_\d+)\.\w+\(|setup_missing\(|\bwho\("#)
        for asked in Self.asked {
            for account in asked.callers {
                let work = try place.database.deployment.work(
                    in: place.institution, tokenHash: Caller.bytes(session: account), audience: asked.audience,
                    writing: false)
                let plan = try await work(
                    SQL(unchecked: "explain (analyze, costs off, timing off) \(asked.statement)").values(String.self))
                for table in Self.large {
                    #expect(
                        !plan.contains { $0.contains("Seq Scan on \(table)") && !$0.contains("(never executed)") },
                        "\(account): \(asked.statement)\n\(plan.joined(separator: "\n"))")
                }
                #expect(
                    !plan.contains { $0.contains(call) },
                    "a function that was not inlined: \(asked.statement)\n\(plan.joined(separator: "\n"))")
            }
        }
    }

    /// 20,000 students in 50 cohorts, 25 groups of 40 staff, 200 milestones, 60,000 marks.
    private static func filled() async throws -> TestInstitution {
        let stage = try await Stage.open()
        let callers = [admin, director, manager, staff, student]
        try await stage.script(
            """
            insert into accounts (id, email, given_name, family_name, role) overriding system value
              select i, 'p' || i || '@x.edu', 'Given' || i, 'Family' || lpad((i % 5000)::text, 4, '0'), 'student'
              from generate_series(1, 20000) i;
            insert into accounts (id, email, given_name, role) overriding system value
              select 30000 + i, 's' || i || '@x.edu', 'S', case i when 1 then 'admin' when 2 then 'director'
                when 3 then 'manager' else 'staff' end from generate_series(1, 43) i;
            insert into cards (account_id, account_role, published) select id, role, true from accounts where id > 30000;
            insert into departments (id, name) overriding system value select i, 'd' || i from generate_series(1, 5) i;
            insert into department_directors (department_id, account_id) values (1, \(director));
            insert into groups (id, name, department_id) overriding system value
              select i, 'g' || i, 1 + i % 5 from generate_series(1, 25) i;
            insert into group_members (group_id, account_id, account_role, manager)
              select 1 + (a.id + k) % 25, a.id, a.role, true from accounts a, generate_series(0, 1) k
              where a.id > \(staff);
            insert into group_members (group_id, account_id, account_role, manager)
              values (1, \(manager), 'manager', true), (1, \(staff), 'staff', false);
            insert into cohort_categories (id, name) overriding system value values (1, 'k');
            insert into cohorts (id, category_id, name) overriding system value
              select i, 1, 'c' || i from generate_series(1, 50) i;
            insert into cohort_groups (cohort_id, group_id)
              select i, 1 + (i - 1) % 25 from generate_series(1, 50) i union select 1, 5;
            insert into enrollments (cohort_id, student_id) select 1 + (i - 1) % 50, i from generate_series(1, 20000) i;
            insert into enrollments (cohort_id, student_id) select 1 + i % 50, i from generate_series(1, 20000, 5) i;
            insert into milestones (id, cohort_id, title, saved) overriding system value
              select i, 1 + (i - 1) % 50, 'm', true from generate_series(1, 200) i;
            insert into progress (milestone_id, student_id, cohort_id, completion, status)
              select m.id, e.student_id, m.cohort_id, m.completion,
                     (array['submitted', 'completed', 'open'])[1 + (m.id + e.student_id) % 3]
              from enrollments e join milestones m using (cohort_id) where (m.id + e.student_id) % 5 > 1;
            insert into progress_events (milestone_id, student_id, cohort_id, from_status, to_status)
              select milestone_id, student_id, cohort_id, 'open', status from progress;
            insert into sessions (token_hash, account_id, expires_at)
              select sha256(convert_to(i::text, 'UTF8')), i, now() + interval '1 hour' from generate_series(1, 20000) i;
            insert into sessions (token_hash, account_id, expires_at) values
              \(callers.map { "('\(Caller.hash(session: $0))', \($0), now() + interval '1 hour')" }.joined(separator: ", "));
            insert into audit (action, subject) select 'a', 'account/' || i from generate_series(1, 20000) i;
            update settings set student_visibility = true;
            """)
        try await stage.connection.execute(script: "analyze")
        return stage.place
    }
}
