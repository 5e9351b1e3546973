import Events

/// Why a request got no connection.
public enum RequestRefusal: String, Sendable, Hashable, CaseIterable {
    /// Too many wait already.
    case full
    /// No connection became free in time.
    case waited
    /// The database cannot be reached.
    case away
    /// The pool is closed.
    case closed
}

/// A request got no connection. Several a moment may: whoever listens must be quick.
struct DatabaseRequestRefused: Event {
    static let name = "database_request_refused"
    /// Why.
    let reason: RequestRefusal
    /// The kind of request: `batches`, `transactions` or `long`.
    let lane: String
    /// Why the database cannot be reached, where it cannot.
    let failure: PostgresError?
    /// `host:port/database`.
    let place: String

    var severity: Severity { reason == .closed ? .info : .warning }
    var cause: String { reason.rawValue }
    var message: String {
        switch reason {
        case .full: "too many requests wait for a database connection"
        case .waited: "no database connection became free in time"
        case .away: "the database cannot be reached" + (failure.map { ": \($0.message)" } ?? "")
        case .closed: "the connection pool is closed"
        }
    }
    var details: [String: String] { ["place": place, "lane": lane] }
}

/// A statement or its wait for a lock took too long, and was broken off by the server.
struct StatementTimedOut: Event {
    static let name = "database_statement_timed_out"
    /// 57014 for a statement, 55P03 for a lock.
    let state: SQLState
    /// `host:port/database`.
    let place: String

    var severity: Severity { .warning }
    var cause: String { state.rawValue }
    var message: String {
        state == .lockNotAvailable ? "a statement waited too long for a lock" : "a statement took too long"
    }
    var details: [String: String] { ["place": place] }
}

/// A slow batch was broken off and starts anew where nobody waits behind it.
struct BatchGaveWay: Event {
    static let name = "database_batch_gave_way"
    /// `host:port/database`.
    let place: String

    var severity: Severity { .info }
    var message: String { "a slow batch gave way to those behind it" }
    var details: [String: String] { ["place": place] }
}

/// A connection does not know a role that was granted to its login, and is replaced.
struct RoleStale: Event {
    static let name = "database_role_stale"
    /// `host:port/database`.
    let place: String

    var severity: Severity { .warning }
    var message: String { "a connection refuses a role that its login has; it is replaced" }
    var details: [String: String] { ["place": place] }
}
