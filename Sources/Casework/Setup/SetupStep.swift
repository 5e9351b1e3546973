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
        case .groupsWithCardedMembers: "A group with a member whose published card says how to reach them"
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

    /// The column of the view `setup` that counts what there is of it.
    var column: String { rawValue.split(separator: "-").joined(separator: "_") }
}
