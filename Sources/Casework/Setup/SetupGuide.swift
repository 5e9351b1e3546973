/// The one path by which an institution is set up, and how far it has been walked.
public struct SetupGuide: Sendable {
    /// A step: two preparations, then the ten of the guide.
    public enum Step: Int, Sendable, CaseIterable {
        case helpers, accounts
        case openCohorts, makeCohort, openDetails, openAddStudents, addStudents, openMilestones, newMilestone,
            saveMilestone, attachGroups, showStudents

        /// Its number among the ten; nil for a preparation.
        public var number: Int? { rawValue < 2 ? nil : rawValue - 1 }
    }

    private let missing: Set<String>
    private let isVisible: Bool

    /// - Parameters:
    ///   - missing: keys of what `ready` lacks.
    ///   - isVisible: whether students see Case Management.
    init(missing: [String], isVisible: Bool) {
        self.missing = Set(missing)
        self.isVisible = isVisible
    }

    /// Whether a step is done: what it leads to is there.
    public func isDone(_ step: Step) -> Bool {
        switch step {
        case .helpers: has(.groupsWithCardedMembers)
        case .accounts: has(.studentAccounts)
        case .openCohorts, .makeCohort, .openDetails, .openAddStudents: has(.cohorts)
        case .addStudents: has(.studentsAssigned)
        case .openMilestones, .newMilestone, .saveMilestone: has(.milestones)
        case .attachGroups: has(.supportGroupsAttached)
        case .showStudents: isVisible
        }
    }

    /// The first step that is not done; nil where all are.
    public var next: Step? { Step.allCases.first { !isDone($0) } }

    /// How many are done.
    public var done: Int { Step.allCases.count(where: isDone) }

    private func has(_ step: SetupStep) -> Bool { !missing.contains(step.rawValue) }
}
