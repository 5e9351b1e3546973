import Events

/// One set of connections: carries out what its `PoolState` decides.
///
/// Safe to send: touched only on the event loop's thread.
final class Lane: PipelineOwner, @unchecked Sendable {
    private let name: String
    private let loop: EventLoop
    private let connectRequest: ConnectRequest
    private let settings: Pipeline.Settings
    private var state: PoolState
    private var pipelines: [(id: Int, pipeline: Pipeline)] = []
    private var lastFailure: PostgresError?
    /// When the database was first found to be out of reach.
    private var awaySince: ContinuousClock.Instant?
    private var isSettling = false
    /// Threads at work on a connection, awaited or not: the process should not end under them.
    private var attempts = 0
    private var drainWaiters: [() -> Void] = []
    /// Told after every change, for the pool's figures.
    var changed: ((PoolState) -> Void)?

    init(
        _ name: String, _ connectRequest: ConnectRequest, limits: PoolState.Limits, settings: Pipeline.Settings,
        loop: EventLoop
    ) {
        self.name = name
        self.loop = loop
        self.connectRequest = connectRequest
        self.settings = settings
        state = PoolState(limits: limits)
    }

    func submit(_ request: PipelineRequest) {
        state.submit(request, affinity: request.affinity, now: .now)
        settle()
    }

    /// Drops a request that was not given a connection yet. False: it has one, or is done.
    func withdraw(_ request: PipelineRequest) -> Bool {
        defer { settle() }
        return state.withdraw { $0 === request }
    }

    /// Gives a connection back; one that is not fit for others is closed.
    func release(_ pipeline: Pipeline, reusable: Bool, affinity: Int? = nil) {
        guard let id = id(of: pipeline) else { return }
        if !reusable { state.retire(id) }
        state.finished(id, affinity: affinity, now: .now)
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

    func finished(_ batch: Batch, on pipeline: Pipeline) {
        release(pipeline, reusable: !pipeline.isStale, affinity: batch.affinity)
    }

    func gaveWay(_ batch: Batch, on pipeline: Pipeline) {
        finished(batch, on: pipeline)
        state.resubmit(batch, affinity: batch.affinity, now: .now)
        settle()
    }

    func stalled(_ pipeline: Pipeline) {
        guard let id = id(of: pipeline) else { return }
        settings.observers.tell(ConnectionStalled(silence: settings.patience ?? .zero, place: settings.place))
        state.stalled(id, now: .now)
        settle()
    }

    func recovered(_ pipeline: Pipeline) {
        guard let id = id(of: pipeline) else { return }
        state.recovered(id, now: .now)
        settle()
    }

    func lost(_ pipeline: Pipeline, _ error: PostgresError, inFlight: Int) {
        guard let id = id(of: pipeline) else { return }
        pipelines.removeAll { $0.id == id }
        lastFailure = error
        settings.observers.tell(ConnectionLost(error: error, inFlight: inFlight, place: settings.place))
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
            end(id, PostgresError(.connection, "the connection pool was closed", outcomeUnknown: true))
        case .cut(let id):
            let silent = PostgresError(.connection, "the database does not answer", outcomeUnknown: true)
            if !pipelines.contains(where: { $0.id == id }) {
                settings.observers.tell(ConnectingFailed(error: silent, place: settings.place))
            } else if awaySince == nil {
                settings.observers.tell(ServerFrozen(place: settings.place))
            }
            noteFailure(silent)
            end(id, silent)
        case .refuse(let request, let refusal): refuse(request, refusal)
        }
    }

    private func end(_ id: Int, _ error: PostgresError) {
        guard let index = pipelines.firstIndex(where: { $0.id == id }) else { return }
        pipelines.remove(at: index).pipeline.close(error)
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
            let pipeline = Pipeline(handle, loop: loop, settings: settings)
            if isAwaited {
                pipeline.owner = self
                pipelines.append((id, pipeline))
                lastFailure = nil
                if let since = awaySince {
                    awaySince = nil
                    settings.observers.tell(ConnectedAgain(away: .now - since, place: settings.place))
                }
                state.connected(id, now: .now)
            } else {
                pipeline.close(PostgresError(.connection, "connected too late"))
            }
        case .failure(let error) where isAwaited:
            settings.observers.tell(ConnectingFailed(error: error, place: settings.place))
            noteFailure(error)
            state.connectFailed(id, now: .now)
        case .failure: break  // Given up before.
        }
        settle()
    }

    private func noteFailure(_ error: PostgresError) {
        lastFailure = error
        if state.open == 0, awaySince == nil { awaySince = .now }
    }

    private func refuse(_ request: PipelineRequest, _ refusal: PoolState.Refusal) {
        let isAway = refusal == .away || refusal == .waitedTooLong && state.open == 0
        let reason: RequestRefusal =
            switch refusal {
            case .closed: .closed
            case .tooManyWaiting: .full
            case .away, .waitedTooLong: isAway ? .away : .waited
            }
        let event = DatabaseRequestRefused(
            reason: reason, lane: name, failure: isAway ? lastFailure : nil, place: settings.place)
        if reason == .away, awaySince == nil { awaySince = .now }
        settings.counters.refused(reason)
        settings.observers.tell(event)
        request.refuse(
            PostgresError(
                isAway || reason == .closed ? .connection : .poolExhausted, event.message,
                sqlState: event.failure?.sqlState))
    }
}
