import Synchronization

/// A batch on its way from a task to the pool's thread, and perhaps its cancellation after it or before it.
///
/// Safe to send: `handedOver` is written on the caller's thread before the work is handed over, and read once it was;
/// everything else is touched on the loop's thread only.
final class BatchWork: LoopWork, @unchecked Sendable {
    private let core: PoolCore
    private var handedOver: Batch?
    private var batch: Batch?
    private var cancelled = false

    init(_ core: PoolCore) { self.core = core }

    func submit(
        _ statements: [Statement], _ affinity: Int, _ continuation: UnsafeContinuation<[Rows], any Error>
    ) {
        handedOver = Batch(
            statements, affinity: affinity, discipline: .shared, timeout: core.configuration.statementTimeout
        ) { continuation.resume(with: $0) }
        core.loop.submit(self)
    }

    func run() {
        guard let batch = handedOver else { return }
        self.batch = batch
        if cancelled { batch.cancelled = true }
        core.submit(batch)
    }

    /// May come before the batch does.
    func cancel() {
        core.loop.execute { [self] in
            cancelled = true
            if let batch { core.cancel(batch) }
        }
    }
}

/// The end of a pool: waits for the work in flight, and no longer than its limit.
///
/// Safe to send: touched only on the event loop's thread once started.
final class Closing: LoopTimer, @unchecked Sendable {
    private let core: PoolCore
    private let limit: Duration
    private var done: (@Sendable () -> Void)?
    private(set) var nextDeadline: ContinuousClock.Instant?

    init(_ core: PoolCore, limit: Duration) {
        self.core = core
        self.limit = limit
    }

    func start(_ done: @escaping @Sendable () -> Void) {
        core.loop.execute { [self] in
            self.done = done
            nextDeadline = .now + limit
            core.loop.add(self)
            core.close { [self] in finish() }
        }
    }

    func tick(now: ContinuousClock.Instant) {
        core.abandon()
        finish()
    }

    private func finish() {
        core.loop.remove(self)
        nextDeadline = nil
        let done = done
        self.done = nil
        done?()
    }
}
