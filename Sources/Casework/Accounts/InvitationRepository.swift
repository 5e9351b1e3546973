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

    /// Has links sent by mail to active people; links made for them before stop working. Whose mail is on its way already
    /// gets no second one.
    /// - Parameter host: what the ids of mails end with.
    /// - Returns: to how many.
    public func invite(byMail guests: Guests, host: String) async throws -> Int {
        let chosen: SQL = "select id from chosen"
        let sql: SQL = """
            with chosen as materialized (
                select a.id from accounts a where a.status = 'active' and \(guests.condition)),
            withdrawn as (
                delete from invitations i using chosen c
                where i.account_id = c.id and i.used_at is null and i.kind = 'invitation'),
            asked as (\(MailMatter.invitation.mail(to: chosen, host: host)))
            insert into audit (action, subject) select 'invitation.mail', 'account/' || account_id from asked
            """
        return try await work(sql.affected(), ("select schedule_work()" as SQL).done()).0
    }

    /// The same for people who are made by the statement that this is a part of; `schedule_work()` belongs behind it too.
    /// - Parameter accounts: the relation of those who are new.
    /// - Returns: relations that follow a comma.
    static func asked(_ accounts: SQL, host: String) -> SQL {
        """
        asked as (\(MailMatter.invitation.mail(to: "select id from \(accounts)", host: host))),
        told as (
            insert into audit (action, subject) select 'invitation.mail', 'account/' || account_id from asked)
        """
    }

    /// Whether people of that role choose a password: students do not where the identity provider alone lets them in.
    public static func choosesPassword(_ role: Role) -> Reading<Bool> { Reading(choosePassword(role)) }

    static func choosePassword(_ role: Role) -> Query<Bool> {
        let sql: SQL = """
            select \(role.rawValue)::text <> 'student'
                or not exists (select from identity_providers where enabled and not student_passwords)
            """
        return sql.value()
    }

    /// What a link is for.
    /// - Throws: `CaseworkError.notFound` for a link that is unknown, used or expired.
    public func find(_ secret: Secret) async throws -> PasswordLink {
        let sql: SQL = """
            select i.kind, a.email, a.given_name, a.family_name, a.preferred_name
            from invitations i join accounts a on a.id = i.account_id and a.status = 'active'
            where i.secret_hash = \(secret.hash) and i.used_at is null and i.expires_at > now()
            """
        let found: PasswordLink? = try await work(sql.optional(PasswordLink.self))
        return try CaseworkError.orNotFound(found)
    }

    /// Sets the password, once. Nothing is read or hashed for a link that is unknown, used or expired.
    /// - Parameters:
    ///   - tells: whether a mail says that the password is another now, where there was one.
    ///   - choose: the password for whom the link is for.
    /// - Throws: `CaseworkError.notFound` for such a link; what `choose` throws.
    public func accept(
        _ secret: Secret, hashing passwords: PasswordHasher, tells: Bool = false,
        choose: (PasswordLink) async throws -> String
    ) async throws {
        let link = try await find(secret)
        let password = try await choose(link)
        let request = HashingRequest(
            institution: work.institution.id, client: "invitation \(secret.hash)", standing: .trusted)
        let hash = try await passwords.hash(password, for: request)
        let isReset = link.kind == .reset
        let acceptance: SQL = """
            with done as materialized (select accept_invitation(\(secret.hash), \(hash)) as id),
            noted as (
                insert into audit (action, subject)
                select 'invitation.accept', 'account/' || id from done where id is not null and not \(isReset)
                union all
                select 'reset.accept', 'account/' || id from done where id is not null and \(isReset))
            select case when \(tells && isReset) then tell_of(id, 'password') end is null as done
            from done where id is not null
            """
        let done: Bool? = try await work(acceptance.optionalValue(Bool.self))
        guard done != nil else { throw CaseworkError.notFound }
    }
}

/// Who is to be invited.
public enum Guests: Sendable {
    /// These accounts.
    case chosen([Int])
    /// Everybody without a password who was never invited; nil: of whatever role.
    case uninvited(Role?)

    /// Reads `accountIds`, or `everybody` and `role`.
    public init(_ fields: inout Fields) {
        // a form in which nobody is ticked names an empty list
        let chosen = fields.optional("accountIds", .ids).flatMap { $0.isEmpty ? nil : $0 }
        let everybody = fields.value("everybody", .bool, default: false)
        let role = fields.optional("role", .choice(Role.self))
        if let chosen, everybody || role != nil {
            fields.refuse("accountIds", Refusal(.notWithEverybody))
            self = .chosen(chosen)
        } else if everybody {
            self = .uninvited(role)
        } else {
            if chosen == nil { fields.refuse("accountIds", Refusal(.required)) }
            self = .chosen(chosen ?? [])
        }
    }

    fileprivate var condition: SQL {
        switch self {
        case .chosen(let accounts): "a.id = any(\(accounts))"
        case .uninvited(let role):
            """
            a.role = coalesce(\(role?.rawValue)::text, a.role)
            and a.id in (select account_id from invitation_states where state = 'none')
            """
        }
    }
}

/// A link by which somebody chooses a password, as the page behind it needs to know it.
public struct PasswordLink: Sendable, RowDecodable {
    /// What it is for.
    public enum Kind: String, Sendable {
        /// The first password.
        case invitation
        /// Another one.
        case reset
    }

    /// What it is for.
    public let kind: Kind
    /// Whose password it is.
    public let owner: PasswordOwner

    /// Reads a row of `InvitationRepository.find`.
    public init(row: Row) throws {
        kind = Kind(rawValue: try row.get("kind")) ?? .invitation
        owner = PasswordOwner(
            email: try row.get("email"),
            names: [try row.get("given_name"), try row.get("family_name"), try row.get("preferred_name")])
    }
}
