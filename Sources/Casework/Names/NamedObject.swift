import Postgres

/// Something that has a name and little else of its own, such as a category or a department.
public protocol NamedObject: RowDecodable, JSONEncodable, Versioned {
    /// Its identifier.
    var id: Int { get }
    /// Unique among its like without regard to case.
    var name: String { get }

    /// The select list that the initializer reads.
    static var columns: SQL { get }
}

extension NamedObject {
    /// `id`, `name` and `version`.
    public static var columns: SQL { "id, name, version" }

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
