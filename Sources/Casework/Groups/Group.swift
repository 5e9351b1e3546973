import Postgres

/// People who support students together. Attached to a cohort, it is part of its students' support network.
public struct Group: Sendable, RowDecodable, JSONEncodable, Versioned {
    /// Its identifier.
    public let id: Int
    /// Unique in the institution without regard to case.
    public let name: String
    /// What the group does.
    public let description: String?
    /// The department it lies in, if any.
    public let departmentID: Int?
    /// Whether it is read-only and gives nobody scope.
    public let isArchived: Bool
    /// Whether the caller may change it, and name who manages it.
    public let isEditable: Bool
    /// The version of its row.
    public let version: Version

    /// The select list that the initializer reads.
    static let columns: SQL = """
        id, name, description, department_id, archived_at is not null as archived,
        waymark.may_edit_group(department_id) as editable, version
        """

    /// Reads `columns`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        description = try row.get("description")
        departmentID = try row.get("department_id")
        isArchived = try row.get("archived")
        isEditable = try row.get("editable")
        version = Version(try row.get("version"))
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("description", description)
            $0.field("departmentId", departmentID)
            $0.field("archived", isArchived)
        }
    }
}

/// What a new group needs.
public struct GroupDraft: Sendable {
    /// The name, 1 to 200 characters.
    public let name: String
    /// What the group does.
    public let description: String?
    /// The department it lies in; directors must name one of their own.
    public let departmentID: Int?

    /// Reads `name`, `description` and `departmentId`.
    public init(_ fields: inout Fields) {
        name = fields.required("name", .text(1...200))
        description = fields.optional("description", .text(1...10_000, multiline: true))
        departmentID = fields.optional("departmentId", .id)
    }
}

/// What changes about a group.
public struct GroupPatch: Sendable {
    /// The new name; nil leaves it.
    public let name: String?
    /// What the group does.
    public let description: Patch<String>
    /// The department it moves to.
    public let departmentID: Patch<Int>
    /// True archives, false makes it usable again; nil leaves it.
    public let isArchived: Bool?

    /// Reads `name`, `description`, `departmentId` and `archived`.
    public init(_ fields: inout Fields) {
        name = fields.patch("name", .text(1...200))
        description = fields.patchOptional("description", .text(1...10_000, multiline: true))
        departmentID = fields.patchOptional("departmentId", .id)
        isArchived = fields.has("archived") ? fields.patch("archived", .bool) : nil
    }
}

/// Which groups a list is about.
public struct GroupFilter: Sendable {
    /// Only those of this department.
    public var departmentID: Int?
    /// Only those whose name contains this, without regard to case.
    public var search: String?
    /// Archived ones instead of those in use.
    public var isArchived = false

    /// All that are in use.
    public init() {}

    /// Reads `departmentId`, `q` and `archived`.
    public init(_ fields: inout Fields) {
        departmentID = fields.optional("departmentId", .id)
        search = fields.optional("q", .text(0...200))
        isArchived = fields.value("archived", .bool, default: false)
    }
}
