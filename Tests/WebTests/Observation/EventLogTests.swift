import Events
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Web

private struct Trouble: Event {
    static let name = "trouble"
    var severity = Severity.warning
    var cause = ""
    var message = "There is trouble."
    var details: [String: String] = [:]
}

/// A clock that stands until it is set.
private final class StandingClock: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }

    func advance(by duration: Duration) { time.withLock { $0 += duration } }
}

@Suite struct EventLogTests {
    private let book = LogBook()
    private let clock = StandingClock()
    private let log: EventLog

    init() {
        log = EventLog(logger: book.logger, interval: .seconds(10)) { [clock] in clock.now }
    }

    private var lines: [String] {
        book.lines.map { "\($0.values["cause"] ?? "-") \($0.values["times"] ?? "1")" }
    }

    @Test func `the first of a cause is written at once, the others once in each interval with their number`() {
        for _ in 0..<5 { log.tell(Trouble(cause: "a")) }
        log.tell(Trouble(cause: "b"))
        #expect(lines == ["a 1", "b 1"])
        clock.advance(by: .seconds(10))
        log.tell(Trouble(cause: "a"))
        log.tell(Trouble(cause: "a"))
        #expect(lines == ["a 1", "b 1", "a 5"])
        clock.advance(by: .seconds(9))
        log.flush()
        #expect(lines.count == 3, "its time has not come")
        clock.advance(by: .seconds(1))
        log.flush()
        #expect(lines == ["a 1", "b 1", "a 5", "a 1"], "what is held back is not lost where nothing follows")
        clock.advance(by: .seconds(30))
        log.flush()
        log.tell(Trouble(cause: "a"))
        #expect(lines.count == 5, "after a quiet time the next is written at once")
    }

    @Test func `nothing is held back at the end`() async throws {
        log.tell(Trouble(cause: "a"))
        log.tell(Trouble(cause: "a"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [log] in try await log.run() }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(lines == ["a 1", "a 1"])
    }

    @Test func `a line has the event's level, words and values`() throws {
        for (severity, level) in [
            (Severity.info, "info"), (.notice, "notice"), (.warning, "warning"), (.error, "error"),
        ] {
            log.tell(Trouble(severity: severity, cause: level, details: ["institution": "northfield"]))
        }
        #expect(book.lines.map { $0.level.rawValue } == ["info", "notice", "warning", "error"])
        let line = try #require(book.lines.last)
        #expect(line.message == "There is trouble.")
        #expect(line.values == ["event": "trouble", "cause": "error", "institution": "northfield"])
    }

    @Test func `no number of causes makes it grow`() {
        var throttle = EventThrottle(interval: .seconds(10))
        throttle.maximum = 3
        let now = ContinuousClock.now
        let written = (0..<100).count { throttle.admit(Trouble(cause: "\($0)"), at: now) != nil }
        #expect(written == 4, "three causes and the others")
        let due = throttle.due(at: now + .seconds(10))
        #expect(due.map(\.times) == [96])
        #expect(throttle.due(at: now + .seconds(20)).isEmpty)
    }

    @Test func `events from many threads at once are all counted`() async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<500 { log.tell(Trouble(cause: "a")) } }
            }
        }
        clock.advance(by: .seconds(10))
        log.flush()
        #expect(lines == ["a 1", "a 3999"])
    }
}
