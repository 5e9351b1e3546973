import Postgres
import Tenancy

/// The order in which a cohort's milestones stand in the Assigned Milestones box: all of them, each once.
public struct MilestoneOrder: Sendable, Equatable {
    /// First to last.
    public var milestoneIDs: [Int]

    /// An order of these.
    public init(_ milestoneIDs: [Int]) {
        self.milestoneIDs = milestoneIDs
    }

    /// Reads `milestoneIds`.
    public init(_ fields: inout Fields) {
        milestoneIDs = fields.required("milestoneIds", .ids)
    }

    /// Moves one milestone towards the end by so many places, or towards the beginning by a negative number.
    public mutating func move(_ milestone: Int, by places: Int) {
        guard let from = milestoneIDs.firstIndex(of: milestone) else { return }
        milestoneIDs.remove(at: from)
        milestoneIDs.insert(milestone, at: min(max(from + places, 0), milestoneIDs.count))
    }
}

extension MilestoneOrder: JSONEncodable {
    /// Writes the resource of the API.
    public func write(to json: inout JSONWriter) {
        json.object { $0.field("milestoneIds", milestoneIDs) }
    }
}

/// A milestone in the Assigned Milestones box, and how far the cohort's students are with it.
public struct AssignedMilestone: Sendable {
    /// The milestone.
    public let milestone: Milestone
    /// How many students have completed it.
    public let completed: Int
    /// How many students are to: all of the cohort but those for whom it was waived.
    public let total: Int
}

extension AssignedMilestone: RowDecodable {
    /// Reads a milestone, `completed` and `total`.
    public init(row: Row) throws {
        milestone = try Milestone(row: row)
        completed = try row.get("completed")
        total = try row.get("total")
    }
}

extension MilestoneRepository {
    /// All milestones of a cohort in their order, the retired ones last.
    /// - Throws: `CaseworkError.notFound` where the caller does not see the cohort.
    public static func assigned(in cohort: Int) -> Reading<[AssignedMilestone]> {
        Reading(
            exists(cohort),
            SQL(
                """
                select \(Self.columns("m")), coalesce(p.completed, 0) as completed, s.students - coalesce(p.waived, 0) as total
                  from milestones m
                 cross join (select count(*)::int as students from my_students where cohort_id = \(cohort)) s
                  left join (select p.milestone_id, count(*) filter (where p.status = 'completed')::int as completed,
                                    count(*) filter (where p.status = 'waived')::int as waived
                               from progress p join my_students s on s.id = p.student_id and s.cohort_id = \(cohort)
                              where p.cohort_id = \(cohort) and p.enrolled group by p.milestone_id) p on p.milestone_id = m.id
                 where m.cohort_id = \(cohort) order by m.archived_at nulls first, m.position nulls last, m.id
                """
            ).all(AssignedMilestone.self)
        ) { exists, milestones in
            guard exists else { throw CaseworkError.notFound }
            return milestones
        }
    }

    /// The order of a cohort's milestones; retired ones have none.
    /// - Throws: `CaseworkError.notFound` where the caller does not see the cohort.
    public static func order(in cohort: Int) -> Reading<MilestoneOrder> {
        Reading(
            exists(cohort),
            SQL(
                """
                select id from milestones where cohort_id = \(cohort) and archived_at is null
                 order by position nulls last, id
                """
            ).values(Int.self)
        ) { exists, ids in
            guard exists else { throw CaseworkError.notFound }
            return MilestoneOrder(ids)
        }
    }

    /// Puts a cohort's milestones in order. Nothing else of them changes, nor their version.
    /// - Throws: `CaseworkError.invalid` unless each milestone of the cohort is named once, `.conflict` where the cohort is
    ///   archived, `.notFound`.
    public func setOrder(_ order: MilestoneOrder, in cohort: Int) async throws {
        let found = try await work(
            SQL(
                """
                with old as (
                  select id, position from milestones where cohort_id = \(cohort) and archived_at is null
                   order by id for update),
                wanted as (select x.id, x.n from unnest(\(order.milestoneIDs)::int[]) with ordinality x (id, n)),
                target as (
                  select c.id, c.archived_at is not null as archived,
                         (select array_agg(o.id order by o.id) from old o) is not distinct from
                         (select array_agg(w.id order by w.id) from wanted w) as complete
                    from cohorts c where c.id = \(cohort)),
                new as (
                  update milestones m set position = w.n
                    from wanted w, target t
                   where m.cohort_id = t.id and m.id = w.id and t.complete and not t.archived and m.position is distinct from w.n
                  returning m.id),
                noted as (
                  insert into audit (action, subject, before, after)
                  select 'milestone.order', 'cohort/' || t.id,
                         jsonb_build_object('milestoneIds',
                           (select jsonb_agg(o.id order by o.position nulls last, o.id) from old o)),
                         jsonb_build_object('milestoneIds', (select jsonb_agg(w.id order by w.n) from wanted w))
                    from target t where exists (select from new))
                select archived, complete from target
                """
            ).optional(Reordering.self))
        guard let found else { throw CaseworkError.notFound }
        guard !found.archived else { throw Self.archivedCohort }
        guard found.complete else {
            throw CaseworkError.invalid("milestoneIds", .notEveryMilestone)
        }
    }

    private struct Reordering: RowDecodable {
        let archived: Bool
        let complete: Bool

        init(row: Row) throws {
            archived = try row.get("archived")
            complete = try row.get("complete")
        }
    }
}

extension FieldRule where Value == [Int] {
    /// Ids of objects, in the order in which they are named.
    public static var ids: FieldRule { .list(of: 1...Int(Int32.max)) }
}
