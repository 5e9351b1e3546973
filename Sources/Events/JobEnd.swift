/// An event by which a piece of background work ends: metrics count it, and add up how long it took.
public protocol JobEnd: Event {
    /// The work that ended; nil where the event tells of something smaller.
    var job: Job? { get }
}

/// A piece of background work that has ended.
public struct Job: Sendable, Equatable {
    /// What was done.
    public enum Kind: String, Sendable {
        /// One mail was sent.
        case mail
        /// The roster of one institution was fetched and taken in.
        case roster
        /// One file of an institution's folder was taken in.
        case folder
        /// What had expired was removed in all institutions, and their figures were noted.
        case sweep
    }

    /// What was done.
    public let kind: Kind
    /// Whether it was.
    public let succeeded: Bool
    /// How long it took.
    public let duration: Duration

    /// - Parameters:
    ///   - succeeded: whether it was done.
    ///   - start: when it began; it ends now.
    public init(_ kind: Kind, succeeded: Bool, since start: ContinuousClock.Instant) {
        self.kind = kind
        self.succeeded = succeeded
        duration = .now - start
    }
}
