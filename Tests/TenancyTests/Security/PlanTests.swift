import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// Plans of what pages and API really ask, for each role, among 20,000 students: from the server's own log.
@Suite struct PlanTests {
    /// Tables that nobody reads whole for a page.
    static let large = ["accounts", "enrollments", "progress", "progress_events", "sessions", "audit"]

    private static let admin = 30_001, director = 30_002, manager = 30_003, staff = 30_004, student = 7

    static let asked: [(callers: [Int], paths: [String])] = [
        ([student], ["/api/v1/dashboard", "/dashboard", "/api/v1/directory?q=s", "/api/v1/me"]),
        (
            [director, manager, staff, admin],
            [
                "/queue", "/students/51", "/students/51/milestones/1",
                "/api/v1/students/51", "/api/v1/cohorts", "/api/v1/cohorts/1", "/api/v1/cohorts/1/students?q=given1",
                "/api/v1/cohorts/1/progress", "/api/v1/cohorts/1/progress?status=submitted&studentId=51",
                "/api/v1/cohorts/1/groups", "/api/v1/directory?q=s", "/cohorts/1/progress", "/cohorts/1/students",
            ]
        ),
        // an admin's overview and list of students count the whole institution; the others' their cohorts
        ([director, manager, staff], ["/overview", "/overview/course", "/students", "/students?q=777"]),
        (
            [admin],
            [
                "/api/v1/accounts", "/api/v1/accounts?q=given777%20", "/api/v1/accounts?q=p77", "/api/v1/accounts?q=7",
                "/api/v1/accounts?role=student", "/api/v1/accounts?role=staff&q=s1", "/api/v1/accounts/7",
                "/api/v1/audit?subject=account/7", "/api/v1/audit?actorId=7", "/accounts",
            ]
        ),
    ]

    @Test func `no page reads a large table whole`() async throws {
        let log = try await PlanLog.start()
        do {
            try await Self.check(log)
        } catch {
            await log.stop()
            throw error
        }
        await log.stop()
    }

    private static func check(_ log: PlanLog) async throws {
        let place = try await filled(log.database)
        let call = try Regex(#"(waymark|inst_\d+)\.\w+\(|setup_missing\(|\bwho\("#)
        for (callers, paths) in asked {
            for caller in callers {
                let browser = try await place.browser(of: caller)
                for path in paths {
                    _ = try log.plans()
                    let answer = try await browser.get(path)
                    #expect(answer.status == 200, "\(caller) \(path): \(answer.text.prefix(300))")
                    let plans = try log.plans()
                    #expect(!plans.isEmpty, "\(caller) \(path)")
                    for plan in plans {
                        for table in large {
                            #expect(!plan.readsWhole(table), "\(caller) \(path): \(plan.text)")
                        }
                        #expect(
                            !plan.nodes.contains { $0.contains(call) },
                            "\(caller) \(path), a function that was not inlined: \(plan.text)")
                    }
                }
            }
        }
    }

    /// 20,000 students in 50 cohorts, 25 groups of 40 staff, 200 milestones, 60,000 marks.
    private static func filled(_ database: TestDatabase.Prepared) async throws -> TestInstitution {
        let stage = try await Stage(of: TestInstitution.make(in: database))
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
            insert into audit (action, subject) select 'a', 'account/' || i from generate_series(1, 20000) i;
            update settings set student_visibility = true;
            """)
        try await stage.connection.execute(script: "analyze")
        return stage.place
    }
}
