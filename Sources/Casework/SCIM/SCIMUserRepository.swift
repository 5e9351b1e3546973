import Postgres
import Tenancy

/// The users of SCIM. Each change is one transaction, with what follows of it for the account.
public struct SCIMUserRepository: Sendable {
    private let work: UnitOfWork
    private let accounts: SCIMAccounts

    /// - Parameters:
    ///   - work: for the audience `scim`.
    ///   - passwords: what changes of accounts need.
    public init(work: UnitOfWork, passwords: PasswordHasher) {
        self.work = work
        accounts = SCIMAccounts(work: work, passwords: passwords)
    }

    private static let refusals: Refusals = [
        "scim_users_user_name_key": .conflict(Refusal(.scimUserNameTaken), field: "userName"),
        "scim_users_employee_number_key": .conflict(Refusal(.numberTaken), field: "employeeNumber"),
    ]

    /// One user.
    /// - Throws: `CaseworkError.notFound`.
    public static func find(_ id: Int) -> Reading<StoredSCIMUser> {
        Reading(row(id).optional(StoredSCIMUser.self), output: CaseworkError.orNotFound)
    }

    private static func row(_ id: Int) -> SQL {
        "select \(StoredSCIMUser.columns) from scim_users u where u.id = \(id)"
    }

    /// The users that a filter lets through, the oldest first; inactive ones too.
    /// - Throws: `CaseworkError.invalid` where the filter compares what cannot be looked for.
    public static func list(_ page: SCIMPage) throws -> Reading<SCIMList> {
        let condition = try page.condition(Self.condition)
        let total: SQL = "select count(*) from scim_users u where \(condition)"
        let rows: SQL = """
            select \(StoredSCIMUser.columns) from scim_users u where \(condition)
            order by u.id offset \(page.skipped) limit \(page.count)
            """
        return Reading(total.value(Int.self), rows.all(StoredSCIMUser.self)) {
            SCIMList(total: $0, start: page.start, resources: $1)
        }
    }

    /// What a comparison asks of a user `u`; nil for what users are not looked for by.
    static func condition(_ comparison: SCIMComparison) -> SQL? {
        let text = comparison.text
        return switch comparison.path.plain {
        case "id": SCIMID(text)?.user.map { "u.id = \($0)" } ?? "false"
        case "username": "lower(u.user_name) = lower(\(text))"
        case "externalid": "u.external_id = \(text)"
        case "displayname": "lower(u.display_name) = lower(\(text))"
        case "name.givenname": "lower(u.given_name) = lower(\(text))"
        case "name.familyname": "lower(u.family_name) = lower(\(text))"
        case "active": "u.active = \(text.lowercased() == "true")"
        case "emails", "emails.value": email(text, comparison.path.filter)
        case SCIMUser.number: "u.employee_number = \(text)"
        default: nil
        }
    }

    /// Any of the addresses; of a type where the filter within asks for one.
    private static func email(_ text: String, _ filter: [SCIMComparison]) -> SQL? {
        var condition: SQL = "lower(e.value ->> 'value') = lower(\(text))"
        for comparison in filter {
            guard ["type", "primary"].contains(comparison.path.plain) else { return nil }
            condition += " and lower(e.value ->> \(comparison.path.plain)::text) = lower(\(comparison.text))"
        }
        return "exists (select from jsonb_array_elements(u.emails) e where \(condition))"
    }

    /// Takes in a user.
    /// - Throws: `CaseworkError.conflict` for a name that is taken, and where the address is another user's or an archived account's.
    public func create(_ user: SCIMUser) async throws -> StoredSCIMUser {
        let sql: SQL = """
            with new as (
                insert into scim_users (user_name, external_id, active, display_name, given_name, family_name, emails, email,
                    employee_number)
                values (\(user.userName), \(user.externalID), \(user.isActive), \(user.displayName), \(user.givenName),
                    \(user.familyName), \(user.emailList)::jsonb, \(user.address?.text), \(user.employeeNumber))
                returning \(Self.kept)),
            noted as (
                insert into audit (action, subject, after) select 'scimuser.create', 'scim-user/' || id, \(Self.audited) from new)
            select id from new
            """
        return try await Self.refusals {
            try await work.transaction { transaction in
                try await follow(try await transaction(sql.value(Int.self)), in: transaction)
            }
        }
    }

    /// Changes a user; where nothing differs nothing is written.
    /// - Parameter change: makes the new user of the old.
    /// - Throws: `CaseworkError.notFound`, `.preconditionFailed`; as `create`; `.conflict` where an account cannot follow, as that of
    ///   the last active admin.
    public func update(
        _ id: Int, ifMatch: IfMatch, _ change: @Sendable (SCIMUser) throws -> SCIMUser
    ) async throws -> StoredSCIMUser {
        try await Self.refusals {
            try await work.transaction { transaction in
                let old = try await lock(id, ifMatch, in: transaction)
                let new = try change(old.user)
                if new != old.user { _ = try await transaction(Self.write(new, to: id)) }
                return try await follow(id, in: transaction)
            }
        }
    }

    /// Removes a user. The account that followed it is archived, with all that was done in it.
    /// - Throws: `CaseworkError.notFound`, `.preconditionFailed`; `.conflict` for the last active admin.
    public func remove(_ id: Int, ifMatch: IfMatch) async throws {
        let removal: SQL = """
            with old as (delete from scim_users where id = \(id) returning \(Self.kept))
            insert into audit (action, subject, before) select 'scimuser.delete', 'scim-user/' || id, \(Self.audited) from old
            """
        let account: SQL = """
            select a.id from scim_users u join accounts a on a.id = u.account_id and a.status <> 'archived' where u.id = \(id)
            """
        try await work.transaction { transaction in
            _ = try await lock(id, ifMatch, in: transaction)
            let (found, _) = try await transaction(account.optionalValue(Int.self), removal.done())
            guard let found else { return }
            var patch = AccountPatch()
            patch.status = .archived
            _ = try await AccountRepository(work: work.within(transaction))
                .update(found, patch, ifMatch: .any, hashing: accounts.passwords)
        }
    }

    private func lock(_ id: Int, _ ifMatch: IfMatch, in transaction: Transaction) async throws -> StoredSCIMUser {
        let sql: SQL = "\(Self.row(id)) for update"
        let row: StoredSCIMUser? = try await transaction(sql.optional(StoredSCIMUser.self))
        guard let found = row else { throw CaseworkError.notFound }
        try ifMatch.check(found.version)
        return found
    }

    private func follow(_ id: Int, in transaction: Transaction) async throws -> StoredSCIMUser {
        if let problem = try await accounts.follow([id], in: transaction)[id] { throw problem }
        return try await transaction(Self.row(id).one(StoredSCIMUser.self))
    }

    private static func write(_ user: SCIMUser, to id: Int) -> Query<Void> {
        let sql: SQL = """
            with old as (select \(kept) from scim_users where id = \(id)),
            new as (
                update scim_users set user_name = \(user.userName), external_id = \(user.externalID),
                    active = \(user.isActive), display_name = \(user.displayName), given_name = \(user.givenName),
                    family_name = \(user.familyName), emails = \(user.emailList)::jsonb,
                    email = coalesce(\(user.address?.text), email), employee_number = \(user.employeeNumber),
                    changed_at = now(), version = version + 1
                where id = \(id) returning \(kept))
            insert into audit (action, subject, before, after)
            select 'scimuser.update', 'scim-user/' || id, (select \(audited) from old), \(audited) from new
            """
        return sql.done()
    }

    private static let kept: SQL = """
        id, user_name, external_id, active, display_name, given_name, family_name, emails, employee_number
        """
    private static let audited: SQL = """
        jsonb_build_object('name', user_name, 'externalId', external_id, 'active', active, 'displayName', display_name,
            'givenName', given_name, 'familyName', family_name, 'emails', emails, 'employeeNumber', employee_number)
        """
}

extension SCIMUser {
    fileprivate var emailList: JSONText { JSONText(JSONWriter.text(of: emails)) }
}

extension SCIMPage {
    /// All comparisons as a condition of SQL.
    /// - Parameter single: of one comparison; nil for what cannot be looked for.
    /// - Throws: `CaseworkError.invalid` for that.
    func condition(_ single: (SCIMComparison) -> SQL?) throws(CaseworkError) -> SQL {
        guard let filter else { return "true" }
        var conditions: [SQL] = []
        for comparison in filter.comparisons {
            guard let condition = single(comparison) else {
                let name = String(comparison.path.plain.prefix(100))
                throw .invalid("filter", Refusal(.scimAttribute, ["attribute": .text(name)]))
            }
            conditions.append(condition)
        }
        return conditions.joined(separator: " and ")
    }
}
