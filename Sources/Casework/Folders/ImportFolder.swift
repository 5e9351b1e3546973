import Postgres

/// What the institution's admins rule about the folder into which files of people are put.
public struct ImportFolder: Sendable, RowDecodable, JSONEncodable, Versioned {
    /// Whether files are taken from it.
    public let isEnabled: Bool
    /// Whether people of whom a file of all says nothing are suspended.
    public let suspendsMissing: Bool
    /// Whether what fits is stored although other rows cannot be used.
    public let isPartial: Bool
    /// The version of the row.
    public let version: Version

    static let columns: SQL = "enabled, suspends_missing, partial, version"

    /// Reads `columns`.
    public init(row: Row) throws {
        isEnabled = try row.get("enabled")
        suspendsMissing = try row.get("suspends_missing")
        isPartial = try row.get("partial")
        version = Version(try row.get("version"))
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("enabled", isEnabled)
            $0.field("suspendsMissing", suspendsMissing)
            $0.field("partial", isPartial)
        }
    }
}

/// What an admin rules of the folder, all of it.
public struct ImportFolderDraft: Sendable {
    let isEnabled: Bool
    let suspendsMissing: Bool
    let isPartial: Bool

    /// Reads `enabled`, `suspendsMissing` and `partial`; what is not sent is off.
    public init(_ fields: inout Fields) {
        isEnabled = fields.value("enabled", .bool, default: false)
        suspendsMissing = fields.value("suspendsMissing", .bool, default: false)
        isPartial = fields.value("partial", .bool, default: false)
    }
}
