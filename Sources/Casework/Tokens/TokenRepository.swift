import Postgres
import Tenancy

/// API tokens of the institution, for admins in person.
public struct TokenRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: for the audience `adminInPerson`, or the operator's.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let columns: SQL =
        "t.id, t.name, t.scopes, t.created_at, t.expires_at, t.maker_id, a.name as maker_name"

    /// The database has a clock of its own. Its year is a day longer than that of `APITokenDraft`.
    private static let refusals: Refusals = [
        "api_tokens_expires_at_check": .invalid("expiresAt", .notInTheFuture)
    ]

    /// Makes a token; its text is in the answer and nowhere else.
    /// - Parameter maker: whom it acts as, where the operator makes it; nil for the caller.
    public func create(_ draft: APITokenDraft, maker: Int? = nil) async throws -> NewAPIToken {
        let secret = SessionToken(kind: .api, institution: work.institution.id, secret: try Secret.random())
        let scopes = draft.scopes.map(\.rawValue)
        let (column, value): (SQL, SQL) = maker.map { (", maker_id", ", \($0)") } ?? ("", "")
        let sql: SQL = """
            with new as (
                insert into api_tokens (token_hash, name, scopes, expires_at\(column))
                values (\(secret.hash), \(draft.name), \(scopes), \(draft.expiresAt)\(value))
                returning id, name, scopes, created_at, expires_at, maker_id),
            noted as (
                insert into audit (action, subject, after)
                select 'token.create', 'token/' || id,
                    jsonb_build_object('name', name, 'scopes', scopes, 'expiresAt', expires_at) from new)
            select \(Self.columns) from new t join accounts a on a.id = t.maker_id
            """
        return NewAPIToken(token: try await Self.refusals { try await work(sql.one(APIToken.self)) }, secret: secret)
    }

    /// Tokens nobody has revoked, by name, then id; expired ones too.
    public static func list(_ page: PageRequest) throws -> Reading<Page<APIToken>> {
        let sql: SQL = """
            select \(Self.columns) from api_tokens t join accounts a on a.id = t.maker_id
            where t.revoked_at is null and \(try page.following("t.name", "t.id")) order by t.name, t.id limit \(page.fetch)
            """
        return Reading(sql.all(APIToken.self)) { Page($0, page) { Cursor(.text($0.name), .int($0.id)) } }
    }

    /// Revokes a token, at once and for good.
    /// - Throws: `CaseworkError.notFound`, also where it was revoked before.
    public func revoke(_ id: Int) async throws {
        let sql: SQL = """
            with old as (
                update api_tokens set revoked_at = now() where id = \(id) and revoked_at is null
                returning id, name, scopes, expires_at)
            insert into audit (action, subject, before)
            select 'token.delete', 'token/' || id,
                jsonb_build_object('name', name, 'scopes', scopes, 'expiresAt', expires_at) from old
            """
        guard try await work(sql.affected()) == 1 else { throw CaseworkError.notFound }
    }
}
