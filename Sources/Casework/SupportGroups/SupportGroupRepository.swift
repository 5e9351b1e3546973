import Postgres
import Tenancy

/// The groups that support a cohort: seen in scope, attached and detached by who may edit the cohort.
public struct SupportGroupRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller, for the audience `casework` or `editors`.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let refusals: Refusals = [
        "cohort_groups_cohort_id_fkey": .notFound, "cohort_groups_group_id_fkey": .notFound,
    ]

    private struct Name: RowDecodable {
        let id: Int
        let name: String

        init(row: Row) throws {
            id = try row.get("id")
            name = try row.get("name")
        }
    }

    private struct Belonging: RowDecodable {
        let group: Int
        let member: SupportGroupMember

        init(row: Row) throws {
            group = try row.get("group_id")
            member = try SupportGroupMember(row: row)
        }
    }

    /// The groups attached to a cohort, by name.
    /// - Throws: `notFound` where the cohort is out of scope.
    public static func attached(to cohort: Int, _ page: PageRequest) throws -> Reading<Page<SupportGroup>> {
        let groups: SQL = try """
        select g.id, g.name, lower(g.name) as sort_name
        from cohort_groups l join groups g on g.id = l.group_id and g.archived_at is null
        where l.cohort_id = \(cohort) and \(page.following("lower(g.name)", "g.id"))
        order by lower(g.name), g.id limit \(page.fetch)
        """
        return reading(
            cohort, groups,
            members: """
                select n.group_id, n.account_id, n.name, n.carded, \(Card.columns) from support_network n
                where n.cohort_id = \(cohort) and n.group_id in (select id from (\(groups)) x)
                order by n.group_id, lower(n.name), n.account_id
                """, page)
    }

    /// The groups that could be attached to a cohort, by name.
    /// - Throws: `notFound` where the cohort is out of scope.
    public static func available(to cohort: Int, search: String?, _ page: PageRequest) throws -> Reading<
        Page<SupportGroup>
    > {
        let groups: SQL = try """
        select g.id, g.name, lower(g.name) as sort_name from groups g
        where g.archived_at is null
            and not exists (select from cohort_groups l where l.cohort_id = \(cohort) and l.group_id = g.id)
            and \(SQL.search(search, in: "g.name")) and \(page.following("lower(g.name)", "g.id"))
        order by lower(g.name), g.id limit \(page.fetch)
        """
        return reading(
            cohort, groups,
            members: """
                select m.group_id, d.id as account_id, d.name, d.carded, \(Card.columns)
                from memberships m join directory d on d.id = m.account_id
                where m.group_id in (select id from (\(groups)) x)
                order by m.group_id, lower(d.name), d.id
                """, page)
    }

    private static func reading(
        _ cohort: Int, _ groups: SQL, members: SQL, _ page: PageRequest
    ) -> Reading<Page<SupportGroup>> {
        Reading(
            ("select exists (select from cohorts where id = \(cohort)) as visible" as SQL).value(Bool.self),
            groups.all(SortedRow<Name>.self), members.all(Belonging.self)
        ) { visible, rows, people in
            guard visible else { throw CaseworkError.notFound }
            let byGroup = Dictionary(grouping: people, by: \.group)
            return page.page(rows, id: \.id).map { group in
                SupportGroup(id: group.id, name: group.name, members: (byGroup[group.id] ?? []).map(\.member))
            }
        }
    }

    private struct Link: RowDecodable {
        let cohortArchived: Bool
        let groupArchived: Bool
        let existed: Bool

        init(row: Row) throws {
            cohortArchived = try row.get("cohort_archived")
            groupArchived = try row.get("group_archived")
            existed = try row.get("existed")
        }
    }

    /// Makes a group support a cohort; once more changes nothing.
    /// - Throws: `notFound`; `conflict` where the cohort or the group is archived.
    public func attach(_ group: Int, to cohort: Int) async throws {
        let found = try await Self.refusals {
            try await work(
                ("""
                with link as (\(Self.link(group, cohort))),
                    new as (
                        insert into cohort_groups (cohort_id, group_id)
                        select cohort_id, group_id from link
                        where not existed and not cohort_archived and not group_archived
                        on conflict (cohort_id, group_id) do nothing
                        returning cohort_id, group_id),
                    noted as (
                        insert into audit (action, subject, after)
                        select 'attachment.create', 'cohort/' || cohort_id, jsonb_build_object('groupId', group_id)
                        from new)
                select cohort_archived, group_archived, existed from link
                """ as SQL).optional(Link.self))
        }
        guard let found else { throw CaseworkError.notFound }
        guard !found.cohortArchived else { throw Self.archivedCohort }
        guard !found.groupArchived || found.existed else {
            throw CaseworkError.conflict(Refusal(.groupArchived), state: "archived")
        }
    }

    /// Ends a group's support of a cohort.
    /// - Throws: `notFound` where it is not attached; `conflict` where the cohort is archived.
    public func detach(_ group: Int, from cohort: Int) async throws {
        let found = try await work(
            ("""
            with link as (\(Self.link(group, cohort))),
                gone as (
                    delete from cohort_groups l using link
                    where l.cohort_id = link.cohort_id and l.group_id = link.group_id and not link.cohort_archived
                    returning l.cohort_id, l.group_id),
                noted as (
                    insert into audit (action, subject, before)
                    select 'attachment.delete', 'cohort/' || cohort_id, jsonb_build_object('groupId', group_id)
                    from gone)
            select cohort_archived, group_archived, existed from link
            """ as SQL).optional(Link.self))
        guard let found, found.existed else { throw CaseworkError.notFound }
        guard !found.cohortArchived else { throw Self.archivedCohort }
    }

    private static let archivedCohort = CaseworkError.conflict(Refusal(.cohortArchived), state: "archived")

    private static func link(_ group: Int, _ cohort: Int) -> SQL {
        """
        select c.id as cohort_id, g.id as group_id, c.archived_at is not null as cohort_archived,
            g.archived_at is not null as group_archived,
            exists (select from cohort_groups x where x.cohort_id = c.id and x.group_id = g.id) as existed
        from cohorts c cross join groups g where c.id = \(cohort) and g.id = \(group)
        """
    }
}
