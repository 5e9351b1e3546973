import Postgres
import Tenancy

/// Cohorts: read in scope, changed by who may edit them.
public struct CohortRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    private static let refusals: Refusals = [
        "cohorts_name_key": .conflict(Refusal(.cohortNameTaken), field: "name"),
        "cohorts_category_id_fkey": .invalid("categoryId", .unknownCategory),
        "enrollments_cohort_id_fkey": inUse(by: [Blocker(.studentsWhoLeft)]),
        "progress_milestone_id_fkey": inUse(by: [Blocker(.progressOfThoseWhoLeft)]),
        "milestones_cohort_id_fkey": inUse(by: [Blocker(.someMilestones)]),
        "cohort_groups_cohort_id_fkey": inUse(by: [Blocker(.someGroups)]),
    ]

    private static func inUse(by what: [Blocker]) -> CaseworkError {
        .conflict(Refusal(.cohortInUse), blockedBy: what)
    }

    /// Cohorts in scope by name.
    public static func list(_ filter: CohortFilter, _ page: PageRequest) throws -> Reading<Page<Cohort>> {
        let inCategory: SQL = if let id = filter.categoryID { "c.category_id = \(id)" } else { "true" }
        let inUse: SQL = filter.isArchived ? "c.archived_at is not null" : "c.archived_at is null"
        return try Reading(
            ("""
            select \(Cohort.columns), lower(c.name) as sort_name
            from cohorts c join cohort_categories k on k.id = c.category_id
            where \(inUse) and \(inCategory) and \(SQL.search(filter.search, in: "c.name"))
                and \(page.following("lower(c.name)", "c.id"))
            order by lower(c.name), c.id limit \(page.fetch)
            """ as SQL).all(SortedRow<Cohort>.self)
        ) { page.page($0, id: \.id) }
    }

    /// One cohort in scope.
    /// - Throws: `notFound`.
    public static func find(_ id: Int) -> Reading<Cohort> {
        Reading(one(id), output: CaseworkError.orNotFound)
    }

    /// Makes a cohort in a category.
    /// - Throws: `notFound` where there is no such category, `conflict` where the name is taken.
    public func create(in category: Int, _ draft: CohortDraft) async throws -> Cohort {
        let created = try await Self.refusals {
            try await work(
                ("""
                with new as (
                        insert into cohorts (category_id, name, goal, planned_milestones)
                        select k.id, \(draft.name), \(draft.goal), \(draft.plannedMilestones)
                        from cohort_categories k where k.id = \(category)
                        returning id, category_id, name, goal, planned_milestones, archived_at, version),
                    noted as (
                        insert into audit (action, subject, after)
                        select 'cohort.create', 'cohort/' || id, \(Self.audited("new")) from new)
                select c.id, c.category_id, k.name as category_name, c.name, c.goal, c.planned_milestones,
                    false as archived, 0 as students, 0 as milestones, 0 as groups, true as editable, c.version
                from new c join cohort_categories k on k.id = c.category_id
                """ as SQL).optional(Cohort.self))
        }
        guard let created else { throw CaseworkError.notFound }
        return created
    }

    /// Changes a cohort. An archived one only takes `archived: false`, with whatever else is to change then.
    /// - Throws: `notFound`, `preconditionFailed`, `conflict` where the name is taken or the cohort is archived,
    ///   `invalid` where the category to move to does not exist.
    public func update(_ id: Int, _ patch: CohortPatch, ifMatch: IfMatch) async throws -> Cohort {
        let (state, found) = try await Self.refusals {
            try await work(Self.change(id, patch, ifMatch), Self.one(id))
        }
        guard let state, let found else { throw CaseworkError.notFound }
        guard state.matched else { throw CaseworkError.preconditionFailed }
        if state.refused { throw CaseworkError.archivedCohort }
        return found
    }

    private static func change(_ id: Int, _ patch: CohortPatch, _ ifMatch: IfMatch) -> Query<Outcome?> {
        let sql = """
            with old as (
                    select id, category_id, name, goal, planned_milestones, archived_at,
                        \(ifMatch.accepts("version")) as matched
                    from cohorts where id = \(id) for no key update),
                wish as (
                    select id, category_id as category, matched,
                        coalesce(\(patch.categoryID), category_id) as category_id, coalesce(\(patch.name), name) as name,
                        case when \(patch.goal.isPresent) then \(patch.goal.value) else goal end as goal,
                        case when \(patch.plannedMilestones.isPresent) then \(patch.plannedMilestones.value)::int
                            else planned_milestones end as planned_milestones,
                        case \(patch.isArchived)::boolean when true then coalesce(archived_at, now()) when false then null
                            else archived_at end as archived_at
                    from old),
                allowed as (
                    select w.id, w.matched,
                        (w.category_id, w.name, w.goal, w.planned_milestones, w.archived_at) is distinct from
                            (o.category_id, o.name, o.goal, o.planned_milestones, o.archived_at) as changed,
                        o.archived_at is not null and w.archived_at is not null as archived
                    from wish w join old o on o.id = w.id),
                new as (
                    update cohorts c set category_id = w.category_id, name = w.name, goal = w.goal,
                        planned_milestones = w.planned_milestones, archived_at = w.archived_at, version = c.version + 1
                    from wish w join allowed a on a.id = w.id
                    where c.id = w.id and a.matched and a.changed and not a.archived
                    returning c.id, c.category_id, c.name, c.goal, c.planned_milestones, c.archived_at),
                noted as (
                    insert into audit (action, subject, before, after)
                    select 'cohort.update', 'cohort/' || new.id, \(audited("old")), \(audited("new"))
                    from new join old on old.id = new.id)
            select matched, changed and archived as refused from allowed
            """ as SQL
        return sql.optional(Outcome.self)
    }

    /// Deletes a cohort on which no student's work hangs, with its milestones and links to groups.
    /// - Throws: `notFound`, `preconditionFailed`, `conflict` naming what hangs on it.
    public func delete(_ id: Int, ifMatch: IfMatch) async throws {
        let blockers = try await Self.refusals {
            try await work(
                ("""
                with old as (
                        select id, category_id, name, goal, planned_milestones, archived_at,
                            \(ifMatch.accepts("version")) as matched
                        from cohorts where id = \(id) for update),
                    blocked as (
                        select old.id, old.matched,
                            (select count(*) from enrollments e where e.cohort_id = old.id and e.active) as students,
                            (select count(*) from enrollments e where e.cohort_id = old.id and not e.active) as former,
                            (select count(*) from progress p where p.cohort_id = old.id) as progress
                        from old),
                    doomed as (
                        select id from blocked where matched and students = 0 and former = 0 and progress = 0),
                    milestones_gone as (delete from milestones m using doomed where m.cohort_id = doomed.id),
                    groups_gone as (delete from cohort_groups l using doomed where l.cohort_id = doomed.id),
                    gone as (delete from cohorts c using doomed where c.id = doomed.id returning c.id),
                    noted as (
                        insert into audit (action, subject, before)
                        select 'cohort.delete', 'cohort/' || old.id, \(Self.audited("old"))
                        from gone join old on old.id = gone.id)
                select matched, students, former, progress from blocked
                """ as SQL).optional(Blockers.self))
        }
        guard let blockers else { throw CaseworkError.notFound }
        guard blockers.matched else { throw CaseworkError.preconditionFailed }
        if !blockers.found.isEmpty { throw Self.inUse(by: blockers.found) }
    }

    private static func one(_ id: Int) -> Query<Cohort?> {
        ("""
        select \(Cohort.columns) from cohorts c join cohort_categories k on k.id = c.category_id where c.id = \(id)
        """ as SQL).optional(Cohort.self)
    }

    /// What the audit keeps of a row.
    private static func audited(_ row: SQL) -> SQL {
        """
        jsonb_build_object('name', \(row).name, 'categoryId', \(row).category_id, 'goal', \(row).goal,
            'plannedMilestones', \(row).planned_milestones, 'archived', \(row).archived_at is not null)
        """
    }

    private struct Outcome: RowDecodable {
        let matched: Bool
        let refused: Bool

        init(row: Row) throws {
            matched = try row.get("matched")
            refused = try row.get("refused")
        }
    }

    private struct Blockers: RowDecodable {
        let matched: Bool
        let found: [Blocker]

        init(row: Row) throws {
            matched = try row.get("matched")
            let students: Int = try row.get("students")
            let former: Int = try row.get("former")
            let progress: Int = try row.get("progress")
            found = [
                students == 0 ? nil : Blocker(.students, count: students),
                former == 0 ? nil : Blocker(.formerStudents, count: former),
                progress == 0 ? nil : Blocker(.progressOfItsStudents),
            ].compactMap { $0 }
        }
    }
}

extension CaseworkError {
    /// An archived cohort, and all below it, is read-only.
    static let archivedCohort = CaseworkError.conflict(Refusal(.cohortArchived), state: "archived")
}

extension Permission {
    /// A cohort, its milestones' list, its groups, its students.
    public static func cohort(_ id: Int) -> Permission {
        Permission("select from cohorts where id = \(id)", ofCohort: "select id from cohorts where id = \(id)")
    }
}
