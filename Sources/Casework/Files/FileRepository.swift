import Postgres
import Tenancy

/// The files of milestones, as far as the caller's row security shows them. Content goes piece by piece, each in a
/// transaction of its own: a slow client then holds no connection, and neither side holds a whole file.
public struct FileRepository: Sendable {
    let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// The milestone, or with it the file, was removed while it arrived.
    private static let refusals: Refusals = [
        "milestone_files_milestone_id_fkey": .notFound, "file_chunks_file_id_fkey": .notFound,
    ]

    /// The files of a milestone by name, without regard to case, then id.
    /// - Throws: `CaseworkError.notFound` where the caller does not see the milestone.
    public static func list(of milestone: Int, _ page: PageRequest) throws -> Reading<Page<MilestoneFile>> {
        var sql: SQL = "select \(Self.columns) from milestone_files where milestone_id = \(milestone) and complete"
        if let cursor = page.after {
            sql += " and (lower(name), id::bigint) > (lower(\(try cursor.text(0))), \(try cursor.int(1))::bigint)"
        }
        sql += " order by lower(name), id limit \(page.fetch)"
        return Reading(
            SQL("select exists(select from milestones where id = \(milestone))").value(Bool.self),
            sql.all(MilestoneFile.self)
        ) { exists, rows in
            guard exists else { throw CaseworkError.notFound }
            return Page(rows, page) { Cursor(.text($0.name), .int($0.id)) }
        }
    }

    /// One file, and its first piece.
    /// - Throws: `CaseworkError.notFound`.
    public func open(_ id: Int) async throws -> (file: MilestoneFile, start: [UInt8]) {
        let (file, start) = try await work(
            SQL("select \(Self.columns) from milestone_files where id = \(id) and complete").optional(
                MilestoneFile.self),
            Self.piece(0, of: id))
        guard let file else { throw CaseworkError.notFound }
        return (file, start ?? [])
    }

    /// A piece of a file, counted from 0; nil behind the last.
    public func piece(_ number: Int, of id: Int) async throws -> [UInt8]? {
        try await work(Self.piece(number, of: id))
    }

    /// Takes a file in, piece by piece. Whatever goes wrong on the way, nothing of it stays.
    ///
    /// Pieces are stored outside of a transaction that this may be a step of, because other uploads must see them count
    /// against the quota. Only the last step, which completes the file, is part of that transaction.
    /// - Parameter content: the bytes as they arrive, in any portions.
    /// - Throws: `CaseworkError.tooLarge` beyond the limit or the institution's quota, `.invalid` where it is empty,
    ///   `.conflict` where the cohort is archived, `.notFound`; what `content` throws.
    public func add<Content: AsyncSequence>(
        _ name: FileName, contentType: String, to milestone: Int, content: Content
    ) async throws -> MilestoneFile where Content.Element: Collection<UInt8> {
        let id = try await take(name, contentType: contentType, to: milestone, content: content)
        do {
            return try await finish(id)
        } catch {
            await drop(id)
            throw error
        }
    }

    /// Removes a file.
    /// - Throws: `CaseworkError.notFound`, `.preconditionFailed`, `.conflict` where the cohort is archived.
    public func remove(_ id: Int, ifMatch: IfMatch) async throws {
        let found = try await work(
            SQL(
                """
                with old as (
                  select \(Self.columns), milestone_id, \(ifMatch.accepts("version")) as matched,
                         \(Self.archived("milestone_id")) as archived
                    from milestone_files where id = \(id) and complete for update),
                gone as (
                  delete from milestone_files f using old o
                   where f.id = o.id and o.matched and o.archived is null returning f.id),
                noted as (
                  insert into audit (action, subject, before)
                  select 'file.delete', 'file/' || old.id, \(Self.audited("old")) from old, gone)
                select matched, archived from old
                """
            ).optional(Removal.self))
        guard let found else { throw CaseworkError.notFound }
        guard found.matched else { throw CaseworkError.preconditionFailed }
        if let archived = found.archived { throw archived.refusal }
    }

    // MARK: Steps of an upload

    /// Takes in what a file holds; nobody sees it until `finish`.
    /// - Returns: its id.
    func take<Content: AsyncSequence>(
        _ name: FileName, contentType: String, to milestone: Int, content: Content
    ) async throws -> Int where Content.Element: Collection<UInt8> {
        let id = try await begin(name, contentType: contentType, in: milestone)
        do {
            var upload = Upload()
            for try await bytes in content {
                guard upload.size + bytes.count <= MilestoneFile.limit else { throw Self.tooLarge }
                upload.take(bytes)
                while let piece = upload.full() { try await store(piece, number: upload.next(), of: id) }
            }
            if let rest = upload.rest() { try await store(rest, number: upload.next(), of: id) }
            guard upload.size > 0 else { throw CaseworkError.invalid("body", .empty) }
            return id
        } catch {
            await drop(id)
            throw error
        }
    }

    /// Forgets a file that was not finished. Where this fails, the worker sweeps it, and nobody has seen it.
    func drop(_ id: Int) async {
        try? await work.apart.evenIfCancelled(
            SQL("delete from milestone_files where id = \(id) and not complete").done())
    }

    private func begin(_ name: FileName, contentType: String, in milestone: Int) async throws -> Int {
        let (archived, id) = try await Self.refusals {
            try await work.apart(
                SQL("select \(Self.archived("\(milestone)"))").value(Archived?.self),
                SQL(
                    """
                    insert into milestone_files (cohort_id, milestone_id, milestone_saved, name, content_type, size, complete)
                    select m.cohort_id, m.id, m.saved, \(name.text), \(contentType), 0, false
                      from milestones m join cohorts c on c.id = m.cohort_id and c.archived_at is null
                     where m.id = \(milestone) and m.archived_at is null
                    returning id
                    """
                ).optionalValue(Int.self))
        }
        if let id { return id }
        throw archived?.refusal ?? CaseworkError.notFound
    }

    /// Each piece counts against the quota as soon as it is stored. Two uploads at once see each other's pieces at the
    /// latest when they finish, so both cannot squeeze in.
    private func store(_ bytes: [UInt8], number: Int, of id: Int) async throws {
        let (stored, _, fits) = try await Self.refusals {
            try await work.apart(
                SQL(
                    """
                    insert into file_chunks (file_id, n, cohort_id, milestone_saved, bytes)
                    select id, \(number), cohort_id, milestone_saved, \(bytes) from milestone_files where id = \(id) and not complete
                    """
                ).affected(),
                SQL("update milestone_files set size = size + \(bytes.count) where id = \(id) and not complete").done(),
                Self.fits)
        }
        guard stored == 1 else { throw CaseworkError.notFound }
        guard fits else { throw Self.quotaExceeded }
    }

    /// Completes a file: from now on it is seen, and a part of the transaction that this is a step of.
    func finish(_ id: Int) async throws -> MilestoneFile {
        let (file, fits, archived) = try await work(
            SQL(
                """
                with new as (
                  update milestone_files f set complete = true
                    from (select bytes <= quota as fits from file_usage) u
                   where f.id = \(id) and not f.complete and u.fits and \(Self.archived("f.milestone_id")) is null
                  returning f.id, f.name, f.content_type, f.size, f.version, f.milestone_id),
                noted as (
                  insert into audit (action, subject, after) select 'file.create', 'file/' || id, \(Self.audited("new")) from new)
                select \(Self.columns) from new
                """
            ).optional(MilestoneFile.self), Self.fits,
            SQL(
                "select \(Self.archived("(select milestone_id from milestone_files where id = \(id))"))"
            ).value(Archived?.self))
        if let file { return file }
        if let archived { throw archived.refusal }
        throw fits ? CaseworkError.notFound : Self.quotaExceeded
    }

    // MARK: SQL

    static let columns: SQL = "id, name, content_type, size, version"
    static let fits = SQL("select bytes <= quota from file_usage").value(Bool.self)

    /// What of a milestone is archived and read-only, so that its files are too; null where nothing is.
    private static func archived(_ milestone: SQL) -> SQL {
        """
        (select case when c.archived_at is not null then 'cohort' when m.archived_at is not null then 'milestone' end
           from milestones m join cohorts c on c.id = m.cohort_id where m.id = \(milestone))
        """
    }

    private enum Archived: String, PostgresDecodable {
        case cohort, milestone

        var refusal: CaseworkError {
            switch self {
            case .cohort: MilestoneRepository.archivedCohort
            case .milestone: MilestoneRepository.retired
            }
        }
    }

    private static func piece(_ number: Int, of id: Int) -> Query<[UInt8]?> {
        SQL("select bytes from file_chunks where file_id = \(id) and n = \(number)").optionalValue([UInt8].self)
    }

    static func audited(_ table: SQL) -> SQL {
        """
        jsonb_build_object('milestoneId', \(table).milestone_id, 'name', \(table).name, 'contentType', \(table).content_type,
          'size', \(table).size)
        """
    }

    /// The refusal of a file beyond the limit.
    public static let tooLarge = CaseworkError.tooLarge(Refusal(.fileTooLarge))
    static let quotaExceeded = CaseworkError.tooLarge(Refusal(.quotaExceeded))

    private struct Removal: RowDecodable {
        let matched: Bool
        let archived: Archived?

        init(row: Row) throws {
            matched = try row.get("matched")
            archived = try row.get("archived")
        }
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
        guard buffer.count >= MilestoneFile.pieceSize else { return nil }
        let piece = Array(buffer.prefix(MilestoneFile.pieceSize))
        buffer.removeFirst(MilestoneFile.pieceSize)
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

extension Permission {
    /// A milestone's file, by the cohort it belongs to.
    public static func file(_ id: Int) -> Permission {
        Permission(
            "select from milestone_files where id = \(id)",
            ofCohort: "select cohort_id from milestone_files where id = \(id)")
    }
}
