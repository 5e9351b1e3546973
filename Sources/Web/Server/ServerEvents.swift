import Events

/// A request was answered 503.
struct RequestRefused: Event {
    static let name = "request_refused"
    let severity = Severity.warning
    let cause: String
    let reason: String

    var message: String { "Requests are answered 503: \(reason)." }
}

/// A request failed of something nobody foresaw, and was answered 500.
struct RequestFailed: Event {
    static let name = "request_failed"
    let severity = Severity.error
    let cause: String
    let reason: String
    let id: String

    var message: String { "A request failed of what nobody foresaw: \(reason)" }
    var details: [String: String] { ["id": id] }
}

/// An answer's head was sent and its body was not, or not whole.
struct AnswerBrokenOff: Event {
    static let name = "answer_broken_off"
    /// `client`: the client went away. Anything else failed here.
    let cause: String
    let reason: String
    let id: String

    var severity: Severity { cause == RefusalReason.clientGone.cause ? .info : .error }
    var message: String { "An answer was broken off: \(reason)." }
    var details: [String: String] { ["id": id] }
}

/// A TLS handshake failed.
struct HandshakeFailed: Event {
    static let name = "tls_handshake_failed"
    let severity = Severity.info
    /// What the TLS library calls it, `closed` where the client went away.
    let cause: String

    var message: String { "A TLS handshake failed." }
}

/// The time for a shutdown passed with requests still in flight.
struct RequestsCutOff: Event {
    static let name = "requests_cut_off"
    let severity = Severity.warning

    var message: String { "Requests were cut off: they took longer than a shutdown may." }
}

/// A changed certificate and key are served.
struct CertificateReplaced: Event {
    static let name = "certificate_replaced"
    let severity = Severity.notice

    var message: String { "The certificate was replaced." }
}

/// The certificate's files changed and cannot be used; the old pair is served on.
struct CertificateNotReplaced: Event {
    static let name = "certificate_not_replaced"
    let severity = Severity.error
    let reason: String

    var message: String { "The certificate was not replaced, the new files cannot be used: \(reason)." }
}
