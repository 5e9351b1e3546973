import Postgres
import Tenancy

/// How a file is taken in.
public struct ImportOptions: Sendable {
    /// Changes nothing.
    public let isDryRun: Bool
    /// Stores what fits although other rows fail.
    public let isPartial: Bool
    /// Students of whom the file says nothing are suspended.
    public let suspendsMissing: Bool
    /// How many those may be; nil for the share that the institution's settings name.
    public let mostSuspended: Int?
    /// Whom the file adds is invited by mail, whose id ends with this host; nil: nobody is.
    public var inviteFrom: String?
    var pace = ImportPace()

    /// All or nothing, for real, and nobody suspended, unless said otherwise.
    public init(
        isDryRun: Bool = false, isPartial: Bool = false, suspendsMissing: Bool = false, mostSuspended: Int? = nil
    ) {
        self.isDryRun = isDryRun
        self.isPartial = isPartial
        self.suspendsMissing = suspendsMissing
        self.mostSuspended = mostSuspended
    }

    /// Reads `dryRun` and `partial`.
    public init(_ fields: inout Fields) {
        self.init(
            isDryRun: fields.value("dryRun", .bool, default: false),
            isPartial: fields.value("partial", .bool, default: false))
    }

    /// Reads also `missing` and `mostSuspended`, which only a file of all students has.
    public init(ofAllStudents fields: inout Fields) {
        let (isDryRun, isPartial) = (
            fields.value("dryRun", .bool, default: false), fields.value("partial", .bool, default: false)
        )
        let missing = fields.value("missing", .choice(MissingStudents.self), default: .keep)
        self.init(
            isDryRun: isDryRun, isPartial: isPartial, suspendsMissing: missing == .suspend,
            mostSuspended: fields.optional("mostSuspended", .int(0...1_000_000)))
    }

    /// The same, with mail from that host to whom the file adds.
    public func inviting(from host: String?) -> ImportOptions {
        var options = self
        options.inviteFrom = host
        return options
    }

    /// What the statement that makes accounts does besides, where these are the relation `added`; empty where nobody is invited.
    var invitation: SQL { inviteFrom.map { ", \(InvitationRepository.asked("added", host: $0))" } ?? "" }

    /// - Throws: `invalid` where people of that role choose no password here, or a program asks that they be invited.
    func checkInvitations(of role: Role, in transaction: Transaction) async throws {
        guard inviteFrom != nil else { return }
        let inPerson: SQL = "select waymark.token_id() is null"
        let (isPerson, choose) = try await transaction(
            inPerson.value(Bool.self), InvitationRepository.choosePassword(role))
        guard isPerson else { throw CaseworkError.invalid("invite", .notInvitedByToken) }
        guard choose else { throw CaseworkError.invalid("invite", .notByPassword) }
    }

    /// - Parameter code: with the gaps `missing` and `most`.
    /// - Throws: `conflict` where so many are more than was said or, where nothing was, than the settings' share of all.
    func check(_ missing: Int, of all: Int, _ code: Refusal.Code, in transaction: Transaction) async throws {
        guard missing > 0, !isDryRun else { return }
        let share: SQL = "select \(all)::bigint * suspend_percent / 100 from settings where id = 1"
        let most = if let mostSuspended { mostSuspended } else { try await transaction(share.value(Int.self)) }
        guard missing > most else { return }
        throw CaseworkError.conflict(Refusal(code, ["missing": .number(missing), "most": .number(most)]))
    }
}

/// What becomes of students of whom a file says nothing.
public enum MissingStudents: String, Sendable, CaseIterable {
    case keep, suspend
}

/// What becomes of one row of a file.
public enum ImportResult: String, Sendable, CaseIterable, JSONEncodable {
    case added, updated, unchanged, duplicate, unknown, invalid
    /// Nothing that is taken in here.
    case skipped
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
    /// Rows that are nothing to take in; nil where a file holds no such rows.
    public let skipped: Int?
    /// The first 2,000 of those that cannot be used, for people to mend.
    public let failures: [ReportedRow]
    /// The first 2,000 of those that are so already, but of somebody who is archived.
    public let archived: [ReportedRow]
    /// People of the file's kind who may come in and of whom it says nothing; nil where that is not asked.
    public let missing: Int?
    /// How many people are suspended by it: of those, and where rows say so.
    public let suspended: Int
    /// How many students leave their cohorts by it.
    public let leaving: Int
    /// How many people are invited by mail.
    public let invited: Int
    /// The names and addresses of the first 200 of those.
    public let missingPeople: [String]
    /// What is wrong with whole files that nevertheless were taken in.
    public let notes: [FieldRefusal]
    private let says: @Sendable (FieldRefusal) -> String
    /// The rows that cannot be used, as CSV below the file's header, with a column that says why: to repair and to send again.
    /// Of a row that could not be read there is only its line.
    public let repair: Spool
    private let rows: Spool

    fileprivate init(_ writer: consuming ImportReportWriter, _ options: ImportOptions) {
        isDryRun = options.isDryRun
        added = writer.added
        updated = writer.updated
        unchanged = writer.unchanged
        failed = writer.failed
        failures = writer.failures
        archived = writer.archived
        skipped = writer.file == nil ? nil : writer.skipped
        leaving = writer.leaving
        invited = options.inviteFrom == nil ? 0 : writer.added
        notes = writer.notes
        says = writer.says
        missing = writer.missing
        suspended = writer.suspended
        missingPeople = writer.missingPeople
        isRefused = failed > 0 && !options.isDryRun && !options.isPartial
        rows = writer.rows.finish()
        repair = writer.repair.finish()
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
        if let skipped { writer.field("skipped", skipped) }
        writer.field("missing", missing)
        writer.field("suspended", suspended)
        writer.field("invited", invited)
        if skipped != nil {
            writer.field("leaving", leaving)
            writer.field("notes", notes.map(says))
        }
        writer.field("missingPeople", missingPeople)
        writer.openArray("rows")
        return Framed(head: writer.drain(), body: rows, tail: Array("]}".utf8))
    }
}

/// A row of which people are to read something.
public struct ReportedRow: Sendable {
    /// The file of several in which it stands.
    public let file: String?
    /// The line on which it begins.
    public let line: Int
    /// Its address, where it has one.
    public let email: String?
    /// Its number in the system that the file comes from, where files of its kind have one.
    public let source: String?
    /// `unknown`, `not-a-student` or `invalid`; `unchanged` where the row can be used.
    public let result: ImportResult
    /// What is wrong, and in which column if it is in one.
    public let problem: FieldRefusal?
}

/// Collects what becomes of the rows, in the order of the file.
struct ImportReportWriter {
    /// The sentence that the report has for what is wrong with a row.
    fileprivate let says: @Sendable (FieldRefusal) -> String
    fileprivate var rows = SpoolWriter()
    fileprivate var repair = SpoolWriter()
    private var csv = CSVWriter()
    /// How many columns of the file a row to repair has; nil where the file has no header.
    private let columns: Int?
    private(set) var added = 0
    private(set) var updated = 0
    private(set) var unchanged = 0
    private(set) var failed = 0
    fileprivate var skipped = 0
    /// The file whose rows come next, where there are several in one report.
    var file: String?
    /// Students who leave their cohorts.
    var leaving = 0
    /// What is wrong with whole files that nevertheless are taken in.
    var notes: [FieldRefusal] = []
    fileprivate var failures: [ReportedRow] = []
    fileprivate var archived: [ReportedRow] = []
    /// People of the file's kind of whom it says nothing, where that is asked.
    var missing: Int?
    /// How many of those are suspended.
    var suspended = 0
    /// Some of those, for people to read.
    var missingPeople: [String] = []
    private var json = JSONWriter(capacity: 1 << 16)

    init(headings: [String]?, says: @escaping @Sendable (FieldRefusal) -> String) {
        self.says = says
        guard let headings else {
            columns = nil
            return
        }
        // a file that was repaired has the column already
        let own = headings.last == Self.problemColumn ? Array(headings.dropLast()) : headings
        columns = own.count
        csv.row(own + [Self.problemColumn])
    }

    private static let problemColumn = "waymark_problem"

    /// A report of several files, with rows that name theirs.
    init(files first: String, says: @escaping @Sendable (FieldRefusal) -> String) {
        self.says = says
        columns = nil
        file = first
        csv.row(["file", "line", "sourcedId", "email", Self.problemColumn])
    }

    mutating func append(_ record: CSVRecord, email: String?, source: String?, _ fate: ImportFate) {
        let line = record.line
        switch fate.result {
        case .added: added += 1
        case .updated: updated += 1
        case .unchanged, .duplicate, .alreadyMember:
            unchanged += 1
            if fate.result == .unchanged, fate.problem != nil, archived.count < Self.mostReported {
                archived.append(reported(line, email, source, fate))
            }
        case .skipped: skipped += 1
        case .unknown, .notAStudent, .invalid:
            failed += 1
            if failures.count < Self.mostReported { failures.append(reported(line, email, source, fate)) }
            let problem = fate.problem.map(says) ?? fate.result.rawValue
            if let file {
                csv.row([file, String(line), source ?? "", email ?? "", problem])
                break
            }
            var cells = record.problem == nil ? record.cells : []
            if let columns { cells = Array((cells + Array(repeating: "", count: columns)).prefix(columns)) }
            // a list of addresses alone has no column for more
            csv.row(columns == nil ? cells : cells + ["\(line): \(problem)"])
        }
        json.object {
            if let file {
                $0.field("file", file)
                $0.field("sourcedId", source)
            }
            $0.field("line", line)
            $0.field("email", email)
            $0.field("result", fate.result)
            $0.field("detail", fate.problem.map(says))
            $0.field("changed", fate.changed)
        }
    }

    private static let mostReported = 2_000

    private func reported(_ line: Int, _ email: String?, _ source: String?, _ fate: ImportFate) -> ReportedRow {
        ReportedRow(
            file: file, line: line, email: email, source: source, result: fate.result, problem: fate.problem)
    }

    /// Moves what was written out of memory.
    mutating func flush() async throws(CaseworkError) {
        try await rows.append(json.drain())
        try await repair.append(csv.drain())
    }

    consuming func finish(_ options: ImportOptions) -> ImportReport {
        ImportReport(self, options)
    }
}

/// The result for a row, and why.
struct ImportFate: Sendable {
    let result: ImportResult
    var problem: FieldRefusal?
    /// The API's names of the account's fields that change.
    var changed: [String] = []

    init(_ result: ImportResult, changed: [String] = []) { (self.result, self.changed) = (result, changed) }

    /// - Parameter column: whose cell is wrong; none where it is the row.
    init(_ result: ImportResult, _ refusal: Refusal, in column: String = "") {
        self.result = result
        problem = FieldRefusal(column, refusal)
    }
}

/// An account that a row is also about, as admins are told of it.
struct NamedAccount: Sendable {
    /// Name and address.
    let name: String
    let isArchived: Bool

    /// What the sentence says behind the name.
    fileprivate var state: Refusal.Argument { isArchived ? .term(.archivedAccount) : .text("") }
}

extension Refusal {
    /// What a row is about stands on an earlier line too.
    static func rowTwice(_ line: Int) -> Refusal { Refusal(.rowTwice, ["line": .number(line)]) }

    /// A row's student number is one person's, and its address another's.
    static func number(of other: NamedAccount?, andAddressOf person: NamedAccount?) -> Refusal {
        Refusal(
            .numberOfAnother,
            [
                "other": .text(other?.name ?? ""), "otherState": other?.state ?? .text(""),
                "person": .text(person?.name ?? ""), "personState": person?.state ?? .text(""),
            ])
    }

    /// What a row of a roster wants to have is somebody else's.
    static func rosterOf(_ person: NamedAccount?) -> Refusal {
        Refusal(.rosterOfAnother, ["person": .text(person?.name ?? ""), "personState": person?.state ?? .text("")])
    }
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
