/// The ten steps of the set-up guide: which of them are done.
public struct SetupGuide: Sendable {
    /// The steps by number.
    public static let steps = 1...10

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
    public func isDone(_ step: Int) -> Bool {
        switch step {
        case 1...4: has(.cohorts)
        case 5: has(.studentsAssigned)
        case 6...8: has(.milestones)
        case 9: has(.supportGroupsAttached)
        default: isVisible
        }
    }

    /// How many are done.
    public var done: Int { Self.steps.count(where: isDone) }

    private func has(_ step: SetupStep) -> Bool { !missing.contains(step.rawValue) }
}
