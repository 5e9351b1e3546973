import Events
import Synchronization

/// What was told, for tests to read.
public final class EventBook: Sendable {
    private let told = Mutex<[any Event]>([])

    /// An empty one.
    public init() {}

    /// Everything so far.
    public var events: [any Event] { told.withLock { $0 } }

    /// `request_refused database_connection`: name and cause of everything so far.
    public var titles: [String] { events.map { "\(type(of: $0).name) \($0.cause)" } }

    /// Observers that write here.
    public var observers: Observers {
        Observers([{ event in self.told.withLock { $0.append(event) } }])
    }
}
