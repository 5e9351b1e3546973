/// A way for mail to leave.
public protocol MailTransport: Sendable {
    /// Gives the mail away. Returns once the other side has taken it over.
    /// - Throws: `DeliveryFailure`.
    func send(_ mail: ComposedMail) async throws
}

/// Why a mail did not leave.
public struct DeliveryFailure: Error, Sendable, Equatable {
    /// What may help.
    public enum Kind: Sendable, Equatable {
        /// The server will not have this mail (5xx): the same again is of no use.
        case refused
        /// The server will not have this mail now (4xx).
        case deferred
        /// No mail can leave now: the server is away, stalls, does not know us or our sender.
        case unreachable
    }

    /// What may help.
    public let kind: Kind
    /// One line for an operator or admin, in the server's words where it said any.
    public let reason: String

    /// - Parameter reason: one line.
    public init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }
}
