import Postgres
import Tenancy

/// Who belongs to a group. Admins, directors of its department and its managers keep that; managers do not name managers.
public struct MembershipRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller, for the audience `members`.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let notStaff = CaseworkError.invalid("accountId", .notStaff)
    private static let refusals: Refusals = [
        "group_members_account_id_fkey": notStaff, "group_members_account_role_check": notStaff,
    ]

    /// Members by name; nil where the group is not the caller's to keep.
    /// - Throws: `notFound`.
    public static func kept(of group: Int, _ page: PageRequest) throws -> Reading<Page<GroupMember>?> {
        try Reading(
            ("select waymark.may_change_members(id) as allowed from groups where id = \(group)" as SQL)
                .optionalValue(Bool.self),
            ("""
            select account_id, name, manager, \(CardRepository.isMine("account_id")) as keeps_card, carded,
                \(Card.columns), lower(name) as sort_name
            from group_people
            where group_id = \(group) and \(page.following("lower(name)", "account_id"))
            order by lower(name), account_id limit \(page.fetch)
            """ as SQL).all(SortedRow<GroupMember>.self)
        ) { allowed, rows in
            guard let allowed else { throw CaseworkError.notFound }
            return allowed ? page.page(rows, id: \.id) : nil
        }
    }

    /// Members by name.
    /// - Throws: `notFound`, `forbidden` where the group is not the caller's to keep.
    public static func list(of group: Int, _ page: PageRequest) throws -> Reading<Page<GroupMember>> {
        try kept(of: group, page).map { members in
            guard let members else { throw CaseworkError.forbidden }
            return members
        }
    }

    /// What a change of a membership met.
    private struct Finding: RowDecodable {
        let mine: Bool
        let archived: Bool
        let naming: Bool
        let role: String?
        let able: Bool
        let knowsAll: Bool
        let manages: Bool?

        init(row: Row) throws {
            mine = try row.get("mine")
            archived = try row.get("archived")
            naming = try row.get("naming")
            role = try row.get("role")
            able = try row.get("able")
            knowsAll = try row.get("knows_all")
            manages = try row.get("manages")
        }
    }

    /// Makes somebody a member, or changes whether a member manages the group.
    /// - Throws: `notFound`; `forbidden` where the group is not the caller's to keep, or a manager wants to change who
    ///   manages it; `invalid` for a student; `conflict` where the group is archived.
    public func put(_ account: Int, in group: Int, _ draft: MembershipDraft) async throws {
        let flag = draft.isManager
        let found = try await Self.refusals {
            try await work(
                ("""
                with person as (
                        select id, role, role <> 'student' and status <> 'archived' as able
                        from accounts where id = \(account)
                        union select id, role, true from directory where id = \(account)),
                    place as (
                        select g.id, g.archived_at is not null as archived, waymark.may_change_members(g.id) as mine,
                            waymark.may_name_managers(g.id) as naming
                        from groups g where g.id = \(group)),
                    open as (
                        select place.id, place.naming, p.id as account_id, p.role from place cross join person p
                        where place.mine and not place.archived and p.able),
                    added as (
                        insert into group_members (group_id, account_id, account_role, manager)
                        select id, account_id, role, coalesce(\(flag)::bool, false) from open
                        where naming or not coalesce(\(flag)::bool, false)
                        on conflict (group_id, account_id) do nothing
                        returning group_id, account_id, manager),
                    changed as (
                        update group_members m set manager = \(flag)::bool from open
                        where open.naming and m.group_id = open.id and m.account_id = open.account_id
                            and m.manager <> \(flag)::bool
                        returning m.group_id, m.account_id, m.manager),
                    noted as (
                        insert into audit (action, subject, before, after)
                        select 'membership.create', 'group/' || group_id, null,
                            jsonb_build_object('accountId', account_id, 'manager', manager)
                        from added
                        union all
                        select 'membership.update', 'group/' || group_id,
                            jsonb_build_object('accountId', account_id, 'manager', not manager),
                            jsonb_build_object('accountId', account_id, 'manager', manager)
                        from changed)
                select mine, archived, naming, (select role from person) as role,
                    exists (select from person where able) as able,
                    waymark.is_admin() as knows_all,
                    (select manager from group_members where group_id = \(group) and account_id = \(account)) as manages
                from place
                """ as SQL).optional(Finding.self))
        }
        guard let found else { throw CaseworkError.notFound }
        guard found.mine else { throw CaseworkError.forbidden }
        // Only admins know of every account; others get one answer for students and for ids nobody has.
        guard found.role != nil || !found.knowsAll else { throw CaseworkError.notFound }
        guard found.able else { throw Self.notStaff }
        guard !found.archived else { throw Self.archived }
        if let flag, !found.naming, flag || flag != (found.manages ?? false) { throw CaseworkError.forbidden }
    }

    private struct Removal: RowDecodable {
        let mine: Bool
        let archived: Bool
        let existed: Bool
        let removed: Bool

        init(row: Row) throws {
            mine = try row.get("mine")
            archived = try row.get("archived")
            existed = try row.get("existed")
            removed = try row.get("removed")
        }
    }

    /// Ends a membership.
    /// - Throws: `notFound` where there is none; `forbidden` where the group is not the caller's to keep, or a manager
    ///   wants to remove one who manages it; `conflict` where the group is archived.
    public func remove(_ account: Int, from group: Int) async throws {
        let found = try await work(
            ("""
            with place as (
                    select g.id, g.archived_at is not null as archived, waymark.may_change_members(g.id) as mine
                    from groups g where g.id = \(group)),
                gone as (
                    delete from group_members m using place
                    where m.group_id = place.id and place.mine and not place.archived and m.account_id = \(account)
                    returning m.group_id, m.account_id, m.manager),
                noted as (
                    insert into audit (action, subject, before)
                    select 'membership.delete', 'group/' || group_id,
                        jsonb_build_object('accountId', account_id, 'manager', manager)
                    from gone)
            select mine, archived, exists (select from gone) as removed,
                exists (select from group_members where group_id = \(group) and account_id = \(account)) as existed
            from place
            """ as SQL).optional(Removal.self))
        guard let found else { throw CaseworkError.notFound }
        guard found.mine else { throw CaseworkError.forbidden }
        guard found.existed else { throw CaseworkError.notFound }
        guard !found.archived else { throw Self.archived }
        guard found.removed else { throw CaseworkError.forbidden }
    }

    private static let archived = CaseworkError.conflict(Refusal(.groupArchived), state: "archived")
}
