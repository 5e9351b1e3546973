import Postgres
import Tenancy

/// A file of addresses or student numbers: those students join a cohort.
public struct EnrollmentImport: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as an admin.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let refusals: Refusals = [
        "enrollments_cohort_id_fkey": .notFound, "enrollments_student_id_fkey": StudentImport.changedMeanwhile,
    ]

    /// Takes the file in. Where rows fail and `partial` is not wanted, nothing is stored and the report says so.
    /// - Throws: `notFound`; `conflict` for an archived cohort, or where a student was removed meanwhile; `invalid` for a file whose
    ///   header cannot be used.
    public func run(
        _ file: Spool, into cohort: Int, _ options: ImportOptions,
        says: @escaping @Sendable (FieldRefusal) -> String = { $0.refusal.code.rawValue }
    ) async throws -> ImportReport {
        var records = CSVReader(file).makeAsyncIterator()
        let first = try await records.next()
        let column = try MemberColumn(first)
        var run = ImportRun(MemberRows(cohort: cohort, column: column), options, says: says)
        return try await Self.refusals {
            try await run.run(&records, first: column.header == nil ? first : nil, work: work)
        }
    }
}

/// Where a row names its student.
private struct MemberColumn {
    /// Nil for a file that is one column of addresses.
    let header: CSVHeader?
    let index: Int
    let isAddress: Bool

    init(_ first: CSVRecord?) throws(CaseworkError) {
        if let first, first.problem == nil, first[0].contains("@") {
            (header, index, isAddress) = (nil, 0, true)
            return
        }
        let header = try CSVHeader(first)
        self.header = header
        if let email = header["email"] {
            (index, isAddress) = (email, true)
        } else if let number = header["student_number"] {
            (index, isAddress) = (number, false)
        } else {
            throw .invalid("header", .memberColumnMissing)
        }
    }

    func problem(of record: CSVRecord) -> Refusal? {
        if let header { return header.problem(of: record) }
        if let problem = record.problem { return problem }
        return (1..<max(record.count, 1)).allSatisfy { record[$0].isEmpty } ? nil : Refusal(.moreThanOneCell)
    }
}

/// Rows of students to be.
private struct MemberRows: ImportKind {
    let cohort: Int
    let column: MemberColumn
    private var seen = SeenValues()

    init(cohort: Int, column: MemberColumn) {
        self.cohort = cohort
        self.column = column
    }

    mutating func read(_ record: CSVRecord) -> ImportRow<String> {
        if let problem = column.problem(of: record) {
            return ImportRow(line: record.line, email: nil, content: .settled(.init(.invalid, problem)))
        }
        let typed = record[column.index]
        let email = column.isAddress ? typed : nil
        do throws(Refusal) {
            let key: String
            if column.isAddress {
                key = try EmailAddress(typed).text.lowercasedLikeSQL
            } else {
                key = try Text.clean(typed, length: 1...100)
            }
            if let line = seen.line(of: key) {
                let fate = ImportFate(.duplicate, .rowTwice(line))
                return ImportRow(line: record.line, email: email, content: .settled(fate))
            }
            seen.note(key, line: record.line)
            return ImportRow(line: record.line, email: email, content: .open(key))
        } catch {
            let fate = ImportFate(.invalid, error, in: column.isAddress ? "email" : "student_number")
            return ImportRow(line: record.line, email: email, content: .settled(fate))
        }
    }

    func begin(_ transaction: Transaction) async throws {
        try await check("select archived_at is not null from cohorts where id = \(cohort)", in: transaction)
    }

    /// The cohort is locked only now: who renames or archives it need not wait while the file is read.
    func end(_ report: ImportReportWriter, in transaction: Transaction) async throws {
        try await check("select archived_at is not null from cohorts where id = \(cohort) for share", in: transaction)
    }

    private func check(_ state: SQL, in transaction: Transaction) async throws {
        let isArchived = try await transaction(state.optionalValue(Bool.self))
        guard let isArchived else { throw CaseworkError.notFound }
        if isArchived { throw CaseworkError.archivedCohort }
    }

    mutating func judge(
        _ rows: [String], isStoring: Bool, in transaction: Transaction
    ) async throws -> [(fate: ImportFate, email: String?)] {
        let key: SQL = column.isAddress ? "lower(a.email) = lower(i.key)" : "a.student_number = i.key"
        let emails: SQL = column.isAddress ? "'{}'::text[]" : "array_agg(email order by n)"
        let sql: SQL = """
            with judged as (
                    select i.n, a.id, a.email,
                        case when a.id is null then 'k' when a.role <> 'student' then 's'
                            when a.status = 'archived' then 'z' when e.active then 'm' else 'a' end as fate
                    from unnest(\(rows)::text[]) with ordinality i (key, n)
                    left join accounts a on \(key)
                    left join enrollments e on e.cohort_id = \(cohort) and e.student_id = a.id),
                joined as (
                    insert into enrollments as e (cohort_id, student_id)
                    select distinct \(cohort)::int, id from judged where fate = 'a' and \(isStoring)
                    on conflict (cohort_id, student_id) do update set left_at = null, joined_at = now()
                        where e.left_at is not null
                    returning cohort_id, student_id),
                noted as (
                    insert into audit (action, subject, after)
                    select 'enrollment.create', 'cohort/' || cohort_id, jsonb_build_object('studentId', student_id)
                    from joined)
            select string_agg(fate, '' order by n) as fates, \(emails) as emails from judged
            """
        let answer = try await transaction(sql.one(Answer.self))
        let found = column.isAddress ? Array(repeating: nil, count: rows.count) : answer.emails
        return try zip(answer.fates.utf8, found).map { code, email in (try Self.fate(code), email) }
    }

    private static func fate(_ code: UInt8) throws -> ImportFate {
        switch code {
        case UInt8(ascii: "a"): ImportFate(.added)
        case UInt8(ascii: "m"): ImportFate(.alreadyMember)
        case UInt8(ascii: "k"): ImportFate(.unknown, Refusal(.nobodyHasIt))
        case UInt8(ascii: "s"): ImportFate(.notAStudent, Refusal(.rowOfNoStudent))
        case UInt8(ascii: "z"): ImportFate(.notAStudent, Refusal(.rowArchived))
        default: throw CaseworkError.unavailable
        }
    }

    private struct Answer: RowDecodable {
        let fates: String
        let emails: [String?]

        init(row: Row) throws {
            fates = try row.get("fates")
            emails = try row.get("emails")
        }
    }
}
