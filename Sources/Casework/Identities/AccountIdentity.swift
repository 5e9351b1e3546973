import FoundationEssentials
import Postgres
import Tenancy

/// How an account stands to the institution's provider.
public struct AccountIdentity: Sendable, RowDecodable, JSONEncodable {
    /// Who vouches for its person; nil: nobody yet.
    public let issuer: String?
    /// Since when.
    public let linkedAt: Date?
    /// When it was last signed in to that way.
    public let usedAt: Date?
    /// Whether the next one with its address becomes its person.
    public let isAwaited: Bool
    /// What people call the provider; nil where there is none.
    public let provider: String?

    /// Reads what `find` selects.
    public init(row: Row) throws {
        issuer = try row.get("issuer")
        linkedAt = try row.get("linked_at")
        usedAt = try row.get("used_at")
        isAwaited = try row.get("awaited")
        provider = try row.get("provider")
    }

    /// Writes `{"issuer","linkedAt","usedAt","awaited"}`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("issuer", issuer)
            $0.field("linkedAt", linkedAt)
            $0.field("usedAt", usedAt)
            $0.field("awaited", isAwaited)
        }
    }
}

/// Accounts' identities, for admins in person.
public struct IdentityRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: for the audience `adminInPerson`.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// How an account stands to the provider; of several, the one last used.
    /// - Throws: `CaseworkError.notFound`.
    public static func find(_ account: Int) -> Reading<AccountIdentity> {
        Reading(row(account).optional(AccountIdentity.self), output: CaseworkError.orNotFound)
    }

    private static func row(_ account: Int) -> SQL {
        """
        select i.issuer, i.linked_at, i.used_at, exists (select from awaited_identities w where w.account_id = a.id) as awaited,
            (select coalesce(p.label, s.name) from identity_providers p cross join settings s where p.enabled) as provider
        from accounts a
        left join lateral (
            select x.issuer, x.linked_at, x.used_at from identities x where x.account_id = a.id order by x.used_at desc limit 1) i on true
        where a.id = \(account)
        """
    }

    /// Lets the next one with the account's address become its person, or not any more.
    /// - Throws: `CaseworkError.notFound`.
    public func setAwaited(_ isAwaited: Bool, of account: Int) async throws -> AccountIdentity {
        let change: SQL =
            isAwaited
            ? """
            with new as (
                insert into awaited_identities (account_id) select id from accounts where id = \(account)
                on conflict do nothing returning account_id)
            insert into audit (action, subject) select 'identity.await', 'account/' || account_id from new
            """
            : """
            with old as (delete from awaited_identities where account_id = \(account) returning account_id)
            insert into audit (action, subject) select 'identity.cancel', 'account/' || account_id from old
            """
        let (_, found) = try await work(change.affected(), Self.row(account).optional(AccountIdentity.self))
        return try CaseworkError.orNotFound(found)
    }

    /// Takes the account's identities away, and with them its open sessions: who came in by them is not trusted any more.
    /// - Throws: `CaseworkError.notFound`.
    public func remove(of account: Int) async throws {
        let removal: SQL = """
            with old as (delete from identities where account_id = \(account) returning account_id, issuer),
            gone as (delete from sessions where account_id in (select account_id from old))
            insert into audit (action, subject, before)
            select 'identity.delete', 'account/' || account_id, jsonb_build_object('issuer', issuer) from old
            """
        let (there, _, _) = try await work(
            ("select true from accounts where id = \(account)" as SQL).optionalValue(Bool.self),
            ("delete from awaited_identities where account_id = \(account)" as SQL).affected(), removal.affected())
        guard there == true else { throw CaseworkError.notFound }
    }
}
