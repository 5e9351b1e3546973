import Postgres
import Tenancy

/// A cohort whose milestones can be copied.
public struct CopySource: Sendable, RowDecodable {
    /// Its identifier.
    public let id: Int
    /// Its name.
    public let name: String
    /// Its category's name.
    public let category: String
    /// Whether it is archived.
    public let isArchived: Bool
    /// How many milestones it offers.
    public let milestones: Int

    /// Reads `id`, `name`, `category`, `archived` and `milestones`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        category = try row.get("category")
        isArchived = try row.get("archived")
        milestones = try row.get("milestones")
    }
}

/// Milestones copied from one cohort into another, with their files.
public struct CopyRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as somebody who may edit the cohort that is copied into.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// The cohorts in scope that have something to copy into a cohort, those in use first; an admin's archived ones too.
    public static func sources(for cohort: Int) -> Reading<[CopySource]> {
        Reading(
            ("""
            select c.id, c.name, k.name as category, c.archived_at is not null as archived, m.milestones
              from cohorts c join cohort_categories k on k.id = c.category_id
              join (select cohort_id, count(*)::int as milestones from milestones where saved group by cohort_id) m
                on m.cohort_id = c.id
             where c.id <> \(cohort)
             order by c.archived_at is not null, lower(k.name), k.id, lower(c.name), c.id limit 1000
            """ as SQL).all(CopySource.self))
    }

    /// What a cohort has to copy; nil where the caller does not see the cohort.
    public static func offer(of cohort: Int) -> Reading<MilestoneOffer?> {
        Reading(
            MilestoneRepository.exists(cohort),
            ("select waymark.day_of(now(), time_zone) from settings" as SQL).value(),
            ("""
            select \(MilestoneRepository.columns("m")),
                   (select count(*)::int from milestone_files f where f.milestone_id = m.id and f.complete) as files
              from milestones m where m.cohort_id = \(cohort) and m.saved order by m.position nulls last, m.id
            """ as SQL).all(OfferedMilestone.self)
        ) { exists, today, milestones in
            exists ? MilestoneOffer(cohort: cohort, milestones: milestones, today: today) : nil
        }
    }

    /// What a copy into a cohort would make.
    /// - Throws: what `MilestoneOffer.plan` throws; `CaseworkError.invalid` where somebody else than an admin would share, where there is no such cohort to copy from, or
    ///   where it is the same; `.conflict` where the cohort is archived, `.notFound`.
    public static func plan(_ draft: MilestoneCopyDraft, into cohort: Int) -> Reading<MilestoneCopyPlan> {
        Reading.all(
            Reading(MilestoneRepository.isArchived(cohort)), offer(of: draft.cohort),
            Reading(("select waymark.is_admin()" as SQL).value(Bool.self))
        ).map { archived, offer, isAdmin in
            guard let archived else { throw CaseworkError.notFound }
            guard isAdmin || !draft.isShared else { throw CaseworkError.invalid("shared", .adminsShare) }
            guard !archived else { throw CaseworkError.archivedCohort }
            guard draft.cohort != cohort else { throw CaseworkError.invalid("fromCohortId", .sameCohort) }
            guard let offer else { throw CaseworkError.invalid("fromCohortId", .unknownCohort) }
            let plan = try offer.plan(draft)
            guard !plan.lines.isEmpty else { throw CaseworkError.invalid("milestoneIds", .noMilestoneChosen) }
            return plan
        }
    }

    /// Copies: all of it, or nothing.
    /// - Parameter ifMatch: of the plan that was seen.
    /// - Throws: what `plan` throws; `CaseworkError.preconditionFailed` where a milestone has changed since, `.tooLarge` where
    ///   the institution has no space for the files.
    public func copy(
        _ draft: MilestoneCopyDraft, into cohort: Int, ifMatch: IfMatch
    ) async throws -> MilestoneCopyPlan {
        try await work.transaction { transaction in
            let step = work.within(transaction)
            var plan = try await step.read(Self.plan(draft, into: cohort))
            try ifMatch.check(plan.version)
            let originals = plan.lines.map(\.original)
            let copies = try await step(Self.insert(originals, movedBy: plan.days, into: cohort).values(Int.self))
            // one was changed, or the cohort archived, since the plan was made
            guard copies.count == originals.count else { throw CaseworkError.preconditionFailed }
            for index in copies.indices { plan.lines[index].copyID = copies[index] }
            try await step(Self.note(originals.map(\.id), copies, from: draft.cohort).done())
            try await FileRepository(work: step).copy(of: originals.map(\.id), to: copies)
            if draft.isShared { try await MilestoneRepository(work: step).share(originals.map(\.id), with: copies) }
            return plan
        }
    }

    /// Copies the same into several cohorts: into all of them, or none.
    /// - Throws: what `copy` throws.
    public func copy(_ draft: MilestoneCopyDraft, into cohorts: [Int]) async throws {
        try await work.transaction { transaction in
            let step = CopyRepository(work: work.within(transaction))
            for cohort in cohorts { _ = try await step.copy(draft, into: cohort, ifMatch: .any) }
        }
    }

    /// The ids come in the order of the originals: PostgreSQL numbers rows as `order by` brings them.
    private static func insert(_ originals: [Milestone], movedBy days: Int, into cohort: Int) -> SQL {
        """
        with target as (select id from cohorts where id = \(cohort) and archived_at is null for share),
        new as (
          insert into milestones (cohort_id, title, due_on, due_after_days, description, reminders, completion, saved)
          select t.id, m.title, m.due_on + \(days)::int, m.due_after_days, m.description, m.reminders, m.completion, true
            from unnest(\(originals.map(\.id))::int[], \(originals.map(\.version.number))::int[])
                   with ordinality o (id, version, n)
            join milestones m on m.id = o.id and m.version = o.version and m.saved
           cross join target t
           order by o.n
          returning id)
        select id from new order by id
        """
    }

    private static func note(_ originals: [Int], _ copies: [Int], from cohort: Int) -> SQL {
        """
        insert into audit (action, subject, after)
        select 'milestone.copy', 'milestone/' || m.id,
               \(MilestoneRepository.audited("m"))
                 || jsonb_build_object('fromCohortId', \(cohort)::int, 'fromMilestoneId', x.original)
          from unnest(\(originals)::int[], \(copies)::int[]) x (original, copy)
          join milestones m on m.id = x.copy order by m.id
        """
    }
}
