import Postgres
import Tenancy

/// The groups of SCIM. Each change is one transaction, with what follows of it for the accounts of their members. Where an account
/// cannot follow, the group changes all the same: the user says why.
public struct SCIMGroupRepository: Sendable {
    private let work: UnitOfWork
    private let accounts: SCIMAccounts

    /// - Parameters:
    ///   - work: for the audience `scim`.
    ///   - passwords: what changes of accounts need.
    public init(work: UnitOfWork, passwords: PasswordHasher) {
        self.work = work
        accounts = SCIMAccounts(work: work, passwords: passwords)
    }

    /// One group.
    /// - Throws: `CaseworkError.notFound`.
    public static func find(_ id: Int, members: Bool = true) -> Reading<StoredSCIMGroup> {
        Reading(row(id, members: members).optional(StoredSCIMGroup.self), output: CaseworkError.orNotFound)
    }

    private static func row(_ id: Int, members: Bool = true) -> SQL {
        "select \(StoredSCIMGroup.columns(members: members)) from scim_groups g where g.id = \(id)"
    }

    /// The groups that a filter lets through, the oldest first.
    /// - Throws: `CaseworkError.invalid` where the filter compares what cannot be looked for.
    public static func list(_ page: SCIMPage, members: Bool = true) throws -> Reading<SCIMList> {
        let condition = try page.condition(Self.condition)
        let total: SQL = "select count(*) from scim_groups g where \(condition)"
        let rows: SQL = """
            select \(StoredSCIMGroup.columns(members: members)) from scim_groups g where \(condition)
            order by g.id offset \(page.skipped) limit \(page.count)
            """
        return Reading(total.value(Int.self), rows.all(StoredSCIMGroup.self)) {
            SCIMList(total: $0, start: page.start, resources: $1)
        }
    }

    /// What a comparison asks of a group `g`; nil for what groups are not looked for by.
    static func condition(_ comparison: SCIMComparison) -> SQL? {
        let text = comparison.text
        return switch comparison.path.plain {
        case "id": SCIMID(text)?.group.map { "g.id = \($0)" } ?? "false"
        case "displayname": "lower(g.display_name) = lower(\(text))"
        case "externalid": "g.external_id = \(text)"
        case "members", "members.value":
            switch SCIMID(text) {
            case .user(let id):
                "exists (select from scim_members m where m.scim_group_id = g.id and m.scim_user_id = \(id))"
            case .group(let id):
                "exists (select from scim_subgroups s where s.scim_group_id = g.id and s.member_id = \(id))"
            case nil: "false"
            }
        default: nil
        }
    }

    /// Takes in a group.
    /// - Throws: `CaseworkError.invalid` for a member who is not here.
    public func create(_ group: SCIMGroup) async throws -> StoredSCIMGroup {
        let sql: SQL = """
            with new as (
                insert into scim_groups (display_name, external_id) values (\(group.displayName), \(group.externalID))
                returning id, display_name, external_id),
            noted as (
                insert into audit (action, subject, after)
                select 'scimgroup.create', 'scim-group/' || id,
                    jsonb_build_object('name', display_name, 'externalId', external_id, 'members', \(group.members.count)::int)
                from new)
            select id from new
            """
        return try await work.transaction { transaction in
            let id = try await transaction(sql.value(Int.self))
            _ = try await change(of: id, from: nil, to: group, in: transaction)
            return try await transaction(Self.row(id).one(StoredSCIMGroup.self))
        }
    }

    /// Changes a group; where nothing differs nothing is written.
    /// - Parameter change: makes the new group of the old.
    /// - Throws: `CaseworkError.notFound`, `.preconditionFailed`, `.invalid`.
    public func update(
        _ id: Int, ifMatch: IfMatch, _ change: @Sendable (SCIMGroup) throws -> SCIMGroup
    ) async throws -> StoredSCIMGroup {
        try await work.transaction { transaction in
            let old = try await lock(id, ifMatch, in: transaction)
            let new = try change(old.group)
            guard new != old.group else { return old }
            let (added, removed) = try await self.change(of: id, from: old.group, to: new, in: transaction)
            _ = try await transaction(Self.write(new, to: id, adding: added, removing: removed))
            return try await transaction(Self.row(id).one(StoredSCIMGroup.self))
        }
    }

    /// Removes a group, with its rule and what that gave.
    /// - Throws: `CaseworkError.notFound`, `.preconditionFailed`.
    public func remove(_ id: Int, ifMatch: IfMatch) async throws {
        let removal: SQL = """
            with old as (delete from scim_groups where id = \(id) returning id, display_name, external_id)
            insert into audit (action, subject, before)
            select 'scimgroup.delete', 'scim-group/' || id,
                jsonb_build_object('name', display_name, 'externalId', external_id) from old
            """
        try await work.transaction { transaction in
            _ = try await lock(id, ifMatch, in: transaction)
            _ = try await accounts.follow(try await users(in: [id], transaction).sorted(), in: transaction) {
                _ = try await transaction(removal.done())
            }
        }
    }

    private func lock(_ id: Int, _ ifMatch: IfMatch, in transaction: Transaction) async throws -> StoredSCIMGroup {
        // who waited for the row reads its members afterwards
        let lock: SQL = "select id from scim_groups where id = \(id) for update"
        let (_, row) = try await transaction(lock.done(), Self.row(id).optional(StoredSCIMGroup.self))
        guard let found = row else { throw CaseworkError.notFound }
        try ifMatch.check(found.version)
        return found
    }

    /// The users in these groups, of whatever level; who changes one of the groups meanwhile waits.
    private func users(in groups: [Int], _ transaction: Transaction) async throws -> [Int] {
        guard !groups.isEmpty else { return [] }
        let ids: SQL = "\(groups)::int[]"
        return try await transaction(SCIMNesting.lock(ids).done(), SCIMNesting.users(in: ids).values(Int.self)).1
    }

    /// Has members come and go, with what follows for all who are in the group by that, or no longer.
    /// - Returns: how many came, and how many went.
    private func change(
        of id: Int, from old: SCIMGroup?, to new: SCIMGroup, in transaction: Transaction
    ) async throws -> (added: Int, removed: Int) {
        let before = old?.members ?? []
        let (added, removed) = (new.members.subtracting(before), before.subtracting(new.members))
        let all = added.union(removed)
        let nested = try await users(in: all.groups, transaction)
        _ = try await accounts.follow(Set(all.users + nested).sorted(), in: transaction) {
            let joining: SQL = """
                insert into scim_members (scim_group_id, scim_user_id)
                select \(id), u.id from scim_users u where u.id = any (\(added.users)::int[])
                returning scim_user_id
                """
            let leaving: SQL = """
                delete from scim_members where scim_group_id = \(id) and scim_user_id = any (\(removed.users)::int[])
                """
            let nesting: SQL = """
                insert into scim_subgroups (scim_group_id, member_id)
                select \(id), g.id from scim_groups g where g.id = any (\(added.groups)::int[])
                returning member_id
                """
            let parting: SQL = """
                delete from scim_subgroups where scim_group_id = \(id) and member_id = any (\(removed.groups)::int[])
                """
            let (users, groups, _, _) = try await transaction(
                joining.values(Int.self), nesting.values(Int.self), leaving.done(), parting.done())
            let missing = added.subtracting(users.map(SCIMID.user)).subtracting(groups.map(SCIMID.group))
            if let first = missing.map(\.text).min() { throw CaseworkError.invalid([.unknownMember(first)]) }
        }
        return (added.count, removed.count)
    }

    private static func write(_ group: SCIMGroup, to id: Int, adding added: Int, removing removed: Int) -> Query<Void> {
        let sql: SQL = """
            with old as (select display_name, external_id from scim_groups where id = \(id)),
            new as (
                update scim_groups set display_name = \(group.displayName), external_id = \(group.externalID),
                    changed_at = now(), version = version + 1
                where id = \(id) returning id, display_name, external_id)
            insert into audit (action, subject, before, after)
            select 'scimgroup.update', 'scim-group/' || n.id,
                jsonb_build_object('name', o.display_name, 'externalId', o.external_id),
                jsonb_build_object('name', n.display_name, 'externalId', n.external_id,
                    'added', \(added)::int, 'removed', \(removed)::int)
            from new n, old o
            """
        return sql.done()
    }
}
