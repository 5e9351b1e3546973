import Casework

/// Why a request was refused, failed or was broken off. The operator reads it; clients do not.
struct RefusalReason: Sendable {
    /// One of few words: metrics keep a series for each.
    let cause: String
    /// What happened, without personal data.
    let text: String

    /// An answer of 5xx whose maker did not say why: a fault of this program.
    static let unexplained = RefusalReason(cause: "unexplained", text: "nobody said why")
    /// The client did not take the answer.
    static let clientGone = RefusalReason(cause: "client", text: "the client went away")

    init(cause: String, text: String) {
        self.cause = cause
        self.text = text
    }

    /// An error that no answer is foreseen for.
    init(_ error: any Error) {
        self.init(cause: Unavailable.cause(of: error), text: "\(error)")
    }
}
