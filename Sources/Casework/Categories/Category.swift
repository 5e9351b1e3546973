import Postgres

/// A kind of cohort, such as "First-Year Students".
public struct Category: Sendable, NamedObject {
    /// Its identifier.
    public let id: Int
    /// Unique in the institution without regard to case.
    public let name: String
    /// Its place on the page Cohorts, 1 for the first; nil where nobody put it anywhere: then it stands behind the others.
    public let position: Int?
    /// The version of its row.
    public let version: Version

    /// The select list that the initializer reads.
    public static let columns: SQL = "id, name, position, version"

    /// Reads `columns`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        position = try row.get("position")
        version = Version(try row.get("version"))
    }

    /// Writes `{"id","name","position"}`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("position", position)
        }
    }
}

/// What a new category needs.
public typealias CategoryDraft = NameDraft
/// What changes about a category.
public struct CategoryPatch: Sendable {
    /// The new name; nil leaves it.
    public let name: String?
    /// The place to move to, 1 for the first; a number beyond the last means the last. Nil leaves it.
    public let position: Int?

    /// Reads `name` and `position`.
    public init(_ fields: inout Fields) {
        name = fields.patch("name", .text(1...200))
        position = fields.patch("position", .id)
    }
}
