import Synchronization

/// What is known of one request while it is under way. Its log line is written, and it is counted, once: when the last byte
/// of its answer is handed to the connection, or when nobody is left who could hand it over.
final class RequestRecord: Sendable {
    /// Ties the answer to its log line.
    let id = RequestIdentifier.next()
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    private struct State {
        var reason: RefusalReason?
        var institution: Int?
        var report: (@Sendable (Duration, RefusalReason?) -> Void)?
    }

    /// Says why the answer is a 5xx. What is said first holds.
    func explain(_ reason: RefusalReason?) {
        state.withLock { $0.reason = $0.reason ?? reason }
    }

    /// Why the answer is a 5xx; nil where nobody said.
    var reason: RefusalReason? { state.withLock { $0.reason } }

    /// Whose host or token it names.
    func concerns(_ institution: Int) {
        state.withLock { $0.institution = institution }
    }

    /// The number of the institution it concerns; nil where none is known.
    var institution: Int? { state.withLock { $0.institution } }

    /// The answer's head is decided; its body follows.
    /// - Parameter report: called once, with the time since the request's head and the reason of a failure.
    func answered(report: @escaping @Sendable (Duration, RefusalReason?) -> Void) {
        state.withLock { $0.report = report }
    }

    /// The answer has ended.
    /// - Parameter reason: why before its time; nil where it is whole.
    func end(_ reason: RefusalReason? = nil) {
        let (report, known) = state.withLock { state in
            defer { state.report = nil }
            return (state.report, state.reason)
        }
        report?(ContinuousClock.now - start, reason ?? known)
    }

    deinit {
        end(.clientGone)
    }
}

/// Short ids that tie an answer to its log line: 64 random bits in base 36.
enum RequestIdentifier {
    static func next() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36)
    }
}
