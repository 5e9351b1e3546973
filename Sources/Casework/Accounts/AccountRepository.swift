import Postgres
import Tenancy

/// The people of an institution, for its admins and for the operator.
public struct AccountRepository: Sendable {
    let work: UnitOfWork

    /// - Parameter work: for the audience `admin`; `adminInPerson` where a password or a role is set.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// One account.
    /// - Throws: `CaseworkError.notFound`.
    public static func find(_ id: Int) -> Reading<Account> {
        let sql: SQL = "select \(Account.columns) from accounts where id = \(id)"
        return Reading(sql.optional(Account.self), output: CaseworkError.orNotFound)
    }

    /// The account of that address, whatever its case; nil where there is none. For the command line.
    public func find(email: EmailAddress) async throws -> Account? {
        let sql: SQL = "select \(Account.columns) from accounts where lower(email) = lower(\(email.text))"
        return try await work(sql.optional(Account.self))
    }

    /// Adds a person.
    /// - Parameters:
    ///   - passwords: hashes the password, if there is one, before the transaction begins.
    ///   - hashed: the password's hash, where somebody made it before.
    /// - Throws: `CaseworkError.conflict` where the address or the number is taken.
    public func create(
        _ draft: AccountDraft, hashing passwords: PasswordHasher, hashed: String? = nil
    ) async throws -> Account {
        var hash = hashed
        if hash == nil, let password = draft.password {
            hash = try await passwords.hash(password, for: .accounts(of: work.institution.id))
        }
        let sql: SQL = """
            with new as (
                insert into accounts (email, given_name, family_name, preferred_name, role, status, student_number,
                    password_hash)
                values (\(draft.email.text), \(draft.givenName), \(draft.familyName), \(draft.preferredName), \(draft.role),
                    \(draft.status), \(draft.studentNumber), \(hash))
                returning \(Account.columns)),
            noted as (
                insert into audit (action, subject, after)
                select 'account.create', 'account/' || id, \(Account.audited)
                    || jsonb_build_object('password', \(hash == nil ? "none" : "set")::text) from new)
            select \(Account.columns) from new
            """
        return try await naming(draft.email) { try await work(sql.one(Account.self)) }
    }

    /// Removes somebody on whom nothing hangs. Sessions, card, invitations and tokens go too.
    /// - Throws: `CaseworkError.conflict` with what hangs on the person, or for the last active admin.
    public func remove(_ id: Int, ifMatch: IfMatch) async throws {
        try await naming(nil) {
            try await work.transaction { transaction in
                let (account, ties) = try await AccountTies.lock(id, amongAdmins: true, alone: true, in: transaction)
                try ifMatch.check(account.version)
                try ties.checkAdminsRemain(after: account, becomes: nil)
                let hanging = ties.all
                guard hanging.isEmpty else {
                    throw CaseworkError.conflict(Refusal(.accountInUse), blockedBy: hanging)
                }
                let removal: SQL = """
                    with old as (delete from accounts where id = \(id) returning \(Account.columns))
                    insert into audit (action, subject, before)
                    select 'account.delete', 'account/' || id, \(Account.audited) from old
                    """
                _ = try await transaction(AccountTies.dropIdleEnrollments(of: id, if: true), removal.done())
            }
        }
    }

    /// Throws what a violated constraint means to the caller.
    /// - Parameter address: the one that an account is given; who has it may be archived, and then no list shows it.
    func naming<Value>(_ address: EmailAddress?, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError {
            switch error.constraint {
            case "accounts_email_key":
                var isArchived = false
                if let address { isArchived = try await find(email: address)?.status == .archived }
                throw CaseworkError.conflict(
                    Refusal(isArchived ? .addressTakenByArchived : .addressTaken), field: "email")
            case "accounts_names_check":
                throw CaseworkError.invalid("givenName", .empty)
            case "accounts_erased_check": throw CaseworkError.erasedAccount
            case "accounts_student_number_key":
                throw CaseworkError.conflict(Refusal(.numberTaken), field: "studentNumber")
            case let name? where error.sqlState == .foreignKeyViolation || name.hasSuffix("_role_check"):
                // somebody tied the person to something while we looked
                throw CaseworkError.conflict(
                    Refusal(.accountTiedJustNow), blockedBy: [Blocker(.named, name: error.table ?? name)])
            default: throw error
            }
        }
    }
}

extension Permission {
    /// An account and its invitations.
    public static func account(_ id: Int) -> Permission { Permission("select from accounts where id = \(id)") }
}
