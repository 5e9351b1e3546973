import Postgres
import Tenancy

/// One item of the checklist by which an institution gets ready.
public enum SetupStep: String, Sendable, CaseIterable, JSONEncodable {
    case groupsWithCardedMembers = "groups-with-carded-members"
    case studentAccounts = "student-accounts"
    case cohortGoals = "cohort-goals"
    case plannedMilestones = "planned-milestones"
    case cohorts
    case studentsAssigned = "students-assigned"
    case milestones
    case supportGroupsAttached = "support-groups-attached"

    /// What is to be there, for people.
    public var title: String {
        switch self {
        case .groupsWithCardedMembers: "A group with a member whose card is published"
        case .studentAccounts: "Student accounts"
        case .cohortGoals: "Goals of cohorts"
        case .plannedMilestones: "Planned numbers of milestones"
        case .cohorts: "A cohort"
        case .studentsAssigned: "Students in a cohort"
        case .milestones: "A saved milestone in a cohort with students"
        case .supportGroupsAttached: "A group with a carded member, attached to that cohort"
        }
    }

    /// Whether it is good to have, but not needed to be ready.
    public var isAdvice: Bool { self == .cohortGoals || self == .plannedMilestones }

    fileprivate var column: String { rawValue.split(separator: "-").joined(separator: "_") }
}

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
public struct SetupRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// How far the institution is set up.
    public static func find() -> Reading<Setup> {
        Reading(
            ("""
            select groups_with_carded_members, student_accounts, cohort_goals, planned_milestones, cohorts,
                students_assigned, milestones, support_groups_attached, missing, student_visibility
            from setup
            """ as SQL).one(Setup.self))
    }

    /// The same, at once.
    public func find() async throws -> Setup {
        try await work.read(Self.find())
    }
}
