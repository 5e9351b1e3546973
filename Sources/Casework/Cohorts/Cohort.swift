import Postgres

/// A cohort of students, with how much hangs on it.
public struct Cohort: Sendable, RowDecodable, JSONEncodable, Versioned {
    /// Its identifier.
    public let id: Int
    /// The category it belongs to.
    public let categoryID: Int
    /// That category's name.
    public let categoryName: String
    /// Unique in the category without regard to case.
    public let name: String
    /// What the cohort is to reach.
    public let goal: String?
    /// How many milestones are planned.
    public let plannedMilestones: Int?
    /// Whether it is read-only and gives nobody scope.
    public let isArchived: Bool
    /// How many students are in it.
    public let students: Int
    /// How many milestones it has, unsaved ones included.
    public let milestones: Int
    /// How many groups support it.
    public let groups: Int
    /// Whether the caller may change it.
    public let isEditable: Bool
    /// The version of its row.
    public let version: Version

    /// The select list that the initializer reads, over `cohorts c` and `cohort_categories k`.
    static let columns: SQL = """
        c.id, c.category_id, k.name as category_name, c.name, c.goal, c.planned_milestones,
        c.archived_at is not null as archived,
        (select count(*) from my_students s where s.cohort_id = c.id) as students,
        (select count(*) from milestones m where m.cohort_id = c.id and m.archived_at is null) as milestones,
        (select count(*) from cohort_groups l join groups g on g.id = l.group_id and g.archived_at is null
            where l.cohort_id = c.id) as groups,
        waymark.may_edit_cohort(c.id) as editable, c.version
        """

    /// Reads `columns`.
    public init(row: Row) throws {
        id = try row.get("id")
        categoryID = try row.get("category_id")
        categoryName = try row.get("category_name")
        name = try row.get("name")
        goal = try row.get("goal")
        plannedMilestones = try row.get("planned_milestones")
        isArchived = try row.get("archived")
        students = try row.get("students")
        milestones = try row.get("milestones")
        groups = try row.get("groups")
        isEditable = try row.get("editable")
        version = Version(try row.get("version"))
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("categoryId", categoryID)
            $0.field("categoryName", categoryName)
            $0.field("name", name)
            $0.field("goal", goal)
            $0.field("plannedMilestones", plannedMilestones)
            $0.field("archived", isArchived)
            $0.field("students", students)
            $0.field("milestones", milestones)
            $0.field("groups", groups)
        }
    }
}

/// What a new cohort needs.
public struct CohortDraft: Sendable {
    /// The name, 1 to 200 characters.
    public let name: String
    /// The goal, if there is one yet.
    public let goal: String?
    /// How many milestones are planned, if anybody knows.
    public let plannedMilestones: Int?

    /// A draft of these values, which `Fields` would have accepted.
    public init(name: String, goal: String?, plannedMilestones: Int?) {
        (self.name, self.goal, self.plannedMilestones) = (name, goal, plannedMilestones)
    }

    /// Reads `name`, `goal` and `plannedMilestones`.
    public init(_ fields: inout Fields) {
        name = fields.required("name", .text(1...200))
        goal = fields.optional("goal", .text(1...10_000, multiline: true))
        plannedMilestones = fields.optional("plannedMilestones", .int(0...1000))
    }
}

/// What changes about a cohort.
public struct CohortPatch: Sendable {
    /// The new name; nil leaves it.
    public let name: String?
    /// The category to move to; nil leaves it.
    public let categoryID: Int?
    /// The goal.
    public let goal: Patch<String>
    /// How many milestones are planned.
    public let plannedMilestones: Patch<Int>
    /// True archives, false makes it usable again; nil leaves it.
    public let isArchived: Bool?

    /// Reads `name`, `categoryId`, `goal`, `plannedMilestones` and `archived`.
    public init(_ fields: inout Fields) {
        name = fields.patch("name", .text(1...200))
        categoryID = fields.patch("categoryId", .id)
        goal = fields.patchOptional("goal", .text(1...10_000, multiline: true))
        plannedMilestones = fields.patchOptional("plannedMilestones", .int(0...1000))
        isArchived = fields.has("archived") ? fields.patch("archived", .bool) : nil
    }
}

/// Which cohorts a list is about.
public struct CohortFilter: Sendable {
    /// Only those of this category.
    public var categoryID: Int?
    /// Only those whose name contains this, without regard to case.
    public var search: String?
    /// Archived ones instead of those in use.
    public var isArchived = false

    /// Those in use.
    public init() {}

    /// Reads `categoryId`, `q` and `archived`.
    public init(_ fields: inout Fields) {
        categoryID = fields.optional("categoryId", .id)
        search = fields.optional("q", .text(0...200))
        isArchived = fields.value("archived", .bool, default: false)
    }
}
