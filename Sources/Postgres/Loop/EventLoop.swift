import CLibPQ
import Glibc
import Synchronization

/// Work handed to the event loop's thread.
protocol LoopWork: AnyObject, Sendable {
    func run()
}

/// Something that waits for a descriptor. Called on the loop's thread.
protocol LoopHandler: AnyObject {
    func ready(readable: Bool, writable: Bool)
}

/// Something with deadlines. Called on the loop's thread.
protocol LoopTimer: AnyObject {
    /// Not later than the next moment something is due. May be too early, never too late.
    var nextDeadline: ContinuousClock.Instant? { get }
    func tick(now: ContinuousClock.Instant)
}

/// The one thread on which every connection lives: it sleeps in `epoll_wait`, runs handed-over work, answers of the
/// server and deadlines, and resumes the waiting tasks.
///
/// Safe to share: `inbox` is behind its lock; everything else is touched only on the loop's thread.
final class EventLoop: @unchecked Sendable {
    static let shared = EventLoop()

    private struct Inbox {
        var work: [any LoopWork] = []
        var wakePending = false
    }

    private let inbox = Mutex(Inbox())
    private let epoll: Int32
    private let wakeup: Int32
    private var handlers: [UInt64: any LoopHandler] = [:]
    private var timers: [any LoopTimer] = []
    private var lastToken: UInt64 = 0
    private var running: [any LoopWork] = []
    private var turns = LongestTurn()
    private let longestTurn = Atomic<Int64>(0)

    private init() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeup = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        precondition(epoll >= 0 && wakeup >= 0, "no file descriptors left for the event loop")
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: 0))
        epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event)
        Threads.start { self.loop() }
    }

    /// Hands work to the loop's thread. From any thread.
    func submit(_ work: any LoopWork) {
        let wake = inbox.withLock { inbox in
            inbox.work.append(work)
            if inbox.wakePending { return false }
            inbox.wakePending = true
            return true
        }
        if wake { eventfd_write(wakeup, 1) }
    }

    /// Runs a closure on the loop's thread. From any thread.
    func execute(_ body: @escaping @Sendable () -> Void) {
        submit(ClosureWork(body))
    }

    /// The longest turn of late: an answer may have waited that long before it was read.
    var lag: Duration { .nanoseconds(longestTurn.load(ordering: .relaxed)) }

    // MARK: On the loop's thread

    /// Watches a descriptor for reading; the answer names it to the other calls.
    func register(_ descriptor: Int32, _ handler: any LoopHandler) -> UInt64 {
        lastToken += 1
        handlers[lastToken] = handler
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: lastToken))
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
        return lastToken
    }

    func watch(_ descriptor: Int32, _ token: UInt64, writable: Bool) {
        let events = writable ? EPOLLIN.rawValue | EPOLLOUT.rawValue : EPOLLIN.rawValue
        var event = epoll_event(events: events, data: epoll_data_t(u64: token))
        epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event)
    }

    /// Forgets a handler, and its descriptor unless that is closed already.
    func unregister(_ descriptor: Int32?, _ token: UInt64) {
        handlers[token] = nil
        guard let descriptor else { return }
        var event = epoll_event()
        epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
    }

    func add(_ timer: any LoopTimer) {
        timers.append(timer)
    }

    func remove(_ timer: any LoopTimer) {
        timers.removeAll { $0 === timer }
    }

    private func loop() {
        let capacity = 64
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
        while true {
            // Asked for once in a turn, since it is a good part of what a busy turn costs. What has become due since then is
            // found by the next turn, which does not pause before it.
            let due = nextDeadline
            let count = epoll_wait(epoll, events, Int32(capacity), Self.pause(until: due))
            let begin = ContinuousClock.now
            for index in 0..<Int(max(count, 0)) {
                let event = events[index]
                if event.data.u64 == 0 {
                    runInbox()
                } else if let handler = handlers[event.data.u64] {
                    let bits = event.events
                    handler.ready(
                        readable: bits & (EPOLLIN.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0,
                        writable: bits & EPOLLOUT.rawValue != 0)
                }
            }
            if let due, due <= .now { runTimers() }
            let now = ContinuousClock.now
            let longest = turns.add(now - begin, at: now)
            longestTurn.store(longest.milliseconds * 1_000_000, ordering: .relaxed)
        }
    }

    private func runInbox() {
        var value: eventfd_t = 0
        eventfd_read(wakeup, &value)
        inbox.withLock { inbox in
            inbox.wakePending = false
            swap(&inbox.work, &running)
        }
        for work in running { work.run() }
        running.removeAll(keepingCapacity: true)
    }

    private func runTimers() {
        let now = ContinuousClock.now
        for timer in timers {
            if let deadline = timer.nextDeadline, deadline <= now { timer.tick(now: now) }
        }
    }

    private var nextDeadline: ContinuousClock.Instant? {
        var next: ContinuousClock.Instant?
        for timer in timers {
            if let deadline = timer.nextDeadline, next.map({ deadline < $0 }) ?? true { next = deadline }
        }
        return next
    }

    /// Milliseconds until then, rounded up; -1 for ever.
    private static func pause(until deadline: ContinuousClock.Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let remaining = deadline - ContinuousClock.now
        if remaining <= .zero { return 0 }
        return Int32(clamping: remaining.milliseconds + 1)
    }
}

/// The longest of the turns of the last 10 to 20 s.
private struct LongestTurn {
    private static let window: Duration = .seconds(10)
    private var begin = ContinuousClock.now
    private var present: Duration = .zero
    private var before: Duration = .zero

    mutating func add(_ turn: Duration, at now: ContinuousClock.Instant) -> Duration {
        if now - begin >= Self.window {
            before = now - begin < Self.window * 2 ? present : .zero
            present = .zero
            begin = now
        }
        if turn > present { present = turn }
        return max(present, before)
    }
}

/// Safe to share: the closure is immutable and itself `Sendable`.
private final class ClosureWork: LoopWork {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func run() { body() }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
