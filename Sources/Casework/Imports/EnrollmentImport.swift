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

    /// What a file may say of who joins.
    public static let fields: [ImportField] = [.email, .studentNumber]

    /// Takes the file in. Where rows fail and `partial` is not wanted, nothing is stored and the report says so.
    /// - Parameters:
    ///   - columns: what each column holds, where somebody said so for this file.
    ///   - says: the report's sentence for what is wrong with a row.
    ///   - progress: is told of so many rows more, whenever some have been judged.
    /// - Throws: `notFound`; `conflict` for an archived cohort, or where a student was removed meanwhile; `invalid` for a file whose
    ///   header cannot be used.
    public func run(
        _ file: ImportFile, into cohort: Int, _ options: ImportOptions, columns: [ImportField?]? = nil,
        says: @escaping @Sendable (FieldRefusal) -> String = { $0.refusal.code.rawValue },
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> ImportReport {
        var records = try await file.records()
        let first = try await records.next()
        let kept = columns == nil ? try await ColumnRepository(work: work).kept() : [:]
        let places = try MemberColumns(first, kept: kept, chosen: columns)
        var run = ImportRun(
            MemberRows(cohort: cohort, columns: places), headings: places.header?.headings, options, says: says,
            progress: progress)
        return try await Self.refusals {
            try await run.run(&records, first: places.header == nil ? first : nil, work: work)
        }
    }
}

/// Where a row names its student.
private struct MemberColumns {
    /// Nil for a file that is one column of addresses.
    let header: CSVHeader?

    init(_ first: CSVRecord?, kept: KeptColumns, chosen: [ImportField?]?) throws(CaseworkError) {
        if let first, first.problem == nil, first[0].contains("@") {
            header = nil
            return
        }
        let header = try CSVHeader(first, for: EnrollmentImport.fields, kept: kept, chosen: chosen)
        guard header[.email] != nil || header[.studentNumber] != nil else {
            throw .invalid("header", .memberColumnMissing)
        }
        self.header = header
    }

    func problem(of record: CSVRecord) -> Refusal? {
        if let header { return header.problem(of: record) }
        if let problem = record.problem { return problem }
        return (1..<max(record.count, 1)).allSatisfy { record[$0].isEmpty } ? nil : Refusal(.moreThanOneCell)
    }

    func address(in record: CSVRecord) -> String? {
        guard let header else { return record[0] }
        return header.value(.email, in: record)
    }

    func number(in record: CSVRecord) -> String? { header?.value(.studentNumber, in: record) }
}

/// How a row names its student: by one of the two, or by both.
private struct MemberKeys: Sendable {
    let address: String?
    let number: String?
    let line: Int
}

/// Rows of students to be.
private struct MemberRows: ImportKind {
    let cohort: Int
    let columns: MemberColumns
    private var seen = SeenValues()
    private var numbers = SeenValues()

    init(cohort: Int, columns: MemberColumns) {
        self.cohort = cohort
        self.columns = columns
    }

    mutating func read(_ record: CSVRecord) -> ImportRow<MemberKeys> {
        if let problem = columns.problem(of: record) {
            return ImportRow(line: record.line, email: nil, content: .settled(.init(.invalid, problem)))
        }
        let (typed, typedNumber) = (columns.address(in: record), columns.number(in: record))
        var field = ImportField.studentNumber
        do throws(Refusal) {
            var number: String?
            if let typedNumber { number = try Text.clean(typedNumber, length: 1...100) }
            field = .email
            var address: String?
            if let typed {
                address = try EmailAddress(typed).text.lowercasedLikeSQL
            } else if number == nil {
                field = columns.header?[.email] == nil ? .studentNumber : .email
                throw Refusal(.empty)
            }
            if let line = address == nil ? number.flatMap(numbers.line) : address.flatMap(seen.line) {
                let fate = ImportFate(.duplicate, .rowTwice(line))
                return ImportRow(line: record.line, email: typed, content: .settled(fate))
            }
            if let address { seen.note(address, line: record.line) }
            if let number { numbers.note(number, line: record.line) }
            return ImportRow(
                line: record.line, email: typed,
                content: .open(MemberKeys(address: address, number: number, line: record.line)))
        } catch {
            let fate = ImportFate(.invalid, error, in: field.rawValue)
            return ImportRow(line: record.line, email: typed, content: .settled(fate))
        }
    }

    mutating func begin(_ transaction: Transaction) async throws {
        try await check("select archived_at is not null from cohorts where id = \(cohort)", in: transaction)
    }

    /// The cohort is locked only now: who renames or archives it need not wait while the file is read.
    func end(_ report: inout ImportReportWriter, isStoring: Bool, in transaction: Transaction) async throws {
        guard isStoring else { return }
        try await check("select archived_at is not null from cohorts where id = \(cohort) for share", in: transaction)
    }

    private func check(_ state: SQL, in transaction: Transaction) async throws {
        let isArchived = try await transaction(state.optionalValue(Bool.self))
        guard let isArchived else { throw CaseworkError.notFound }
        if isArchived { throw CaseworkError.archivedCohort }
    }

    mutating func judge(
        _ rows: [MemberKeys], isStoring: Bool, in transaction: Transaction
    ) async throws -> [(fate: ImportFate, email: String?)] {
        let sql: SQL = """
            with judged as (
                    select i.n, a.id, a.email, a.name || ' (' || a.email || ')' as person,
                        a.status = 'archived' as archived, h.name || ' (' || h.email || ')' as other,
                        h.status = 'archived' as other_archived,
                        case when b.id <> h.id then 't' when a.id is null then 'k' when a.status = 'archived' then 'z'
                            when a.role <> 'student' then 's' when row_number() over same > 1 then 'd'
                            when e.active then 'm' else 'a' end as fate,
                        first_value(i.line) over same as first_line
                    from unnest(\(rows.map(\.address))::text[], \(rows.map(\.number))::text[],
                            \(rows.map(\.line))::int[])
                        with ordinality i (address, number, line, n)
                    left join accounts b on lower(b.email) = lower(i.address)
                    left join accounts h on h.student_number = i.number
                    left join accounts a on a.id = coalesce(b.id, h.id)
                    left join enrollments e on e.cohort_id = \(cohort) and e.student_id = a.id
                    window same as (partition by a.id, coalesce(b.id <> h.id, false) order by i.n)),
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
            select fate, email, person, archived, other, other_archived, first_line from judged order by n
            """
        return try await transaction(sql.all(Answer.self)).map { (try Self.fate($0), $0.email) }
    }

    private static func fate(_ answer: Answer) throws -> ImportFate {
        switch answer.fate.utf8.first {
        case UInt8(ascii: "a"): ImportFate(.added)
        case UInt8(ascii: "d"): ImportFate(.duplicate, .rowTwice(answer.firstLine))
        case UInt8(ascii: "m"): ImportFate(.alreadyMember)
        case UInt8(ascii: "k"): ImportFate(.unknown, Refusal(.nobodyHasIt))
        case UInt8(ascii: "s"): ImportFate(.notAStudent, Refusal(.rowOfNoStudent))
        case UInt8(ascii: "z"): ImportFate(.notAStudent, Refusal(.rowArchived))
        case UInt8(ascii: "t"):
            ImportFate(.invalid, .number(of: answer.other, andAddressOf: answer.person), in: "student_number")
        default: throw CaseworkError.unavailable
        }
    }

    private struct Answer: RowDecodable {
        let fate: String
        let email: String?
        let person: NamedAccount?
        let other: NamedAccount?
        let firstLine: Int

        init(row: Row) throws {
            fate = try row.get("fate")
            email = try row.get("email")
            person = try Self.account("person", "archived", row)
            other = try Self.account("other", "other_archived", row)
            firstLine = try row.get("first_line")
        }

        private static func account(_ name: String, _ archived: String, _ row: Row) throws -> NamedAccount? {
            guard let name: String = try row.get(name) else { return nil }
            return NamedAccount(name: name, isArchived: try row.get(archived))
        }
    }
}
