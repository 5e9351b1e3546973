import Postgres
import Tenancy

/// Groups: staff and above see all, admins and the directors of their departments change them.
public struct GroupRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let refusals: Refusals = [
        "groups_name_key": .conflict(Refusal(.groupNameTaken), field: "name"),
        "groups_department_id_fkey": unknownDepartment,
        "cohort_groups_group_id_fkey": inUse(by: [Blocker(.attachedCohorts)]),
        "group_members_group_id_fkey": inUse(by: [Blocker(.someMembers)]),
    ]
    private static let unknownDepartment = CaseworkError.invalid("departmentId", .unknownDepartment)

    private static func inUse(by what: [Blocker]) -> CaseworkError {
        .conflict(Refusal(.groupInUse), blockedBy: what)
    }

    /// Groups by name.
    public static func list(_ filter: GroupFilter, _ page: PageRequest) throws -> Reading<Page<Group>> {
        let department: SQL = filter.departmentID.map { "department_id = \($0)" } ?? "true"
        return try Reading(
            ("""
            select \(Group.columns), lower(name) as sort_name from groups
            where (archived_at is not null) = \(filter.isArchived) and \(department)
                and \(SQL.search(filter.search, in: "name")) and \(page.following("lower(name)", "id"))
            order by lower(name), id limit \(page.fetch)
            """ as SQL).all(SortedRow<Group>.self)
        ) { page.page($0, id: \.id) }
    }

    /// One group, archived ones too.
    /// - Throws: `notFound`.
    public static func find(_ id: Int) -> Reading<Group> {
        Reading(row(id), output: CaseworkError.orNotFound)
    }

    /// Whether a group may lie where it is wanted.
    private struct Place: RowDecodable {
        let known: Bool
        let allowed: Bool

        init(row: Row) throws {
            known = try row.get("known")
            allowed = try row.get("allowed")
        }

        /// - Throws: `invalid` where there is no such department or a director named none, `forbidden` for a foreign one.
        func check(_ department: Int?) throws {
            guard known else { throw unknownDepartment }
            guard !allowed else { return }
            if department == nil { throw CaseworkError.invalid("departmentId", .departmentOfAnother) }
            throw CaseworkError.forbidden
        }
    }

    /// Makes a group.
    /// - Throws: `invalid`, `forbidden` in a foreign department, `conflict` where the name is taken.
    public func create(_ draft: GroupDraft) async throws -> Group {
        let department = draft.departmentID.postgresParameter
        let place: SQL = """
            select \(department)::int is null or exists (select from departments where id = \(department)::int) as known,
                waymark.may_edit_group(\(department)::int) as allowed
            """
        let (found, made) = try await Self.refusals {
            try await work(
                place.one(Place.self),
                ("""
                with place as (\(place)),
                    new as (
                        insert into groups (name, description, department_id)
                        select \(draft.name)::text, \(draft.description)::text, \(department)::int
                        from place where known and allowed
                        returning id, name, description, department_id, archived_at, version),
                    noted as (
                        insert into audit (action, subject, after)
                        select 'group.create', 'group/' || id, \(Self.audited) from new)
                select \(Group.columns) from new
                """ as SQL).optional(Group.self))
        }
        try found.check(draft.departmentID)
        guard let made else { throw CaseworkError.forbidden }
        return made
    }

    /// How a change met the group.
    private struct Change: RowDecodable {
        let matched: Bool
        let frozen: Bool
        let department: Int?
        let place: Place

        init(row: Row) throws {
            matched = try row.get("matched")
            frozen = try row.get("frozen")
            department = try row.get("department_id")
            place = try Place(row: row)
        }
    }

    /// Changes, moves, archives or restores a group.
    /// - Throws: `notFound`, `preconditionFailed`, `invalid`, `forbidden` for a move to a foreign department, `conflict`
    ///   where the name is taken or the group is archived and stays so.
    public func update(_ id: Int, _ patch: GroupPatch, ifMatch: IfMatch) async throws -> Group {
        let (change, found) = try await Self.refusals {
            try await work(
                ("""
                with old as (
                        select id, name, description, department_id, archived_at, \(ifMatch.accepts("version")) as matched,
                            coalesce(\(patch.name)::text, name) as new_name,
                            case when \(patch.description.isPresent)::bool then \(patch.description.value)::text
                                else description end as new_description,
                            case when \(patch.departmentID.isPresent)::bool then \(patch.departmentID.value)::int
                                else department_id end as new_department_id,
                            coalesce(\(patch.isArchived)::bool, archived_at is not null) as new_archived
                        from groups where id = \(id) for update),
                    checked as (
                        select old.*,
                            new_department_id is null
                                or exists (select from departments d where d.id = new_department_id) as known,
                            waymark.may_edit_group(new_department_id) as allowed,
                            archived_at is not null and new_archived
                                and (name, description, department_id)
                                    is distinct from (new_name, new_description, new_department_id) as frozen
                        from old),
                    new as (
                        update groups g set name = c.new_name, description = c.new_description,
                            department_id = c.new_department_id,
                            archived_at = case when c.new_archived then coalesce(g.archived_at, now()) end,
                            version = g.version + 1
                        from checked c
                        where g.id = c.id and c.matched and c.known and c.allowed and not c.frozen
                            and (g.name, g.description, g.department_id, g.archived_at is not null)
                                is distinct from (c.new_name, c.new_description, c.new_department_id, c.new_archived)
                        returning g.id, g.name, g.description, g.department_id, g.archived_at),
                    noted as (
                        insert into audit (action, subject, before, after)
                        select 'group.update', 'group/' || id, (select \(Self.audited) from old), \(Self.audited) from new)
                select matched, frozen, new_department_id as department_id, known, allowed from checked
                """ as SQL).optional(Change.self), Self.row(id))
        }
        guard let change, let found else { throw CaseworkError.notFound }
        guard change.matched else { throw CaseworkError.preconditionFailed }
        try change.place.check(change.department)
        guard !change.frozen else {
            throw CaseworkError.conflict(Refusal(.groupArchived), state: "archived")
        }
        return found
    }

    /// Deletes a group that supports no cohort and has no members.
    /// - Throws: `notFound`, `preconditionFailed`, `conflict` naming what hangs on it.
    public func delete(_ id: Int, ifMatch: IfMatch) async throws {
        let (matched, cohorts, members) = try await Self.refusals {
            try await work(
                ("""
                with old as (
                        select id, name, description, department_id, archived_at, \(ifMatch.accepts("version")) as matched
                        from groups where id = \(id) for update),
                    gone as (
                        delete from groups g using old
                        where g.id = old.id and old.matched
                            and not exists (select from cohort_groups where group_id = old.id)
                            and not exists (select from group_members where group_id = old.id)
                        returning g.id, g.name, g.description, g.department_id, g.archived_at),
                    noted as (
                        insert into audit (action, subject, before)
                        select 'group.delete', 'group/' || id, \(Self.audited) from gone)
                select matched from old
                """ as SQL).optionalValue(Bool.self),
                ("""
                select c.name from cohort_groups l join cohorts c on c.id = l.cohort_id where l.group_id = \(id)
                order by lower(c.name), c.id limit 20
                """ as SQL).values(String.self),
                ("select count(*) as members from group_members where group_id = \(id)" as SQL).value(Int.self))
        }
        guard let matched else { throw CaseworkError.notFound }
        guard matched else { throw CaseworkError.preconditionFailed }
        let blockers = Blocker.named(cohorts) + (members == 0 ? [] : [Blocker(.members, count: members)])
        guard blockers.isEmpty else { throw Self.inUse(by: blockers) }
    }

    private static let audited: SQL = """
        jsonb_build_object('name', name, 'description', description, 'departmentId', department_id,
            'archived', archived_at is not null)
        """

    private static func row(_ id: Int) -> Query<Group?> {
        ("select \(Group.columns) from groups where id = \(id)" as SQL).optional(Group.self)
    }
}

extension Permission {
    /// A support group; directors change those of their departments.
    public static func group(_ id: Int) -> Permission {
        Permission(
            "select from groups where id = \(id)",
            editable: "waymark.may_edit_group((select department_id from groups where id = \(id)))")
    }

    /// Who belongs to a group; directors and managers keep it.
    public static func members(_ id: Int) -> Permission {
        Permission("select from groups where id = \(id)", editable: "waymark.may_change_members(\(id)::int)")
    }
}
