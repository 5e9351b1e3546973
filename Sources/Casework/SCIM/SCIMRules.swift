import Postgres
import Tenancy

/// What an admin has ruled about who is in no group with a rule, and what of it there is.
public struct SCIMRules: Sendable, RowDecodable, JSONEncodable, Versioned {
    /// What they become: a student, or nothing, and then there is no account.
    public let defaultRole: Role?
    /// How many users there are.
    public let users: Int
    /// How many of them have an account.
    public let accounts: Int
    /// The version of the rule.
    public let version: Version

    /// Reads the columns of `SCIMRulesRepository`.
    public init(row: Row) throws {
        defaultRole = try row.get("default_role")
        users = try row.get("users")
        accounts = try row.get("accounts")
        version = Version(try row.get("version"))
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("defaultRole", defaultRole)
            $0.field("users", users)
            $0.field("accounts", accounts)
        }
    }
}

/// What a rule may make of users of SCIM; nobody becomes an admin by one.
public enum SCIMRole: String, Sendable, CaseIterable {
    case student, staff, manager, director

    /// What whoever is in no group with a rule may become.
    public enum Default: String, Sendable, CaseIterable {
        case student
    }
}

/// What members of a group become.
public struct SCIMGroupRule: Sendable {
    let role: SCIMRole
    let groupID: Int?

    /// Reads `role` and `groupId`.
    public init(_ fields: inout Fields) {
        role = fields.required("role", .choice(SCIMRole.self))
        groupID = fields.optional("groupId", .id)
        if role == .student, groupID != nil, fields.problems.isEmpty { fields.refuse("groupId", .scimStaffOnly) }
    }
}

/// A group of SCIM, as an admin sees it.
public struct RuledSCIMGroup: Sendable, RowDecodable, JSONEncodable, Versioned {
    /// Its number.
    public let id: Int
    /// What it is called there.
    public let name: String
    /// How many users are in it, also by groups in it.
    public let members: Int
    /// What they become; nil without a rule.
    public let role: Role?
    /// The support group they belong to then.
    public let groupID: Int?
    /// What that is called.
    public let groupName: String?
    /// The version of the rule, which is there before the rule.
    public let version: Version

    /// Reads the columns of `SCIMRulesRepository`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        members = try row.get("members")
        role = try row.get("role")
        groupID = try row.get("group_id")
        groupName = try row.get("group_name")
        version = Version(try row.get("rule_version"))
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("members", members)
            $0.field("role", role)
            $0.field("groupId", groupID)
            $0.field("groupName", groupName)
            $0.field("version", version.number)
        }
    }
}

/// A user of SCIM whose account could not follow.
public struct SCIMProblem: Sendable, RowDecodable, JSONEncodable {
    /// The user's number.
    public let id: Int
    /// What the provider calls the user.
    public let userName: String
    /// The account, where there is one.
    public let accountID: Int?
    /// Why it could not follow.
    public let code: Refusal.Code

    /// Reads the columns of `SCIMRulesRepository`.
    public init(row: Row) throws {
        id = try row.get("id")
        userName = try row.get("user_name")
        accountID = try row.get("account_id")
        code = Refusal.Code(rawValue: try row.get("problem")) ?? .notAccepted
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("userName", userName)
            $0.field("accountId", accountID)
            $0.field("code", code.rawValue)
        }
    }
}

/// What an admin rules about users and groups of SCIM: in person, never by token.
public struct SCIMRulesRepository: Sendable {
    private let work: UnitOfWork
    private let accounts: SCIMAccounts

    /// - Parameters:
    ///   - work: for the audience `adminInPerson`.
    ///   - passwords: what changes of accounts need.
    public init(work: UnitOfWork, passwords: PasswordHasher) {
        self.work = work
        accounts = SCIMAccounts(work: work, passwords: passwords)
    }

    /// The rule for everybody else.
    public static func find() -> Reading<SCIMRules> { Reading(row) }

    private static let row: Query<SCIMRules> =
        ("""
    select r.default_role, r.version, (select count(*) from scim_users) as users,
        (select count(*) from scim_users where account_id is not null) as accounts
    from scim_rules r where r.id = 1
    """ as SQL).one(SCIMRules.self)

    /// Groups by name.
    public static func groups(_ page: PageRequest) throws -> Reading<Page<RuledSCIMGroup>> {
        let sql: SQL = """
            \(Self.group), lower(g.display_name) as sort_name
            from scim_groups g left join scim_group_rules r on r.scim_group_id = g.id
            where \(try page.following("lower(g.display_name)", "g.id")) order by lower(g.display_name), g.id limit \(page.fetch)
            """
        return Reading(sql.all(SortedRow<RuledSCIMGroup>.self)) { page.page($0, id: \.id) }
    }

    /// One group.
    /// - Throws: `CaseworkError.notFound`.
    public static func group(_ id: Int) -> Reading<RuledSCIMGroup> {
        Reading(row(of: id).optional(RuledSCIMGroup.self), output: CaseworkError.orNotFound)
    }

    private static func row(of id: Int) -> SQL {
        "\(group) from scim_groups g left join scim_group_rules r on r.scim_group_id = g.id where g.id = \(id)"
    }

    private static let group: SQL = """
        select g.id, g.display_name as name, g.rule_version, r.role, r.group_id,
            (select s.name from groups s where s.id = r.group_id) as group_name,
            (select count(*) from (\(SCIMNesting.users(in: "array[g.id]"))) m) as members
        """

    /// Users whose accounts could not follow, by their numbers.
    public static func problems(_ page: PageRequest) throws -> Reading<Page<SCIMProblem>> {
        let after = try page.after.map { try $0.int(0) } ?? 0
        let sql: SQL = """
            select id, user_name, account_id, problem from scim_users
            where problem is not null and id > \(after)::bigint order by id limit \(page.fetch)
            """
        return Reading(sql.all(SCIMProblem.self)) { Page($0, page) { Cursor(.int($0.id)) } }
    }

    /// Changes what whoever is in no group with a rule becomes, with all that follows for accounts.
    /// - Parameters:
    ///   - role: absent leaves it.
    ///   - mostLosing: how many people may be suspended by it, get a lesser role, or leave a support group.
    /// - Throws: `CaseworkError.preconditionFailed`; `.conflict` with the code `tooManyLosing` where those are more.
    public func update(_ role: Patch<SCIMRole.Default>, mostLosing: Int, ifMatch: IfMatch) async throws -> SCIMRules {
        let lock: SQL = "select version from scim_rules where id = 1 for update"
        let change: SQL = """
            with old as (select default_role from scim_rules where id = 1),
            new as (
                update scim_rules set default_role = \(role.value?.rawValue)::text, version = version + 1
                where id = 1 and \(role.isPresent) and default_role is distinct from \(role.value?.rawValue)::text
                returning default_role)
            insert into audit (action, subject, before, after)
            select 'scim.rules', 'scim', jsonb_build_object('role', o.default_role), jsonb_build_object('role', n.default_role)
            from new n, old o
            """
        return try await work.transaction(isLong: true) { transaction in
            try ifMatch.check(Version(try await transaction(lock.value(Int.self))))
            let users: SQL = "select id from scim_users order by id"
            if try await transaction(change.affected()) > 0 {
                _ = try await accounts.follow(
                    try await transaction(users.values(Int.self)), mostLosing: mostLosing, in: transaction)
            }
            return try await transaction(Self.row)
        }
    }

    private static let refusals: Refusals = ["scim_group_rules_group_id_fkey": .invalid("groupId", .unknownGroup)]

    /// Says what members of a group become; nil: nothing any more. What follows for accounts happens in the same transaction.
    /// - Parameter mostLosing: as for `update`.
    /// - Throws: `CaseworkError.notFound`; `.preconditionFailed`; `.conflict` as `update`; `.invalid` for a support group that is
    ///   not there, or archived.
    public func rule(
        _ group: Int, _ rule: SCIMGroupRule?, mostLosing: Int, ifMatch: IfMatch
    ) async throws -> RuledSCIMGroup {
        let lock: SQL = "select rule_version from scim_groups where id = \(group) for update"
        let ids: SQL = "array[\(group)::int]"
        let members: SQL = "\(SCIMNesting.users(in: ids)) order by scim_user_id"
        return try await Self.refusals {
            try await work.transaction(isLong: true) { transaction in
                let version: Int? = try await transaction(lock.optionalValue(Int.self))
                guard let number = version else { throw CaseworkError.notFound }
                try ifMatch.check(Version(number))
                if let wanted = rule?.groupID {
                    let open: SQL = "select count(*) from groups where id = \(wanted) and archived_at is null"
                    guard try await transaction(open.value(Int.self)) == 1 else {
                        throw CaseworkError.invalid("groupId", .unknownGroup)
                    }
                }
                let (_, users) = try await transaction(SCIMNesting.lock(ids).done(), members.values(Int.self))
                _ = try await accounts.follow(users, mostLosing: mostLosing, in: transaction) {
                    _ = try await transaction(Self.write(rule, of: group))
                }
                return try await transaction(Self.row(of: group).one(RuledSCIMGroup.self))
            }
        }
    }

    private static func write(_ rule: SCIMGroupRule?, of group: Int) -> Query<Void> {
        let change: SQL =
            rule.map {
                """
                insert into scim_group_rules (scim_group_id, role, group_id)
                values (\(group), \($0.role.rawValue), \($0.groupID))
                on conflict (scim_group_id) do update set role = excluded.role, group_id = excluded.group_id
                where (scim_group_rules.role, scim_group_rules.group_id)
                    is distinct from (excluded.role, excluded.group_id)
                returning role, group_id
                """
            }
            ?? "delete from scim_group_rules where scim_group_id = \(group) returning null::text as role, null::int as group_id"
        let sql: SQL = """
            with old as (select role, group_id from scim_group_rules where scim_group_id = \(group)),
            new as (\(change)),
            renewed as (
                update scim_groups set rule_version = rule_version + 1 where id = \(group) and exists (select from new))
            insert into audit (action, subject, before, after)
            select 'scim.rule', 'scim-group/' || g.id,
                jsonb_build_object('name', g.display_name, 'role', o.role, 'groupId', o.group_id),
                jsonb_build_object('name', g.display_name, 'role', n.role, 'groupId', n.group_id)
            from new n cross join scim_groups g left join old o on true where g.id = \(group)
            """
        return sql.done()
    }
}

extension Permission {
    /// A group of SCIM and its rule.
    public static func scimGroup(_ id: Int) -> Permission { Permission("select from scim_groups where id = \(id)") }
}
