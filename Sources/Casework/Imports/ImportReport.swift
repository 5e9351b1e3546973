/// How a file is taken in.
public struct ImportOptions: Sendable {
    /// Changes nothing.
    public let isDryRun: Bool
    /// Stores what fits although other rows fail.
    public let isPartial: Bool

    /// All or nothing, for real, unless said otherwise.
    public init(isDryRun: Bool = false, isPartial: Bool = false) {
        self.isDryRun = isDryRun
        self.isPartial = isPartial
    }

    /// Reads `dryRun` and `partial`.
    public init(_ fields: inout Fields) {
        self.init(
            isDryRun: fields.value("dryRun", .bool, default: false),
            isPartial: fields.value("partial", .bool, default: false))
    }
}

/// What becomes of one row of a file.
public enum ImportResult: String, Sendable, CaseIterable, JSONEncodable {
    case added, updated, unchanged, duplicate, unknown, invalid
    case alreadyMember = "already-member"
    case notAStudent = "not-a-student"
}

/// What became of a file, row by row. The rows are as many as the file's, and so not held in memory.
public struct ImportReport: Sendable {
    /// Whether nothing was to be changed.
    public let isDryRun: Bool
    /// Whether rows failed and therefore nothing was stored.
    public let isRefused: Bool
    /// Rows that added something.
    public let added: Int
    /// Rows that changed something.
    public let updated: Int
    /// Rows that are so already, or stand in the file twice.
    public let unchanged: Int
    /// Rows that cannot be used.
    public let failed: Int
    /// The first 2,000 of those, for people to mend.
    public let failures: [ImportFailure]
    private let rows: Spool

    fileprivate init(_ writer: consuming ImportReportWriter, _ options: ImportOptions) {
        isDryRun = options.isDryRun
        added = writer.added
        updated = writer.updated
        unchanged = writer.unchanged
        failed = writer.failed
        failures = writer.failures
        isRefused = failed > 0 && !options.isDryRun && !options.isPartial
        rows = writer.rows.finish()
    }

    /// The report as JSON, in pieces.
    public var json: some AsyncSequence<[UInt8], any Error> & Sendable {
        var writer = JSONWriter()
        writer.openObject()
        writer.field("dryRun", isDryRun)
        writer.field("added", added)
        writer.field("updated", updated)
        writer.field("unchanged", unchanged)
        writer.field("failed", failed)
        writer.openArray("rows")
        return Framed(head: writer.drain(), body: rows, tail: Array("]}".utf8))
    }
}

/// A row that cannot be used.
public struct ImportFailure: Sendable {
    /// The line on which it begins.
    public let line: Int
    /// Its address, where it has one.
    public let email: String?
    /// `unknown`, `not-a-student` or `invalid`.
    public let result: ImportResult
    /// What is wrong, and in which column if it is in one.
    public let problem: FieldRefusal?
}

/// Collects what becomes of the rows, in the order of the file.
struct ImportReportWriter {
    /// The sentence that the report has for what is wrong with a row.
    private let says: @Sendable (FieldRefusal) -> String
    fileprivate var rows = SpoolWriter()
    private(set) var added = 0
    private(set) var updated = 0
    private(set) var unchanged = 0
    private(set) var failed = 0
    fileprivate var failures: [ImportFailure] = []
    private var json = JSONWriter(capacity: 1 << 16)

    init(says: @escaping @Sendable (FieldRefusal) -> String) { self.says = says }

    mutating func append(line: Int, email: String?, _ fate: ImportFate) {
        switch fate.result {
        case .added: added += 1
        case .updated: updated += 1
        case .unchanged, .duplicate, .alreadyMember: unchanged += 1
        case .unknown, .notAStudent, .invalid:
            failed += 1
            if failures.count < 2_000 {
                failures.append(ImportFailure(line: line, email: email, result: fate.result, problem: fate.problem))
            }
        }
        json.object {
            $0.field("line", line)
            $0.field("email", email)
            $0.field("result", fate.result)
            $0.field("detail", fate.problem.map(says))
        }
    }

    /// Moves what was written out of memory.
    mutating func flush() async throws(CaseworkError) {
        try await rows.append(json.drain())
    }

    consuming func finish(_ options: ImportOptions) -> ImportReport {
        ImportReport(self, options)
    }
}

/// The result for a row, and why.
struct ImportFate: Sendable {
    let result: ImportResult
    var problem: FieldRefusal?

    init(_ result: ImportResult) { self.result = result }

    /// - Parameter column: whose cell is wrong; none where it is the row.
    init(_ result: ImportResult, _ refusal: Refusal, in column: String = "") {
        self.result = result
        problem = FieldRefusal(column, refusal)
    }
}

extension Refusal {
    /// What a row is about stands on an earlier line too.
    static func rowTwice(_ line: Int) -> Refusal { Refusal(.rowTwice, ["line": .number(line)]) }
}

/// Bytes between a beginning and an end.
private struct Framed: AsyncSequence, Sendable {
    let head: [UInt8]
    let body: Spool
    let tail: [UInt8]

    func makeAsyncIterator() -> Iterator {
        Iterator(head: head, body: body.makeAsyncIterator(), tail: tail)
    }

    struct Iterator: AsyncIteratorProtocol {
        var head: [UInt8]?
        var body: Spool.Iterator
        var tail: [UInt8]?

        mutating func next() async throws -> [UInt8]? {
            if let head {
                self.head = nil
                return head
            }
            if let piece = try await body.next() { return piece }
            defer { tail = nil }
            return tail
        }
    }
}
