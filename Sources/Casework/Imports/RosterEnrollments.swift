import Dates
import Postgres
import Tenancy

/// What a row of `enrollments.csv` says: who is in which cohort, or is no longer.
struct RosterEnrollment: Sendable {
    let sourcedID: String
    /// 0 where the row only says that it is gone.
    let cohort: Int
    let user: String
    let ends: Bool
}

/// Rows of `enrollments.csv`: of classes that are cohorts.
struct RosterEnrollments: ImportKind {
    let part: RosterPackage.Part
    let header: RosterHeader
    let today: CalendarDate
    let options: ImportOptions
    /// Who and what else is in the package, where it is all there is.
    let users: SeenValues?
    let classes: SeenValues?
    private var known = SeenValues()
    private var hasStatus = false
    private var cohorts: [String: Int] = [:]
    private var archived: Set<Int> = []
    private var present: [String] = []
    private var ending: [String] = []

    init(
        _ part: RosterPackage.Part, _ header: RosterHeader, today: CalendarDate, options: ImportOptions,
        users: SeenValues?, classes: SeenValues?
    ) {
        (self.part, self.header, self.today, self.options) = (part, header, today, options)
        (self.users, self.classes) = (users, classes)
    }

    mutating func begin(_ transaction: Transaction) async throws {
        cohorts = try await transaction(RosterStatements.records(of: "class", "cohort_id"))
        let sql: SQL = """
            select c.id from cohorts c join roster_records r on r.kind = 'class' and r.cohort_id = c.id
            where c.archived_at is not null
            """
        let closed = try await transaction(sql.values(Int.self))
        archived = Set(closed)
    }

    mutating func read(_ record: CSVRecord) -> ImportRow<RosterEnrollment> {
        if header.value("status", in: record) != nil, !part.isWholeWithStatus { hasStatus = true }
        return header.row(record, part.mode, &known) { row throws(FieldRefusal) in
            if row.isDeleted {
                return .open(RosterEnrollment(sourcedID: row.sourcedID, cohort: 0, user: "", ends: true))
            }
            guard let user = header.value("userSourcedId", in: record) else {
                throw FieldRefusal("userSourcedId", .empty)
            }
            guard let place = header.value("classSourcedId", in: record) else {
                throw FieldRefusal("classSourcedId", .empty)
            }
            guard let role = header.value("role", in: record)?.lowercased() else { throw FieldRefusal("role", .empty) }
            let begins = try RosterRow.day("beginDate", record, header)
            let ends = try RosterRow.day("endDate", record, header)
            if let users, users.line(of: user) == nil { throw FieldRefusal("userSourcedId", .rosterUnknown) }
            guard let cohort = cohorts[place] else {
                if let classes, classes.line(of: place) == nil { throw FieldRefusal("classSourcedId", .rosterUnknown) }
                return .settled(ImportFate(.skipped, Refusal(.rosterNotChosen)))
            }
            if role != "student" {
                return .settled(
                    ImportFate(.skipped, Refusal(.rosterRoleLeft, ["role": .text(String(role.prefix(50)))])))
            }
            if archived.contains(cohort) { return .settled(ImportFate(.skipped, Refusal(.cohortArchived))) }
            if let begins, begins > today {
                return .settled(ImportFate(.skipped, Refusal(.rosterNotYet, ["day": .date(begins)])))
            }
            return .open(
                RosterEnrollment(
                    sourcedID: row.sourcedID, cohort: cohort, user: user, ends: ends.map { $0 <= today } ?? false))
        }
    }

    mutating func judge(
        _ rows: [RosterEnrollment], isStoring: Bool, in transaction: Transaction
    ) async throws -> [(fate: ImportFate, email: String?)] {
        let sql: SQL = """
            with fated as (
                    select i.n, i.sourced_id, i.cohort_id, a.id, a.email,
                        case when i.ends then case when l.sourced_id is null then 'k' else 'e' end
                            when a.id is null then 'p' when a.status = 'archived' then 'z'
                            when a.role <> 'student' then 's' when e.active then 'm' else 'a' end as fate
                    from unnest(\(rows.map(\.sourcedID))::text[], \(rows.map(\.cohort))::int[], \(rows.map(\.user))::text[],
                            \(rows.map(\.ends))::bool[])
                        with ordinality i (sourced_id, cohort_id, user_id, ends, n)
                    left join roster_records l on l.kind = 'enrollment' and l.sourced_id = i.sourced_id
                    left join roster_records r on r.kind = 'user' and r.sourced_id = i.user_id
                    left join accounts a on a.id = coalesce(r.account_id, l.account_id)
                    left join enrollments e on e.cohort_id = i.cohort_id and e.student_id = a.id),
                joined as (
                    insert into enrollments as e (cohort_id, student_id)
                    select distinct cohort_id, id from fated where fate = 'a'
                    on conflict (cohort_id, student_id) do update set left_at = null, joined_at = now()
                        where e.left_at is not null
                    returning cohort_id, student_id),
                linked as (
                    insert into roster_records as r (kind, sourced_id, cohort_id, account_id)
                    select 'enrollment', sourced_id, cohort_id, id from fated where fate in ('a', 'm')
                    on conflict (kind, sourced_id) do update
                        set cohort_id = excluded.cohort_id, account_id = excluded.account_id
                        where (r.cohort_id, r.account_id) is distinct from (excluded.cohort_id, excluded.account_id)),
                noted as (
                    insert into audit (action, subject, after)
                    select 'enrollment.create', 'cohort/' || cohort_id, jsonb_build_object('studentId', student_id)
                    from joined)
            select fate, email from fated order by n
            """
        let answers = try await transaction(sql.all(Answer.self))
        guard answers.count == rows.count else { throw CaseworkError.unavailable }
        return try zip(rows, answers).map { row, answer in
            switch answer.fate.utf8.first {
            case UInt8(ascii: "e"):
                ending.append(row.sourcedID)
                return (ImportFate(.updated, changed: ["status"]), answer.email)
            case UInt8(ascii: "a"), UInt8(ascii: "m"):
                present.append(row.sourcedID)
                return (ImportFate(answer.fate == "a" ? .added : .alreadyMember), answer.email)
            case UInt8(ascii: "k"): return (ImportFate(.skipped, Refusal(.rosterGone)), nil)
            case UInt8(ascii: "p"): return (ImportFate(.skipped, Refusal(.rosterPersonLeft)), nil)
            case UInt8(ascii: "s"): return (ImportFate(.skipped, Refusal(.rowOfNoStudent)), answer.email)
            case UInt8(ascii: "z"): return (ImportFate(.skipped, Refusal(.rowArchived)), answer.email)
            default: throw CaseworkError.unavailable
            }
        }
    }

    private struct Answer: RowDecodable {
        let fate: String
        let email: String?

        init(row: Row) throws {
            fate = try row.get("fate")
            email = try row.get("email")
        }
    }

    /// Ends what rows end and, where that is asked, what the roster had enrolled in the package's classes and no longer has.
    func end(_ report: inout ImportReportWriter, isStoring: Bool, in transaction: Transaction) async throws {
        var gone = ending
        if part.mode == .bulk, hasStatus { report.notes.append(FieldRefusal(part.file.name, .rosterNotWhole)) }
        if part.mode == .bulk, !hasStatus, options.suspendsMissing, let classes {
            let places = cohorts.filter { classes.line(of: $0.key) != nil }.map(\.value)
            let sql: SQL = """
                select r.sourced_id from roster_records r left join unnest(\(present)::text[]) x (id) on x.id = r.sourced_id
                where r.kind = 'enrollment' and r.cohort_id = any (\(places)::int[]) and x.id is null
                """
            let absent = try await transaction(sql.values(String.self))
            gone = Array(Set(gone + absent))
            if !options.isDryRun, report.failed > 0, gone.count > ending.count {
                throw CaseworkError.conflict(Refusal(.missingUnsure))
            }
        }
        guard !gone.isEmpty else { return }
        let all: SQL = "select count(*)::int from roster_records where kind = 'enrollment'"
        let count = try await transaction(all.value(Int.self))
        report.leaving = try await transaction(Self.leave(gone))
        try await options.check(report.leaving, of: count, .tooManyLeaving, in: transaction)
    }

    /// - Returns: how many students leave a cohort: those whom no other row has enrolled there.
    private static func leave(_ sourcedIDs: [String]) -> Query<Int> {
        let sql: SQL = """
            with gone as (
                    delete from roster_records where kind = 'enrollment' and sourced_id = any (\(sourcedIDs)::text[])
                    returning cohort_id, account_id),
                closed as (
                    update enrollments e set left_at = now()
                    from (select distinct cohort_id, account_id from gone) g
                    where e.cohort_id = g.cohort_id and e.student_id = g.account_id and e.left_at is null
                        and not exists (select from roster_records o where o.kind = 'enrollment'
                            and o.cohort_id = g.cohort_id and o.account_id = g.account_id
                            and o.sourced_id <> all (\(sourcedIDs)::text[]))
                        and exists (select from cohorts c where c.id = e.cohort_id and c.archived_at is null)
                    returning e.cohort_id, e.student_id, e.joined_at),
                noted as (
                    insert into audit (action, subject, before)
                    select 'enrollment.delete', 'cohort/' || cohort_id,
                        jsonb_build_object('studentId', student_id, 'joinedAt', joined_at)
                    from closed)
            select count(*)::int from closed
            """
        return sql.value(Int.self)
    }
}
