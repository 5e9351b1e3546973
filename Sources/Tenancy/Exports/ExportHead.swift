/// The first line of an export: whose it is, which changes its schema had, and how many rows of which tables follow.
public struct ExportHead: Codable, Sendable, Equatable {
    /// What this program writes and reads.
    static let format = "waymark-export-1"

    /// A numbered change, as in the ledger.
    struct Change: Codable, Sendable, Equatable {
        let version: String
        let checksum: String
    }

    /// A table, whose rows follow in the order of its primary key.
    struct Table: Codable, Sendable, Equatable {
        let name: String
        /// Those that are not generated of others.
        let columns: [String]
        let rows: Int
        /// The last number that its identity column gave; nil where it has none, or gave none yet.
        let lastNumber: Int?
    }

    let format: String
    /// ISO 8601, in UTC: the moment whose rows these are.
    public let takenAt: String
    /// The institution's slug at that time.
    public let slug: String
    /// Its name.
    public let name: String
    let changes: [Change]
    let tables: [Table]

    /// How many lines of rows follow.
    public var rows: Int { tables.reduce(0) { $0.addingReportingOverflow(max(0, $1.rows)).partialValue } }
}

/// The last line of an export, which is there only if everything before it is.
struct ExportEnd: Codable, Sendable, Equatable {
    /// SHA-256 of all lines before, in hexadecimal.
    let sha256: String
    /// SHA-256 of each table's lines, by which two exports are compared.
    let tables: [String: String]
}

/// Why an export cannot be taken or restored: one clear line.
public struct ExportRefusal: Error, CustomStringConvertible, Sendable {
    /// What is wrong, and where.
    public let description: String
}
