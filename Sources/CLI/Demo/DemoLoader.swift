import Casework
import Dates
import Postgres
import Tenancy

/// Puts a demo institution's people and work into the database, in one transaction.
struct DemoLoader {
    /// The operator's work in the institution, which must hold nothing yet.
    let work: UnitOfWork

    /// Whether the institution has no accounts.
    /// - Throws: `PostgresError`.
    func isEmpty() async throws -> Bool {
        let accounts: SQL = "select count(*)::int from accounts"
        return try await work(accounts.value(Int.self)) == 0
    }

    /// Loads everything, or nothing.
    /// - Parameter passwordHashes: by e-mail address; accounts without one get in by invitation only.
    /// - Throws: `PostgresError`.
    func load(_ data: DemoData, passwordHashes: [String: String]) async throws {
        let statements =
            Self.people(data, passwordHashes: passwordHashes) + Self.structure(data) + Self.milestones(data)
            + Self.progress(data)
            + (data.cohorts.isEmpty
                ? [] : [Self.audit, Self.visibility, Self.hour, Self.folder, Self.reminder] + Self.extensions)
            + Self.sequences
        try await work.transaction { transaction in
            _ = try await transaction.batch(statements.map { Statement($0) })
        }
    }

    /// Whenever the demo starts, the hour of today's reminders has come.
    private static let hour: SQL = "update settings set reminder_hour = 0"

    /// Files of people that are put into the demo's folder are taken in.
    private static let folder: SQL = "update import_folders set enabled = true"

    /// The student who can sign in is reminded today of what comes next.
    private static let reminder: SQL = """
        update milestones m set due_on = waymark.day_of(now(), s.time_zone) + 1, reminders = '{1,7}'
          from settings s
         where m.id = (
           select x.id from milestones x
             join enrollments e on e.cohort_id = x.cohort_id
             join accounts a on a.id = e.student_id and a.email like 'student@%'
             left join progress p on p.milestone_id = x.id and p.student_id = a.id
            where p.milestone_id is null and x.due_on > waymark.day_of(now(), s.time_zone)
            order by x.due_on, x.id limit 1)
        """

    /// Students of the staff member who can sign in ask for more time, three of them still without an answer.
    private static let extensions: [SQL] = [
        """
        insert into extensions (milestone_id, student_id, cohort_id, status, due_on, asked_for, comment, updated_at)
        select x.milestone_id, x.student_id, x.cohort_id, case when n <= 3 then 'asked' else 'granted' end,
               case when n > 3 then x.due_on + 7 end, case when n <= 3 then x.due_on + 7 + n end,
               case when n <= 3 then 'I was ill last week and need some more days.' else 'Granted. Get well soon.' end,
               now() - n * interval '5 hours'
          from (select a.milestone_id, a.student_id, a.cohort_id, a.due_on,
                       row_number() over (order by abs(a.due_on - a.today), a.student_id, a.milestone_id)::int as n
                  from assignments a
                  join accounts s on s.id = a.student_id and s.status = 'active' and s.email not like 'student@%'
                 where a.status = 'open' and a.due_on >= a.today - 3
                   and a.cohort_id in (select l.cohort_id from cohort_groups l
                                         join group_members m on m.group_id = l.group_id
                                         join accounts c on c.id = m.account_id and c.email like 'staff@%')) x
         where n <= 5
        """,
        """
        insert into extension_events (milestone_id, student_id, cohort_id, actor_id, at, status, due_on, comment)
        select milestone_id, student_id, cohort_id, student_id, updated_at - interval '1 hour', 'asked',
               coalesce(asked_for, due_on), 'I was ill last week and need some more days.'
          from extensions order by updated_at
        """,
        """
        insert into extension_events (milestone_id, student_id, cohort_id, actor_id, at, status, due_on, comment)
        select x.milestone_id, x.student_id, x.cohort_id, c.id, x.updated_at, x.status, x.due_on, x.comment
          from extensions x cross join (select id from accounts where email like 'staff@%' order by id limit 1) c
         where x.status = 'granted' order by x.updated_at
        """,
    ]

    private static func people(_ data: DemoData, passwordHashes: [String: String]) -> [SQL] {
        let accounts = data.accounts
        let cards = data.cards
        return [
            """
            insert into accounts (id, email, given_name, family_name, preferred_name, role, student_number, password_hash)
            overriding system value
            select n, email, given_name, family_name, preferred_name, role, student_number, password_hash
              from unnest(\(accounts.map(\.email))::text[], \(accounts.map(\.givenName))::text[],
                          \(accounts.map(\.familyName))::text[], \(accounts.map(\.preferredName))::text[],
                          \(accounts.map(\.role))::text[], \(accounts.map(\.studentNumber))::text[],
                          \(accounts.map { passwordHashes[$0.email] })::text[])
                   with ordinality as a (email, given_name, family_name, preferred_name, role, student_number, password_hash, n)
            """,
            """
            insert into cards (account_id, account_role, title, office, email, phone, location, biography, hours,
                               booking_url, published)
            select account_id, a.role, title, office, k.email, phone, location, biography, hours, booking_url, published
              from unnest(\(cards.map(\.account))::int[], \(cards.map(\.title))::text[],
                          \(cards.map(\.office))::text[], \(cards.map(\.email))::text[],
                          \(cards.map(\.phone))::text[],
                          \(cards.map(\.location))::text[], \(cards.map(\.biography))::text[],
                          \(cards.map(\.hours))::text[], \(cards.map(\.bookingURL))::text[],
                          \(cards.map(\.published))::bool[])
                   as k (account_id, title, office, email, phone, location, biography, hours, booking_url, published)
              join accounts a on a.id = account_id
            """,
        ]
    }

    private static func structure(_ data: DemoData) -> [SQL] {
        let groups = data.groups
        let members = data.memberships
        let cohorts = data.cohorts
        let enrollments = data.enrollments
        return [
            """
            insert into departments (id, name) overriding system value
            select n, name from unnest(\(data.departments)::text[]) with ordinality as d (name, n)
            """,
            """
            insert into department_directors (department_id, account_id)
            select d, a from unnest(\(data.directorships.map { $0[0] })::int[],
                                    \(data.directorships.map { $0[1] })::int[]) as x (d, a)
            """,
            """
            insert into groups (id, name, description, department_id) overriding system value
            select n, name, description, department_id
              from unnest(\(groups.map(\.name))::text[], \(groups.map(\.description))::text[],
                          \(groups.map(\.department))::int[]) with ordinality as g (name, description, department_id, n)
            """,
            """
            insert into group_members (group_id, account_id, account_role, manager)
            select g, a.id, a.role, m
              from unnest(\(members.map(\.group))::int[], \(members.map(\.account))::int[],
                          \(members.map(\.manager))::bool[]) as x (g, account_id, m)
              join accounts a on a.id = account_id
            """,
            """
            insert into cohort_categories (id, name) overriding system value
            select n, name from unnest(\(data.categories)::text[]) with ordinality as c (name, n)
            """,
            """
            insert into cohorts (id, category_id, name, goal, planned_milestones, created_at, created_by)
            overriding system value
            select n, category_id, name, goal, planned, now() - interval '90 days', 1
              from unnest(\(cohorts.map(\.category))::int[], \(cohorts.map(\.name))::text[],
                          \(cohorts.map(\.goal))::text[], \(cohorts.map(\.plannedMilestones))::int[])
                   with ordinality as c (category_id, name, goal, planned, n)
            """,
            """
            insert into cohort_groups (cohort_id, group_id)
            select c, g from unnest(\(data.support.map { $0[0] })::int[], \(data.support.map { $0[1] })::int[]) as x (c, g)
            """,
            """
            insert into enrollments (cohort_id, student_id, joined_at)
            select c, s, now() - days * interval '1 day'
              from unnest(\(enrollments.map(\.cohort))::int[], \(enrollments.map(\.student))::int[],
                          \(enrollments.map(\.joinedDaysAgo))::int[]) as x (c, s, days)
            """,
        ]
    }

    private static func milestones(_ data: DemoData) -> [SQL] {
        let milestones = data.milestones
        let files = data.files
        let reminders = milestones.map { "{" + $0.reminders.map(String.init).joined(separator: ",") + "}" }
        return [
            """
            insert into milestones (id, cohort_id, title, due_on, description, reminders, completion, saved)
            overriding system value
            select n, cohort_id, title, due_on, description, reminders::int[], completion, true
              from unnest(\(milestones.map(\.cohort))::int[], \(milestones.map(\.title))::text[],
                          \(milestones.map { $0.dueOn?.description })::date[],
                          \(milestones.map(\.description))::text[], \(reminders)::text[],
                          \(milestones.map(\.completion))::text[])
                   with ordinality as m (cohort_id, title, due_on, description, reminders, completion, n)
            """,
            """
            insert into milestone_files (id, cohort_id, milestone_id, milestone_saved, name, content_type, size, complete)
            overriding system value
            select n, m.cohort_id, m.id, true, name, content_type, size, true
              from unnest(\(files.map(\.milestone))::int[], \(files.map(\.name))::text[],
                          \(files.map(\.contentType))::text[], \(files.map(\.content.count))::int[])
                   with ordinality as f (milestone_id, name, content_type, size, n)
              join milestones m on m.id = milestone_id
            """,
            """
            insert into file_chunks (file_id, n, cohort_id, milestone_saved, bytes)
            select f.id, 0, f.cohort_id, true, decode(content, 'hex')
              from unnest(\(files.map { hexadecimal($0.content) })::text[]) with ordinality as c (content, id)
              join milestone_files f on f.id = c.id
            """,
            "update milestone_files f set checksum = sha256(c.bytes) from file_chunks c where c.file_id = f.id",
        ]
    }

    private static func progress(_ data: DemoData) -> [SQL] {
        let progress = data.progress
        let events = data.events
        return [
            """
            insert into progress (milestone_id, student_id, cohort_id, completion, status, comment, updated_at)
            select m.id, student_id, m.cohort_id, m.completion, status, comment, now() - ago * interval '1 second'
              from unnest(\(progress.map(\.milestone))::int[], \(progress.map(\.student))::int[],
                          \(progress.map(\.status))::text[], \(progress.map(\.comment))::text[],
                          \(progress.map(\.secondsAgo))::int[]) as p (milestone_id, student_id, status, comment, ago)
              join milestones m on m.id = milestone_id
            """,
            """
            insert into progress_events (milestone_id, student_id, cohort_id, actor_id, at, from_status, to_status, comment)
            select m.id, student_id, m.cohort_id, actor_id, now() - ago * interval '1 second', was, became, comment
              from unnest(\(events.map(\.milestone))::int[], \(events.map(\.student))::int[],
                          \(events.map(\.actor))::int[], \(events.map(\.secondsAgo))::int[],
                          \(events.map(\.from))::text[], \(events.map(\.to))::text[], \(events.map(\.comment))::text[])
                   with ordinality as e (milestone_id, student_id, actor_id, ago, was, became, comment, n)
              join milestones m on m.id = milestone_id
             order by n
            """,
            // some students sent what they wrote as a file too
            """
            insert into submission_files
              (cohort_id, milestone_id, milestone_saved, student_id, event_id, name, content_type, size, checksum)
            select p.cohort_id, p.milestone_id, true, p.student_id,
                   (select max(v.id) from progress_events v
                     where v.milestone_id = p.milestone_id and v.student_id = p.student_id),
                   'notes.txt', 'text/plain', octet_length(convert_to(p.comment, 'UTF8')), sha256(convert_to(p.comment, 'UTF8'))
              from progress p where p.status = 'submitted' and p.comment <> '' and p.student_id % 3 = 0
            """,
            """
            insert into submission_chunks (file_id, n, cohort_id, student_id, bytes)
            select f.id, 0, f.cohort_id, f.student_id, convert_to(p.comment, 'UTF8')
              from submission_files f
              join progress p on p.milestone_id = f.milestone_id and p.student_id = f.student_id
            """,
            // everybody has looked into the inbox of late
            "insert into inbox_reads (account_id, entry, at) select id, '', now() - interval '2 days' from accounts",
            // whoever took a step was signed in then
            """
            insert into sign_ins (account_id, at)
            select actor_id, max(at) from progress_events where actor_id is not null group by actor_id
            """,
        ]
    }

    /// What the admin did, so that the audit has something to show.
    private static let audit: SQL = """
        insert into audit (at, actor_id, actor_role, action, subject, after)
        select created_at + id * interval '1 minute', 1, current_schema() || '_admin', 'cohort.create', 'cohort/' || id,
               jsonb_build_object('name', name, 'goal', goal)
          from cohorts order by id
        """

    private static let visibility: SQL = "update settings set student_visibility = true"

    /// Later rows must not meet the ids given here.
    private static let sequences: [SQL] = [
        "select setval(pg_get_serial_sequence('accounts', 'id'), (select max(id) from accounts))",
        "select setval(pg_get_serial_sequence('departments', 'id'), (select max(id) from departments))",
        "select setval(pg_get_serial_sequence('groups', 'id'), (select max(id) from groups))",
        "select setval(pg_get_serial_sequence('cohort_categories', 'id'), (select max(id) from cohort_categories))",
        "select setval(pg_get_serial_sequence('cohorts', 'id'), (select max(id) from cohorts))",
        "select setval(pg_get_serial_sequence('milestones', 'id'), (select max(id) from milestones))",
        "select setval(pg_get_serial_sequence('milestone_files', 'id'), (select max(id) from milestone_files))",
    ]

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
