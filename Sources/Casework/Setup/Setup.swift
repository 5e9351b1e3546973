import Postgres
import Tenancy

/// How far an institution is set up.
public struct Setup: Sendable, RowDecodable, JSONEncodable {
    /// One line of the checklist.
    public struct Item: Sendable, JSONEncodable {
        /// What it is about.
        public let step: SetupStep
        /// Whether nothing is left to do.
        public let isDone: Bool
        /// How many there are.
        public let count: Int

        /// Writes `{"key","title","done","count"}`.
        public func write(to json: inout JSONWriter) {
            json.object {
                $0.field("key", step)
                $0.field("title", step.title)
                $0.field("done", isDone)
                $0.field("count", count)
            }
        }
    }

    /// The whole checklist, in order.
    public let items: [Item]
    /// Whether one cohort has all it needs.
    public let isReady: Bool
    /// Whether students see Case Management already.
    public let studentVisibility: StudentVisibility
    /// How far the guide's steps are taken.
    public let guide: SetupGuide

    /// Reads the view `setup`. What is needed is done when `ready` does not miss it: three pieces in three cohorts are
    /// counted, but not done.
    public init(row: Row) throws {
        let missing: [String] = try row.get("missing")
        items = try SetupStep.allCases.map { step in
            let count: Int = try row.get(step.column)
            return Item(
                step: step, isDone: step.isAdvice ? count > 0 : !missing.contains(step.rawValue), count: count)
        }
        isReady = missing.isEmpty
        let isVisible: Bool = try row.get("student_visibility")
        studentVisibility = StudentVisibility(isVisible)
        guide = SetupGuide(missing: missing, isVisible: isVisible)
    }

    /// How many there are of what a step is about.
    public func count(of step: SetupStep) -> Int { items.first { $0.step == step }?.count ?? 0 }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("items", items)
            $0.field("ready", isReady)
            $0.field("studentVisibility", studentVisibility)
        }
    }
}

/// The checklist, for staff and above, also before set-up.
public enum SetupRepository {
    /// How far the institution is set up.
    public static func find() -> Reading<Setup> {
        Reading(
            ("""
            select groups_with_carded_members, student_accounts, cohort_goals, planned_milestones, cohorts,
                students_assigned, milestones, support_groups_attached, missing, student_visibility
            from setup
            """ as SQL).one(Setup.self))
    }

    /// A cohort by its name.
    public struct CohortName: Sendable, RowDecodable {
        /// The cohort.
        public let id: Int
        /// Its name.
        public let name: String

        /// Reads both.
        public init(row: Row) throws {
            id = try row.get("id")
            name = try row.get("name")
        }
    }

    /// The cohorts with students and milestones in which nobody but admins could answer a request, by name. For admins.
    public static var unattended: Reading<[CohortName]> {
        Reading(
            ("""
            select c.id, c.name from cohorts c
             where c.archived_at is null
               and exists (select from enrollments e where e.cohort_id = c.id and e.active)
               and exists (select from milestones m where m.cohort_id = c.id and m.saved)
               and not exists (select from cohort_groups l
                                 join groups g on g.id = l.group_id and g.archived_at is null
                                 join group_members b on b.group_id = g.id
                                 join accounts a on a.id = b.account_id and a.status = 'active'
                                where l.cohort_id = c.id)
             order by lower(c.name), c.id
            """ as SQL).all(CohortName.self))
    }

    /// The cohort with which the guide goes on: of those in use the one that has most of what is needed, and the newest of
    /// these; nil where there is none. For admins.
    public static var cohort: Reading<Int?> {
        Reading(
            ("""
            select c.id from counted_cohorts c
            order by exists (select from enrollments e where e.cohort_id = c.id and e.active)::int
                + exists (select from milestones m where m.cohort_id = c.id and m.saved)::int
                + exists (select from cohort_groups l where l.cohort_id = c.id)::int desc, c.id desc
            limit 1
            """ as SQL).optionalValue(Int.self))
    }
}
