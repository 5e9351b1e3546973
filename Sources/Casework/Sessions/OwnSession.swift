import FoundationEssentials
import Postgres
import Tenancy

/// A place where the caller is signed in.
public struct OwnSession: Sendable, RowDecodable, JSONEncodable {
    /// By which its owner names it.
    public let id: Int
    /// When it began.
    public let createdAt: Date
    /// When it was last used, to the minute.
    public let seenAt: Date
    /// Whether it is the one that asks.
    public let isCurrent: Bool
    /// The client's address when it began; nil where it was not noted yet.
    public let address: String?
    /// Browser and system by their short names, as far as they said.
    public let program: String?

    /// Reads `id`, `created_at`, `seen_at`, `current`, `address` and `program`.
    public init(row: Row) throws {
        id = try row.get("id")
        createdAt = try row.get("created_at")
        seenAt = try row.get("seen_at")
        isCurrent = try row.get("current")
        address = try row.get("address")
        program = try row.get("program")
    }

    /// Writes `{"id","createdAt","seenAt","current","address","program"}`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("createdAt", createdAt)
            $0.field("seenAt", seenAt)
            $0.field("current", isCurrent)
            $0.field("address", address)
            $0.field("program", program)
        }
    }
}

extension SessionRepository {
    /// The caller's account.
    public static var account: Reading<Account> {
        Reading(("select \(Account.columns) from accounts where id = waymark.account_id()" as SQL).one(Account.self))
    }

    /// Where the caller is signed in, the last used first, at most 50. Some may have been idle for too long to go on.
    public static func own(_ token: SessionToken) -> Reading<[OwnSession]> {
        Reading(
            ("""
            select s.id, s.created_at, s.seen_at, s.address, s.program, s.token_hash = \(token.hash) as current
            from sessions s where s.account_id = waymark.account_id() and s.expires_at > now()
            order by s.seen_at desc, s.created_at desc limit 50
            """ as SQL).all(OwnSession.self))
    }

    /// Signs out in one place.
    /// - Throws: `CaseworkError.notFound` where the caller has no such session.
    public func endOne(_ id: Int) async throws {
        let sql: SQL = """
            with gone as (
                update sessions set expires_at = now()
                where id = \(id) and account_id = waymark.account_id() and expires_at > now() returning account_id)
            insert into audit (action, subject) select 'session.delete', 'account/' || account_id from gone
            """
        guard try await work(sql.affected()) == 1 else { throw CaseworkError.notFound }
    }

    /// Signs out everywhere but here.
    /// - Returns: how many sessions ended.
    public func endOthers(keeping token: SessionToken) async throws -> Int {
        try await work(
            ("""
            with gone as (
                update sessions set expires_at = now()
                where account_id = waymark.account_id() and token_hash <> \(token.hash) and expires_at > now()
                returning account_id)
            insert into audit (action, subject) select 'session.delete', 'account/' || account_id from gone
            """ as SQL).affected())
    }
}
