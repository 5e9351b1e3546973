import Events

/// An attempt to connect failed; another one follows soon.
struct ConnectingFailed: Event {
    static let name = "database_connecting_failed"
    /// What the server or libpq said.
    let error: PostgresError
    /// `host:port/database`.
    let place: String

    var severity: Severity { .error }
    var cause: String { error.sqlState?.rawValue ?? "unreachable" }
    var message: String { "connecting to the database failed: \(error.message)" }
    var details: [String: String] { ["place": place] }
}

/// An open connection is gone, and what was on it has failed.
struct ConnectionLost: Event {
    static let name = "database_connection_lost"
    /// Why.
    let error: PostgresError
    /// Batches that were on it.
    let inFlight: Int
    /// `host:port/database`.
    let place: String

    var severity: Severity { inFlight > 0 ? .error : .warning }
    var cause: String { error.sqlState?.rawValue ?? "\(error.kind)" }
    var message: String { "a connection to the database was lost: \(error.message)" }
    var details: [String: String] { ["place": place, "batches": String(inFlight)] }
}

/// The database, which could not be reached, answers again.
struct ConnectedAgain: Event {
    static let name = "database_connected_again"
    /// Since the first failed attempt.
    let away: Duration
    /// `host:port/database`.
    let place: String

    var severity: Severity { .notice }
    var message: String { "the database can be reached again after \(away.milliseconds) ms" }
    var details: [String: String] { ["place": place, "awayMilliseconds": String(away.milliseconds)] }
}

/// A connection owes an answer for so long that it gets no further requests until it answers.
struct ConnectionStalled: Event {
    static let name = "database_connection_stalled"
    /// For how long.
    let silence: Duration
    /// `host:port/database`.
    let place: String

    var severity: Severity { .warning }
    var message: String { "a connection to the database has not answered for \(silence.milliseconds) ms" }
    var details: [String: String] { ["place": place] }
}

/// The server gives no sign of life on any connection, old or new: those that owe an answer are given up.
struct ServerFrozen: Event {
    static let name = "database_frozen"
    /// `host:port/database`.
    let place: String

    var severity: Severity { .error }
    var message: String {
        "the database takes connections and answers on none; requests are refused until it does"
    }
    var details: [String: String] { ["place": place] }
}
