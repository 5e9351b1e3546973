import Events
import Logging
import ServiceLifecycle
import Synchronization

/// Writes events to the log: the first of a kind and cause at once, then at most one line in each interval, which says how
/// many events it stands for. What fails a thousand times a second is told as calmly as what fails once.
public final class EventLog: Sendable {
    private let logger: Logger
    private let interval: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let throttle: Mutex<EventThrottle>

    /// - Parameters:
    ///   - interval: from one line of a kind and cause to the next.
    ///   - now: replaced in tests.
    public init(
        logger: Logger, interval: Duration = .seconds(10),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.logger = logger
        self.interval = interval
        self.now = now
        throttle = Mutex(EventThrottle(interval: interval))
    }

    /// Takes note of an event.
    public func tell(_ event: any Event) {
        guard logger.logLevel <= event.severity.level else { return }
        guard let times = throttle.withLock({ $0.admit(event, at: now()) }) else { return }
        write(event, times: times)
    }

    /// Writes what has been held back for an interval.
    public func flush() { writeDue(at: now()) }

    private func writeDue(at time: ContinuousClock.Instant) {
        for (event, times) in throttle.withLock({ $0.due(at: time) }) { write(event, times: times) }
    }

    private func write(_ event: any Event, times: Int) {
        var metadata = Logger.Metadata(event.details.map { ($0, .string($1)) }) { $1 }
        metadata["event"] = .string(type(of: event).name)
        if !event.cause.isEmpty { metadata["cause"] = .string(event.cause) }
        if times > 1 { metadata["times"] = .stringConvertible(times) }
        logger.log(level: event.severity.level, "\(event.message)", metadata: metadata)
    }
}

extension EventLog: Service {
    /// Writes what is held back as its time comes, and all of it at the shutdown.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: self.interval)
                self.flush()
            }
        }
        writeDue(at: now() + interval)
    }
}

/// Decides which events are worth a line. Pure: whoever uses it brings the time.
struct EventThrottle: Sendable {
    private struct Key: Hashable {
        let name: String
        var cause: String
    }

    private struct Entry {
        /// When the next line may be written.
        var next: ContinuousClock.Instant
        var held = 0
        var last: any Event
    }

    let interval: Duration
    /// Kinds and causes told apart; those beyond share one line for each kind.
    var maximum = 1_000
    private var entries: [Key: Entry] = [:]

    init(interval: Duration) {
        self.interval = interval
    }

    /// - Returns: how many events the line stands for; nil where none is to be written now.
    mutating func admit(_ event: any Event, at now: ContinuousClock.Instant) -> Int? {
        var key = Key(name: type(of: event).name, cause: event.cause)
        if entries.count >= maximum, entries[key] == nil { key.cause = "other" }
        let held = entries[key]?.held ?? 0
        if let entry = entries[key], now < entry.next {
            entries[key] = Entry(next: entry.next, held: held + 1, last: event)
            return nil
        }
        entries[key] = Entry(next: now + interval, last: event)
        return held + 1
    }

    /// The events held back whose time has come, each with how many it stands for.
    mutating func due(at now: ContinuousClock.Instant) -> [(event: any Event, times: Int)] {
        var found: [(any Event, Int)] = []
        for (key, entry) in entries where now >= entry.next {
            guard entry.held > 0 else {
                entries[key] = nil
                continue
            }
            found.append((entry.last, entry.held))
            entries[key] = Entry(next: now + interval, last: entry.last)
        }
        return found
    }
}

extension Severity {
    fileprivate var level: Logger.Level {
        switch self {
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}
