import FoundationEssentials
import Postgres
import Tenancy

/// A file that its sender has yet to say yes to.
public struct UploadedFile: Sendable, RowDecodable {
    /// Number of the upload.
    public let id: Int
    /// What the file is called.
    public let name: String
    /// What its sender said of how it is written.
    public let choice: FileFormat.Choice
    /// What each column holds, where its sender said so.
    public let columns: [ImportField?]?
    /// The address of the form that goes on with it.
    public let address: String
    /// When it came.
    public let createdAt: Date
    /// Until when it waits.
    public let expiresAt: Date
    /// What it would do, as it was when that was last looked at; nil where it cannot be read yet.
    public let outlook: UploadOutlook?

    static let columnNames: SQL = """
        id, name, encoding, delimiter, columns, address, created_at, expires_at, added, updated, unchanged, failed, missing,
        suspended, leaving
        """

    /// Reads `columnNames`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        address = try row.get("address")
        createdAt = try row.get("created_at")
        expiresAt = try row.get("expires_at")
        outlook = try UploadOutlook(row: row)
        let (encoding, delimiter): (String?, String?) = (try row.get("encoding"), try row.get("delimiter"))
        choice = FileFormat.Choice(
            encoding: encoding.flatMap { TextEncoding(rawValue: $0) },
            delimiter: delimiter.flatMap { FileFormat.Delimiter(rawValue: $0) })
        let fields: [String]? = try row.get("columns")
        columns = fields?.map { ImportField(rawValue: $0) }
    }
}

/// What a file would do that waits.
public struct UploadOutlook: Sendable, Equatable {
    /// How many rows add something, change something, say what is so already, and cannot be used.
    public let added, updated, unchanged, failed: Int
    /// How many people it does not have, suspends, and takes out of their cohorts.
    public let missing, suspended, leaving: Int

    init(_ report: ImportReport) {
        (added, updated, unchanged, failed) = (report.added, report.updated, report.unchanged, report.failed)
        missing = report.missing ?? 0
        (suspended, leaving) = (max(report.suspended - missing, 0), report.leaving)
    }

    init?(row: Row) throws {
        let first: Int? = try row.get("added")
        guard let first else { return nil }
        added = first
        updated = try row.get("updated")
        unchanged = try row.get("unchanged")
        failed = try row.get("failed")
        missing = try row.get("missing")
        suspended = try row.get("suspended")
        leaving = try row.get("leaving")
    }
}

/// Files that wait for their sender's yes: an admin's own, for a day. They lie in the institution's schema, so that any server
/// goes on with them, and row security says whose they are.
public struct UploadRepository: Sendable {
    private let work: UnitOfWork
    private static let pieceSize = 262_144
    /// How many of one person wait at once; more than that, and the oldest go.
    private static let most = 5

    /// - Parameter work: as an admin in person.
    public init(work: UnitOfWork) { self.work = work }

    /// The caller's files that wait, the newest first.
    public static var waiting: Reading<[UploadedFile]> {
        Reading(("select \(UploadedFile.columnNames) from uploads order by id desc" as SQL).all(UploadedFile.self))
    }

    /// Takes a file in, piece by piece. One that stays without its end is swept like any other.
    /// - Parameter address: of the form that goes on with it.
    public func take(_ name: String, _ content: Spool, for address: String) async throws -> UploadedFile {
        let shown = String(name.unicodeScalars.prefix(255))
        let begin: SQL = """
            insert into uploads (name, address) values (\(shown), \(address)) returning \(UploadedFile.columnNames)
            """
        let tidy: SQL = """
            delete from uploads where id not in (select id from uploads order by id desc limit \(Self.most))
            """
        let upload = try await work(begin.one(UploadedFile.self))
        try await work(tidy.done())
        var number = 0
        var waiting: [UInt8] = []
        for try await bytes in content {
            waiting += bytes
            guard waiting.count >= Self.pieceSize else { continue }
            try await store(waiting, number, of: upload.id)
            number += 1
            waiting.removeAll(keepingCapacity: true)
        }
        if !waiting.isEmpty { try await store(waiting, number, of: upload.id) }
        return upload
    }

    private func store(_ bytes: [UInt8], _ number: Int, of id: Int) async throws {
        let sql: SQL = "insert into upload_pieces (upload_id, n, bytes) values (\(id), \(number), \(bytes))"
        try await Self.refusals { try await work(sql.done()) }
    }

    private static let refusals: Refusals = ["upload_pieces_upload_id_fkey": gone]
    private static let gone = CaseworkError.invalid("file", .uploadGone)

    /// The upload of that number, and its content.
    /// - Throws: `invalid` with the field `file` where it is not the caller's, or not there any more.
    public func find(_ id: Int) async throws -> (upload: UploadedFile, content: Spool) {
        let row: SQL = "select \(UploadedFile.columnNames) from uploads where id = \(id)"
        let upload = try await work(row.optional(UploadedFile.self))
        guard let upload else { throw Self.gone }
        var content = SpoolWriter()
        var number = 0
        while true {
            let piece: SQL = "select bytes from upload_pieces where upload_id = \(id) and n = \(number)"
            let bytes = try await work(piece.optionalValue([UInt8].self))
            guard let bytes else { break }
            try await content.append(bytes)
            number += 1
        }
        return (upload, content.finish())
    }

    /// Keeps what the sender says of the file.
    /// - Throws: `invalid` with the field `file` where it is not there any more.
    public func describe(_ id: Int, _ choice: FileFormat.Choice, _ columns: [ImportField?]?) async throws
        -> UploadedFile
    {
        let fields = columns?.map { $0?.rawValue ?? "" }
        let sql: SQL = """
            update uploads set encoding = \(choice.encoding?.rawValue), delimiter = \(choice.delimiter?.rawValue),
                columns = \(fields)
            where id = \(id) returning \(UploadedFile.columnNames)
            """
        let upload = try await work(sql.optional(UploadedFile.self))
        guard let upload else { throw Self.gone }
        return upload
    }

    /// Keeps what it would do, for who comes back to it.
    public func note(_ id: Int, _ report: ImportReport) async throws {
        let outlook = UploadOutlook(report)
        let sql: SQL = """
            update uploads set added = \(outlook.added), updated = \(outlook.updated), unchanged = \(outlook.unchanged),
                failed = \(outlook.failed), missing = \(outlook.missing), suspended = \(outlook.suspended),
                leaving = \(outlook.leaving)
            where id = \(id)
            """
        try await work(sql.done())
    }

    /// Forgets it, once it is stored, or not wanted.
    /// - Returns: whether it was still there.
    @discardableResult
    public func drop(_ id: Int) async throws -> Bool {
        try await work(("delete from uploads where id = \(id)" as SQL).affected()) == 1
    }
}
