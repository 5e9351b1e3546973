import Dates
import Postgres
import Tenancy

/// Reads what everybody did.
public enum AuditRepository {
    /// The entries, newest first.
    public static func list(_ filter: AuditFilter, _ page: PageRequest) throws -> Reading<Page<AuditEntry>> {
        var sql: SQL = """
            select v.id, v.at, v.actor_id, a.name as actor_name, v.token_id, v.action, v.subject, v.before, v.after,
                   \(Self.subjectName) as subject_name, \(Self.otherName) as other_name
              from audit v left join accounts a on a.id = v.actor_id where true
            """
        if let actor = filter.actorID { sql += " and v.actor_id = \(actor)" }
        if let name = filter.actorName {
            sql += " and v.actor_id in (select id from accounts where \(SQL.search(name, inFolded: "search_text")))"
        }
        if let subject = filter.subject { sql += " and v.subject = \(subject)" }
        if let name = filter.subjectName { sql += " and v.subject = any (array(\(Self.subjects(named: name))))" }
        if let from = filter.from { sql += " and v.at >= \(Self.start(of: from))" }
        switch filter.to {
        case .instant(let instant):
            // entries are told to the millisecond
            sql += " and v.at < date_trunc('milliseconds', \(instant)::timestamptz) + interval '1 millisecond'"
        case .day(let day): sql += " and v.at < \(Self.start(of: .day(day.adding(days: 1))))"
        case nil: break
        }
        if let cursor = page.after { sql += " and v.id < \(try cursor.int(0))" }
        sql += " order by v.id desc limit \(page.fetch)"
        return Reading(sql.all(AuditEntry.self)) { Page($0, page) { Cursor(.int($0.id)) } }
    }

    /// A number in a text that anybody may have written; null where it is none.
    private static func number(_ text: SQL) -> SQL {
        "case when \(text) ~ '^[0-9]{1,9}$' then (\(text))::int end"
    }

    /// What the subject is called today; else by what it was called when this was done.
    private static let subjectName: SQL = """
        coalesce(
            case split_part(v.subject, '/', 1)
                when 'cohort' then (select x.name from cohorts x where x.id = \(number("split_part(v.subject, '/', 2)")))
                when 'category' then (
                    select x.name from cohort_categories x where x.id = \(number("split_part(v.subject, '/', 2)")))
                when 'group' then (select x.name from groups x where x.id = \(number("split_part(v.subject, '/', 2)")))
                when 'department' then (
                    select x.name from departments x where x.id = \(number("split_part(v.subject, '/', 2)")))
                when 'milestone' then (
                    select x.title from milestones x where x.id = \(number("split_part(v.subject, '/', 2)")))
                when 'progress' then (
                    select x.title from milestones x where x.id = \(number("split_part(v.subject, '/', 2)")))
                when 'extension' then (
                    select x.title from milestones x where x.id = \(number("split_part(v.subject, '/', 2)")))
                when 'file' then (
                    select x.name from milestone_files x where x.id = \(number("split_part(v.subject, '/', 2)")))
                when 'account' then (select x.name from accounts x where x.id = \(number("split_part(v.subject, '/', 2)")))
                when 'student' then (select x.name from accounts x where x.id = \(number("split_part(v.subject, '/', 2)")))
            end,
            v.after ->> 'name', v.before ->> 'name', v.after ->> 'title', v.before ->> 'title', v.after ->> 'email',
            v.before ->> 'email')
        """

    /// The second that is concerned: of an answer or an extension the student, of a link the other end.
    private static let otherName: SQL = """
        case when split_part(v.subject, '/', 1) in ('progress', 'extension')
            then (select x.name from accounts x where x.id = \(number("split_part(v.subject, '/', 3)")))
            else coalesce(
                (select x.name from accounts x where x.id = \(number("coalesce(v.after, v.before) ->> 'studentId'"))),
                (select x.name from accounts x where x.id = \(number("coalesce(v.after, v.before) ->> 'accountId'"))),
                (select x.name from groups x where x.id = \(number("coalesce(v.after, v.before) ->> 'groupId'"))),
                (select x.name from cohorts x where x.id = \(number("coalesce(v.after ->> 'fromCohortId', v.after ->> 'withCohortId')"))))
        end
        """

    /// The subjects of things that are called so: of each kind the newest thousand.
    private static func subjects(named name: String) -> SQL {
        func named(_ column: SQL) -> SQL { SQL.search(name, inFolded: column) }
        let kinds: [(kind: SQL, table: SQL, column: SQL)] = [
            ("'cohort/'", "cohorts", "waymark.folded(name)"),
            ("'category/'", "cohort_categories", "waymark.folded(name)"),
            ("'group/'", "groups", "waymark.folded(name)"), ("'department/'", "departments", "waymark.folded(name)"),
            ("'milestone/'", "milestones", "waymark.folded(title)"),
            ("'file/'", "milestone_files", "waymark.folded(name)"),
            ("'account/'", "accounts", "search_text"), ("'student/'", "accounts", "search_text"),
        ]
        let works = ([("'progress/'", "progress"), ("'extension/'", "extensions")] as [(SQL, SQL)]).map {
            kind, table -> SQL in
            """
            (select \(kind) || milestone_id || '/' || student_id from \(table)
              where milestone_id in (select id from milestones where \(named("lower(title)")))
                 or student_id in (select id from accounts where \(named("search_text")))
              order by updated_at desc limit 1000)
            """
        }
        var sql = works.joined(separator: " union all ")
        for (kind, table, column) in kinds {
            sql += " union all (select \(kind) || id from \(table) where \(named(column)) order by id desc limit 1000)"
        }
        return sql
    }

    private static func start(of bound: AuditFilter.Bound) -> SQL {
        switch bound {
        case .instant(let instant): "\(instant)"
        case .day(let day): "(select \(day)::date::timestamp at time zone time_zone from settings)"
        }
    }
}
