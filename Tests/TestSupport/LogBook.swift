import Logging
import Synchronization

/// What was logged, for tests to read.
public final class LogBook: Sendable {
    /// One log line.
    public struct Line: Sendable {
        /// Severity.
        public let level: Logger.Level
        /// The constant text.
        public let message: String
        /// The values, as text.
        public let values: [String: String]
    }

    private let written = Mutex<[Line]>([])

    /// An empty one.
    public init() {}

    /// Everything so far.
    public var lines: [Line] { written.withLock { $0 } }

    /// A logger that writes here.
    public var logger: Logger {
        Logger(label: "test") { _ in Handler(book: self) }
    }

    private struct Handler: LogHandler {
        let book: LogBook
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let line = Line(
                level: event.level, message: event.message.description, values: all.mapValues { "\($0)" })
            book.written.withLock { $0.append(line) }
        }
    }
}
