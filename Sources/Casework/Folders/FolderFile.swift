import FoundationEssentials
import Postgres
import Tenancy

/// A file that was taken from the folder, and what became of it.
public struct FolderFile: Sendable, RowDecodable, JSONEncodable {
    /// How far it is.
    public enum State: String, Sendable, CaseIterable, JSONEncodable {
        /// For an admin's yes; what it says is not stored.
        case waiting
        /// What it says is stored.
        case done
        /// Nothing of it is stored.
        case refused
    }

    /// Its number.
    public let id: Int
    /// What it is called.
    public let name: String
    /// How many bytes it has.
    public let size: Int
    /// SHA-256 of its content; nil where nobody read it.
    public let digest: [UInt8]?
    /// How far it is.
    public let state: State
    /// Whether it lies in the folder no longer.
    public let isMoved: Bool
    /// Who said yes or no; nil: nobody had to, or the account is gone.
    public let account: (id: Int, name: String)?
    /// To how many who are suspended, or leave their cohorts, somebody said yes; nil: nobody did.
    public let mostSuspended: Int?
    /// When it was taken in hand last.
    public let startedAt: Date
    /// When it ended; nil while it waits.
    public let endedAt: Date?
    /// What became of its rows, as in an import's report.
    public let added, updated, unchanged, failed, skipped: Int
    /// How many people were suspended, and how many students left their cohorts.
    public let suspended, leaving: Int
    /// Why it is not stored.
    public let fault: FolderFault?
    /// The first rows that cannot be used, each in an English sentence.
    public let problems: [String]

    /// Of the tables `folder_files` (`f`) and `accounts` (`a`).
    static let columns: SQL = """
        f.id, f.name, f.size, f.digest, f.state, f.moved, f.account_id, a.name as account_name, f.most_suspended, f.started_at,
        f.ended_at, f.added, f.updated, f.unchanged, f.failed, f.skipped, f.suspended, f.leaving, f.fault, f.detail, f.fault_count,
        f.fault_most, f.problems
        """

    /// Reads `columns`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        size = try row.get("size")
        digest = try row.get("digest")
        state = State(rawValue: try row.get("state")) ?? .refused
        isMoved = try row.get("moved")
        let accountName: String? = try row.get("account_name")
        account = try row.get("account_id", as: Int?.self).flatMap { id in accountName.map { (id, $0) } }
        mostSuspended = try row.get("most_suspended")
        startedAt = try row.get("started_at")
        endedAt = try row.get("ended_at")
        added = try row.get("added")
        updated = try row.get("updated")
        unchanged = try row.get("unchanged")
        failed = try row.get("failed")
        skipped = try row.get("skipped")
        suspended = try row.get("suspended")
        leaving = try row.get("leaving")
        problems = try row.get("problems")
        let (detail, count, most): (String?, Int?, Int?) = (
            try row.get("detail"), try row.get("fault_count"), try row.get("fault_most")
        )
        fault = try row.get("fault", as: String?.self).map {
            FolderFault(FolderFault.Kind(rawValue: $0) ?? .program, detail ?? "", count: count, most: most)
        }
    }

    /// Whether somebody has to say yes or no.
    public var isAsked: Bool { state == .waiting && mostSuspended == nil }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("size", size)
            $0.field("sha256", digest.map(Digest.hex))
            $0.field("state", state)
            $0.field("accountId", account?.id)
            $0.field("mostSuspended", mostSuspended)
            $0.field("startedAt", startedAt)
            $0.field("endedAt", endedAt)
            $0.field("added", added)
            $0.field("updated", updated)
            $0.field("unchanged", unchanged)
            $0.field("failed", failed)
            $0.field("skipped", skipped)
            $0.field("suspended", suspended)
            $0.field("leaving", leaving)
            $0.field("fault", fault?.kind)
            $0.field("detail", fault?.detail)
            $0.field("faultCount", fault?.count)
            $0.field("faultMost", fault?.most)
            $0.field("problems", problems)
        }
    }
}
