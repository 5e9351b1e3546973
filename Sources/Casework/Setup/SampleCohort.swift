import Postgres
import Tenancy

/// A cohort that shows an admin how one looks: with milestones and without students. It counts nowhere, and goes again with
/// all that was made for it. Once a student has been in it, it is a cohort like any other.
public struct SampleCohort: Sendable {
    /// What it says, in the admin's language.
    public struct Content: Sendable {
        /// One milestone, due so many days from today.
        public struct Milestone: Sendable {
            let title, description: String
            let days: Int

            /// A milestone.
            public init(title: String, description: String, days: Int) {
                self.title = title
                self.description = description
                self.days = days
            }
        }

        let category, cohort, goal: String
        let milestones: [Milestone]

        /// Names, a goal and milestones. Where the category's name is taken, it gets a number.
        public init(category: String, cohort: String, goal: String, milestones: [Milestone]) {
            self.category = category
            self.cohort = cohort
            self.goal = goal
            self.milestones = milestones
        }
    }

    private let work: UnitOfWork

    /// - Parameter work: as an admin in person.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// The sample that is there; nil where there is none.
    public static var find: Reading<Int?> {
        Reading(
            ("""
            select c.id from settings s join cohorts c on c.id = s.sample_cohort_id and c.archived_at is null
            where not exists (select from counted_cohorts k where k.id = c.id)
            """ as SQL).optionalValue(Int.self))
    }

    /// Makes it, unless there is one.
    /// - Returns: the cohort.
    public func make(_ content: Content) async throws -> Int {
        let (titles, descriptions) = (content.milestones.map(\.title), content.milestones.map(\.description))
        return try await work(
            ("""
            with free as (
                    select waymark.day_of(now(), time_zone) as today from settings s
                    where s.id = 1 and not exists (
                        select from cohorts c
                        where c.id = s.sample_cohort_id
                            and not exists (select from enrollments e where e.cohort_id = c.id)) for update),
                kind as (
                    insert into cohort_categories (name)
                    select x.name from free, (
                        select \(content.category)::text || case i when 1 then '' else ' ' || i end as name, i
                        from generate_series(1, 1000) i) x
                    where not exists (select from cohort_categories k where lower(normalize(k.name)) = lower(normalize(x.name)))
                    order by x.i limit 1 returning id, name),
                place as (
                    insert into cohorts (category_id, name, goal, planned_milestones)
                    select id, \(content.cohort), \(content.goal), \(content.milestones.count) from kind
                    returning id, name),
                planned as (
                    insert into milestones (cohort_id, title, description, due_on, reminders, completion, saved)
                    select place.id, x.title, x.description, free.today + x.days, '{1,7}', 'staff', true
                    from place, free, unnest(\(titles)::text[], \(descriptions)::text[],
                        \(content.milestones.map(\.days))::int[]) with ordinality x(title, description, days, n)
                    order by x.n),
                named as (
                    update settings s set sample_cohort_id = place.id from place where s.id = 1),
                noted as (
                    insert into audit (action, subject, after)
                    select 'category.create', 'category/' || id, jsonb_build_object('name', name) from kind
                    union all
                    select 'cohort.create', 'cohort/' || id, jsonb_build_object('name', name) from place)
            select coalesce((select id from place), (select sample_cohort_id from settings where id = 1))
            """ as SQL).value(Int.self))
    }

    private struct Removal: RowDecodable {
        let isUsed, isGone: Bool

        init(row: Row) throws {
            isUsed = try row.get("used")
            isGone = try row.get("gone")
        }
    }

    /// Removes it, with its milestones, its links to groups, and its category where that holds no other cohort.
    /// - Throws: `notFound` where there is none; `conflict` where a student has been in it.
    public func remove() async throws {
        let found = try await work(
            ("""
            with sample as (
                    select c.id, c.category_id, c.name, exists (select from enrollments e where e.cohort_id = c.id) as used
                    from settings s join cohorts c on c.id = s.sample_cohort_id for update of c),
                doomed as (select id, category_id, name from sample where not used),
                milestones_gone as (delete from milestones m using doomed d where m.cohort_id = d.id),
                groups_gone as (delete from cohort_groups l using doomed d where l.cohort_id = d.id),
                gone as (delete from cohorts c using doomed d where c.id = d.id returning c.id, c.category_id, c.name),
                kind_gone as (
                    delete from cohort_categories k using doomed d
                    where k.id = d.category_id
                        and not exists (select from cohorts c where c.category_id = k.id and c.id <> d.id)
                    returning k.id, k.name),
                noted as (
                    insert into audit (action, subject, before)
                    select 'cohort.delete', 'cohort/' || id, jsonb_build_object('name', name) from gone
                    union all
                    select 'category.delete', 'category/' || id, jsonb_build_object('name', name) from kind_gone)
            select used, exists (select from gone) as gone from sample
            """ as SQL).optional(Removal.self))
        guard let found else { throw CaseworkError.notFound }
        guard found.isGone else {
            throw CaseworkError.conflict(Refusal(.cohortInUse), blockedBy: [Blocker(.studentsWhoLeft)])
        }
    }
}
