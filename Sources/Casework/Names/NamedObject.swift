import Postgres

/// Something that has a name and nothing else of its own, such as a category or a department.
public protocol NamedObject: RowDecodable, JSONEncodable, Versioned {
    /// Its identifier.
    var id: Int { get }
    /// Unique among its like without regard to case.
    var name: String { get }

    /// The object of these values.
    init(id: Int, name: String, version: Version)
}

extension NamedObject {
    /// Reads `id`, `name` and `version`.
    public init(row: Row) throws {
        self.init(id: try row.get("id"), name: try row.get("name"), version: Version(try row.get("version")))
    }

    /// Writes `{"id","name"}`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
        }
    }
}

/// What a new one needs.
public struct NameDraft: Sendable {
    /// The name, 1 to 200 characters.
    public let name: String

    /// Reads `name`.
    public init(_ fields: inout Fields) {
        name = fields.required("name", .text(1...200))
    }
}

/// What changes about one.
public struct NamePatch: Sendable {
    /// The new name; nil leaves it.
    public let name: String?

    /// Reads `name`.
    public init(_ fields: inout Fields) {
        name = fields.patch("name", .text(1...200))
    }
}
