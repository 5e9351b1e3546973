import Postgres

/// One college or university of the deployment. Lives in the schema `inst_<id>`.
public struct Institution: Sendable, Hashable, RowDecodable {
    /// Opaque number that names the schema and roles; never changes.
    public let id: Int
    /// First label of the host name; may be renamed.
    public let slug: String
    /// Which service login and connections serve it (`waymark_app_<partition>`).
    public let partition: Int
    /// `active`, `suspended` or `removing`, as the directory has it.
    public let state: String

    /// The institution's schema, an SQL identifier that needs no quoting.
    public var schema: String { "inst_\(id)" }

    /// The SQL login for reports, which there is on demand; an SQL identifier that needs no quoting.
    public var reporter: String { "\(schema)_reporter" }

    /// Decodes `id, slug, partition, state`.
    public init(row: Row) throws {
        id = try row.get("id")
        slug = try row.get("slug")
        partition = try row.get("partition")
        state = try row.get("state")
    }
}
