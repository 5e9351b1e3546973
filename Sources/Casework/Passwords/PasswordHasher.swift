import Events
import Foundation
import Glibc
import Postgres
import Synchronization

/// Hashes and checks passwords on threads of its own, a few at a time and whoever's turn it is (`HashingQueue`): a rush of
/// sign-ins takes neither all memory nor the executors that serve everything else. Those of failing clients also leave the
/// processor to whoever else wants it: a flood of them makes nobody's sign-in slower.
public final class PasswordHasher: Sendable {
    /// What it has done and has to do.
    public struct Snapshot: Sendable, Hashable {
        /// Passwords that wait.
        public var queued = 0
        /// Passwords being hashed.
        public var running = 0
        /// Passwords hashed since the start.
        public var done = 0
        /// Seconds of workers' time that took.
        public var seconds = 0.0
        /// Passwords refused since the start, by the cause of `PasswordQueueFull`.
        public var refused: [String: Int] = [:]
    }

    private struct Job {
        /// Whether its thread gives way to all others.
        let isYielding: Bool
        /// Hashes, and returns what tells the caller, once everything is noted down.
        let work: @Sendable () -> @Sendable () -> Void
        let refuse: @Sendable (any Error) -> Void
    }

    private struct State {
        var queue: HashingQueue
        var jobs: [Int: Job] = [:]
        var nextID = 0
        var cancelled: Set<Int> = []
        var totals = Snapshot()
    }

    private let cost: PasswordCost
    private let observers: Observers
    private let state: Mutex<State>

    /// As many as there are cores, at least two, and at most eight: each takes a core and, at the standard cost, 128 MiB.
    public static var defaultWorkers: Int { min(max(ProcessInfo.processInfo.activeProcessorCount, 2), 8) }

    /// Hashes at that cost on at most `workers` threads, each of which lives only while there is work.
    /// - Parameters:
    ///   - waitLimit: where a password would have to wait longer, `CaseworkError.unavailable` is thrown instead.
    ///   - observers: learn of every refusal.
    public init(
        cost: PasswordCost = .standard, workers: Int = PasswordHasher.defaultWorkers,
        waitLimit: Duration = .seconds(2), observers: Observers = .none
    ) {
        self.cost = cost
        self.observers = observers
        state = Mutex(State(queue: HashingQueue(workers: workers, waitLimit: waitLimit)))
    }

    /// Where it stands.
    public var snapshot: Snapshot {
        state.withLock { state in
            var snapshot = state.totals
            snapshot.queued = state.queue.waiting
            snapshot.running = state.queue.running
            return snapshot
        }
    }

    /// The text to store for a password.
    /// - Throws: `CaseworkError.unavailable` where too many wait.
    public func hash(_ password: String, for request: HashingRequest) async throws -> String {
        try await run(request) { [cost] in try PasswordHash(hashing: password, cost: cost).stored }
    }

    /// Whether the password is the stored one. Nil, for an unknown address or an account without a password, is false
    /// after the same time.
    /// - Throws: `CaseworkError.unavailable` where too many wait.
    public func verify(_ password: String, against stored: String?, for request: HashingRequest) async throws -> Bool {
        // Nobody's password is this long (`PasswordRule`), which says nothing about the account.
        guard password.utf8.count <= PasswordRule.maxBytes else { return false }
        return try await run(request) { [cost] in
            guard let hash = stored.flatMap(PasswordHash.init(stored:)) else {
                _ = try PasswordHash(hashing: password, cost: cost)
                return false
            }
            return try hash.matches(password)
        }
    }

    /// Whether a stored text was made at another cost than today's, and should be replaced at the next sign-in.
    public func needsRehash(_ stored: String) -> Bool { PasswordHash(stored: stored)?.cost != cost }

    // MARK: Queue

    private func run<Value: Sendable>(
        _ request: HashingRequest, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
                submit(
                    id, request,
                    Job(
                        isYielding: request.standing == .failing,
                        work: {
                            let result = Result { try body() }
                            return { continuation.resume(with: result) }
                        },
                        refuse: { continuation.resume(throwing: $0) }))
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func submit(_ id: Int, _ request: HashingRequest, _ job: Job) {
        enum Outcome { case cancelled, refused(HashingQueue.Refusal), queued }
        let outcome = state.withLock { state -> Outcome in
            if state.cancelled.remove(id) != nil { return .cancelled }
            if let refusal = state.queue.submit(id, request, now: .now) { return .refused(refusal) }
            state.jobs[id] = job
            return .queued
        }
        switch outcome {
        case .cancelled: job.refuse(CancellationError())
        case .refused(let refusal): refuse([job], refusal)
        case .queued: startNext()
        }
    }

    /// Drops a job that waits; one that runs is let finish, as scrypt cannot be stopped.
    private func cancel(_ id: Int) {
        let job = state.withLock { state -> Job? in
            guard let job = state.jobs[id] else {
                state.cancelled.insert(id)
                return nil
            }
            guard state.queue.cancel(id) else { return nil }
            state.jobs[id] = nil
            return job
        }
        job?.refuse(CancellationError())
    }

    private func refuse(_ jobs: [Job], _ refusal: HashingQueue.Refusal) {
        guard !jobs.isEmpty else { return }
        state.withLock { $0.totals.refused[refusal.rawValue, default: 0] += jobs.count }
        for job in jobs {
            observers.tell(PasswordQueueFull(cause: refusal.rawValue))
            job.refuse(CaseworkError.unavailable)
        }
    }

    // MARK: Threads

    /// Starts whoever's turn it is, each on a thread of its own, as long as workers are free.
    private func startNext() {
        while let (id, job) = next() {
            let isStarted = Threads.start { [self] in
                perform(job, id)
                startNext()
            }
            // Without a thread the work is done here: slow for the caller's executor, but done.
            if !isStarted { perform(job, id) }
        }
    }

    private func perform(_ job: Job, _ id: Int) {
        let start = ContinuousClock.now
        let answer = job.isYielding ? Self.yielding(job.work) : job.work()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        state.withLock { state in
            state.jobs[id] = nil
            state.queue.finish(id, seconds: seconds)
            state.totals.done += 1
            state.totals.seconds += seconds
        }
        answer()
    }

    private func next() -> (Int, Job)? {
        let (found, late) = state.withLock { state -> ((Int, Job)?, [Job]) in
            let now = ContinuousClock.now
            let late = state.queue.dropLate(now: now).compactMap { state.jobs.removeValue(forKey: $0) }
            guard let id = state.queue.next(now: now), let job = state.jobs[id] else { return (nil, late) }
            return ((id, job), late)
        }
        refuse(late, .late)
        return found
    }

    /// A tenth of the processor time that others get, where they want it too.
    private static let niceness: Int32 = 10

    /// Runs `body` on a thread that gives way to every other that wants the processor, and waits for it.
    ///
    /// It does nothing else there: a thread that it started or woke would inherit the niceness, and none can be taken back.
    private static func yielding<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Value {
        let handover = Handover<Value>()
        let isStarted = Threads.start {
            // Linux keeps a niceness for each thread; 0 names the calling one.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
            handover.give(body())
        }
        guard isStarted, let value = handover.take() else { return body() }
        return value
    }

    /// One value from one thread to another, which waits for it.
    private final class Handover<Value: Sendable>: Sendable {
        private let value = Mutex<Value?>(nil)
        private let isGiven = DispatchSemaphore(value: 0)

        func give(_ value: Value) {
            self.value.withLock { $0 = value }
            isGiven.signal()
        }

        func take() -> Value? {
            isGiven.wait()
            return value.withLock { $0 }
        }
    }
}
