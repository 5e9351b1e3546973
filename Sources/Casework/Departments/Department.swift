import Postgres

/// A part of the institution that has groups, such as "Advising", overseen by its directors.
public struct Department: Sendable, NamedObject {
    /// Its identifier.
    public let id: Int
    /// Unique in the institution without regard to case.
    public let name: String
    /// The version of its row.
    public let version: Version

    /// Reads `columns`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        version = Version(try row.get("version"))
    }
}

/// What a new department needs.
public typealias DepartmentDraft = NameDraft
/// What changes about a department.
public typealias DepartmentPatch = NamePatch

/// Somebody who directs a department.
public struct Director: Sendable, RowDecodable, JSONEncodable {
    /// The account.
    public let id: Int
    /// Given and family name.
    public let name: String
    /// The account's address.
    public let email: String

    /// Reads `id`, `name` and `email`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        email = try row.get("email")
    }

    /// Writes `{"id","name","email"}`.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("email", email)
        }
    }
}
