import Postgres

/// Which requests of the queue are asked for.
public struct QueueFilter: Sendable, Hashable {
    /// Only those about this milestone.
    public var milestoneID: Int?
    /// Only those of this cohort.
    public var cohortID: Int?
    /// Only those of cohorts that this support group is attached to.
    public var groupID: Int?
    /// Only those that have waited for so many days.
    public var days: Int?

    /// After how many days a request is called old.
    public static let old = 2

    /// The whole queue.
    public init() {}

    /// Reads the parameters of the query string.
    public init(_ fields: inout Fields) {
        milestoneID = fields.optional("milestone", .id)
        cohortID = fields.optional("cohort", .id)
        groupID = fields.optional("group", .id)
        days = fields.optional("age", .int(1...365))
    }

    /// Whether the whole queue is asked for.
    public var isEmpty: Bool { self == QueueFilter() }

    /// The parameters by which an address says the same, in order.
    public var parameters: [(name: String, value: Int)] {
        [("milestone", milestoneID), ("cohort", cohortID), ("group", groupID), ("age", days)]
            .compactMap { name, value in value.map { (name, $0) } }
    }

    /// What `waiting w` must satisfy.
    var condition: SQL {
        var sql: SQL = "true"
        if let milestoneID { sql += " and w.milestone_id = \(milestoneID)" }
        if let cohortID { sql += " and w.cohort_id = \(cohortID)" }
        if let groupID {
            sql += " and w.cohort_id in (select l.cohort_id from cohort_groups l where l.group_id = \(groupID))"
        }
        if let days { sql += " and w.updated_at < now() - \(days)::int * interval '1 day'" }
        return sql
    }
}

/// A milestone about which requests wait.
public struct QueueMilestone: Sendable, RowDecodable {
    /// The milestone.
    public let id: Int
    /// Its title.
    public let title: String
    /// Its cohort.
    public let cohortID: Int
    /// The cohort's name.
    public let cohort: String
    /// How many requests wait.
    public let waiting: Int
    /// How many of them for `QueueFilter.old` days.
    public let old: Int
    /// How many of them are asked for.
    public let asked: Int

    /// Reads the columns of `QueueContents`.
    public init(row: Row) throws {
        id = try row.get("milestone_id")
        title = try row.get("title")
        cohortID = try row.get("cohort_id")
        cohort = try row.get("cohort")
        waiting = try row.get("waiting")
        old = try row.get("old")
        asked = try row.get("asked")
    }
}

/// What the queue can be narrowed to.
public struct QueueContents: Sendable {
    /// A support group by its name.
    public struct Group: Sendable, RowDecodable {
        /// The group.
        public let id: Int
        /// Its name.
        public let name: String

        /// Reads `id` and `name`.
        public init(row: Row) throws {
            id = try row.get("id")
            name = try row.get("name")
        }
    }

    /// The milestones about which requests wait, those with the most first.
    public let milestones: [QueueMilestone]
    /// The caller's groups that are attached to a cohort, by name.
    public let groups: [Group]

    /// How many requests wait in all.
    public var waiting: Int { milestones.reduce(0) { $0 + $1.waiting } }
    /// How many have waited for `QueueFilter.old` days.
    public var old: Int { milestones.reduce(0) { $0 + $1.old } }
    /// How many are asked for.
    public var asked: Int { milestones.reduce(0) { $0 + $1.asked } }

    /// The cohorts of those milestones, by name.
    public var cohorts: [(id: Int, name: String)] {
        Dictionary(milestones.map { ($0.cohortID, $0.cohort) }, uniquingKeysWith: { first, _ in first })
            .map { (id: $0.key, name: $0.value) }
            .sorted { ($0.name.lowercased(), $0.id) < ($1.name.lowercased(), $1.id) }
    }
}
