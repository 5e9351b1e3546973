import Postgres
import Tenancy
import TestSupport
import Testing

/// Statements of the version before, as they stood there: its servers go on while the schemas are this version's.
@Suite struct OlderProgramTests {
    @Test(arguments: ["admin", "director", "manager", "staff", "student"])
    func `it signs out by deleting the session, and nobody else's`(role: String) async throws {
        let place = try await TestInstitution.make()
        let (caller, other) = (try await place.person(role), try await place.person("staff"))
        func signOut(_ person: TestInstitution.Person) async throws -> Int {
            let hash = try await place.owner(
                ("select token_hash from sessions where account_id = \(person.id)" as SQL).value([UInt8].self))
            return try await place.work(caller)(
                ("""
                with old as (delete from sessions where token_hash = \(hash) returning account_id)
                insert into audit (action, subject) select 'session.delete', 'account/' || account_id from old
                """ as SQL).affected())
        }
        if role != "admin" { #expect(try await signOut(other) == 0) }
        #expect(try await signOut(caller) == 1)
        #expect(try await place.work(other).enter() == other.id)
    }

    @Test func `it adds, changes, lists and imports people without a preferred name`() async throws {
        let place = try await TestInstitution.make()
        let admin = try place.work(try await place.person("admin"), .admin)
        let columns: SQL = "id, email, given_name, family_name, name, role, status, student_number, version, sort_name"
        let changes: [SQL] = [
            """
            insert into accounts (email, given_name, family_name, role, status, student_number, password_hash)
            values ('k@x.edu', 'Katherine', 'Hepburn', 'student', 'active', 'H-0042', null) returning \(columns)
            """,
            """
            with old as (select \(columns) from accounts where email = 'k@x.edu')
            update accounts a set email = a.email, given_name = 'Katharine', family_name = a.family_name, role = a.role,
                status = a.status, student_number = a.student_number, version = a.version + 1
            from old where a.id = old.id returning a.name, a.sort_name
            """,
            """
            insert into accounts (email, given_name, family_name, role, student_number)
            select email, given_name, coalesce(family_name, ''), 'student', student_number
            from unnest(array['a@x.edu'], array['Ada'], array['Byron'], array[null]::text[])
                i (email, given_name, family_name, student_number)
            returning id, email, given_name, family_name, role, status, student_number
            """,
        ]
        for change in changes { #expect(try await admin(change.affected()) == 1) }
        try await place.run("update accounts set preferred_name = 'Kate' where email = 'k@x.edu'")
        let list: SQL = """
            select name || ', ' || sort_name from (
                select \(columns) from (select \(columns), search_text from accounts where status <> 'archived') first
                where search_text like '%' || lower('Katharine') || '%' order by sort_name, id limit 51) found
            """
        #expect(try await admin(list.values(String.self)) == ["Kate Hepburn, hepburn kate"])
    }

    @Test func `it shows a student whose date is extended a dashboard`() async throws {
        let it = try await TestCohort.make()
        try await it.place.run("update milestones set due_on = '2026-12-01'")
        try await it.place.run(
            """
            insert into extensions (milestone_id, student_id, cohort_id, status, due_on)
            values (\(it.milestone), \(it.student.id), \(it.id), 'granted', '2026-12-09')
            """)
        let own: SQL = """
            select milestone_id || ' ' || status || ' ' || version
            from (select content, cohorts, today, cohort_id, joined_on, milestone_id, status, comment, version from my_progress) x
            """
        #expect(try await it.place.work(it.student, .student)(own.values(String.self)) == ["\(it.milestone) open 0"])
    }

    @Test(arguments: ["admin", "director", "manager", "staff", "student"])
    func `everybody reads what it reads of people`(role: String) async throws {
        let place = try await TestInstitution.make()
        let person = try await place.person(role)
        try await place.run("update settings set student_visibility = true")
        let own: SQL = """
            select id, email, given_name, family_name, name, role, status, student_number, version, sort_name
            from accounts where id = waymark.account_id()
            """
        #expect(try await place.work(person)(own.affected()) == 1)
        let record: SQL = """
            select id, email, given_name, family_name, name, status, student_number, version from students where id = 0
            """
        #expect(try await place.work(person, .readers)(record.affected()) == 0)
        guard role != "student" else { return }
        let enrolled: SQL = """
            select id, email, given_name, family_name, name, student_number, sort_name from my_students
            where cohort_id = 0 and strpos(search_text, 'a') > 0 order by sort_name, id limit 51
            """
        #expect(try await place.work(person, .readers)(enrolled.affected()) == 0)
    }

    @Test func `it creates institutions without a seat`() async throws {
        let database = try await TestDatabase.shared.prepared()
        let superuser = try await Connection.connect(conninfo: database.superuser)
        try await superuser.execute(
            script: """
                begin;
                set local role waymark_owner;
                insert into waymark.institutions (id, slug, partition, state)
                    select nextval(pg_get_serial_sequence('waymark.institutions', 'id')), 'before-' || n, 1, 'active'
                      from generate_series(1, 2) n;
                rollback;
                """)
        await superuser.close()
    }

    @Test func `it reads a student's milestones with their progress`() async throws {
        let place = try await TestInstitution.make()
        let student = try await place.person("student")
        try await place.run("update settings set student_visibility = true")
        let milestones: SQL = """
            select milestone_id, cohort_id, title, due_on, description, status, overdue, completion, comment, version
              from my_assignments order by due_on nulls last, milestone_id
            """
        #expect(try await place.work(student, .student)(milestones.affected()) == 0)
    }

    @Test func `it takes in a milestone's file, which counts against the quota`() async throws {
        let place = try await TestInstitution.make()
        let admin = try place.work(try await place.person("admin"), .editors)
        try await place.run("insert into cohort_categories (name) values ('C')")
        try await place.run("insert into cohorts (category_id, name) select id, 'C' from cohort_categories")
        try await place.run("insert into milestones (cohort_id, title, saved) select id, 'M', true from cohorts")
        let id = try await admin(
            ("""
            insert into milestone_files (cohort_id, milestone_id, milestone_saved, name, content_type, size, complete)
            select m.cohort_id, m.id, m.saved, 'a.txt', 'text/plain', 0, false
              from milestones m join cohorts c on c.id = m.cohort_id and c.archived_at is null
             where m.archived_at is null returning id
            """ as SQL).value(Int.self))
        let (stored, _, fits) = try await admin(
            ("""
            insert into file_chunks (file_id, n, cohort_id, milestone_saved, bytes)
            select id, 0, cohort_id, milestone_saved, '\\x41'::bytea from milestone_files where id = \(id) and not complete
            """ as SQL).affected(),
            ("update milestone_files set size = size + 1 where id = \(id) and not complete" as SQL).done(),
            ("select bytes <= quota from file_usage" as SQL).value(Bool.self))
        #expect(stored == 1 && fits)
        let done: SQL = """
            update milestone_files f set complete = true from (select bytes <= quota as fits from file_usage) u
             where f.id = \(id) and not f.complete and u.fits returning f.id, f.name, f.content_type, f.size, f.version
            """
        #expect(try await admin(done.affected()) == 1)
        #expect(try await place.owner(("select bytes from file_space" as SQL).value(Int.self)) == 1)
    }

    @Test func `it plans reminders, keeps wishes about mail, and words what it knows`() async throws {
        let place = try await TestInstitution.make()
        let student = try await place.person("student")
        let admin = try place.work(try await place.person("admin"), .adminInPerson)
        let system = try place.database.deployment.system(of: place.institution)
        let planned: SQL = """
            insert into mails (account_id, kind, day, since, message_id, due_at)
            select \(student.id), 'reminder', '2028-03-07'::date, '2028-03-06'::date, 'reminder.x', now()
            on conflict (account_id, kind, day) do nothing
            """
        #expect(try await system(planned.affected()) == 1)
        #expect(try await system(planned.affected()) == 0)
        let wishes: SQL = """
            insert into mail_preferences (account_id, reminders, language) values (waymark.account_id(), true, 'es')
            on conflict (account_id) do update set reminders = excluded.reminders, language = excluded.language
            returning account_id
            """
        #expect(try await place.work(student)(wishes.affected()) == 1)
        let gate = try place.database.deployment.gate(of: place.institution)
        let stopped: SQL = """
            update mail_preferences set reminders = false where token = (
                select token from mail_preferences where account_id = \(student.id)) returning account_id
            """
        #expect(try await gate(stopped.affected()) == 1)
        let text: SQL = """
            insert into mail_templates as t (language, subject, opening, closing) values ('en', 's', 'o', '')
            on conflict (language) do update set subject = excluded.subject, version = t.version + 1
            """
        #expect(try await admin(text.affected()) == 1)
    }

    @Test func `it asks for rosters once a day, and the next program goes on from there`() async throws {
        let place = try await TestInstitution.make()
        let admin = try place.work(try await place.person("admin"), .adminInPerson)
        let system = try place.database.deployment.system(of: place.institution)
        let set: SQL = """
            with day as (select time_zone, waymark.day_of(now(), time_zone) as today from settings where id = 1)
            update roster_sources s set enabled = true, base_url = 'https://r', token_url = 'https://r/t', client_id = 'c', hour = 0,
                done_on = day.today - 1
            from day where s.id = 1
            """
        let scheduled: Query<Void> = ("select schedule_roster()" as SQL).done()
        let (changed, _) = try await admin(set.affected(), scheduled)
        #expect(changed == 1)
        let due: SQL = """
            with due as (
                update roster_sources s set done_on = case when waymark.reminder_moment(y.today, s.hour, y.time_zone) <= now()
                    then y.today else y.today - 1 end
                from (select time_zone, waymark.day_of(now(), time_zone) as today from settings where id = 1) y
                where s.id = 1 and s.enabled and waymark.reminder_moment(s.done_on + 1, s.hour, y.time_zone) <= now()
                returning s.id)
            insert into roster_runs (whole)
            select false from due where not exists (select from roster_runs where state in ('waiting', 'running'))
            on conflict do nothing
            """
        let (begun, _) = try await system(due.affected(), scheduled)
        #expect(begun == 1)
        try await place.run("delete from roster_runs")
        _ = try await system(scheduled)
        let next: SQL = """
            select i.roster_at = waymark.reminder_moment(s.done_on + 1, s.hour, x.time_zone)
            from waymark.institutions i, roster_sources s, settings x where i.id = \(place.institution.id)
            """
        #expect(try await place.owner(next.value(Bool.self)))
    }

    @Test func `it reads a student's support network, each member once`() async throws {
        let place = try await TestInstitution.make()
        let student = try await place.person("student")
        try await place.run("update settings set student_visibility = true")
        let members: SQL = """
            select distinct group_id, group_name, account_id, name, sort_name, carded, title, office, phone, location, biography,
                   hours, booking_url
              from support_network where true
             order by group_name, group_id, sort_name, account_id
            """
        #expect(try await place.work(student, .student)(members.affected()) == 0)
    }
}
