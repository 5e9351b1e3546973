import Postgres
import Tenancy

/// The folder of the institution's files, and what became of those. Admins rule and answer in person, never by API token.
public struct ImportFolderRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) { self.work = work }

    /// What is ruled of the folder.
    public static func find() -> Reading<ImportFolder> { Reading(row) }

    private static let row: Query<ImportFolder> =
        ("select \(ImportFolder.columns) from import_folders where id = 1" as SQL).one(ImportFolder.self)

    private static let files: SQL =
        "select \(FolderFile.columns) from folder_files f left join accounts a on a.id = f.account_id"

    /// The files, newest first.
    public static func files(_ page: PageRequest) throws -> Reading<Page<FolderFile>> {
        var sql = files + " where true"
        if let cursor = page.after { sql += " and f.id < \(try cursor.int(0))" }
        sql += " order by f.id desc limit \(page.fetch)"
        return Reading(sql.all(FolderFile.self)) { Page($0, page) { Cursor(.int($0.id)) } }
    }

    private static let audited: SQL =
        "jsonb_build_object('enabled', enabled, 'suspendsMissing', suspends_missing, 'partial', partial)"

    /// Rules of the folder.
    /// - Throws: `preconditionFailed`.
    public func set(_ draft: ImportFolderDraft, ifMatch: IfMatch) async throws -> ImportFolder {
        let sql: SQL = """
            with old as (
                    select enabled, suspends_missing, partial from import_folders
                    where id = 1 and \(ifMatch.accepts("version")) for update),
                new as (
                    update import_folders f set enabled = \(draft.isEnabled), suspends_missing = \(draft.suspendsMissing),
                        partial = \(draft.isPartial), version = f.version + 1
                    from old where f.id = 1
                    returning f.enabled, f.suspends_missing, f.partial),
                noted as (
                    insert into audit (action, subject, before, after)
                    select 'folder.rules', 'import-folder', (select \(Self.audited) from old), \(Self.audited) from new)
            select count(*)::int from new
            """
        let (changed, found) = try await work(sql.value(Int.self), Self.row)
        guard changed == 1 else { throw CaseworkError.preconditionFailed }
        return found
    }

    /// Says yes to a file that waits: so many people may be suspended, or leave their cohorts. It is taken in when a worker comes by,
    /// if it still lies there as it was.
    /// - Throws: `notFound`; `conflict` where it does not wait any more.
    public func approve(_ id: Int, mostSuspended: Int) async throws -> FolderFile {
        try await answer(id, "folder.approve", "most_suspended = \(mostSuspended)")
    }

    /// Says no to a file that waits.
    /// - Throws: `notFound`; `conflict` where it does not wait any more.
    public func decline(_ id: Int) async throws -> FolderFile {
        let fault = FolderFault.Kind.declined.rawValue
        return try await answer(
            id, "folder.decline", "state = 'refused', fault = \(fault), ended_at = now(), most_suspended = null")
    }

    private func answer(_ id: Int, _ action: String, _ change: SQL) async throws -> FolderFile {
        let sql: SQL = """
            with new as (
                    update folder_files f set account_id = waymark.account_id(), \(change)
                    where f.id = \(id) and f.state = 'waiting' returning f.id, f.name, f.most_suspended),
                noted as (
                    insert into audit (action, subject, after)
                    select \(action), 'folder-file/' || id, jsonb_build_object('name', name, 'mostSuspended', most_suspended) from new)
            select count(*)::int from new
            """
        let found = (Self.files + " where f.id = \(id)").optional(FolderFile.self)
        let (changed, file) = try await work(sql.value(Int.self), found)
        guard let file else { throw CaseworkError.notFound }
        guard changed == 1 else { throw CaseworkError.conflict(Refusal(.folderFileSettled)) }
        return file
    }
}

extension Permission {
    /// A file of the folder.
    public static func folderFile(_ id: Int) -> Permission { Permission("select from folder_files where id = \(id)") }
}
