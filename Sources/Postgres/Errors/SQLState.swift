/// The code of five characters by which PostgreSQL tells errors apart, ours (`WM401`) among them.
public struct SQLState: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// Digits and capital letters.
    public let rawValue: String

    /// A code, which is not checked.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A code of the source.
    public init(stringLiteral value: String) { rawValue = value }

    /// The code.
    public var description: String { rawValue }

    /// The first two characters, the error's class.
    public var category: Substring { rawValue.prefix(2) }

    /// A unique or primary key already holds the value.
    public static let uniqueViolation: SQLState = "23505"
    /// The row referred to is missing, or a row still refers to this one.
    public static let foreignKeyViolation: SQLState = "23503"
    /// The role may not do this, or a row policy refused the row.
    public static let insufficientPrivilege: SQLState = "42501"
    /// No such role, or something else that is not a table, column or function.
    public static let undefinedObject: SQLState = "42704"
    /// Cancelled by request or by `statement_timeout`.
    public static let queryCanceled: SQLState = "57014"
    /// A lock was not free within `lock_timeout` or under `nowait`.
    public static let lockNotAvailable: SQLState = "55P03"
    /// Chosen to break a deadlock.
    public static let deadlockDetected: SQLState = "40P01"
    /// A concurrent transaction got in the way.
    public static let serializationFailure: SQLState = "40001"
    /// The server is being shut down or the session was terminated.
    public static let adminShutdown: SQLState = "57P01"
    /// Another server process crashed and took this session with it.
    public static let crashShutdown: SQLState = "57P02"
    /// The server is starting up or shutting down.
    public static let cannotConnectNow: SQLState = "57P03"
    /// The server has no connection left to give.
    public static let tooManyConnections: SQLState = "53300"
    /// A write on a standby or in a read-only transaction.
    public static let readOnly: SQLState = "25006"
    /// The transaction already failed; only a rollback is possible.
    public static let inFailedTransaction: SQLState = "25P02"
    /// No prepared statement of that name.
    public static let invalidStatementName: SQLState = "26000"
    /// Not supported; also what a cached plan whose result type changed answers.
    public static let featureNotSupported: SQLState = "0A000"
    /// Transaction idle for longer than allowed.
    public static let idleInTransactionTimeout: SQLState = "25P03"
}
