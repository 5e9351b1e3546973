import Postgres
import Tenancy

/// A milestone in another cohort that is the same: what is written or done in one is in all.
public struct SharedPlace: Sendable {
    /// The other milestone.
    public let milestoneID: Int
    /// Its cohort; nil where that is beyond the caller's scope.
    public let cohort: (id: Int, name: String)?
}

extension SharedPlace: RowDecodable, JSONEncodable {
    /// Reads a row of `sharing`.
    public init(row: Row) throws {
        milestoneID = try row.get("other_id")
        let name: String? = try row.get("cohort")
        cohort = try (row.get("other_cohort_id") as Int?).flatMap { id in name.map { (id, $0) } }
    }

    /// Writes the resource of the API.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("milestoneId", cohort == nil ? nil : milestoneID)
            $0.field("cohortId", cohort?.id)
            $0.field("cohort", cohort?.name)
        }
    }
}

extension MilestoneRepository {
    /// With which cohorts a milestone is shared, by name; those beyond the caller's scope last, without name.
    /// - Throws: `CaseworkError.notFound` where the caller does not see the milestone.
    public static func sharing(of milestone: Int) -> Reading<[SharedPlace]> {
        Reading(
            SQL("select exists(select from milestones where id = \(milestone))").value(Bool.self),
            SQL(
                """
                select other_id, other_cohort_id, cohort from sharing where milestone_id = \(milestone)
                 order by lower(cohort) nulls last, other_id
                """
            ).all(SharedPlace.self)
        ) { exists, places in
            guard exists else { throw CaseworkError.notFound }
            return places
        }
    }

    /// A cohort that a milestone can be shared with.
    public struct OpenCohort: Sendable, RowDecodable {
        /// Its identifier.
        public let id: Int
        /// Its name.
        public let name: String
        /// Its category's name.
        public let category: String

        /// Reads `id`, `name` and `category`.
        public init(row: Row) throws {
            id = try row.get("id")
            name = try row.get("name")
            category = try row.get("category")
        }
    }

    /// The cohorts in use that a milestone is not shared with yet, by category and name; a thousand at most.
    public static func cohorts(openTo milestone: Int) -> Reading<[OpenCohort]> {
        Reading(
            SQL(
                """
                select c.id, c.name, k.name as category
                  from cohorts c join cohort_categories k on k.id = c.category_id
                 where c.archived_at is null and not exists (
                   select from milestones m join milestones o on o.id = \(milestone)
                    where m.cohort_id = c.id and (m.id = o.id or m.shared_id = o.shared_id))
                 order by lower(k.name), k.id, lower(c.name), c.id limit 1000
                """
            ).all(OpenCohort.self))
    }

    /// Makes a milestone its cohort's own: it keeps what it says and what students have done, and from now on goes its own way.
    /// - Throws: `CaseworkError.notFound` where it is not shared, `.preconditionFailed`.
    public func unshare(_ id: Int, ifMatch: IfMatch) async throws {
        let (gone, fits) = try await work(
            SQL(
                """
                with old as (
                  select id, cohort_id, title, shared_id from milestones
                   where id = \(id) and shared_id is not null and \(ifMatch.accepts("version")) for update),
                gone as (
                  update milestones m set shared_id = null, version = m.version + 1 from old
                   where m.id = old.id returning m.id)
                insert into audit (action, subject, before)
                select 'milestone.unshare', 'milestone/' || old.id,
                       jsonb_build_object('cohortId', old.cohort_id, 'title', old.title, 'sharedId', old.shared_id)
                  from old join gone on gone.id = old.id
                """
            ).affected(),
            SQL("select \(ifMatch.accepts("version")) from milestones where id = \(id)").optionalValue(Bool.self))
        guard gone == 0 else { return }
        throw fits == false ? CaseworkError.preconditionFailed : .notFound
    }

    /// Makes copies the same milestones as their originals, in a transaction that this is a step of.
    /// - Throws: `CaseworkError.conflict` where a copy's cohort has the same milestone already.
    func share(_ originals: [Int], with copies: [Int]) async throws {
        let refusals: Refusals = [
            "milestones_shared_id_key": .conflict(Refusal(.alreadyShared), field: "fromCohortId")
        ]
        _ = try await refusals {
            try await work(
                SQL(
                    """
                    with pairs as (
                      select x.original, x.copy, coalesce(m.shared_id, x.copy) as shared_id, m.shared_id is null as is_first
                        from unnest(\(originals)::int[], \(copies)::int[]) x (original, copy)
                        join milestones m on m.id = x.original for update of m),
                    shared as (
                      update milestones m set shared_id = p.shared_id,
                             version = m.version + case when m.id = p.original then 1 else 0 end
                        from pairs p where m.id = p.copy or m.id = p.original and p.is_first returning m.id)
                    insert into audit (action, subject, after)
                    select 'milestone.share', 'milestone/' || p.original,
                           jsonb_build_object('title', o.title, 'withCohortId', c.cohort_id, 'sharedId', p.shared_id)
                      from pairs p join milestones o on o.id = p.original join milestones c on c.id = p.copy
                    """
                ).done())
        }
    }
}
