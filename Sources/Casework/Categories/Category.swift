import Postgres

/// A kind of cohort, such as "First-Year Students".
public struct Category: Sendable, RowDecodable, JSONEncodable, Versioned {
    /// Its identifier.
    public let id: Int
    /// Unique in the institution without regard to case.
    public let name: String
    /// The version of its row.
    public let version: Version

    /// Reads `id`, `name` and `version`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        version = Version(try row.get("version"))
    }

    /// Writes `{"id","name"}`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
        }
    }
}

/// What a new category needs.
public struct CategoryDraft: Sendable {
    /// The name, 1 to 200 characters.
    public let name: String

    /// Reads `name`.
    public init(_ fields: inout Fields) {
        name = fields.required("name", .text(1...200))
    }
}

/// What changes about a category.
public struct CategoryPatch: Sendable {
    /// The new name; nil leaves it.
    public let name: String?

    /// Reads `name`.
    public init(_ fields: inout Fields) {
        name = fields.patch("name", .text(1...200))
    }
}
