import FoundationEssentials
import Postgres
import Tenancy

/// An institution's folder as the background work sees it: taken in hand under a lease, and what became of its files.
///
/// One worker has it in hand at most, on all servers together, and makes its lease longer for as long as it works. What a file says
/// and what is written down of it are one transaction, which only a worker can finish whose lease is still its own. So whoever comes
/// after one that died finds all of it or nothing.
public struct FolderWork: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: the system's.
    public init(work: UnitOfWork) { self.work = work }

    /// A folder that is this worker's, and by what its files are taken in.
    public struct Order: Sendable, RowDecodable {
        /// A UUID, by which files are taken in.
        public let lease: String
        let suspendsMissing: Bool
        let isPartial: Bool

        /// Reads what `begin` returns.
        public init(row: Row) throws {
            lease = try row.get("lease")
            suspendsMissing = try row.get("suspends_missing")
            isPartial = try row.get("partial")
        }
    }

    /// Takes the folder in hand.
    /// - Parameters:
    ///   - now: by the worker's clock.
    ///   - lease: seconds.
    /// - Returns: nil where files are not taken in, or where another has it in hand.
    public func begin(at now: Date, lease: Double) async throws -> Order? {
        let sql: SQL = """
            update import_folders set lease = \(UUID().uuidString)::text::uuid, lease_ends_at = \(now.addingTimeInterval(lease))
            where id = 1 and enabled and (lease is null or lease_ends_at < \(now))
            returning lease::text as lease, suspends_missing, partial
            """
        return try await work(sql.optional(Order.self))
    }

    private static func mine(_ order: Order) -> SQL { "id = 1 and lease = \(order.lease)::text::uuid" }

    /// Makes the lease longer.
    /// - Returns: false where the folder is no longer this worker's.
    public func extend(_ order: Order, at now: Date, lease: Double) async throws -> Bool {
        let sql: SQL = """
            update import_folders set lease_ends_at = \(now.addingTimeInterval(lease)) where \(Self.mine(order))
            """
        return try await work(sql.affected()) == 1
    }

    /// Gives the folder back, also where the caller is being stopped: else the others would wait for the end of the lease. A file that the
    /// database could not store counts as begun; where it is away, or was in use, nobody need try that less often.
    /// - Parameter error: why a file was not finished.
    public func end(_ order: Order, after error: (any Error)? = nil) async throws {
        let isLasting = (error as? PostgresError)?.isTransient == false
        let kept: SQL = isLasting ? "" : ", working_on = null, tries = 0"
        let sql: SQL =
            "update import_folders set lease = null, lease_ends_at = null" + kept + " where \(Self.mine(order))"
        _ = try await work.evenIfCancelled(sql.affected())
    }

    /// Notes that a file is begun with.
    /// - Returns: how often one has; nil where the folder is no longer this worker's.
    func note(_ order: Order, _ digest: [UInt8]) async throws -> Int? {
        let sql: SQL = """
            update import_folders set tries = case when working_on = \(digest) then tries else 0 end + 1, working_on = \(digest)
            where \(Self.mine(order)) returning tries
            """
        return try await work(sql.optionalValue(Int.self))
    }

    private static let files: SQL =
        "select \(FolderFile.columns) from folder_files f left join (select null::int as id, null::text as name) a on true"

    /// What is known last of a file of that name.
    public func last(named name: String) async throws -> FolderFile? {
        let sql = Self.files + " where f.name = \(name) order by f.id desc limit 1"
        return try await work(sql.optional(FolderFile.self))
    }

    /// Writes down that the file lies in the folder no longer.
    public func noteMoved(_ id: Int) async throws {
        let sql: SQL = "update folder_files set moved = true where id = \(id)"
        _ = try await work.evenIfCancelled(sql.affected())
    }

    /// Writes down what became of a file: anew, or of the one that had a yes.
    /// - Throws: `FolderLost` where the folder is no longer this worker's, or the yes was taken back.
    func settle(_ order: Order, _ file: FolderFinding, _ outcome: FolderOutcome, at now: Date) async throws
        -> FolderFile
    {
        let (report, fault) = (outcome.report, outcome.fault)
        let state = outcome.state
        let ended: Date? = state == .waiting ? nil : now
        let values: SQL = """
            \(state.rawValue), \(now)::timestamptz, \(ended)::timestamptz, \(report?.added ?? 0)::int, \(report?.updated ?? 0)::int,
            \(report?.unchanged ?? 0)::int, \(report?.failed ?? 0)::int, \(report?.skipped ?? 0)::int,
            \(report?.suspended ?? 0)::int, \(report?.leaving ?? 0)::int, \(fault?.kind.rawValue)::text, \(fault?.detail)::text,
            \(fault?.count)::int, \(fault?.most)::int, \(outcome.problems)::text[]
            """
        let columns: SQL = """
            state, started_at, ended_at, added, updated, unchanged, failed, skipped, suspended, leaving, fault, detail, fault_count,
            fault_most, problems
            """
        let written: SQL =
            if let approved = file.approved {
                // who said yes stays, unless it has to be said anew
                """
                update folder_files f set (\(columns)) = (select \(values)),
                    most_suspended = case when \(state == .waiting) then null else f.most_suspended end,
                    account_id = case when \(state == .waiting) then null else f.account_id end
                from mine where f.id = \(approved.id) and f.state = 'waiting' returning f.*
                """
            } else {
                """
                insert into folder_files (name, size, digest, \(columns))
                select \(file.name)::text, \(file.size)::int, \(file.digest)::bytea, \(values) from mine returning *
                """
            }
        let sql: SQL = """
            with mine as (update import_folders set working_on = null, tries = 0 where \(Self.mine(order)) returning id),
                written as (\(written)),
                replaced as (
                    update folder_files f set state = 'refused', fault = 'replaced', ended_at = \(now), moved = true
                    from written where f.name = \(file.name) and f.state = 'waiting' and f.id <> written.id)
            select \(FolderFile.columns) from written f left join (select null::int as id, null::text as name) a on true
            """
        let settled = try await work(sql.optional(FolderFile.self))
        guard let settled else { throw FolderLost() }
        return settled
    }
}

/// The folder is no longer this worker's: another has it in hand, or an admin said no meanwhile. Nothing was stored.
public struct FolderLost: Error {
    /// Nothing more is known.
    public init() {}
}
