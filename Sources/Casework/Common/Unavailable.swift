import Postgres

/// The database cannot be used just now: what HTTP answers with 503.
public struct Unavailable: Error, Sendable {
    /// A sentence for the caller.
    public let detail: String
    /// Seconds after which trying again makes sense.
    public let retryAfter: Int
    /// The commit's answer was lost: what was to be done may have been done.
    public let mayHaveChanged: Bool

    /// Reads an error of the driver; nil where it is no matter of availability.
    public init?(_ error: any Error) {
        guard let error = error as? PostgresError, error.isTransient else { return nil }
        detail = "The database is busy or out of reach. Nothing was changed unless you were told so. Try again."
        retryAfter = 2
        mayHaveChanged = error.outcomeUnknown
    }
}
