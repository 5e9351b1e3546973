import Postgres

/// What a list of students is sorted by, and which way.
public struct StudentOrder: Sendable, Hashable {
    /// A column of the list.
    public enum Column: String, Sendable, CaseIterable {
        case name, studentNumber, cohort, progress, overdue, waiting, signedInAt, contactedAt

        /// Whether people look for its greatest values first.
        public var startsDescending: Bool {
            switch self {
            case .overdue, .waiting: true
            case .name, .studentNumber, .cohort, .progress, .signedInAt, .contactedAt: false
            }
        }

        /// Whether it sorts texts.
        var isText: Bool { self == .name || self == .studentNumber }
    }

    /// By what.
    public let column: Column
    /// Greatest first.
    public let isDescending: Bool

    /// An order.
    public init(_ column: Column = .name, descending: Bool = false) {
        self.column = column
        isDescending = descending
    }

    /// As an address says it: `overdue`, or `-overdue` for the greatest first.
    public var text: String { isDescending ? "-\(column.rawValue)" : column.rawValue }

    /// Every order there is, as addresses say them.
    public static let texts = Column.allCases.flatMap { [$0.rawValue, "-\($0.rawValue)"] }

    /// What a text says; nil where it says no order.
    public init?(_ text: String) {
        guard let column = Column(rawValue: text.hasPrefix("-") ? String(text.dropFirst()) : text) else { return nil }
        self.init(column, descending: text.hasPrefix("-"))
    }
}

/// Which students of the caller's scope are asked for, and in which order. Where a cohort or group is named, all numbers are
/// counted within those cohorts.
public struct StudentFilter: Sendable, Hashable {
    /// Only those whose name, address or number holds this.
    public var text: String?
    /// Only those of this cohort.
    public var cohortID: Int?
    /// Only those of this category's cohorts.
    public var categoryID: Int?
    /// Only those of the cohorts that this support group is attached to.
    public var groupID: Int?
    /// Only those in a cohort, or only those in none.
    public var enrolled: Bool?
    /// Only those with something overdue, or only those without.
    public var overdue: Bool?
    /// Only those with something to do within `ProgressFilter.soon` days, or only those without.
    public var dueSoon: Bool?
    /// Only those with a request that waits, or only those without.
    public var waiting: Bool?
    /// Only those who have ever signed in, or only those who never have.
    public var signedIn: Bool?
    /// Only those whose personal contact the caller is, or only the others.
    public var mine: Bool?
    /// By what they are sorted; ties by name.
    public var order = StudentOrder()

    /// Everybody by name.
    public init() {}

    /// Whether only the students of some cohorts are asked for.
    var namesCohorts: Bool { cohortID != nil || categoryID != nil || groupID != nil }

    /// Reads the parameters of the query string.
    public init(_ fields: inout Fields) {
        text = fields.optional("q", .text(1...200))
        cohortID = fields.optional("cohortId", .id)
        categoryID = fields.optional("categoryId", .id)
        groupID = fields.optional("groupId", .id)
        enrolled = fields.optional("enrolled", .bool)
        overdue = fields.optional("overdue", .bool)
        dueSoon = fields.optional("dueSoon", .bool)
        waiting = fields.optional("waiting", .bool)
        signedIn = fields.optional("signedIn", .bool)
        mine = fields.optional("mine", .bool)
        order = fields.optional("sort", .studentOrder) ?? StudentOrder()
    }

    /// The parameters by which an address says the same, in order; none for what goes without saying.
    public var parameters: [(name: String, value: String)] {
        let values: [(String, String?)] = [
            ("q", text), ("cohortId", cohortID.map(String.init)),
            ("categoryId", categoryID.map(String.init)), ("groupId", groupID.map(String.init)),
            ("enrolled", enrolled.map(String.init)), ("overdue", overdue.map(String.init)),
            ("dueSoon", dueSoon.map(String.init)),
            ("waiting", waiting.map(String.init)), ("signedIn", signedIn.map(String.init)),
            ("mine", mine.map(String.init)),
            ("sort", order == StudentOrder() ? nil : order.text),
        ]
        return values.compactMap { name, value in value.map { (name: name, value: $0) } }
    }
}

extension FieldRule where Value == StudentOrder {
    /// A column of the list of students, with a minus for the greatest first.
    static var studentOrder: FieldRule {
        FieldRule(placeholder: StudentOrder()) { (text) throws(Refusal) in
            guard let order = StudentOrder(text.trimmed) else {
                throw Refusal(.notAChoice, ["choices": .list(StudentOrder.texts)])
            }
            return order
        }
    }
}
