import Glibc
import Synchronization

/// Hashes and checks passwords on threads of its own, two at a time: a rush of sign-ins takes neither all memory nor the
/// executors that serve everything else.
public final class PasswordHasher: Sendable {
    private struct Job {
        let id: Int
        let work: @Sendable () -> Void
        let cancel: @Sendable () -> Void
    }

    private struct State {
        var waiting: [Job] = []
        var running = 0
        var nextID = 0
        var cancelled: Set<Int> = []
    }

    private let cost: PasswordCost
    private let threads: Int
    private let maxWaiting: Int
    private let state = Mutex(State())

    /// Hashes at that cost on at most `threads` threads, each of which lives only while there is work; beyond
    /// `maxWaiting` calls in the queue, calls throw `CaseworkError.unavailable`.
    public init(cost: PasswordCost = .standard, threads: Int = 2, maxWaiting: Int = 64) {
        self.cost = cost
        self.threads = threads
        self.maxWaiting = maxWaiting
    }

    /// The text to store for a password.
    public func hash(_ password: String) async throws -> String {
        try await run { [cost] in try PasswordHash(hashing: password, cost: cost).stored }
    }

    /// Whether the password is the stored one. Nil, for an unknown address or an account without a password, is false
    /// after the same time.
    public func verify(_ password: String, against stored: String?) async throws -> Bool {
        // Nobody's password is this long (`PasswordRule`), which says nothing about the account.
        guard password.utf8.count <= PasswordRule.maxBytes else { return false }
        return try await run { [cost] in
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

    private func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
                enqueue(
                    Job(
                        id: id,
                        work: { continuation.resume(with: Result { try body() }) },
                        cancel: { continuation.resume(throwing: CancellationError()) }),
                    refuse: { continuation.resume(throwing: CaseworkError.unavailable) })
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func enqueue(_ job: Job, refuse: () -> Void) {
        enum Outcome { case cancelled, full, queued, start }
        let outcome = state.withLock { state -> Outcome in
            if state.cancelled.remove(job.id) != nil { return .cancelled }
            if state.running >= threads, state.waiting.count >= maxWaiting { return .full }
            state.waiting.append(job)
            if state.running >= threads { return .queued }
            state.running += 1
            return .start
        }
        switch outcome {
        case .cancelled: job.cancel()
        case .full: refuse()
        case .queued: break
        case .start: startThread()
        }
    }

    /// Drops a job that waits; one that runs is let finish, as scrypt cannot be stopped.
    private func cancel(_ id: Int) {
        let job = state.withLock { state -> Job? in
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else {
                state.cancelled.insert(id)
                return nil
            }
            return state.waiting.remove(at: index)
        }
        job?.cancel()
    }

    private func next() -> Job? {
        state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.running -= 1
            return nil
        }
    }

    // MARK: Threads

    private func startThread() {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let failure = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let hasher = Unmanaged<PasswordHasher>.fromOpaque(context).takeRetainedValue()
                while let job = hasher.next() { job.work() }
                return nil
            }, box.toOpaque())
        if failure == 0 {
            pthread_detach(thread)
            return
        }
        box.release()
        // Without a thread the work is done here: slow for the caller's executor, but done.
        while let job = next() { job.work() }
    }
}
