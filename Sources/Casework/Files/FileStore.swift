import Postgres
import Tenancy

/// Where files of one kind lie: a row that says what each is, and its content in pieces beside it. Content goes piece by
/// piece, each in a transaction of its own: a slow client then holds no connection, and neither side holds a whole file.
struct FileStore: Sendable {
    /// The table of files.
    let files: SQL
    /// The table of pieces.
    let pieces: SQL
    /// The columns that a piece copies from its file.
    let copied: SQL
    /// The condition of a file that is still arriving, so that nobody sees it.
    let arriving: SQL

    /// The files of milestones.
    static let milestones = FileStore(
        files: "milestone_files", pieces: "file_chunks", copied: "cohort_id, milestone_saved", arriving: "not complete")

    static let refusals: Refusals = [
        "milestone_files_milestone_id_fkey": .notFound, "file_chunks_file_id_fkey": .notFound,
        "submission_files_milestone_id_fkey": .notFound, "submission_files_student_id_fkey": .notFound,
        "submission_chunks_file_id_fkey": .notFound, "file_space_quota_check": .tooLarge(Refusal(.quotaExceeded)),
        "milestones_shared_scope_check": MilestoneRepository.sharedBeyondScope,
    ]

    /// A piece of a file, counted from 0; nil behind the last.
    func piece(_ number: Int, of id: Int) -> Query<[UInt8]?> {
        SQL("select bytes from \(pieces) where file_id = \(id) and n = \(number)").optionalValue([UInt8].self)
    }

    /// Takes in what a file holds; nobody sees it until it is completed. Whatever goes wrong on the way, nothing of it stays.
    ///
    /// Pieces are stored outside of a transaction that the work may be a step of, so that it can be undone while they stay,
    /// and holds no lock on what all uploads count in.
    /// - Parameters:
    ///   - declared: the media type that its uploader says; what is stored is what the content shows.
    ///   - content: the bytes as they arrive, in any portions.
    ///   - scanner: looks for viruses in it; nil where the server has none.
    ///   - field: what it is refused under.
    ///   - begin: makes the row, and gives its id.
    /// - Returns: its id.
    /// - Throws: `CaseworkError.tooLarge` beyond the limit or the institution's quota, `.invalid` where it is empty or a virus is
    ///   found in it, `.lacking` where the scanner could not say; what `content` and `begin` throw.
    func take<Content: AsyncSequence>(
        _ name: FileName, _ declared: String, _ content: Content, scanner: (any FileScanner)?, in work: UnitOfWork,
        field: String, begin: () async throws -> Int
    ) async throws -> Int where Content.Element: Collection<UInt8> {
        let id = try await Self.refusals { try await begin() }
        do {
            var upload = Upload()
            let digest = RunningDigest()
            var type: String?
            func keep(_ piece: [UInt8]) async throws {
                type = type ?? FileKind.type(declared: declared, start: piece)
                digest.add(piece)
                try await store(piece, number: upload.next(), of: id, in: work)
            }
            for try await bytes in content {
                guard upload.size + bytes.count <= StoredFile.limit else { throw FileRepository.tooLarge }
                upload.take(bytes)
                while let piece = upload.full() { try await keep(piece) }
            }
            if let rest = upload.rest() { try await keep(rest) }
            guard let type else { throw CaseworkError.invalid(field, .empty) }
            if let scanner { try await check(id, name, by: scanner, in: work, field: field) }
            let described = try await work.apart(
                SQL(
                    """
                    update \(files) set content_type = \(type), checksum = \(digest.finish())
                     where id = \(id) and \(arriving)
                    """
                ).affected())
            guard described == 1 else { throw CaseworkError.notFound }
            return id
        } catch {
            await drop(id, in: work)
            throw error
        }
    }

    /// Forgets a file that was not completed. Where this fails, the worker sweeps it, and nobody has seen it.
    func drop(_ id: Int, in work: UnitOfWork) async {
        try? await work.apart.evenIfCancelled(
            SQL("delete from \(files) where id = \(id) and \(arriving)").done())
    }

    /// Each piece counts against the quota as soon as it is stored.
    private func store(_ bytes: [UInt8], number: Int, of id: Int, in work: UnitOfWork) async throws {
        let (stored, _) = try await Self.refusals {
            try await work.apart(
                SQL(
                    """
                    insert into \(pieces) (file_id, n, \(copied), bytes)
                    select id, \(number), \(copied), \(bytes) from \(files) where id = \(id) and \(arriving)
                    """
                ).affected(),
                SQL("update \(files) set size = size + \(bytes.count) where id = \(id) and \(arriving)").done())
        }
        guard stored == 1 else { throw CaseworkError.notFound }
    }
}

/// Cuts what arrives into pieces of one size.
private struct Upload {
    private(set) var size = 0
    private var buffer: [UInt8] = []
    private var count = 0

    mutating func take(_ bytes: some Collection<UInt8>) {
        size += bytes.count
        buffer.append(contentsOf: bytes)
    }

    /// A whole piece, where there is one.
    mutating func full() -> [UInt8]? {
        guard buffer.count >= StoredFile.pieceSize else { return nil }
        let piece = Array(buffer.prefix(StoredFile.pieceSize))
        buffer.removeFirst(StoredFile.pieceSize)
        return piece
    }

    /// What is left at the end.
    mutating func rest() -> [UInt8]? {
        defer { buffer = [] }
        return buffer.isEmpty ? nil : buffer
    }

    /// The number of the piece about to be stored.
    mutating func next() -> Int {
        defer { count += 1 }
        return count
    }
}
