/// Something that happened in the driver, the server or the background work that an operator may want to know.
///
/// An event is a plain value. Who emits it knows neither the log nor the metrics; both subscribe (``Observers``).
public protocol Event: Sendable {
    /// The kind of event, in snake case: `connection_lost`. Log and metrics name it so.
    static var name: String { get }
    /// How much it matters.
    var severity: Severity { get }
    /// What makes two events of a kind the same: the log writes one line for each cause and interval. It must have few
    /// values, because metrics keep a series for each: a SQLSTATE or a partition, never an id, an address or a text
    /// that came from outside.
    var cause: String { get }
    /// One sentence for the operator, without personal data.
    var message: String { get }
    /// What else is known: names and values for the log line only.
    var details: [String: String] { get }
}

extension Event {
    /// One cause for the whole kind.
    public var cause: String { "" }
    /// Nothing else.
    public var details: [String: String] { [:] }
}

/// How much an event matters; the log's level follows from it.
public enum Severity: Sendable {
    /// Worth counting, not worth a line in a quiet log.
    case info
    /// An ordinary turn of things that an operator wants to see: service is back.
    case notice
    /// Something was refused or slow; the service goes on.
    case warning
    /// Something failed that should not.
    case error
}

/// Those who are told of events, each on the thread where the event happened: they must be quick and must not block.
public struct Observers: Sendable {
    private let subscribers: [@Sendable (any Event) -> Void]

    /// - Parameter subscribers: called in this order.
    public init(_ subscribers: [@Sendable (any Event) -> Void]) {
        self.subscribers = subscribers
    }

    /// Nobody listens.
    public static let none = Observers([])

    /// Tells everybody.
    public func tell(_ event: some Event) {
        for subscriber in subscribers { subscriber(event) }
    }
}
