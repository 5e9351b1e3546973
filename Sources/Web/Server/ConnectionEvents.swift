import Events

/// A connection was closed at once, because its client has as many as it may have.
struct ConnectionRefused: Event {
    static let name = "connection_refused"
    let severity = Severity.warning
    let message = "A client has more connections than one address may have; the new one was closed."
}

/// The listening socket could not take a connection, mostly because file descriptors are used up.
struct AcceptFailed: Event {
    static let name = "accept_failed"
    let severity = Severity.error
    /// The error's number: 24 for used up file descriptors.
    let cause: String
    let message = "A connection could not be accepted; trying again in a second."
}

/// A request came after a shutdown had begun: it was answered 503 and not carried out.
struct RefusedWhileStopping: Event {
    static let name = "refused_while_stopping"
    let severity = Severity.info
    let message = "A request came while the server was stopping; it was answered 503 and not carried out."
}

/// A client was cut off because it let the server wait.
enum SlowClientCut: String, Event {
    case beforeFirstRequest = "no_request"
    case inBody = "body"
    case inAnswer = "answer"

    static let name = "slow_client_cut"
    var severity: Severity { .notice }
    var cause: String { rawValue }
    var message: String {
        switch self {
        case .beforeFirstRequest: "A connection was closed: its first request did not come in time."
        case .inBody: "A connection was closed: its client sent a body too slowly."
        case .inAnswer: "A connection was closed: its client took an answer too slowly."
        }
    }
}
