import Postgres
import Tenancy
import TestSupport

/// An institution of 20,000 students in 49 of 50 cohorts, with 21,000 steps taken, written as it would have come about.
///
/// Some students are archived, suspended or have left, two cohorts and a group are archived, one cohort has no milestones, one group
/// no members; people and cohorts share names. Moments lie half an hour away from every bound of age, and days in the zone
/// are often others than in UTC.
enum ReportGround {
    static func make() async throws -> (place: TestInstitution, connection: Connection) {
        let place = try await TestInstitution.make(timeZone: "Pacific/Auckland")
        let connection = try await Connection.connect(conninfo: place.database.superuser, connectTimeout: .seconds(10))
        // What is written is whole: without the checks and triggers of a server that replays it takes a quarter of the time.
        try await connection.execute(
            script: """
                set search_path = \(place.institution.schema), pg_temp;
                begin;
                set local session_replication_role = replica;
                \(rows)
                commit;
                analyze accounts, enrollments, milestones, progress, progress_events, extensions, sign_ins, mails;
                """)
        return (place, connection)
    }

    private static let rows = """
        insert into accounts (id, email, given_name, family_name, role, status, student_number) overriding system value
          select i, 'p' || i || '@x.edu', 'Given' || i % 700, 'Family' || i % 5000, 'student',
                 case when i % 97 = 0 then 'archived' when i % 89 = 0 then 'suspended' else 'active' end,
                 case when i % 2 = 0 then 'N' || i end
            from generate_series(1, 20000) i;
        insert into accounts (id, email, given_name, role, status) overriding system value
          select 30000 + i, 's' || i || '@x.edu', 'Staff' || i / 2,
                 (array['admin', 'director', 'manager', 'staff', 'staff'])[1 + i % 5],
                 case i when 7 then 'suspended' else 'active' end
            from generate_series(1, 40) i;
        insert into departments (id, name) overriding system value select i, 'd' || i from generate_series(1, 5) i;
        insert into groups (id, name, department_id, archived_at) overriding system value
          select i, 'g' || i, case when i % 6 > 0 then i % 6 end, case when i = 25 then now() end from generate_series(1, 25) i;
        insert into group_members (group_id, account_id, account_role, manager)
          select distinct 1 + (a.id * k) % 23, a.id, a.role, false from accounts a, unnest(array[1, 3, 7]) k where a.id > 30000;
        insert into cohort_categories (id, name) overriding system value select i, 'k' || i from generate_series(1, 4) i;
        insert into cohorts (id, category_id, name, archived_at) overriding system value
          select i, 1 + i % 4, 'c' || i % 30, case when i > 48 then now() end from generate_series(1, 50) i;
        insert into cohort_groups (cohort_id, group_id)
          select i, 1 + (i - 1) % 25 from generate_series(1, 50) i union select i, 1 + (i * 7) % 25 from generate_series(1, 40) i;
        insert into enrollments (cohort_id, student_id, joined_at, left_at)
          select distinct on (cohort, i) cohort, i, now() - (70 + i % 400) * interval '1 day' - i % 24 * interval '1 hour',
                 case when i % 11 = 0 then now() - i % 60 * interval '1 day' end
            from generate_series(1, 20000) i, unnest(array[1 + (i - 1) % 49, case when i % 5 = 0 then 1 + i % 50 end]) cohort
           where cohort is not null;
        -- cohort 48 has no milestones
        insert into milestones (id, cohort_id, title, saved, due_on, due_after_days) overriding system value
          select i, 1 + (i - 1) % 50, 'm' || i % 7, i % 10 <> 3,
                 case (i / 50 + i) % 4 when 1 then current_date - 20 when 2 then current_date + 5 end,
                 case (i / 50 + i) % 4 when 3 then 100 end
            from generate_series(1, 200) i where 1 + (i - 1) % 50 <> 48;
        -- what each did, and when last: half an hour away from all bounds of age
        create temp table done as
          select m.id as milestone, m.completion, e.cohort_id as cohort, e.student_id as student, e.active,
                 30001 + (m.id + n) % 40 as staff,
                 (array['submitted', 'returned', 'completed', 'waived', 'open'])[1 + (m.id + n) % 5] as status,
                 n / 5 % 4 as way,
                 now() - (n * 7 + m.id) % 61 * interval '1 day' - n % 24 * interval '1 hour' - interval '30 minutes' as at
            from enrollments e
            join milestones m on m.cohort_id = e.cohort_id and m.saved
           cross join lateral (select e.student_id / 50) x (n)
           where (m.id * 7 + n * 3) % 10 < 3;
        insert into progress (milestone_id, student_id, cohort_id, enrolled, completion, status, updated_at)
          select milestone, student, cohort, active, completion, status, at from done;
        insert into progress_events (milestone_id, student_id, cohort_id, enrolled, actor_id, at, from_status, to_status, undo)
          select d.milestone, d.student, d.cohort, d.active, case s.who when 'student' then d.student else d.staff end,
                 d.at + s.later, s.was, s.became, s.undo
            from done d
            join (values
              -- sent; with way 1 for the second time, with way 2 once returned by mistake
              ('submitted', 1, 1, 'student', interval '-6 days', 'open', 'submitted', false),
              ('submitted', 1, 2, 'staff', '-5 days', 'submitted', 'returned', false),
              ('submitted', 1, 3, 'student', '0', 'returned', 'submitted', false),
              ('submitted', 2, 1, 'student', '0', 'open', 'submitted', false),
              ('submitted', 2, 2, 'staff', '1 minute', 'submitted', 'returned', false),
              ('submitted', 2, 3, 'staff', '2 minutes', 'returned', 'submitted', true),
              ('submitted', 0, 1, 'student', '0', 'open', 'submitted', false),
              ('submitted', 3, 1, 'student', '0', 'open', 'submitted', false),
              ('returned', null, 1, 'student', '-20 hours', 'open', 'submitted', false),
              ('returned', null, 2, 'staff', '0', 'submitted', 'returned', false),
              -- by the student alone, by staff unasked, or asked
              ('completed', 0, 1, 'student', '0', 'open', 'completed', false),
              ('completed', 1, 1, 'staff', '0', 'open', 'completed', false),
              ('completed', 2, 1, 'student', '-3 days', 'open', 'submitted', false),
              ('completed', 2, 2, 'staff', '0', 'submitted', 'completed', false),
              ('completed', 3, 1, 'student', '-7 hours', 'open', 'submitted', false),
              ('completed', 3, 2, 'staff', '0', 'submitted', 'completed', false),
              ('waived', null, 1, 'student', '-2 hours', 'open', 'submitted', false),
              ('waived', null, 2, 'staff', '0', 'submitted', 'waived', false),
              ('open', null, 1, 'student', '-1 hour', 'open', 'submitted', false),
              ('open', null, 2, 'student', '0', 'submitted', 'open', false))
              s (status, way, n, who, later, was, became, undo) on s.status = d.status and coalesce(s.way, d.way) = d.way
           order by d.at + s.later, s.n;
        insert into extensions (milestone_id, student_id, cohort_id, enrolled, status, due_on, asked_for)
          select m.id, e.student_id, e.cohort_id, e.active, case e.student_id % 3 when 0 then 'asked' else 'granted' end,
                 case when e.student_id % 3 > 0 then current_date - 25 + e.student_id % 40 end,
                 case when e.student_id % 3 = 0 then current_date + 9 end
            from enrollments e join milestones m on m.cohort_id = e.cohort_id and m.saved where (m.id + e.student_id / 50) % 13 = 0;
        insert into extension_events (milestone_id, student_id, cohort_id, enrolled, actor_id, status, due_on)
          select milestone_id, student_id, cohort_id, enrolled, student_id, 'asked', coalesce(asked_for, due_on) from extensions
          union all
          select milestone_id, student_id, cohort_id, enrolled, 30003, 'granted', due_on from extensions where status = 'granted';
        insert into sign_ins (account_id, at)
          select i, now() - i % 60 * interval '1 day' - interval '30 minutes' from generate_series(1, 20000) i where i % 3 > 0;
        insert into mails (account_id, kind, day, since, message_id, state, due_at, settled_at)
          select i, (array['reminder', 'password', 'invitation'])[1 + i % 3], current_date - i % 40, current_date - i % 40 - 1,
                 'm' || i, x.state,
                 case when x.state = 'waiting' then now() end, case when x.state <> 'waiting' then now() end
            from generate_series(1, 6000) i
           cross join lateral (select (array['sent', 'sent', 'failed', 'dropped', 'waiting'])[1 + i % 5] as state) x;
        -- evening there is another day here
        insert into mails (account_id, kind, since_at, message_id, state, settled_at)
          select i, 'request', now() - i * interval '7 hours', 'r' || i, 'sent', now() from generate_series(1, 200) i;
        drop table done;
        """
}
