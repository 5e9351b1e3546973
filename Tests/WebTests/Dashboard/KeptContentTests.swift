import Casework
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// What a server keeps of cohorts' content is never older than what the database would say.
@Suite struct KeptContentTests {
    /// An institution with people of every role, two cohorts, two groups; and two servers that keep content.
    private struct Scene {
        let it: TestCohort
        let manager, director: TestInstitution.Person
        let team: Int
        let servers: [(deployment: Deployment, kept: KeptContent)]

        static func make() async throws -> Scene {
            let it = try await TestCohort.make(timeZone: "Pacific/Kiritimati")
            let (manager, director) = (try await it.place.person("manager"), try await it.place.person("director"))
            let (department, team) = try await it.place.owner(
                SQL("insert into departments (name) values ('Advising') returning id").value(Int.self),
                SQL("insert into groups (name) values ('Team') returning id").value(Int.self))
            for statement: SQL in [
                "update groups set department_id = \(department)",
                "insert into department_directors (department_id, account_id) values (\(department), \(director.id))",
                """
                insert into group_members (group_id, account_id, account_role, manager)
                values (\(it.group), \(manager.id), 'manager', true), (\(team), \(it.staff.id), 'staff', false)
                """,
                "insert into cards (account_id, account_role, published) values (\(manager.id), 'manager', true)",
                "insert into cohort_groups (cohort_id, group_id) values (\(it.hidden), \(team))",
                "insert into enrollments (cohort_id, student_id) values (\(it.hidden), \(it.other.id))",
                """
                insert into milestone_files (milestone_id, cohort_id, milestone_saved, name, content_type, complete)
                values (\(it.milestone), \(it.id), true, 'form.pdf', 'application/pdf', true)
                """,
                "update settings set cohort_delegation = true",
            ] { try await it.place.run(statement) }
            return Scene(
                it: it, manager: manager, director: director, team: team,
                servers: [
                    (it.place.database.deployment, KeptContent()),
                    (it.place.database.apart().deployment, KeptContent()),
                ])
        }

        func read(_ student: TestInstitution.Person, on server: Int) async throws -> Dashboard {
            let (deployment, kept) = servers[server]
            let work = try deployment.work(
                in: it.place.institution, tokenHash: student.token.hash, audience: .student, writing: false)
            return try await DashboardRepository.read(in: work, kept: kept)
        }

        /// All of a dashboard, as text.
        static func text(_ dashboard: Dashboard) -> String {
            text(
                dashboard.cohorts, dashboard.milestones, dashboard.files.sorted { $0.id < $1.id },
                dashboard.supportNetwork.members)
        }

        /// The same by SQL alone, which computes due dates and joins the student's progress.
        func fresh(_ student: TestInstitution.Person) async throws -> String {
            let (cohorts, milestones, files, members) = try await it.place.work(student, .student)(
                SQL("select id, name, category from my_cohorts order by lower(name), id").all(Dashboard.Cohort.self),
                SQL("select * from assignments order by due_on nulls last, milestone_id").all(Dashboard.Item.self),
                SQL("select * from milestone_files order by id").all(Dashboard.File.self),
                SQL("select * from my_support_network order by group_name, group_id, sort_name, account_id")
                    .all(SupportNetwork.Member.self))
            return Self.text(cohorts, milestones, files, members)
        }

        private static func text(
            _ cohorts: [Dashboard.Cohort], _ milestones: [Dashboard.Item], _ files: [Dashboard.File],
            _ members: [SupportNetwork.Member]
        ) -> String {
            (cohorts.map { "\($0)" } + milestones.map { "\($0)" } + files.map { "\($0)" } + members.map { "\($0)" })
                .joined(separator: "\n")
        }

        /// Both servers' answers to both students are what the database says.
        func compare(_ label: String) async throws {
            for student in [it.student, it.other] {
                let fresh = try await fresh(student)
                for server in servers.indices {
                    let kept = Self.text(try await read(student, on: server))
                    #expect(kept == fresh, "\(label), server \(server)")
                }
            }
        }
    }

    /// Somebody's change; `n` makes it another each time.
    private struct Change {
        let who: TestInstitution.Person
        let audience: Audience
        let sql: SQL
    }

    private static func change(_ fuzz: inout Fuzz, in scene: Scene) -> Change {
        let it = scene.it
        let n = Int.random(in: 0..<1_000, using: &fuzz)
        let flag = Bool.random(using: &fuzz)
        let cohort = flag ? it.id : it.hidden
        let group = Bool.random(using: &fuzz) ? it.group : scene.team
        let name = "Name \(n)"
        let admin: [SQL] = [
            "update cohort_categories set name = \(name)",
            "update cohorts set name = \(name) where id = \(cohort)",
            "update cohorts set archived_at = case when archived_at is null then now() end where id = \(it.hidden)",
            """
            insert into milestones (cohort_id, title, due_after_days, completion, saved)
            values (\(cohort), \(name), \(n % 9), 'student', \(n % 3 > 0))
            """,
            "update milestones set due_on = date '2026-01-01' + \(n), due_after_days = null where id % 3 = \(n % 3)",
            "update milestones set due_on = null, due_after_days = \(n % 30) where id % 3 = \(n % 3)",
            """
            update milestones set title = \(name), description = \(name), saved = true, archived_at = null
             where cohort_id = \(cohort)
            """,
            """
            update milestones set saved = archived_at is not null, archived_at = case when archived_at is null then now() end
             where (saved or archived_at is not null) and id % 3 = \(n % 3)
            """,
            "delete from milestones where id <> \(it.milestone) and id % 4 = \(n % 4)",
            "update milestone_files set name = \(name), complete = \(flag)",
            """
            insert into milestone_files (milestone_id, cohort_id, milestone_saved, name, content_type, complete)
            select id, cohort_id, saved, \(name), 'text/plain', true from milestones where id % 5 = \(n % 5)
            """,
            "delete from milestone_files where id % 3 = \(n % 3)",
            "delete from cohort_groups where cohort_id = \(cohort)",
            "insert into cohort_groups (cohort_id, group_id) values (\(cohort), \(group)) on conflict do nothing",
            "update groups set name = \(name) where id = \(group)",
            "update groups set archived_at = case when archived_at is null then now() end where id = \(scene.team)",
            "delete from group_members where account_id = \(it.staff.id)",
            """
            insert into group_members (group_id, account_id, account_role)
            values (\(group), \(it.staff.id), 'staff') on conflict do nothing
            """,
            "update accounts set given_name = \(name) where id = \(it.staff.id)",
            "update accounts set family_name = \(name) where role = 'student'",
            "update accounts set status = case status when 'active' then 'suspended' else 'active' end where role = 'manager'",
            "update cards set biography = \(name), published = \(flag)",
            "update enrollments set left_at = case when left_at is null then now() end where student_id = \(it.other.id)",
            "update enrollments set joined_at = now() - \(n) * interval '1 hour'",
            """
            insert into extensions (milestone_id, student_id, cohort_id, status, due_on, comment)
            select m.id, e.student_id, m.cohort_id, 'granted', date '2026-01-01' + \(n), \(name)
              from milestones m join enrollments e on e.cohort_id = m.cohort_id and e.active where m.id % 3 = \(n % 3)
            on conflict (milestone_id, student_id) do update set status = 'granted', due_on = excluded.due_on,
              asked_for = null, comment = excluded.comment, version = extensions.version + 1
            """,
            "update extensions set status = 'revoked', due_on = null, asked_for = null where milestone_id % 3 = \(n % 3)",
            "update settings set time_zone = \(flag ? "Pacific/Pago_Pago" : "Pacific/Kiritimati")",
        ]
        let finished: SQL = """
            insert into progress (milestone_id, student_id, cohort_id, completion, status)
            select id, \(it.student.id), cohort_id, completion, 'completed' from milestones where cohort_id = \(it.id) and saved
            on conflict (milestone_id, student_id) do update set status = 'completed', version = progress.version + 1
            """
        let submitted: SQL = """
            insert into progress (milestone_id, student_id, cohort_id, completion, status, comment, updated_at)
            select id, \(it.student.id), cohort_id, completion, 'submitted', \(name), now() from milestones where saved
            on conflict (milestone_id, student_id) do update set status = 'submitted', comment = \(name),
              version = progress.version + 1 where progress.status = 'open'
            """
        let asked: SQL = """
            insert into extensions (milestone_id, student_id, cohort_id, status, asked_for, comment)
            select id, \(it.student.id), cohort_id, 'asked', date '2027-01-01' + \(n), \(name) from milestones
            on conflict (milestone_id, student_id) do update set status = 'asked', asked_for = excluded.asked_for,
              comment = excluded.comment, version = extensions.version + 1
            """
        let others: [Change] = [
            Change(who: scene.manager, audience: .members, sql: "update cards set title = \(name)"),
            Change(who: scene.manager, audience: .editors, sql: "update milestones set title = \(name)"),
            Change(who: scene.director, audience: .groups, sql: "update groups set name = \(name)"),
            Change(who: scene.director, audience: .members, sql: "update cards set hours = \(name)"),
            Change(who: it.staff, audience: .staff, sql: "update cards set published = \(flag), office = \(name)"),
            Change(who: it.staff, audience: .casework, sql: finished),
            Change(who: it.student, audience: .student, sql: submitted),
            Change(who: it.student, audience: .student, sql: asked),
        ]
        let index = Int.random(in: 0..<(admin.count + others.count), using: &fuzz)
        if index >= admin.count { return others[index - admin.count] }
        return Change(who: it.admin, audience: .editors, sql: admin[index])
    }

    /// Some are refused, by what hangs on something or because somebody is suspended just then.
    private static func make(_ change: Change, in scene: Scene) async -> Bool {
        (try? await scene.it.place.work(change.who, change.audience)(change.sql.done())) != nil
    }

    @Test func `after any change by anybody both servers answer what the database says`() async throws {
        let scene = try await Scene.make()
        let seed = ProcessInfo.processInfo.environment["WAYMARK_SEED"].flatMap(UInt64.init) ?? .random(in: 0...(.max))
        var fuzz = Fuzz(seed: seed, samples: [""], pieces: [""])
        var made = 0
        try await scene.compare("at first")
        for step in 0..<80 {
            let change = Self.change(&fuzz, in: scene)
            if await Self.make(change, in: scene) { made += 1 }
            try await scene.compare("WAYMARK_SEED=\(seed), step \(step): \(change.sql.text)")
        }
        #expect(made > 30, "WAYMARK_SEED=\(seed)")
    }

    @Test func `while changes and dashboards cross, nothing old stays`() async throws {
        let scene = try await Scene.make()
        let seed = UInt64.random(in: 0...(.max))
        for round in 0..<4 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for server in scene.servers.indices {
                    for student in [scene.it.student, scene.it.other] {
                        group.addTask { for _ in 0..<15 { _ = try await scene.read(student, on: server) } }
                    }
                }
                for changer in 0..<3 {
                    group.addTask {
                        var fuzz = Fuzz(seed: seed &+ UInt64(round * 3 + changer), samples: [""], pieces: [""])
                        for _ in 0..<8 { _ = await Self.make(Self.change(&fuzz, in: scene), in: scene) }
                    }
                }
                try await group.waitForAll()
            }
            try await scene.compare("seed \(seed), round \(round)")
        }
    }

    @Test(arguments: [
        ("cohort_categories", "update cohort_categories set name = 'Changed ' || id"),
        ("cohorts", "update cohorts set name = 'Changed ' || id"),
        ("milestones", "update milestones set title = 'Changed'"),
        ("milestone_files", "update milestone_files set name = 'Changed ' || id"),
        ("cohort_groups", "delete from cohort_groups"),
        ("groups", "update groups set name = 'Changed ' || id"),
        ("group_members", "delete from group_members"),
        ("cards", "update cards set title = 'Changed'"),
        ("accounts", "update accounts set family_name = 'Changed'"),
    ])
    func `without its trigger a table's change would go unseen`(table: String, change: String) async throws {
        let scene = try await Scene.make()
        let before = Scene.text(try await scene.read(scene.it.student, on: 0))
        let first = scene.servers[0].kept.size
        try await scene.it.place.run(SQL(unchecked: "alter table \(table) disable trigger renew_content"))
        try await scene.it.place.run(SQL(unchecked: change))
        #expect(Scene.text(try await scene.read(scene.it.student, on: 0)) == before, "the answer is kept")
        #expect(try await scene.fresh(scene.it.student) != before, "and the change one that shows")
        #expect(scene.servers[0].kept.size == first)
        try await scene.it.place.run(SQL(unchecked: "alter table \(table) enable trigger renew_content"))
        try await scene.it.place.run("update cohort_categories set name = name")
        try await scene.compare(table)
    }

    @Test func `a list of students, their progress and sign-ins leave it as it is`() async throws {
        let scene = try await Scene.make()
        let state = SQL("select content::text from settings").value(String.self)
        let before = try await scene.it.place.owner(state)
        for statement: SQL in [
            "insert into accounts (email, given_name, role) select 'n' || n || '@example.edu', 'N', 'student' from generate_series(1, 9) n",
            "update accounts set given_name = 'Renamed' where role = 'student'",
            "update accounts set password_hash = 'x', version = version + 1",
            "insert into enrollments (cohort_id, student_id) select \(scene.it.id), id from accounts where given_name = 'N'",
            "update progress set comment = 'x'", "update sessions set seen_at = now()",
        ] { try await scene.it.place.run(statement) }
        #expect(try await scene.it.place.owner(state) == before)
    }

    @Test func `what the way in refuses is not answered from memory`() async throws {
        let scene = try await Scene.make()
        let student = scene.it.student
        #expect(try await scene.read(student, on: 0).cohorts.count == 1)
        try await scene.it.place.run("update enrollments set left_at = now() where student_id = \(student.id)")
        let left = try await scene.read(student, on: 0)
        #expect(left.cohorts.isEmpty && left.milestones.isEmpty && left.supportNetwork.members.isEmpty)
        try await scene.it.place.run("update settings set student_visibility = false")
        await #expect(throws: EntryRefusal.hidden) { try await scene.read(student, on: 0) }
        try await scene.it.place.run("update settings set suspended = true")
        await #expect(throws: EntryRefusal.suspended) { try await scene.read(student, on: 0) }
    }

    @Test func `institutions whose cohorts have the same numbers do not get each other's`() async throws {
        let (here, there) = (try await TestCohort.make(), try await TestCohort.make())
        #expect(here.id == there.id)
        try await there.place.run("update cohorts set name = name || ' there'")
        let kept = KeptContent()
        for _ in 0..<2 {
            for (it, name) in [(here, "Fall"), (there, "Fall there")] {
                let dashboard = try await DashboardRepository.read(in: it.place.work(it.student, .student), kept: kept)
                #expect(dashboard.cohorts.map(\.name) == [name])
            }
        }
    }

    @Test func `it keeps no more than its limit, and answers as well`() async throws {
        let scene = try await Scene.make()
        let place = scene.it.place
        let kept = KeptContent(limit: 20_000)
        var students: [TestInstitution.Person] = []
        for number in 0..<30 {
            let student = try await place.person("student")
            students.append(student)
            try await place.run(
                """
                with c as (insert into cohorts (category_id, name) values (\(scene.it.category), \("Cohort \(number)")) returning id)
                insert into enrollments (cohort_id, student_id) select id, \(student.id) from c
                """)
        }
        for _ in 0..<2 {
            for (number, student) in students.enumerated() {
                let dashboard = try await DashboardRepository.read(in: place.work(student, .student), kept: kept)
                #expect(dashboard.cohorts.map(\.name) == ["Cohort \(number)"])
                #expect(kept.size <= 20_000)
            }
        }
        #expect(kept.size > 10_000)
    }
}
