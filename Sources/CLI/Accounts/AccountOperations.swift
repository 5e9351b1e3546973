import Casework
import Foundation
import Postgres
import Tenancy

/// An account as the operator sees it.
struct AccountRow: RowDecodable, Encodable {
    let id: Int
    let email: String
    let name: String
    let role: String
    let status: String
    let hasPassword: Bool

    init(row: Row) throws {
        id = try row.get("id")
        email = try row.get("email")
        name = try row.get("name")
        role = try row.get("role")
        status = try row.get("status")
        hasPassword = try row.get("has_password")
    }
}

/// Where somebody sets their password, once.
struct InvitationLink: Encodable {
    let url: String
    let expiresAt: String
}

/// What the operator wants to add, checked by the same rules as in the API.
struct AccountDraft {
    let email: EmailAddress
    let givenName: String
    let familyName: String
    let role: String
    let studentNumber: String?

    static let roles = ["admin", "director", "manager", "staff", "student"]

    /// - Throws: `Failure` naming the value that cannot be used.
    init(email: String, givenName: String, familyName: String, role: String, studentNumber: String?) throws {
        do {
            self.email = try EmailAddress(email)
            self.givenName = try Text.clean(givenName, length: 1...200)
            self.familyName = try Text.clean(familyName, length: 0...200)
            self.studentNumber = try studentNumber.map { text throws(Refusal) in try Text.clean(text, length: 1...100) }
        } catch {
            throw Failure("'\(email)' cannot be added: \(error.detail)")
        }
        guard Self.roles.contains(role) else {
            throw Failure("the role must be one of \(Self.roles.joined(separator: ", ")), not '\(role)'")
        }
        self.role = role
    }
}

/// What an operator does to accounts, as the schemas' owner. Audited without an actor.
struct AccountOperations {
    let work: UnitOfWork

    private static let columns: SQL = "id, email, name, role, status, password_hash is not null as has_password"

    /// Accounts by name; all, or those with a role.
    func list(role: String?) async throws -> [AccountRow] {
        let query: SQL = """
            select \(Self.columns) from accounts where role = coalesce(\(role)::text, role) order by sort_name, id
            """
        return try await work(query.all(AccountRow.self))
    }

    /// The account of an address.
    /// - Throws: `Failure` where there is none.
    func find(_ email: String) async throws -> AccountRow {
        let query: SQL = "select \(Self.columns) from accounts where lower(email) = lower(\(email))"
        let found: AccountRow? = try await work(query.optional(AccountRow.self))
        guard let account = found else {
            throw Failure("there is no account '\(email)' in \(work.institution.slug)")
        }
        return account
    }

    /// Adds an account without a password.
    /// - Throws: `Failure` where the address or the student number is taken.
    func create(_ draft: AccountDraft) async throws -> AccountRow {
        let query: SQL = """
            with new as (
              insert into accounts (email, given_name, family_name, role, student_number)
              values (\(draft.email.text), \(draft.givenName), \(draft.familyName), \(draft.role), \(draft.studentNumber))
              returning id, email, name, role, status, password_hash, given_name, family_name),
            trace as (
              insert into audit (action, subject, after)
              select 'account.create', 'account/' || id,
                     jsonb_build_object('email', email, 'givenName', given_name, 'familyName', family_name, 'role', role)
                from new)
            select \(Self.columns) from new
            """
        do {
            return try await work(query.one(AccountRow.self))
        } catch let error as PostgresError where error.sqlState == .uniqueViolation {
            let what = error.constraint == "accounts_email_key" ? "e-mail address" : "student number"
            throw Failure("the \(what) is in use already")
        }
    }

    /// Keeps somebody out and ends their sessions. The last active admin stays.
    /// - Throws: `Failure`.
    func suspend(_ account: AccountRow) async throws {
        let query: SQL = """
            with old as (
              select id, status from accounts
               where id = \(account.id) and status = 'active'
                 and (role <> 'admin'
                      or exists (select from accounts o where o.role = 'admin' and o.status = 'active' and o.id <> \(account.id)))
                 for update),
            new as (
              update accounts a set status = 'suspended', version = a.version + 1 from old where a.id = old.id
              returning a.id),
            ended as (delete from sessions s using new where s.account_id = new.id)
            insert into audit (action, subject, before, after)
            select 'account.update', 'account/' || id, '{"status":"active"}'::jsonb, '{"status":"suspended"}'::jsonb from new
            """
        guard try await work(query.affected()) == 1 else {
            throw Failure(
                account.status == "active"
                    ? "\(account.email) is the last active admin; create another one first"
                    : "\(account.email) is \(account.status) already")
        }
    }

    /// Sets a password and ends the account's sessions.
    /// - Throws: `Failure` where the rule refuses it.
    func setPassword(_ password: String, of account: AccountRow) async throws {
        do {
            try PasswordRule.check(password, email: account.email)
        } catch {
            throw Failure("the password \(error.detail)")
        }
        let hash = try await PasswordHasher().hash(password)
        let update: SQL = """
            update accounts set password_hash = \(hash), version = version + 1 where id = \(account.id)
            """
        let sessions: SQL = "delete from sessions where account_id = \(account.id)"
        let trace: SQL = "insert into audit (action, subject) values ('account.password', \("account/\(account.id)"))"
        _ = try await work(update.done(), sessions.done(), trace.done())
    }

    /// Makes a link by which somebody sets their password: one use, 7 days. Earlier links end.
    /// - Parameter origin: `https://northfield.example`
    func invite(_ account: Int, origin: String) async throws -> InvitationLink {
        let secret = try Secret.random()
        let old: SQL = "delete from invitations where account_id = \(account) and used_at is null"
        let new: SQL = """
            insert into invitations (secret_hash, account_id, expires_at)
            values (\(secret.hash), \(account), now() + interval '7 days') returning expires_at
            """
        let trace: SQL = "insert into audit (action, subject) values ('invitation.create', \("account/\(account)"))"
        let (_, expires, _) = try await work(old.done(), new.value(Date.self), trace.done())
        return InvitationLink(
            url: "\(origin)/invitations/\(secret.text)", expiresAt: expires.formatted(.iso8601))
    }
}
