import Dates
import FoundationEssentials
import Postgres
import Tenancy

/// Later dates for single students, as far as the caller's row security shows and lets through.
public struct ExtensionRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// What a step says.
    public struct Wish: Sendable {
        /// The day that is asked for or granted; nothing else names one.
        public let dueOn: CalendarDate?
        /// The word to the other side.
        public let comment: String?

        /// Reads `dueOn` and `comment`, those that the step needs and those that it may have.
        public init(_ action: ExtensionAction, _ fields: inout Fields) {
            dueOn = action.needsDay ? fields.required("dueOn", .date) : nil
            let word = FieldRule<String>.text(ProgressAction.commentLength, multiline: true)
            comment =
                action.needsComment ? fields.required("comment", word) : fields.optional("comment", word)
        }
    }

    /// One student's extension on one milestone, and how it came to that, oldest step first. That somebody else than the
    /// student looked is audited.
    /// - Throws: `CaseworkError.notFound`.
    public static func history(of milestone: Int, student: Int) -> Reading<
        (entry: ExtensionEntry, events: [ExtensionEvent])
    > {
        Reading(
            standing(milestone, student),
            events("v.student_id = \(student) and v.milestone_id = \(milestone)", order: "v.id"),
            StudentReading.note(of: student, milestone: milestone)
        ) { found, events, _ in
            guard let found else { throw CaseworkError.notFound }
            return (found.entry, events)
        }
    }

    /// A student's extensions by milestone, and the latest steps on them, newest first.
    public static func all(of student: Int, steps limit: Int = 100) -> Reading<
        (extensions: [Int: ExtensionEntry], events: [ExtensionEvent])
    > {
        Reading(
            SQL(
                """
                \(selection) where a.student_id = \(student) and a.extension is not null
                """
            ).all(ExtensionEntry.self),
            events("v.student_id = \(student)", order: "v.id desc limit \(limit)")
        ) { entries, events in
            (Dictionary(entries.map { ($0.milestoneID, $0) }, uniquingKeysWith: { first, _ in first }), events)
        }
    }

    /// Requests that the caller may answer, the oldest first.
    public static func waiting(_ page: PageRequest) throws -> Reading<Page<ExtensionRequest>> {
        var sql: SQL = """
            select w.milestone_id, w.title, w.cohort, w.student_id,
                   (select s.name from students s where s.id = w.student_id) as student, w.regular_due_on, w.granted_on,
                   w.asked_for, w.comment, w.updated_at, w.version
              from waiting_extensions w
            """
        if let cursor = page.after {
            let micros = try cursor.int(0)
            // years 1970 to 9999
            guard (0..<253_402_300_800_000_000).contains(micros) else { throw Cursor.refusal }
            let asked = Date(timeIntervalSince1970: Double(micros) / 1e6)
            sql += " where (w.updated_at, w.milestone_id, w.student_id)"
            sql += " > (\(asked)::timestamptz, \(try cursor.int(1))::bigint, \(try cursor.int(2))::bigint)"
        }
        sql += " order by w.updated_at, w.milestone_id, w.student_id limit \(page.fetch)"
        return Reading(sql.all(ExtensionRequest.self)) {
            Page($0, page) {
                let micros = Int(exactly: ($0.askedAt.timeIntervalSince1970 * 1e6).rounded()) ?? 0
                return Cursor(.int(micros), .int($0.milestoneID), .int($0.studentID))
            }
        }
    }

    /// How many such requests there are, at most `QueueRepository.mostCounted`.
    public static var count: Reading<Int> {
        Reading(
            ("select count(*)::int from (select from waiting_extensions limit \(QueueRepository.mostCounted)) w" as SQL)
                .value(Int.self))
    }

    /// Takes a step. Of two who take one at the same moment, one wins, and the other is told.
    /// - Parameter seen: the version that the caller has decided about; 0 is where no step had been taken yet.
    /// - Throws: `CaseworkError.preconditionFailed` where something has happened since, `.conflict` with the present state,
    ///   `.invalid` for a day that is not later, `.notFound`.
    public func take(
        _ action: ExtensionAction, milestone: Int, student: Int, _ wish: Wish, ifMatch seen: IfMatch
    ) async throws -> ExtensionEntry {
        let step = Self.step(action, milestone, student, wish, seen).affected()
        let standing = Self.standing(milestone, student)
        let (moved, found) = try await Self.refusals {
            guard action == .request else { return try await work(step, standing) }
            let (moved, found, _) = try await work(step, standing, Self.announcement(student))
            return (moved, found)
        }
        guard let found else { throw CaseworkError.notFound }
        if moved == 1 { return found.entry }
        try seen.check(found.entry.version)
        throw found.refusal(action, wish)
    }

    // MARK: SQL

    private static let selection: SQL = """
        select a.student_id, s.name, s.email, a.milestone_id, a.title, a.regular_due_on, a.due_on, a.status, a.today,
               a.extension, a.granted_on, a.asked_for, a.extension_comment, a.extension_version,
               exists (select from cohorts c where c.id = a.cohort_id and c.archived_at is not null) as archived
          from assignments a join students s on s.id = a.student_id
        """

    private static func standing(_ milestone: Int, _ student: Int) -> Query<Standing?> {
        SQL("\(selection) where a.milestone_id = \(milestone) and a.student_id = \(student)").optional(Standing.self)
    }

    private static func events(_ condition: SQL, order: SQL) -> Query<[ExtensionEvent]> {
        SQL(
            """
            select v.id, v.at, v.milestone_id, m.title, v.actor_id,
                   coalesce((select d.name from directory d where d.id = v.actor_id),
                            (select s.name from students s where s.id = v.actor_id)) as actor_name,
                   v.status, v.due_on, v.comment
              from extension_events v join milestones m on m.id = v.milestone_id
             where \(condition) and v.enrolled order by \(order)
            """
        ).all(ExtensionEvent.self)
    }

    /// Where the step leads from, which day it may name, and what it writes. A student may not even name the column of the
    /// day that is granted.
    private static func parts(_ action: ExtensionAction, _ wish: Wish) -> (
        from: SQL, day: SQL, columns: SQL, values: SQL
    ) {
        let day: SQL = "\(wish.dueOn)::date"
        return switch action {
        case .request:
            ("true", "\(day) > greatest(a.due_on, a.today - 1) and a.due_on is not null", "asked_for", day)
        case .withdraw: ("o.status = 'asked'", "true", "asked_for", "null::date")
        case .grant: ("true", "\(day) > a.regular_due_on", "due_on", day)
        case .decline: ("o.status = 'asked'", "true", "asked_for", "null::date")
        case .revoke: ("o.due_on is not null and o.status <> 'asked'", "true", "due_on", "null::date")
        }
    }

    /// One statement: state, day and version are checked in its WHERE, with the row locked. Where there is no row, only asking
    /// and granting make one.
    private static func step(
        _ action: ExtensionAction, _ milestone: Int, _ student: Int, _ wish: Wish, _ seen: IfMatch
    ) -> SQL {
        let (from, day, column, value) = parts(action, wish)
        let closed: SQL = action == .grant ? ", asked_for = null" : ""
        let made: SQL =
            action.needsDay
            ? """
            insert into extensions (milestone_id, student_id, cohort_id, status, \(column), comment, updated_at)
              select q.milestone_id, q.student_id, q.cohort_id, \(action.target), \(value), \(wish.comment), now()
                from place q
               where not exists (select from old) and \(seen.accepts("0"))
              on conflict (milestone_id, student_id) do nothing
              returning milestone_id, student_id, cohort_id
            """ : "select milestone_id, student_id, cohort_id from place where false"
        return """
            with place as (
              select a.milestone_id, a.student_id, a.cohort_id
                from assignments a
                join cohorts c on c.id = a.cohort_id and c.archived_at is null
               where a.milestone_id = \(milestone) and a.student_id = \(student) and \(day)
                 and (not \(action.isOfWorkToDo)::boolean or a.status in ('open', 'returned'))),
            old as (
              select x.milestone_id, x.student_id, x.status, x.due_on, x.asked_for, x.version
                from extensions x where x.milestone_id = \(milestone) and x.student_id = \(student) for update),
            moved as (
              update extensions x
                 set status = \(action.target), \(column) = \(value)\(closed), comment = \(wish.comment), updated_at = now(),
                     version = x.version + 1
                from old o, place q
               where x.milestone_id = o.milestone_id and x.student_id = o.student_id and \(from)
                 and \(seen.accepts("o.version"))
              returning x.milestone_id, x.student_id, x.cohort_id),
            made as (\(made)),
            done as (select * from moved union all select * from made),
            noted as (
              insert into extension_events (milestone_id, student_id, cohort_id, status, due_on, comment)
              select milestone_id, student_id, cohort_id, \(action.target), \(wish.dueOn)::date, \(wish.comment) from done)
            insert into audit (action, subject, before, after)
            select \("extension.\(action.rawValue)"), 'extension/' || d.milestone_id || '/' || d.student_id,
                   (select jsonb_build_object('status', o.status, 'grantedOn', o.due_on, 'askedFor', o.asked_for) from old o),
                   jsonb_build_object('status', \(action.target)::text, 'dueOn', \(wish.dueOn)::date, 'comment', \(wish.comment)::text,
                     'cohortId', d.cohort_id)
              from done d
            """
    }

    /// Where the last step was this transaction's: of a shared milestone in several cohorts.
    private static func announcement(_ student: Int) -> Query<Void> {
        Outbox.announce(
            """
            from extensions where student_id = \(student) and status = 'asked' and updated_at = now()
            """)
    }

    private static let refusals: Refusals = [
        "extensions_student_id_fkey": .notFound, "extension_events_student_id_fkey": .notFound,
        "extensions_milestone_id_fkey": .notFound,
    ]

    /// Where one student stands, and why a step cannot be taken there.
    private struct Standing: RowDecodable {
        let entry: ExtensionEntry
        let progress: ProgressStatus
        let today: CalendarDate
        let isArchived: Bool

        init(row: Row) throws {
            entry = try ExtensionEntry(row: row)
            progress = try row.get("status")
            today = try row.get("today")
            isArchived = try row.get("archived")
        }

        func refusal(_ action: ExtensionAction, _ wish: Wish) -> CaseworkError {
            if isArchived { return .conflict(Refusal(.cohortArchived), state: "archived") }
            if action.isOfWorkToDo {
                guard progress == .open || progress == .returned else {
                    return .conflict(
                        Refusal(.stepNotPossible, ["state": .term(progress.term)]), state: progress.rawValue)
                }
                guard let regular = entry.regularDueOn, let due = entry.dueOn else {
                    return .conflict(Refusal(.nothingToExtend), state: "no-due-date")
                }
                let bound = action == .grant ? regular : max(due, today.adding(days: -1))
                if wish.dueOn.map({ $0 <= bound }) ?? true {
                    return .invalid("dueOn", Refusal(.notLater, ["date": .date(bound)]))
                }
                return .preconditionFailed
            }
            let state = entry.given?.status
            let code: Refusal.Code = action == .revoke ? .noExtension : .nothingAsked
            return .conflict(Refusal(code), state: state?.rawValue ?? "none")
        }
    }
}

extension Permission {
    /// One student's extension on a milestone, and the step the caller is about to take. A role that may never take the step
    /// is refused before anybody looks whether there is anything to take it on.
    public static func extending(milestone: Int, student: Int, _ action: ExtensionAction) -> Permission {
        let assignment: SQL = "from assignments a where a.milestone_id = \(milestone) and a.student_id = \(student)"
        let never: SQL = "(waymark.is_student() <> \(action.isForStudents)::boolean)"
        return Permission(
            "select where " + never + " union all select " + assignment,
            editable: "not " + never
                + " and coalesce((select waymark.is_student() or waymark.may_act_in_cohort(a.cohort_id) "
                + assignment + "), false)")
    }
}
