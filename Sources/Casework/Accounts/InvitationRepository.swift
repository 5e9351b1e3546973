import FoundationEssentials
import Postgres
import Tenancy

/// A link by which somebody chooses a password, once, within seven days.
public struct Invitation: Sendable {
    /// What the link ends with; kept by nobody but its holder.
    public let secret: Secret
    /// When it stops working.
    public let expiresAt: Date
}

/// How people get their first password, or a new one.
public struct InvitationRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: for the audience `adminInPerson` to invite; the gate to accept.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// Invites an active account; links made for it before stop working.
    /// - Throws: `CaseworkError.notFound`; `.conflict` where the account is suspended or archived.
    public func invite(_ account: Int) async throws -> Invitation {
        let secret = try Secret.random()
        let state: SQL = "select status from accounts where id = \(account) for no key update"
        let withdrawal: SQL = """
            delete from invitations i using accounts a
            where i.account_id = \(account) and i.used_at is null and a.id = i.account_id and a.status = 'active'
            """
        let creation: SQL = """
            with new as (
                insert into invitations (secret_hash, account_id, expires_at)
                select \(secret.hash), id, now() + interval '7 days' from accounts
                where id = \(account) and status = 'active'
                returning account_id, expires_at),
            noted as (
                insert into audit (action, subject, after)
                select 'invitation.create', 'account/' || account_id, jsonb_build_object('expiresAt', expires_at) from new)
            select expires_at from new
            """
        let (status, _, expiry) = try await work(
            state.optionalValue(AccountStatus.self), withdrawal.done(), creation.optionalValue(Date.self))
        guard let status else { throw CaseworkError.notFound }
        guard let expiry else {
            throw CaseworkError.conflict(
                Refusal(.notInvitable, ["state": .term(status.term)]), state: status.rawValue)
        }
        return Invitation(secret: secret, expiresAt: expiry)
    }

    /// The address a link is for; what the page shows.
    /// - Throws: `CaseworkError.notFound` for a link that is unknown, used or expired.
    public func address(of secret: Secret) async throws -> String {
        let sql: SQL = """
            select a.email from invitations i join accounts a on a.id = i.account_id and a.status = 'active'
            where i.secret_hash = \(secret.hash) and i.used_at is null and i.expires_at > now()
            """
        let email = try await work(sql.optionalValue(String.self))
        guard let email else { throw CaseworkError.notFound }
        return email
    }

    /// Sets the password, once. Nothing is read or hashed for a link that is unknown, used or expired.
    /// - Parameter choose: the password for the account of that address.
    /// - Throws: `CaseworkError.notFound` for such a link; what `choose` throws.
    public func accept(
        _ secret: Secret, hashing passwords: PasswordHasher, choose: (_ email: String) async throws -> String
    ) async throws {
        let password = try await choose(try await address(of: secret))
        let request = HashingRequest(
            institution: work.institution.id, client: "invitation \(secret.hash)", standing: .trusted)
        let hash = try await passwords.hash(password, for: request)
        let acceptance: SQL = """
            with done as materialized (select accept_invitation(\(secret.hash), \(hash)) as id)
            insert into audit (action, subject) select 'invitation.accept', 'account/' || id from done where id is not null
            """
        guard try await work(acceptance.affected()) == 1 else { throw CaseworkError.notFound }
    }
}
