import Postgres
import Tenancy

/// A file of students: new accounts are made, known ones brought up to date; a blank cell keeps what is there.
public struct StudentImport: Sendable {
    private let work: UnitOfWork

    /// What a file may say of a student.
    public static let fields: [ImportField] = [.email, .givenName, .familyName, .preferredName, .studentNumber]

    /// - Parameter work: as an admin.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let refusals: Refusals = [
        "accounts_email_key": changedMeanwhile, "accounts_student_number_key": changedMeanwhile,
    ]
    static let changedMeanwhile = CaseworkError.conflict(Refusal(.accountsChanged))

    /// Takes the file in. Where rows fail and `partial` is not wanted, nothing is stored and the report says so.
    /// - Parameters:
    ///   - columns: what each column holds, where somebody said so for this file.
    ///   - says: the report's sentence for what is wrong with a row.
    ///   - progress: is told of so many rows more, whenever some have been judged.
    /// - Throws: `invalid` for a file whose header cannot be used, and where nobody can be invited; `conflict` where accounts changed meanwhile, or where more
    ///   students would be suspended than the options allow.
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
            StudentRows(file: file, header: header, options: options), headings: header.headings, options, says: says,
            progress: progress)
        return try await Self.refusals { try await run.run(&records, first: nil, work: work) }
    }
}

/// Rows of students.
private struct StudentRows: ImportKind {
    let file: ImportFile
    let header: CSVHeader
    let options: ImportOptions
    private var addresses = SeenValues()
    private var numbers = SeenValues()
    /// Whom each row is about that can be read, in the order of the file; found before the first one is judged.
    private var verdicts: [WhoIsWho.Verdict] = []
    private var people: [WhoIsWho.Row] = []
    private var lines: [Int32] = []
    private var next = 0
    /// The students who may come in and of whom no row speaks, and how many may come in; as it was before the first row was stored.
    private var missing: [Int] = []
    private var active = 0
    /// What can only be given to its new owner once all former owners have given it up.
    private var laterNumbers: [(id: Int, number: String)] = []
    private var laterAddresses: [(line: Int, email: String)] = []

    init(file: ImportFile, header: CSVHeader, options: ImportOptions) {
        (self.file, self.header, self.options) = (file, header, options)
    }

    mutating func read(_ record: CSVRecord) -> ImportRow<PersonCells> {
        if let problem = header.problem(of: record) {
            return ImportRow(line: record.line, email: nil, content: .settled(.init(.invalid, problem)))
        }
        let typed = header.value(.email, in: record)
        do throws(FieldRefusal) {
            let cells = try PersonCells(record, header)
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

    /// Reads the file once to find out who is who, since rows may give each other what they have.
    mutating func begin(_ transaction: Transaction) async throws {
        try await options.checkInvitations(of: .student, in: transaction)
        var reader = self
        var records = try await file.records()
        _ = try await records.next()
        var waiting: [PersonCells] = []
        var count = 0
        while let record = try await records.next() {
            if case .open(let cells) = reader.read(record).content { waiting.append(cells) }
            count += 1
            try checkRowCount(count)
            if waiting.count >= importRowsAtATime { try await look(&waiting, in: transaction) }
        }
        try await look(&waiting, in: transaction)
        verdicts = WhoIsWho.verdicts(people)
        let present = people.reduce(into: Set<Int32>()) { $0.formUnion([$1.byAddress, $1.byNumber]) }
        (active, missing) = try await transaction(StudentStatements.missing(from: present.map(Int.init)))
    }

    private mutating func look(_ waiting: inout [PersonCells], in transaction: Transaction) async throws {
        guard !waiting.isEmpty else { return }
        let found = try await transaction(StudentStatements.people(of: waiting).one(StudentStatements.Found.self))
        let rows = found.rows(for: waiting)
        guard rows.count == waiting.count else { throw CaseworkError.unavailable }
        people += rows
        lines += waiting.map { Int32(truncatingIfNeeded: $0.line) }
        waiting.removeAll(keepingCapacity: true)
    }

    mutating func judge(
        _ rows: [PersonCells], isStoring: Bool, in transaction: Transaction
    ) async throws -> [(fate: ImportFate, email: String?)] {
        guard next + rows.count <= verdicts.count else { throw CaseworkError.unavailable }
        let start = next
        next += rows.count
        var open: [StudentStatements.Judged] = []
        var torn: Set<Int> = []
        for (cells, index) in zip(rows, start...) {
            switch verdicts[index] {
            case .new(let takesAddress):
                open.append(.init(cells: cells, account: 0, takesAddress: takesAddress, takesNumber: false))
            case .known(let id, let takesAddress, let takesNumber):
                open.append(.init(cells: cells, account: Int(id), takesAddress: takesAddress, takesNumber: takesNumber))
            case .torn: torn.formUnion([Int(people[index].byAddress), Int(people[index].byNumber)])
            case .twice: break
            }
        }
        let codes =
            open.isEmpty
            ? []
            : try await transaction(
                StudentStatements.judge(open, isStoring, options.invitation).values(String.self))
        guard codes.count == open.count else { throw CaseworkError.unavailable }
        if isStoring {
            for (row, code) in zip(open, codes) where code.hasPrefix("a") || code.hasPrefix("u") {
                if row.takesAddress { laterAddresses.append((row.cells.line, row.cells.email)) }
                if row.takesNumber, let number = row.cells.studentNumber { laterNumbers.append((row.account, number)) }
            }
        }
        let holders = torn.isEmpty ? [:] : try await transaction(StudentStatements.people(who: Array(torn)))
        var answers = codes.makeIterator()
        return try (start..<next).map { index in
            switch verdicts[index] {
            case .new, .known:
                guard let code = answers.next() else { throw CaseworkError.unavailable }
                return (try StudentStatements.fate(code), nil)
            case .twice(let other):
                // not a duplicate: without this address the person would be a new one the next time
                return (ImportFate(.invalid, .rowTwice(lines.indices.contains(other) ? Int(lines[other]) : 0)), nil)
            case .torn:
                let (address, number) = (Int(people[index].byAddress), Int(people[index].byNumber))
                let refusal = Refusal.number(of: holders[number], andAddressOf: holders[address])
                return (ImportFate(.invalid, refusal, in: "student_number"), nil)
            }
        }
    }

    func end(_ report: inout ImportReportWriter, isStoring: Bool, in transaction: Transaction) async throws {
        report.missing = missing.count
        if options.suspendsMissing {
            try await options.check(missing.count, of: active, .tooManyMissing, in: transaction)
            if isStoring, report.failed > 0, !missing.isEmpty { throw CaseworkError.conflict(Refusal(.missingUnsure)) }
            report.suspended = missing.count
            report.missingPeople = try await transaction(StudentStatements.people(of: missing))
        }
        guard isStoring else { return }
        if !laterAddresses.isEmpty { try await transaction(StudentStatements.give(laterAddresses)) }
        if !laterNumbers.isEmpty { try await transaction(StudentStatements.give(laterNumbers)) }
        if options.suspendsMissing { try await transaction(StudentStatements.suspend(missing)) }
        guard report.added + report.updated + report.suspended > 0 else { return }
        try await transaction(
            ("""
            insert into audit (action, subject, after)
            values ('import.students', 'accounts', jsonb_build_object('added', \(report.added)::int,
                'updated', \(report.updated)::int, 'unchanged', \(report.unchanged)::int, 'failed', \(report.failed)::int,
                'suspended', \(report.suspended)::int))
            """ as SQL).done())
    }
}
