import Dates
import Postgres

/// What one demo institution holds: people and work around a given day, the same for the same name and day.
///
/// Ids are the positions in the arrays plus one, so that rows can refer to each other before they are in the database.
struct DemoData: Equatable, Sendable {
    struct Account: Equatable, Sendable {
        var email: String
        var givenName: String
        var familyName: String
        var preferredName: String?
        var role: String
        var studentNumber: String?
    }

    struct Card: Equatable, Sendable {
        var account: Int
        var title: String
        var office: String
        var email: String
        var phone: String
        var location: String
        var biography: String
        var hours: String
        var bookingURL: String?
        var published: Bool
    }

    struct Group: Equatable, Sendable {
        var name: String
        var description: String
        var department: Int
    }

    struct Membership: Equatable, Sendable {
        var group: Int
        var account: Int
        var manager: Bool
    }

    struct Cohort: Equatable, Sendable {
        var category: Int
        var name: String
        var goal: String
        var plannedMilestones: Int
    }

    struct Enrollment: Equatable, Sendable {
        var cohort: Int
        var student: Int
        var joinedDaysAgo: Int
    }

    struct Milestone: Equatable, Sendable {
        var cohort: Int
        var title: String
        var dueOn: CalendarDate?
        var description: String
        var reminders: [Int]
        var completion: String
    }

    struct File: Equatable, Sendable {
        var milestone: Int
        var name: String
        var contentType: String
        var content: [UInt8]
    }

    struct Progress: Equatable, Sendable {
        var milestone: Int
        var student: Int
        var status: String
        var comment: String?
        var secondsAgo: Int
    }

    struct Event: Equatable, Sendable {
        var milestone: Int
        var student: Int
        var actor: Int
        var from: String
        var to: String
        var comment: String?
        var secondsAgo: Int
    }

    /// The account shown for each role is the first of that role.
    static let roles = ["admin", "director", "manager", "staff", "student"]

    var name = ""
    var timeZone = "UTC"
    var accounts: [Account] = []
    var cards: [Card] = []
    var departments: [String] = []
    /// Department and director, both ids.
    var directorships: [[Int]] = []
    var groups: [Group] = []
    var memberships: [Membership] = []
    var categories: [String] = []
    var cohorts: [Cohort] = []
    /// Cohort and group, both ids.
    var support: [[Int]] = []
    var enrollments: [Enrollment] = []
    var milestones: [Milestone] = []
    var files: [File] = []
    var progress: [Progress] = []
    var events: [Event] = []

    /// Ids of the accounts with a role, in order.
    func ids(_ role: String) -> [Int] {
        accounts.indices.filter { accounts[$0].role == role }.map { $0 + 1 }
    }

    /// Ids of the cohorts one of these groups supports.
    func cohorts(supportedBy groups: Set<Int>) -> Set<Int> {
        Set(support.filter { groups.contains($0[1]) }.map { $0[0] })
    }
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
struct DemoRandom: RandomNumberGenerator {
    private var state: UInt64

    /// - Parameter seed: any text; FNV-1a makes it a number.
    init(seed: String) {
        state = seed.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// True so many times out of a hundred.
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    /// One of them; the list must not be empty.
    mutating func one<Element>(of list: [Element]) -> Element { list[Int.random(in: 0..<list.count, using: &self)] }
}

extension DemoData {
    /// The institution with its first admin and nothing else.
    var onlyAdmin: DemoData {
        var data = DemoData()
        data.name = name
        data.timeZone = timeZone
        data.accounts = Array(accounts.prefix(1))
        return data
    }
}
