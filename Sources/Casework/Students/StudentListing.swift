import Postgres
import Tenancy

extension StudentRepository {
    /// Students of the caller's scope: each once, with how they stand.
    /// - Throws: `CaseworkError.invalid` for a cursor of another order.
    public static func list(_ filter: StudentFilter, _ page: PageRequest) throws -> Reading<StudentList> {
        let order = filter.order
        let sql: SQL = """
            \(StudentTallies(filter).sql),
            matched as materialized (\(matched(filter, "a.id"))),
            page as materialized (
              select * from matched where \(try order.following(page.after)) order by \(order.order) limit \(page.rows))
            select n.students, p.id, s.name, s.email, s.student_number, s.signed_in_at, p.word, p.key, c.cohort_ids,
                   c.cohort_names, d.total, d.completed, d.overdue, d.waiting, d.answerable, v.contacted_at
              from (select count(*)::int as students from matched) n
              left join page p on true
              left join lateral (
                select a.name, a.email, a.student_number, a.signed_in_at from caseload a where a.id = p.id limit 1) s
                on true
              left join lateral (
                select count(*) filter (where a.status <> 'waived')::int as total,
                       count(*) filter (where a.status = 'completed')::int as completed,
                       count(*) filter (where a.overdue)::int as overdue,
                       count(*) filter (where a.status = 'submitted')::int as waiting,
                       count(*) filter (where a.status = 'submitted'
                                          and waymark.may_act_in_cohort(a.cohort_id))::int as answerable
                  from assignments a join places q on q.id = a.cohort_id where a.student_id = p.id) d on true
              left join lateral (
                select array_agg(c.id order by lower(c.name), c.id) as cohort_ids,
                       array_agg(c.name order by lower(c.name), c.id) as cohort_names
                  from enrollments e join cohorts c on c.id = e.cohort_id and c.archived_at is null
                 where e.student_id = p.id and e.active) c on true
              left join lateral (
                select max(v.at) as contacted_at from progress_events v join places q on q.id = v.cohort_id
                 where v.student_id = p.id and v.enrolled and v.actor_id <> v.student_id) v on true
             order by \(order.order)
            """
        return Reading(sql.all(Line.self)) { lines in
            let found = lines.compactMap(\.found)
            let rows = Page(found, page) {
                Cursor(.text(order.text), .int($0.key), .text($0.word), .int($0.student.id))
            }
            return StudentList(page: rows.map { $0.student }, students: lines.first?.students ?? 0)
        }
    }

    /// All that are asked for at once, for a file: up to 100,000.
    public static func all(_ filter: StudentFilter) -> Reading<[StudentStanding]> {
        let order = filter.order
        let joined: [SQL] = [
            "left join work w on w.student_id = a.id", "left join late l on l.student_id = a.id",
            "left join waits q on q.student_id = a.id", "left join contact v on v.student_id = a.id",
        ]
        let sql: SQL = """
            \(StudentTallies(filter).sql),
            named as (
              select e.student_id, array_agg(c.id order by lower(c.name), c.id) as cohort_ids,
                     array_agg(c.name order by lower(c.name), c.id) as cohort_names
                from enrollments e join cohorts c on c.id = e.cohort_id and c.archived_at is null
               where e.active group by e.student_id),
            matched as materialized (
              \(matched(filter, "a.id, a.name, a.email, a.student_number, a.signed_in_at")))
            select a.id, a.name, a.email, a.student_number, a.signed_in_at, n.cohort_ids, n.cohort_names,
                   coalesce(w.total, 0) as total, coalesce(w.completed, 0) as completed, coalesce(l.n, 0) as overdue,
                   coalesce(q.n, 0) as waiting, 0 as answerable, v.at as contacted_at
              from matched a left join named n on n.student_id = a.id \(joined.joined(separator: " "))
             order by \(order.order) limit 100000
            """
        return Reading(sql.all(StudentStanding.self))
    }

    /// The e-mail addresses of some students in scope, by name.
    public static func addresses(of students: [Int]) -> Reading<[String]> {
        Reading(
            ("select email from caseload where id = any (\(students)::int[]) order by sort_name, id" as SQL)
                .values(String.self))
    }

    /// What the caller can narrow the list to.
    public static var choices: Reading<StudentChoices> {
        Reading(
            ("select id, name from cohorts where archived_at is null order by lower(name), id" as SQL)
                .all(Named.self),
            QueueRepository.groups
        ) { cohorts, groups in
            StudentChoices(cohorts: cohorts.map { .init(id: $0.id, name: $0.name) }, groups: groups)
        }
    }

    /// The students that are asked for, with what they are sorted by.
    private static func matched(_ filter: StudentFilter, _ columns: SQL) -> SQL {
        var tables = filter.order.tables
        var conditions: SQL = "\(SQL.search(filter.text, inFolded: "a.search_text"))"
        if filter.enrolled ?? false || filter.namesCohorts {
            conditions += " and a.id in (select student_id from members)"
        } else if filter.enrolled == false {
            conditions += " and a.id not in (select student_id from members)"
        }
        func demand(_ isSome: Bool?, of table: StudentTally, _ number: SQL) {
            guard let isSome else { return }
            tables.insert(table)
            conditions += isSome ? " and \(number) > 0" : " and coalesce(\(number), 0) <= 0"
        }
        demand(filter.overdue, of: .late, "late.n")
        demand(filter.dueSoon, of: .soon, "soon.n")
        demand(filter.waiting, of: .waits, "waits.n")
        if let signedIn = filter.signedIn { conditions += " and (a.signed_in_at is not null) = \(signedIn)" }
        if let mine = filter.mine {
            conditions += mine ? " and a.id in" : " and a.id not in"
            conditions += """
                 (select e.student_id from enrollments e join places p on p.id = e.cohort_id
                   where e.active and e.contact_id = waymark.account_id())
                """
        }
        let joins = StudentTally.allCases.filter(tables.contains).map(\.join)
        return """
            select \(columns), \(filter.order.word) as word, \(filter.order.key) as key
              from caseload a\(joins.joined(separator: "")) where \(conditions)
            """
    }

    private struct Named: RowDecodable {
        let id: Int
        let name: String

        init(row: Row) throws {
            id = try row.get("id")
            name = try row.get("name")
        }
    }

    /// A student with what the list is sorted by; without one, the number alone.
    private struct Line: RowDecodable {
        let students: Int
        let found: (student: StudentStanding, word: String, key: Int)?

        init(row: Row) throws {
            students = try row.get("students")
            found =
                try (row.get("id") as Int?) == nil
                ? nil : (StudentStanding(row: row), try row.get("word"), try row.get("key"))
        }
    }
}

extension StudentOrder {
    /// The tables of `StudentTallies` that its key is taken from.
    fileprivate var tables: Set<StudentTally> {
        switch column {
        case .name, .studentNumber, .signedInAt: []
        case .cohort: [.first]
        case .progress: [.work]
        case .overdue: [.late]
        case .waiting: [.waits]
        case .contactedAt: [.contact]
        }
    }

    /// The number that rows are sorted by, the least first. Who has none stands before the others, as with nothing: nothing
    /// done, never signed in; who is in no cohort or has no number stands behind.
    fileprivate var key: SQL {
        let number: SQL =
            switch column {
            case .name: "0"
            case .studentNumber: "(a.student_number is null)::int"
            case .cohort: "coalesce(first.place, 1000000000)"
            case .progress: "coalesce(work.completed::bigint * 1000000 / nullif(work.total, 0), -1)"
            case .overdue: "coalesce(late.n, 0)"
            case .waiting: "coalesce(waits.n, 0)"
            case .signedInAt: "coalesce((extract(epoch from a.signed_in_at) * 1000000)::bigint, 0)"
            case .contactedAt: "coalesce((extract(epoch from contact.at) * 1000000)::bigint, 0)"
            }
        return isDescending && !column.isText ? "(-(\(number)))::bigint" : "(\(number))::bigint"
    }

    /// The text that rows with the same number are sorted by.
    fileprivate var word: SQL {
        column == .studentNumber ? "coalesce(lower(a.student_number), '')" : "a.sort_name"
    }

    private var isBackwards: Bool { isDescending && column.isText }

    fileprivate var order: SQL { isBackwards ? "key, word desc, id desc" : "key, word, id" }

    /// What stands behind a cursor.
    fileprivate func following(_ cursor: Cursor?) throws -> SQL {
        guard let cursor else { return "true" }
        guard try cursor.text(0) == text else { throw Cursor.refusal }
        let key: SQL = "\(try cursor.int(1))::bigint"
        let rest: SQL = "(\(try cursor.text(2)), \(try cursor.int(3))::bigint)"
        return isBackwards
            ? "(key > \(key) or key = \(key) and (word, id) < \(rest))"
            : "(key > \(key) or key = \(key) and (word, id) > \(rest))"
    }
}
