import CLibPQ

/// What went wrong, without any value, row or detail of the data concerned.
public struct PostgresError: Error, Sendable, CustomStringConvertible {
    /// Where the failure arose.
    public enum Kind: Sendable, Hashable {
        /// The server refused a statement.
        case server
        /// The server could not be reached, or the connection was lost.
        case connection
        /// A deadline passed, on the client or as `statement_timeout`.
        case timeout
        /// No connection became free within the wait, or too many are waiting already.
        case poolExhausted
        /// The caller or the server did what the protocol does not allow here.
        case protocolViolation
        /// An answer does not fit the type asked for.
        case decoding
        /// A text cannot be sent (it holds U+0000).
        case invalidText
    }

    /// Where the failure arose.
    public let kind: Kind
    /// The server's code, where the server answered.
    public let sqlState: SQLState?
    /// The server's primary message or the driver's own; never the detail or the hint.
    public let message: String
    /// The constraint that refused, without a trailing shard number (`_102008`).
    public let constraint: String?
    /// The table concerned, where the server told.
    public let table: String?
    /// True when the statements were sent and the answer never came: they may or may not have been done.
    public let outcomeUnknown: Bool

    init(
        _ kind: Kind, _ message: String, sqlState: SQLState? = nil, constraint: String? = nil, table: String? = nil,
        outcomeUnknown: Bool = false
    ) {
        self.kind = kind
        self.sqlState = sqlState
        self.message = message
        self.constraint = constraint
        self.table = table
        self.outcomeUnknown = outcomeUnknown
    }

    /// Whether the same request may well succeed a little later: what HTTP answers with 503. It does not say that a
    /// blind repetition is safe: see ``outcomeUnknown``.
    public var isTransient: Bool {
        switch kind {
        case .connection, .timeout, .poolExhausted: true
        case .protocolViolation, .decoding, .invalidText: false
        case .server: sqlState.map { Self.transientStates.contains($0) } ?? false
        }
    }

    /// Whether SET ROLE was refused. A backend remembers what its login is a member of; a role granted while it was looking
    /// can stay unknown to it until the next grant. Such a connection is not used again; another one may know.
    public var refusesRole: Bool {
        sqlState == .insufficientPrivilege && message.hasPrefix("permission denied to set role")
    }

    private static let transientStates: Set<SQLState> = [
        .deadlockDetected, .serializationFailure, .lockNotAvailable, .adminShutdown, .crashShutdown, .cannotConnectNow,
        .tooManyConnections, .readOnly, .idleInTransactionTimeout, "53000", "53100", "53200", "55006",
    ]

    /// Kind, message, SQLSTATE and constraint: fit for a log, as it shows no value.
    public var description: String {
        var text = "\(kind): \(message)"
        if let sqlState { text += " [\(sqlState)]" }
        if let constraint { text += " (constraint \(constraint))" }
        return text
    }
}

extension PostgresError {
    /// From an error result of libpq.
    init(result: OpaquePointer) {
        let state = SQLState(rawValue: Self.field("C", of: result) ?? "XX000")
        let message = Self.field("M", of: result) ?? "the server gave no message"
        let lost = [.adminShutdown, .crashShutdown, .cannotConnectNow].contains(state)
        self.init(
            state == .queryCanceled ? .timeout : lost ? .connection : .server,
            Self.withoutValues(message, state),
            sqlState: state,
            constraint: Self.field("n", of: result).map(Self.withoutShard),
            table: Self.field("t", of: result),
            outcomeUnknown: lost)
    }

    /// From the connection itself: refused, lost, or never made.
    static func connection(_ handle: OpaquePointer?, sent: Bool) -> PostgresError {
        var text = handle.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? ""
        while text.last?.isWhitespace == true { text.removeLast() }
        return PostgresError(
            .connection, text.isEmpty ? "the connection to the database was lost" : text,
            sqlState: sent ? nil : refusals.first { text.contains($0.key) }?.value, outcomeUnknown: sent)
    }

    /// libpq keeps to itself with which SQLSTATE a server refused a connection; the usual ones are known by their text.
    private static let refusals: KeyValuePairs<String, SQLState> = [
        "password authentication failed": "28P01", "no pg_hba.conf entry": "28000",
        "too many clients": .tooManyConnections, "too many connections": .tooManyConnections,
        "remaining connection slots": .tooManyConnections, "is starting up": .cannotConnectNow,
        "is shutting down": .cannotConnectNow, "in recovery mode": .cannotConnectNow,
        "not yet accepting connections": .cannotConnectNow,
    ]

    private static func field(_ code: Unicode.Scalar, of result: OpaquePointer) -> String? {
        guard let text = PQresultErrorField(result, Int32(code.value)) else { return nil }
        return String(cString: text)
    }

    /// Messages of class 22 quote the value (`invalid input syntax for type integer: "…"`).
    static func withoutValues(_ message: String, _ state: SQLState) -> String {
        guard state.category == "22", let first = message.firstIndex(of: "\""),
            let last = message.lastIndex(of: "\""), first < last
        else { return message }
        return message[...first] + "…" + message[last...]
    }

    /// `accounts_email_key_102008` is what a distributed table's shard calls `accounts_email_key`.
    static func withoutShard(_ name: String) -> String {
        guard let underscore = name.lastIndex(of: "_") else { return name }
        let digits = name[name.index(after: underscore)...]
        return !digits.isEmpty && digits.utf8.allSatisfy { (48...57).contains($0) } ? String(name[..<underscore]) : name
    }
}
