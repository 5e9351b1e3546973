import Dates
import Postgres
import Tenancy

/// Which students go on into the next term's cohort.
public enum StudentsGoingOn: String, Sendable, CaseIterable, JSONEncodable {
    /// Nobody.
    case none
    /// Everybody who is in the cohort.
    case all
    /// Those who have something of it neither completed nor waived.
    case unfinished
}

/// The next term's cohort, as somebody asked for it.
public struct RollOverDraft: Sendable {
    /// Its name.
    public let name: String
    /// Its category; nil: the same.
    public let categoryID: Int?
    /// How far the dates of the milestones move.
    public let shift: DateShift
    /// Whether the same groups support it.
    public let keepsGroups: Bool
    /// Who is in it.
    public let students: StudentsGoingOn

    /// Reads `name`, `categoryId`, `shiftDays` or `firstDay`, `groups` and `students`.
    public init(_ fields: inout Fields) {
        name = fields.required("name", .text(1...200))
        categoryID = fields.optional("categoryId", .id)
        shift = DateShift(&fields)
        keepsGroups = fields.value("groups", .bool, default: true)
        students = fields.value("students", .choice(), default: .none)
    }
}

/// What a roll-over makes, or has made.
public struct RollOverPlan: Sendable, Versioned {
    /// A group that goes on supporting.
    public struct Group: Sendable, RowDecodable, JSONEncodable {
        /// Its identifier.
        public let id: Int
        /// Its name.
        public let name: String

        /// Reads `id` and `name`.
        public init(row: Row) throws {
            id = try row.get("id")
            name = try row.get("name")
        }

        /// Writes both.
        public func write(to json: inout JSONWriter) {
            json.object {
                $0.field("id", id)
                $0.field("name", name)
            }
        }
    }

    /// The milestones; none where the cohort has none.
    public fileprivate(set) var milestones: MilestoneCopyPlan
    /// The groups, by name.
    public let groups: [Group]
    /// The students' account ids.
    public let students: [Int]
    /// The new cohort; nil as long as there is none.
    public fileprivate(set) var cohort: Cohort?

    fileprivate let original: Cohort
    fileprivate let categoryID: Int

    /// Grows with each change of a milestone that is copied.
    public var version: Version { milestones.version }
}

extension RollOverPlan: JSONEncodable {
    /// Writes the report of the API.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("dryRun", cohort == nil)
            $0.field("cohort", cohort)
            milestones.writeMembers(to: &$0)
            $0.field("groups", groups)
            $0.field("students", students.count)
        }
    }
}

/// A cohort rolled over to the next term: a new cohort with its milestones, groups and students, as far as is wanted. Admins
/// alone, because only they add students, and a delegate does not see a new cohort before its first group is attached.
public struct RollOverRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: an admin's.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// What rolling a cohort over would make; an archived one can be rolled over too.
    /// - Throws: `CaseworkError.notFound`; `.invalid` where there is no such category, or what `MilestoneOffer.plan` throws;
    ///   `.conflict` where the name is taken.
    public static func plan(_ draft: RollOverDraft, of cohort: Int) -> Reading<RollOverPlan> {
        let groups: SQL = """
            select g.id, g.name from cohort_groups l join groups g on g.id = l.group_id and g.archived_at is null
             where l.cohort_id = \(cohort) and \(draft.keepsGroups)::boolean order by lower(g.name), g.id
            """
        let students: SQL =
            "select s.id from my_students s where s.cohort_id = \(cohort) and \(goingOn(draft, cohort)) order by s.id"
        let place: SQL = """
            select exists (select from cohort_categories k where k.id = x.category_id) as known,
                   exists (select from cohorts c where c.category_id = x.category_id and lower(c.name) = lower(\(draft.name)))
                     as taken, x.category_id
              from (select coalesce(\(draft.categoryID)::int, c.category_id) as category_id
                      from cohorts c where c.id = \(cohort)) x
            """
        return Reading.all(
            CohortRepository.find(cohort), CopyRepository.offer(of: cohort), Reading(place.optional(Place.self)),
            Reading(groups.all(RollOverPlan.Group.self)), Reading(students.values(Int.self))
        ).map { original, offer, place, groups, students in
            guard let offer, let place else { throw CaseworkError.notFound }
            guard place.isKnown else { throw CaseworkError.invalid("categoryId", .unknownCategory) }
            guard !place.isTaken else { throw CaseworkError.conflict(Refusal(.cohortNameTaken), field: "name") }
            return RollOverPlan(
                milestones: try offer.plan(MilestoneCopyDraft(from: cohort, shift: draft.shift)), groups: groups,
                students: students, original: original, categoryID: place.categoryID)
        }
    }

    /// Rolls a cohort over: all of it, or nothing. The cohort itself stays as it is.
    /// - Parameter ifMatch: of the plan that was seen.
    /// - Throws: what `plan` throws, and what `CopyRepository.copy` throws.
    public func rollOver(_ cohort: Int, _ draft: RollOverDraft, ifMatch: IfMatch) async throws -> RollOverPlan {
        try await work.transaction { transaction in
            let step = work.within(transaction)
            var plan = try await step.read(Self.plan(draft, of: cohort))
            try ifMatch.check(plan.version)
            let made = try await CohortRepository(work: step).create(
                in: plan.categoryID,
                CohortDraft(
                    name: draft.name, goal: plan.original.goal, plannedMilestones: plan.original.plannedMilestones))
            if !plan.milestones.lines.isEmpty {
                plan.milestones = try await CopyRepository(work: step).copy(
                    MilestoneCopyDraft(from: cohort, shift: .days(plan.milestones.days)), into: made.id,
                    ifMatch: .versions([plan.version.number]))
            }
            for group in plan.groups { try await SupportGroupRepository(work: step).attach(group.id, to: made.id) }
            _ = try await EnrollmentRepository(work: step).add(plan.students, to: made.id)
            try await PersonalContacts(work: step).keep(of: plan.students, from: cohort, in: made.id)
            let note: SQL = """
                insert into audit (action, subject, after)
                select 'cohort.rollover', 'cohort/' || \(made.id)::int,
                       jsonb_build_object('name', \(draft.name)::text, 'fromCohortId', \(cohort)::int,
                         'students', \(draft.students.rawValue)::text)
                """
            _ = try await step(note.done())
            plan.cohort = try await step.read(CohortRepository.find(made.id))
            return plan
        }
    }

    private static func goingOn(_ draft: RollOverDraft, _ cohort: Int) -> SQL {
        switch draft.students {
        case .none: "false"
        case .all: "true"
        case .unfinished:
            """
            exists (select from milestones m where m.cohort_id = \(cohort) and m.saved
                       and not exists (select from progress p where p.milestone_id = m.id and p.student_id = s.id
                                          and p.status in ('completed', 'waived')))
            """
        }
    }

    private struct Place: RowDecodable {
        let isKnown: Bool
        let isTaken: Bool
        let categoryID: Int

        init(row: Row) throws {
            isKnown = try row.get("known")
            isTaken = try row.get("taken")
            categoryID = try row.get("category_id")
        }
    }
}
