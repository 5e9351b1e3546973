import Postgres
import Tenancy

/// A file of people who are not students: new accounts are made, known ones brought up to date, and memberships of groups
/// added; a blank cell keeps what is there. Nobody becomes an admin by a file, or stops being one, or a student.
public struct StaffImport: Sendable {
    private let work: UnitOfWork

    /// What a file may say of somebody.
    public static let fields: [ImportField] = [.email, .givenName, .familyName, .preferredName, .role, .groups]

    /// - Parameter work: as an admin in person.
    public init(work: UnitOfWork) { self.work = work }

    private static let refusals: Refusals = [
        "accounts_email_key": StudentImport.changedMeanwhile,
        "group_members_group_id_fkey": StudentImport.changedMeanwhile,
        "group_members_account_id_fkey": StudentImport.changedMeanwhile,
    ]

    /// Takes the file in. Where rows fail and `partial` is not wanted, nothing is stored and the report says so.
    /// - Parameters:
    ///   - columns: what each column holds, where somebody said so for this file.
    ///   - says: the report's sentence for what is wrong with a row.
    ///   - progress: is told of so many rows more, whenever some have been judged.
    /// - Throws: `invalid` for a file whose header cannot be used, and where nobody can be invited; `conflict` where accounts changed meanwhile.
    public func run(
        _ file: ImportFile, _ options: ImportOptions, columns: [ImportField?]? = nil,
        says: @escaping @Sendable (FieldRefusal) -> String = { $0.refusal.code.rawValue },
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> ImportReport {
        var records = try await file.records()
        let first = try await records.next()
        let kept = columns == nil ? try await ColumnRepository(work: work).kept() : [:]
        let header = try CSVHeader(first, for: Self.fields, kept: kept, chosen: columns)
        try header.require(.email, .givenName, .familyName)
        var run = ImportRun(
            StaffRows(header: header, options: options), headings: header.headings, options, says: says,
            progress: progress)
        return try await Self.refusals { try await run.run(&records, first: nil, work: work) }
    }
}

/// What a row says of somebody who is not a student.
struct StaffCells: Sendable {
    let email: String
    let givenName: String?
    let familyName: String?
    let preferredName: String?
    let role: String?
    let groups: [Int]
    let line: Int
}

/// Rows of people who are not students.
private struct StaffRows: ImportKind {
    let header: CSVHeader
    let options: ImportOptions
    private var addresses = SeenValues()
    /// The addresses of the rows, in lower case.
    private var present: [String] = []
    /// Names in lower case; they are equal however their letters are composed.
    private var groups: [String: Int] = [:]

    init(header: CSVHeader, options: ImportOptions) { (self.header, self.options) = (header, options) }

    mutating func begin(_ transaction: Transaction) async throws {
        try await options.checkInvitations(of: .staff, in: transaction)
        guard header[.groups] != nil else { return }
        let sql: SQL = "select id, lower(name) as name from groups where archived_at is null"
        groups = try await transaction(
            Query(sql) { rows in
                var groups: [String: Int] = [:]
                for row in rows { groups[try row.get("name")] = try row.get("id") as Int }
                return groups
            })
    }

    mutating func read(_ record: CSVRecord) -> ImportRow<StaffCells> {
        if let problem = header.problem(of: record) {
            return ImportRow(line: record.line, email: nil, content: .settled(.init(.invalid, problem)))
        }
        let typed = header.value(.email, in: record)
        do throws(FieldRefusal) {
            let cells = try cells(of: record)
            let key = cells.email.lowercasedLikeSQL
            if let line = addresses.line(of: key) {
                return ImportRow(
                    line: record.line, email: typed, content: .settled(ImportFate(.duplicate, .rowTwice(line))))
            }
            addresses.note(key, line: record.line)
            present.append(key)
            return ImportRow(line: record.line, email: typed, content: .open(cells))
        } catch {
            let fate = ImportFate(.invalid, error.refusal, in: error.field)
            return ImportRow(line: record.line, email: typed, content: .settled(fate))
        }
    }

    private func cells(of record: CSVRecord) throws(FieldRefusal) -> StaffCells {
        let person = try PersonCells(record, header)
        var role: String?
        if let cell = header.value(.role, in: record)?.lowercased() {
            let roles = [Role.director, .manager, .staff].map(\.rawValue)
            guard roles.contains(cell) else {
                throw FieldRefusal("role", Refusal(.notAChoice, ["choices": .list(roles)]))
            }
            role = cell
        }
        var found: [Int] = []
        var seen: Set<Int> = []
        for name in (header.value(.groups, in: record) ?? "").split(whereSeparator: { ";|\n".contains($0) }) {
            let name = name.trimmed
            if name.isEmpty { continue }
            guard let group = groups[name.lowercasedLikeSQL] else {
                throw FieldRefusal("groups", Refusal(.noSuchGroup, ["group": .text(String(name.prefix(100)))]))
            }
            if seen.insert(group).inserted { found.append(group) }
        }
        return StaffCells(
            email: person.email, givenName: person.givenName, familyName: person.familyName,
            preferredName: person.preferredName, role: role, groups: found, line: record.line)
    }

    mutating func judge(
        _ rows: [StaffCells], isStoring: Bool, in transaction: Transaction
    ) async throws -> [(fate: ImportFate, email: String?)] {
        let codes = try await transaction(
            StaffStatements.judge(rows, isStoring, options.invitation).values(String.self))
        return try codes.map { (try StaffStatements.fate($0), nil) }
    }

    /// Tells also of whom the file says nothing; they stay as they are.
    func end(_ report: inout ImportReportWriter, isStoring: Bool, in transaction: Transaction) async throws {
        let (missing, people) = try await transaction(StaffStatements.missing(from: present))
        (report.missing, report.missingPeople) = (missing, people)
        guard isStoring, report.added + report.updated > 0 else { return }
        try await transaction(
            ("""
            insert into audit (action, subject, after)
            values ('import.staff', 'accounts', jsonb_build_object('added', \(report.added)::int,
                'updated', \(report.updated)::int, 'unchanged', \(report.unchanged)::int, 'failed', \(report.failed)::int))
            """ as SQL).done())
    }
}
