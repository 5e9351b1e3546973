import Postgres
import Tenancy

/// What one kind of file means: how a row is read, and what the database makes of many.
protocol ImportKind {
    /// What the database is asked about a row.
    associatedtype Cells: Sendable

    /// Reads a row; what can be told without the database is a fate.
    mutating func read(_ record: CSVRecord) -> ImportRow<Cells>

    /// Looks at the database before the first row is judged.
    mutating func begin(_ transaction: Transaction) async throws

    /// Judges rows and, where `isStoring`, stores those that fit.
    /// - Returns: a fate for each, and its address where the file does not have it.
    mutating func judge(
        _ rows: [Cells], isStoring: Bool, in transaction: Transaction
    ) async throws -> [(fate: ImportFate, email: String?)]

    /// Checks what may have changed meanwhile, does what only the whole file tells, and audits the import, after the last row.
    func end(_ report: inout ImportReportWriter, isStoring: Bool, in transaction: Transaction) async throws
}

extension ImportKind {
    mutating func begin(_ transaction: Transaction) async throws {}
}

/// A row of the file: what it is about, and what is known of its fate.
struct ImportRow<Cells: Sendable> {
    let line: Int
    let email: String?
    /// Its number in the system that the file comes from, where files of its kind have one.
    var source: String?
    let content: Content

    enum Content {
        case settled(ImportFate)
        case open(Cells)
    }
}

/// Takes a file through one transaction, so many rows at a time.
struct ImportRun<Kind: ImportKind> {

    private let options: ImportOptions
    private let progress: @Sendable (Int) -> Void
    /// What became of the rows so far.
    private(set) var report: ImportReportWriter
    /// What the rows of the file taught, once all are taken.
    private(set) var kind: Kind
    /// What the last statement that stored something took; nil where it is rested from.
    private var work: Duration?
    private var waiting: [(row: ImportRow<Kind.Cells>, record: CSVRecord)] = []
    private var count = 0
    /// Bytes of the records that wait.
    private var held = 0

    /// - Parameters:
    ///   - headings: of the file, where it has a header.
    ///   - progress: is told of so many rows more, whenever some have been judged.
    init(
        _ kind: Kind, headings: [String]?, _ options: ImportOptions,
        says: @escaping @Sendable (FieldRefusal) -> String, progress: @escaping @Sendable (Int) -> Void
    ) {
        self.kind = kind
        self.options = options
        self.progress = progress
        report = ImportReportWriter(headings: headings, says: says)
    }

    /// One file of several, of which there is one report.
    init(
        _ kind: Kind, into report: ImportReportWriter, _ options: ImportOptions,
        progress: @escaping @Sendable (Int) -> Void
    ) {
        (self.kind, self.report, self.options, self.progress) = (kind, report, options, progress)
    }

    /// - Parameter first: a record that was read already.
    mutating func run(
        _ records: inout CSVReader<DecodedText>.Iterator, first: CSVRecord?, work: UnitOfWork
    ) async throws -> ImportReport {
        do {
            return try await work.transaction(isLong: true) { transaction in
                try await take(&records, first: first, in: transaction)
                let finished = report.finish(options)
                if finished.isRefused { throw ImportUndone(report: finished) }
                return finished
            }
        } catch let undone as ImportUndone {
            return undone.report
        }
    }

    /// Takes the records in, within a transaction.
    mutating func take(
        _ records: inout CSVReader<DecodedText>.Iterator, first: CSVRecord?, in transaction: Transaction
    ) async throws {
        try await kind.begin(transaction)
        if let first { take(first) }
        while let record = try await records.next() {
            take(record)
            count += 1
            try checkRowCount(count)
            held += record.size
            if waiting.count >= importRowsAtATime || held >= Self.mostHeld { try await settle(in: transaction) }
        }
        try await settle(in: transaction)
        try await kind.end(&report, isStoring: isStoring, in: transaction)
        // the worker looks when all rows are there
        if isStoring, options.inviteFrom != nil, report.added > 0 {
            try await transaction(("select schedule_work()" as SQL).done())
        }
    }

    /// A record may have half a megabyte, and 5,000 of them would be more than a server has.
    private static var mostHeld: Int { 16 << 20 }

    /// Whether rows are stored: no longer once one failed and took all with it.
    private var isStoring: Bool { !options.isDryRun && (options.isPartial || report.failed == 0) }

    private mutating func take(_ record: CSVRecord) {
        waiting.append((kind.read(record), record))
    }

    private mutating func settle(in transaction: Transaction) async throws {
        var open: [Kind.Cells] = []
        open.reserveCapacity(waiting.count)
        for (row, _) in waiting {
            if case .open(let cells) = row.content { open.append(cells) }
        }
        let isStoring = isStoring
        if let work { try await options.pace.rest(after: work, in: transaction) }
        let start = ContinuousClock.now
        let judged = open.isEmpty ? [] : try await kind.judge(open, isStoring: isStoring, in: transaction)
        let hasStored = isStoring && judged.contains { $0.fate.result == .added || $0.fate.result == .updated }
        work = hasStored ? start.duration(to: .now) : nil
        guard judged.count == open.count else { throw CaseworkError.unavailable }
        var next = judged.makeIterator()
        for (row, record) in waiting {
            switch row.content {
            case .settled(let fate): report.append(record, email: row.email, source: row.source, fate)
            case .open:
                guard let answer = next.next() else { continue }
                report.append(record, email: row.email ?? answer.email, source: row.source, answer.fate)
            }
        }
        progress(waiting.count)
        waiting.removeAll(keepingCapacity: true)
        held = 0
        try await report.flush()
    }
}

/// Thrown to roll back what was stored, and to say what would have become of it.
struct ImportUndone: Error {
    let report: ImportReport
}

/// How many rows are judged by one statement.
public let importRowsAtATime = 5_000

/// - Throws: `tooLarge` where a file has more rows than any may have.
func checkRowCount(_ count: Int) throws(CaseworkError) {
    let most = 1_000_000
    guard count < most else { throw .tooLarge(.beyond(.tooManyRows, most: most)) }
}

/// Which lines of a file had which values, by a hash of 64 bits: a few bytes for each line.
struct SeenValues {
    private var lines: [Int: Int32] = [:]

    /// The line on which the value stood first; nil where this is the first.
    func line(of value: String) -> Int? { lines[Self.hash(value)].map(Int.init) }

    mutating func note(_ value: String, line: Int) {
        lines[Self.hash(value)] = Int32(truncatingIfNeeded: line)
    }

    static func hash(_ value: String) -> Int {
        var hasher = Hasher()
        var value = value
        value.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        return hasher.finalize()
    }
}

extension String {
    /// In lower case as the database's `lower` makes it: one character for one.
    var lowercasedLikeSQL: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return lowercased() }
        var result = UnicodeScalarView()
        for scalar in unicodeScalars {
            let lower = scalar.properties.lowercaseMapping.unicodeScalars
            result.append(lower.first.map { lower.count == 1 ? $0 : scalar == "\u{130}" ? "i" : scalar } ?? scalar)
        }
        return String(result)
    }
}
