import Synchronization

/// The part of a pool that lives on the event loop's thread: one lane of shared connections for batches, one of
/// connections lent to one caller at a time, and one of those for long work, so that it leaves the others free.
///
/// Safe to send: the figures are behind their lock, everything else is touched only on the loop's thread.
final class PoolCore: LoopTimer, @unchecked Sendable {
    let loop: EventLoop
    let configuration: Pool.Configuration
    private let figures = Figures()
    private let counters = Counters()
    private let shared: Lane
    private let exclusive: Lane
    private let long: Lane

    init(_ configuration: Pool.Configuration, loop: EventLoop) {
        self.loop = loop
        self.configuration = configuration
        var request = ConnectRequest(
            conninfo: configuration.conninfo, user: configuration.user,
            applicationName: configuration.applicationName, timeout: configuration.connectTimeout,
            limits: Self.session(
                configuration, ("statement_timeout", configuration.statementTimeout),
                ("lock_timeout", configuration.lockTimeout)))
        let settings = Pipeline.Settings(
            statementCacheSize: configuration.isBehindPooler ? 0 : configuration.statementCacheSize,
            patience: configuration.patience,
            place: request.place, observers: configuration.observers, counters: counters)
        var limits = Self.limits(configuration, size: configuration.size)
        limits.depth = configuration.isBehindPooler ? 1 : max(configuration.depth, 1)
        limits.share = (limits.depth + 2) / 3
        limits.slowAfter = Pipeline.givesWayAfter
        limits.spare = max(configuration.spare, 0)
        shared = Lane("batches", request, limits: limits, settings: settings, loop: loop)
        request.limits = Self.session(
            configuration, ("idle_in_transaction_session_timeout", configuration.idleTransactionTimeout))
        limits = Self.limits(configuration, size: configuration.exclusive)
        limits.spare = max(configuration.spare, 0)
        exclusive = Lane("transactions", request, limits: limits, settings: settings, loop: loop)
        limits = Self.limits(configuration, size: configuration.long)
        limits.waitTimeout = configuration.longWaitTimeout
        limits.oneEach = true
        limits.spare = min(max(configuration.spare, 0), 1)
        long = Lane("long", request, limits: limits, settings: settings, loop: loop)
        shared.changed = { [figures] state in figures.current.withLock { $0.shared = Pool.Statistics.Lane(state) } }
        exclusive.changed = { [figures] state in
            figures.current.withLock { $0.exclusive = Pool.Statistics.Lane(state) }
        }
        long.changed = { [figures] state in figures.current.withLock { $0.long = Pool.Statistics.Lane(state) } }
        loop.execute { loop.add(self) }
    }

    /// The session's limits. One more says how often a session at work looks whether its client is still there: what a
    /// dead process left running ends, and gives its locks back, within this time.
    private static func session(
        _ configuration: Pool.Configuration, _ limits: (name: String, time: Duration)...
    ) -> [(name: String, time: Duration)] {
        configuration.isBehindPooler ? [] : limits + [("client_connection_check_interval", .seconds(1))]
    }

    private static func limits(_ configuration: Pool.Configuration, size: Int) -> PoolState.Limits {
        PoolState.Limits(
            size: max(size, 1), depth: 1, maxWaiting: configuration.maxWaiting,
            waitTimeout: configuration.waitTimeout, connectTimeout: configuration.connectTimeout,
            maxLifetime: configuration.maxLifetime, maxAffinities: configuration.maxAffinities)
    }

    var statistics: Pool.Statistics { figures.current.withLock { $0 } }

    /// See `Pool.Figures`.
    var total: Pool.Figures {
        let now = statistics
        var total = Pool.Figures()
        total.statementHits = counters.hits.load(ordering: .relaxed)
        total.statementMisses = counters.misses.load(ordering: .relaxed)
        total.preparedStatements = counters.prepared.load(ordering: .relaxed)
        total.inFlight = now.shared.inFlight + now.exclusive.inFlight + now.long.inFlight
        total.gaveWay = counters.gaveWay.load(ordering: .relaxed)
        total.refusals = counters.refusals.withLock { $0 }
        total.loopLag = loop.lag
        return total
    }

    /// What the loop's thread writes and any thread reads.
    private final class Figures: Sendable {
        let current = Mutex(Pool.Statistics())
    }

    // MARK: On the loop's thread

    func submit(_ batch: Batch) {
        if batch.cancelled {
            batch.finish(.failure(CancellationError()))
        } else {
            shared.submit(batch)
        }
    }

    func cancel(_ batch: Batch) {
        if let pipeline = batch.pipeline {
            pipeline.cancel(batch)
        } else {
            batch.cancelled = true
            if shared.withdraw(batch) { batch.finish(.failure(CancellationError())) }
        }
    }

    func submit(_ lease: Lease) {
        if lease.cancelled {
            lease.refuse(CancellationError())
        } else {
            lane(of: lease).submit(lease)
        }
    }

    func cancel(_ lease: Lease) {
        lease.cancelled = true
        if lane(of: lease).withdraw(lease) { lease.refuse(CancellationError()) }
    }

    private func lane(of lease: Lease) -> Lane { lease.isLong ? long : exclusive }

    /// Gives a lent connection back.
    func release(_ pipeline: Pipeline, of lease: Lease, reusable: Bool) {
        let clean = reusable && pipeline.handle != nil && pipeline.isIdle && !pipeline.isInTransaction
        // A cancel request may arrive late, and would then hit the next caller.
        lane(of: lease).release(pipeline, reusable: clean && !pipeline.isStale && pipeline.lastCancelAt == nil)
    }

    func close(_ done: @escaping @Sendable () -> Void) {
        let lanes = lanes
        var open = lanes.count
        let drained = { [self] in
            open -= 1
            guard open == 0 else { return }
            loop.remove(self)
            done()
        }
        for lane in lanes { lane.close(drained: drained) }
    }

    func abandon() {
        for lane in lanes { lane.abandon() }
        loop.remove(self)
    }

    private var lanes: [Lane] { [shared, exclusive, long] }

    var nextDeadline: ContinuousClock.Instant? {
        Self.earlier(shared.nextDeadline, Self.earlier(exclusive.nextDeadline, long.nextDeadline))
    }

    private static func earlier(
        _ left: ContinuousClock.Instant?, _ right: ContinuousClock.Instant?
    ) -> ContinuousClock.Instant? {
        guard let left, let right else { return left ?? right }
        return min(left, right)
    }

    func tick(now: ContinuousClock.Instant) {
        for lane in lanes { lane.tick(now: now) }
    }
}
