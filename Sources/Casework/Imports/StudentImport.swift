import Postgres
import Tenancy

/// A file of students: new accounts are made, known ones brought up to date; a blank cell keeps what is there.
public struct StudentImport: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as an admin.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let refusals: Refusals = [
        "accounts_email_key": changedMeanwhile, "accounts_student_number_key": changedMeanwhile,
    ]
    static let changedMeanwhile = CaseworkError.conflict(Refusal(.accountsChanged))

    /// Takes the file in. Where rows fail and `partial` is not wanted, nothing is stored and the report says so.
    /// - Throws: `invalid` for a file whose header cannot be used; `conflict` where accounts changed meanwhile.
    public func run(
        _ file: Spool, _ options: ImportOptions,
        says: @escaping @Sendable (FieldRefusal) -> String = { $0.refusal.code.rawValue }
    ) async throws -> ImportReport {
        var records = CSVReader(file).makeAsyncIterator()
        var run = ImportRun(
            try StudentRows(try CSVHeader(try await records.next())), options, says: says)
        return try await Self.refusals { try await run.run(&records, first: nil, work: work) }
    }
}

extension StudentRows {
    fileprivate init(_ header: CSVHeader) throws(CaseworkError) {
        try header.require("email", "given_name", "family_name")
        self.header = header
    }
}

/// Rows of students.
private struct StudentRows: ImportKind {
    let header: CSVHeader
    private var addresses = SeenValues()
    private var numbers = SeenValues()

    struct Cells: Sendable {
        let email: String
        let givenName: String?
        let familyName: String?
        let preferredName: String?
        let studentNumber: String?
        let line: Int
    }

    mutating func read(_ record: CSVRecord) -> ImportRow<Cells> {
        if let problem = header.problem(of: record) {
            return ImportRow(line: record.line, email: nil, content: .settled(.init(.invalid, problem)))
        }
        let typed = header.value("email", in: record)
        do throws(FieldRefusal) {
            let cells = try cells(of: record, email: typed)
            let key = cells.email.lowercasedLikeSQL
            if let line = addresses.line(of: key) {
                let fate = ImportFate(.duplicate, .rowTwice(line))
                return ImportRow(line: record.line, email: typed, content: .settled(fate))
            }
            if let number = cells.studentNumber {
                if let line = numbers.line(of: number) {
                    throw FieldRefusal(
                        "student_number", Refusal(.numberTwice, ["line": .number(line)]))
                }
                numbers.note(number, line: record.line)
            }
            addresses.note(key, line: record.line)
            return ImportRow(line: record.line, email: typed, content: .open(cells))
        } catch {
            let fate = ImportFate(.invalid, error.refusal, in: error.field)
            return ImportRow(line: record.line, email: typed, content: .settled(fate))
        }
    }

    private func cells(of record: CSVRecord, email: String?) throws(FieldRefusal) -> Cells {
        Cells(
            email: try named("email") { () throws(Refusal) in try EmailAddress(email ?? "").text },
            givenName: try text("given_name", in: record, 200),
            familyName: try text("family_name", in: record, 200),
            preferredName: try text("preferred_name", in: record, 100),
            studentNumber: try text("student_number", in: record, 100), line: record.line)
    }

    private func text(_ name: String, in record: CSVRecord, _ longest: Int) throws(FieldRefusal) -> String? {
        guard let cell = header.value(name, in: record) else { return nil }
        return try named(name) { () throws(Refusal) in try Text.clean(cell, length: 1...longest) }
    }

    private func named<Value>(
        _ name: String, _ read: () throws(Refusal) -> Value
    ) throws(FieldRefusal) -> Value {
        do { return try read() } catch { throw FieldRefusal(name, error) }
    }

    mutating func judge(
        _ rows: [Cells], isStoring: Bool, in transaction: Transaction
    ) async throws -> [(fate: ImportFate, email: String?)] {
        let answer = try await transaction(Self.statement(rows, isStoring).one(Answer.self))
        if let first = rows.first {
            for number in answer.freed { numbers.note(number, line: first.line) }
        }
        return try zip(answer.fates.utf8, rows).map { code, _ in (try Self.fate(code), nil) }
    }

    func end(_ report: ImportReportWriter, in transaction: Transaction) async throws {
        guard report.added + report.updated > 0 else { return }
        try await transaction(
            ("""
            insert into audit (action, subject, after)
            values ('import.students', 'accounts', jsonb_build_object('added', \(report.added)::int,
                'updated', \(report.updated)::int, 'unchanged', \(report.unchanged)::int, 'failed', \(report.failed)::int))
            """ as SQL).done())
    }

    private static func fate(_ code: UInt8) throws -> ImportFate {
        switch code {
        case UInt8(ascii: "a"): ImportFate(.added)
        case UInt8(ascii: "u"): ImportFate(.updated)
        case UInt8(ascii: "="): ImportFate(.unchanged)
        case UInt8(ascii: "s"):
            ImportFate(.notAStudent, Refusal(.rowAddressOfNoStudent))
        case UInt8(ascii: "z"): ImportFate(.notAStudent, Refusal(.rowArchived))
        case UInt8(ascii: "g"): ImportFate(.invalid, Refusal(.emptyForNewAccount), in: "given_name")
        case UInt8(ascii: "n"): ImportFate(.invalid, Refusal(.numberOfAnother), in: "student_number")
        default: throw CaseworkError.unavailable
        }
    }

    /// A letter for each row, and the student numbers that rows gave up. No other row of the file may take those: a dry
    /// run frees none, and would report otherwise than the real one.
    private struct Answer: RowDecodable {
        let fates: String
        let freed: [String]

        init(row: Row) throws {
            fates = try row.get("fates")
            freed = try row.get("freed")
        }
    }

    private static func statement(_ rows: [Cells], _ isStoring: Bool) -> SQL {
        """
        with judged as (
                select i.n, i.email, i.given_name, i.family_name, i.preferred_name, i.student_number, a.id,
                    a.given_name as old_given_name, a.family_name as old_family_name,
                    a.preferred_name as old_preferred_name, a.student_number as old_student_number,
                    case when a.id is null and i.given_name is null then 'g'
                        when a.role <> 'student' then 's'
                        when h.id is distinct from a.id and h.id is not null then 'n'
                        when a.id is null then 'a'
                        when i.given_name <> a.given_name or i.family_name <> a.family_name
                            or i.preferred_name <> coalesce(a.preferred_name, '')
                            or i.student_number <> coalesce(a.student_number, '')
                            then case when a.status = 'archived' then 'z' else 'u' end
                        else '=' end as fate
                from unnest(\(rows.map(\.email))::text[], \(rows.map(\.givenName))::text[],
                        \(rows.map(\.familyName))::text[], \(rows.map(\.preferredName))::text[],
                        \(rows.map(\.studentNumber))::text[])
                    with ordinality i (email, given_name, family_name, preferred_name, student_number, n)
                left join accounts a on lower(a.email) = lower(i.email)
                left join accounts h on h.student_number = i.student_number),
            added as (
                insert into accounts (email, given_name, family_name, preferred_name, role, student_number)
                select email, given_name, coalesce(family_name, ''), preferred_name, 'student', student_number from judged
                where fate = 'a' and \(isStoring)
                returning id, email, given_name, family_name, preferred_name, role, status, student_number),
            changed as (
                update accounts a set given_name = coalesce(j.given_name, a.given_name),
                    family_name = coalesce(j.family_name, a.family_name),
                    preferred_name = coalesce(j.preferred_name, a.preferred_name),
                    student_number = coalesce(j.student_number, a.student_number), version = a.version + 1
                from judged j
                where a.id = j.id and j.fate = 'u' and \(isStoring)
                returning a.id, a.given_name, a.family_name, a.preferred_name, a.student_number, j.old_given_name,
                    j.old_family_name, j.old_preferred_name, j.old_student_number),
            noted as (
                insert into audit (action, subject, before, after)
                select 'account.create', 'account/' || id, null::jsonb, \(Account.audited) from added
                union all
                select 'account.update', 'account/' || id,
                    jsonb_build_object('givenName', old_given_name, 'familyName', old_family_name,
                        'preferredName', old_preferred_name, 'studentNumber', old_student_number),
                    jsonb_build_object('givenName', given_name, 'familyName', family_name,
                        'preferredName', preferred_name, 'studentNumber', student_number)
                from changed)
        select string_agg(fate, '' order by n) as fates,
            coalesce(array_agg(old_student_number)
                filter (where fate = 'u' and old_student_number <> student_number), '{}') as freed
        from judged
        """
    }
}
