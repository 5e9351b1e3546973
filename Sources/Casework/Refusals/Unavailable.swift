import Postgres

/// The database cannot be used just now: what HTTP answers with 503.
public struct Unavailable: Error, Sendable {
    /// What the caller is told.
    public let code: Refusal.Code
    /// Seconds after which trying again makes sense.
    public let retryAfter: Int
    /// The commit's answer was lost: what was to be done may have been done.
    public let mayHaveChanged: Bool
    /// What the operator tells kinds apart by: `database_connection`, `database_55P03`. Few values.
    public let cause: String
    /// What happened, in the database's or the driver's words, which hold no value of a row.
    public let reason: String

    /// Reads an error of the driver; nil where it is no matter of availability.
    public init?(_ error: any Error) {
        guard let error = error as? PostgresError else { return nil }
        if let state = error.sqlState, Self.missing.contains(state) {
            // an institution whose migration failed or has yet to come: the others are served
            code = .schemaOutdated
            retryAfter = 30
            cause = "schema_\(state)"
            reason = "a statement does not fit the institution's schema, run waymark migrate: \(error.message)"
        } else if error.isTransient {
            code = .databaseAway
            retryAfter = 2
            cause = Self.cause(of: error)
            reason = error.description
        } else {
            return nil
        }
        mayHaveChanged = error.outcomeUnknown
    }

    /// Tables, columns, functions and schemas that are not there.
    private static let missing: Set<SQLState> = ["42P01", "42703", "42883", "3F000"]

    /// What tells kinds of errors apart for the operator. Few values.
    public static func cause(of error: any Error) -> String {
        guard let error = error as? PostgresError else { return String(describing: type(of: error)) }
        return "database_\(error.sqlState?.rawValue ?? "\(error.kind)")"
    }
}
