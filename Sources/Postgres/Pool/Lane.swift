/// A request for a connection of a lane. A class to derive from rather than a protocol, so that the pool's inner loop
/// is not generic code.
///
/// Safe to send: made on the caller's thread, then touched only on the event loop's.
class LaneRequest: @unchecked Sendable {
    let affinity: Int

    init(affinity: Int) { self.affinity = affinity }

    /// Begins on the connection. False: it is broken and nothing was sent.
    func begin(on pipeline: Pipeline) -> Bool { false }

    func refuse(_ error: any Error) {}
}

/// One set of connections: carries out what its `PoolState` decides.
///
/// Safe to send: touched only on the event loop's thread.
final class Lane: PipelineOwner, @unchecked Sendable {
    private let loop: EventLoop
    private let connectRequest: ConnectRequest
    private let statementCacheSize: Int
    private var state: PoolState
    private var pipelines: [(id: Int, pipeline: Pipeline)] = []
    private var lastFailure: PostgresError?
    private var isSettling = false
    /// Threads at work on a connection, awaited or not: the process should not end under them.
    private var attempts = 0
    private var drainWaiters: [() -> Void] = []
    /// Told after every change, for the pool's figures.
    var changed: ((PoolState) -> Void)?

    init(_ connectRequest: ConnectRequest, limits: PoolState.Limits, statementCacheSize: Int, loop: EventLoop) {
        self.loop = loop
        self.connectRequest = connectRequest
        self.statementCacheSize = statementCacheSize
        state = PoolState(limits: limits)
    }

    func submit(_ request: LaneRequest) {
        state.submit(request, affinity: request.affinity, now: .now)
        settle()
    }

    /// Drops a request that was not given a connection yet. False: it has one, or is done.
    func withdraw(_ request: LaneRequest) -> Bool {
        defer { settle() }
        return state.withdraw { $0 === request }
    }

    /// Gives a connection back; one that is not fit for others is closed.
    func release(_ pipeline: Pipeline, reusable: Bool) {
        guard let id = id(of: pipeline) else { return }
        if !reusable { state.retire(id) }
        state.finished(id, now: .now)
        settle()
    }

    func close(drained: @escaping () -> Void) {
        drainWaiters.append(drained)
        state.close(now: .now)
        settle()
    }

    func abandon() {
        state.abandon()
        settle()
    }

    // MARK: Pipelines

    func finished(on pipeline: Pipeline) {
        release(pipeline, reusable: !pipeline.isStale)
    }

    func lost(_ pipeline: Pipeline, _ error: PostgresError) {
        guard let id = id(of: pipeline) else { return }
        pipelines.removeAll { $0.id == id }
        lastFailure = error
        state.lost(id, now: .now)
        settle()
    }

    private func id(of pipeline: Pipeline) -> Int? {
        pipelines.first { $0.pipeline === pipeline }?.id
    }

    // MARK: Time

    var nextDeadline: ContinuousClock.Instant? {
        var next = state.nextDeadline
        for (_, pipeline) in pipelines {
            if let deadline = pipeline.nextDeadline, next.map({ deadline < $0 }) ?? true { next = deadline }
        }
        return next
    }

    func tick(now: ContinuousClock.Instant) {
        for (_, pipeline) in pipelines { pipeline.tick(now: now) }
        state.tick(now: now)
        settle()
    }

    // MARK: Actions

    /// Carries out the state's decisions until it has no more. Doing so calls back into this object; the outermost
    /// call does the work.
    private func settle() {
        guard !isSettling else { return }
        isSettling = true
        while !state.actions.isEmpty {
            for action in state.takeActions() { perform(action) }
        }
        isSettling = false
        changed?(state)
        if state.isClosed, state.isDrained, attempts == 0, !drainWaiters.isEmpty {
            let waiters = drainWaiters
            drainWaiters = []
            for waiter in waiters { waiter() }
        }
    }

    private func perform(_ action: PoolState.Action) {
        switch action {
        case .connect(let id): connect(id)
        case .assign(let request, let id):
            guard let pipeline = pipelines.first(where: { $0.id == id })?.pipeline else {
                state.resubmit(request, affinity: request.affinity, now: .now)
                return
            }
            if request.begin(on: pipeline) { return }
            state.resubmit(request, affinity: request.affinity, now: .now)
            pipeline.close(PostgresError(.connection, "the connection to the database was lost"))
        case .close(let id):
            guard let index = pipelines.firstIndex(where: { $0.id == id }) else { return }
            let pipeline = pipelines.remove(at: index).pipeline
            pipeline.close(PostgresError(.connection, "the connection pool was closed", outcomeUnknown: true))
        case .refuse(let request, let refusal): request.refuse(error(for: refusal))
        }
    }

    private func connect(_ id: Int) {
        attempts += 1
        connectRequest.start { [loop, self] result in
            loop.execute { self.connected(id, result) }
        }
    }

    private func connected(_ id: Int, _ result: Result<ConnectRequest.Handle, PostgresError>) {
        attempts -= 1
        let isAwaited = state.slots.contains { $0.id == id }
        switch result {
        case .success(let handle):
            let pipeline = Pipeline(handle, loop: loop, statementCacheSize: statementCacheSize)
            if isAwaited {
                pipeline.owner = self
                pipelines.append((id, pipeline))
                lastFailure = nil
                state.connected(id, now: .now)
            } else {
                pipeline.close(PostgresError(.connection, "connected too late"))
            }
        case .failure(let error):
            lastFailure = error
            if isAwaited { state.connectFailed(id, now: .now) }
        }
        settle()
    }

    private func error(for refusal: PoolState.Refusal) -> PostgresError {
        switch refusal {
        case .closed: PostgresError(.connection, "the connection pool is closed")
        case .tooManyWaiting: PostgresError(.poolExhausted, "too many requests wait for a database connection")
        case .waitedTooLong:
            if state.open == 0 {
                PostgresError(.connection, lastFailure?.message ?? "the database did not answer in time")
            } else {
                PostgresError(.poolExhausted, "no database connection became free in time")
            }
        }
    }
}
