/// What keeps something from being removed or changed: a name, or how many there are of a kind.
public struct Blocker: Hashable, Sendable {
    /// What kind of thing it is, and so what is told of it.
    public enum Code: String, Sendable, CaseIterable {
        case named
        case cohort
        case group
        case department
        case students
        case formerStudents = "former-students"
        case members
        case progressEvents = "progress-events"
        case progressOfStudents = "progress-of-students"
        case someProgress = "some-progress"
        case progressOfItsStudents = "progress-of-its-students"
        case studentsWhoLeft = "students-who-left"
        case progressOfThoseWhoLeft = "progress-of-those-who-left"
        case someMilestones = "some-milestones"
        case someGroups = "some-groups"
        case someCohorts = "some-cohorts"
        case attachedCohorts = "attached-cohorts"
        case someMembers = "some-members"
    }

    /// What kind of thing it is.
    public let code: Code
    /// What it is called; nil where nobody says.
    public let name: String?
    /// How many there are; nil where nobody says.
    public let count: Int?

    /// Things of a kind.
    public init(_ code: Code, name: String? = nil, count: Int? = nil) {
        self.code = code
        self.name = name
        self.count = count
    }

    /// Things by their names, where the context says of which kind they are.
    static func named(_ names: [String]) -> [Blocker] { names.map { Blocker(.named, name: $0) } }
}
