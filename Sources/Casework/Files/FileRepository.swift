import Postgres
import Tenancy

/// The files of milestones, as far as the caller's row security shows them.
public struct FileRepository: Sendable {
    let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// The files of a milestone by name, without regard to case, then id.
    /// - Throws: `CaseworkError.notFound` where the caller does not see the milestone.
    public static func list(of milestone: Int, _ page: PageRequest) throws -> Reading<Page<StoredFile>> {
        var sql: SQL = "select \(Self.columns) from milestone_files where milestone_id = \(milestone) and complete"
        if let cursor = page.after {
            sql += " and (lower(name), id::bigint) > (lower(\(try cursor.text(0))), \(try cursor.int(1))::bigint)"
        }
        sql += " order by lower(name), id limit \(page.fetch)"
        return Reading(
            SQL("select exists(select from milestones where id = \(milestone))").value(Bool.self),
            sql.all(StoredFile.self)
        ) { exists, rows in
            guard exists else { throw CaseworkError.notFound }
            return Page(rows, page) { Cursor(.text($0.name), .int($0.id)) }
        }
    }

    /// One file, and its first piece.
    /// - Throws: `CaseworkError.notFound`.
    public func open(_ id: Int) async throws -> (file: StoredFile, start: [UInt8]) {
        let (file, start) = try await work(
            SQL("select \(Self.columns) from milestone_files where id = \(id) and complete").optional(
                StoredFile.self),
            FileStore.milestones.piece(0, of: id))
        guard let file else { throw CaseworkError.notFound }
        return (file, start ?? [])
    }

    /// A piece of a file, counted from 0; nil behind the last.
    public func piece(_ number: Int, of id: Int) async throws -> [UInt8]? {
        try await work(FileStore.milestones.piece(number, of: id))
    }

    /// Takes a file in, piece by piece. Whatever goes wrong on the way, nothing of it stays.
    ///
    /// Pieces are stored outside of a transaction that this may be a step of, because other uploads must see them count
    /// against the quota. Only the last step, which completes the file, is part of that transaction.
    /// - Parameters:
    ///   - content: the bytes as they arrive, in any portions.
    ///   - scanner: looks for viruses in it; nil where the server has none.
    /// - Throws: `CaseworkError.tooLarge` beyond the limit, the institution's quota or the number a milestone may have,
    ///   `.invalid` where it is empty or a virus is found in it, `.lacking` where the scanner could not say, `.conflict` where
    ///   the cohort is archived, `.notFound`; what `content` throws.
    public func add<Content: AsyncSequence>(
        _ name: FileName, contentType: String, to milestone: Int, content: Content, scanner: (any FileScanner)?
    ) async throws -> StoredFile where Content.Element: Collection<UInt8> {
        let id = try await take(
            name, contentType: contentType, to: milestone, content: content, scanner: scanner, field: "body")
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
        let removal: SQL =
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
        let found = try await FileStore.refusals { try await work(removal.optional(Removal.self)) }
        guard let found else { throw CaseworkError.notFound }
        guard found.matched else { throw CaseworkError.preconditionFailed }
        if let archived = found.archived { throw archived.refusal }
    }

    // MARK: Steps of an upload

    /// Takes in what a file holds; nobody sees it until `finish`.
    /// - Returns: its id.
    func take<Content: AsyncSequence>(
        _ name: FileName, contentType: String, to milestone: Int, content: Content, scanner: (any FileScanner)?,
        field: String
    ) async throws -> Int where Content.Element: Collection<UInt8> {
        try await FileStore.milestones.take(name, contentType, content, scanner: scanner, in: work, field: field) {
            try await begin(name, contentType: contentType, in: milestone)
        }
    }

    /// Forgets a file that was not finished.
    func drop(_ id: Int) async { await FileStore.milestones.drop(id, in: work) }

    private func begin(_ name: FileName, contentType: String, in milestone: Int) async throws -> Int {
        let (archived, id) = try await work.apart(
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
        if let id { return id }
        throw archived?.refusal ?? CaseworkError.notFound
    }

    /// Completes a file: from now on it is seen, and a part of the transaction that this is a step of. The milestone is
    /// locked, so that two at once do not make more files than there may be.
    func finish(_ id: Int) async throws -> StoredFile {
        let milestone: SQL = "(select f.milestone_id from milestone_files f where f.id = \(id))"
        let (_, file, count, archived) = try await FileStore.refusals {
            try await work(
                SQL("select from milestones m where m.id = \(milestone) for no key update").done(),
                SQL(
                    """
                    with new as (
                      update milestone_files f set complete = true
                       where f.id = \(id) and not f.complete and \(Self.archived("f.milestone_id")) is null
                         and (select count(*) from milestone_files o where o.milestone_id = f.milestone_id and o.complete)
                             < \(StoredFile.mostOfMilestone)::int
                      returning f.id, f.name, f.content_type, f.size, f.checksum, f.version, f.milestone_id),
                    noted as (
                      insert into audit (action, subject, after) select 'file.create', 'file/' || id, \(Self.audited("new")) from new)
                    select \(Self.columns) from new
                    """
                ).optional(StoredFile.self),
                SQL("select count(*)::int from milestone_files o where o.milestone_id = \(milestone) and o.complete")
                    .value(
                        Int.self),
                SQL("select \(Self.archived(milestone))").value(Archived?.self))
        }
        if let file { return file }
        if let archived { throw archived.refusal }
        guard count < StoredFile.mostOfMilestone else {
            throw CaseworkError.tooLarge(.beyond(.filesTooMany, most: StoredFile.mostOfMilestone))
        }
        throw CaseworkError.notFound
    }

    // MARK: SQL

    static let columns: SQL = "id, name, content_type, size, checksum, version"

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

    static func audited(_ table: SQL) -> SQL {
        """
        jsonb_build_object('milestoneId', \(table).milestone_id, 'name', \(table).name, 'contentType', \(table).content_type,
          'size', \(table).size)
        """
    }

    /// The refusal of a file beyond the limit.
    public static let tooLarge = CaseworkError.tooLarge(Refusal(.fileTooLarge))

    private struct Removal: RowDecodable {
        let matched: Bool
        let archived: Archived?

        init(row: Row) throws {
            matched = try row.get("matched")
            archived = try row.get("archived")
        }
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
