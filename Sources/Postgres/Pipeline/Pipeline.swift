import CLibPQ
import Events

/// Who keeps a pipeline and gives it work. Called on the loop's thread.
protocol PipelineOwner: AnyObject {
    /// A shared batch was answered, and its place is free.
    func finished(_ batch: Batch, on pipeline: Pipeline)
    /// A slow batch was broken off for the sake of those behind it; its place is free, and it wants another.
    func gaveWay(_ batch: Batch, on pipeline: Pipeline)
    /// The server has owed an answer for longer than the pipeline's patience.
    func stalled(_ pipeline: Pipeline)
    /// A stalled one answered.
    func recovered(_ pipeline: Pipeline)
    /// The connection is closed and everything in flight, so many batches, has been failed.
    func lost(_ pipeline: Pipeline, _ error: PostgresError, inFlight: Int)
}

/// One libpq connection in pipeline mode, with the batches on their way over it in order.
///
/// Safe to send: touched only on the event loop's thread.
final class Pipeline: LoopHandler, @unchecked Sendable {
    /// What pipelines of a pool have in common.
    struct Settings {
        /// 0: nothing is prepared by name.
        var statementCacheSize = 256
        /// How long an answer may be owed before `stalled`; nil for ever.
        var patience: Duration?
        /// `host:port/database`, for events.
        var place = ""
        var observers = Observers.none
        var counters = Counters()
    }

    let loop: EventLoop
    let settings: Settings
    private(set) var handle: OpaquePointer?
    private let descriptor: Int32
    private var token: UInt64 = 0
    private(set) var watchesWritable = false
    var inFlight: [Batch] = []
    var statements: StatementCache
    private var parameters = ParameterBuffer()
    weak var owner: (any PipelineOwner)?

    /// A script, which runs outside of pipeline mode, and what waits for its end.
    var simple: SimpleOperation?
    var backlog: [Backlog] = []

    /// When the head of the queue is next looked at; see `tick`.
    var nextDeadline: ContinuousClock.Instant?
    /// When the present head became it.
    var headSince: ContinuousClock.Instant?
    /// Since when the server, which owes an answer, has said nothing, as far as `tick` saw.
    var silentSince: ContinuousClock.Instant?
    /// Bytes came since `tick` last asked.
    var hasHeard = false
    var isStalled = false
    /// When the server was asked to break the head off.
    var cancelSentAt: ContinuousClock.Instant?
    /// Whether it was asked because the head must end, and not for the sake of those behind it.
    var isCancelFinal = false
    /// The server has read the cancel request.
    var isCancelTaken = false
    var lastCancelAt: ContinuousClock.Instant?
    /// Not to be used for new work: what it answered says that it is not (or no longer) the right server.
    var isStale = false

    init(_ connected: ConnectRequest.Handle, loop: EventLoop, settings: Settings) {
        self.loop = loop
        self.settings = settings
        handle = connected.pointer
        descriptor = PQsocket(connected.pointer)
        statements = StatementCache(capacity: settings.statementCacheSize, counters: settings.counters)
        token = loop.register(descriptor, self)
    }

    deinit {
        statements.forget()
        if let handle { PQfinish(handle) }
    }

    var isIdle: Bool { inFlight.isEmpty && simple == nil && backlog.isEmpty }
    var isInTransaction: Bool { handle.map { PQtransactionStatus($0) != PQTRANS_IDLE } ?? false }

    // MARK: Sending

    /// Queues a batch and sends it. False: the connection is broken, and nothing of the batch was sent.
    func send(_ batch: Batch) -> Bool {
        guard let handle, PQstatus(handle) == CONNECTION_OK else { return false }
        if simple != nil || !backlog.isEmpty {
            batch.pipeline = self
            backlog.append(.batch(batch))
            return true
        }
        if batch.discipline == .shared || inFlight.isEmpty && !isInTransaction {
            guard deallocateDiscarded(handle) else { return false }
        }
        batch.prepareTrip()
        batch.pipeline = self
        var queued = false
        for statement in batch.statements {
            guard queue(statement, of: batch, handle) else {
                if !queued { return false }
                enqueue(batch)
                close(.connection(handle, sent: true))
                return true
            }
            queued = true
        }
        enqueue(batch)
        sync(handle)
        return true
    }

    private func queue(_ statement: Statement, of batch: Batch, _ handle: OpaquePointer) -> Bool {
        parameters.fill(statement.sql.bindings)
        let text = statement.sql.text
        guard settings.statementCacheSize > 0, let purpose = statement.preparedFor else {
            return queueUnnamed(text, of: batch, handle)
        }
        let key = StatementCache.Key(preparedFor: purpose, text: text)
        let prepared: PreparedStatement
        if let known = statements.usable(key, by: batch) {
            prepared = known
        } else if let new = statements.add(key, preparer: batch) {
            prepared = new
            guard PQsendPrepare(handle, new.name, text, parameters.count, parameters.types) == 1 else { return false }
            batch.steps.append(.prepare(new))
        } else {
            return queueUnnamed(text, of: batch, handle)
        }
        guard
            PQsendQueryPrepared(
                handle, prepared.name, parameters.count, parameters.values, parameters.lengths, parameters.formats, 1)
                == 1
        else { return false }
        batch.steps.append(.execute(prepared))
        return true
    }

    private func queueUnnamed(_ text: String, of batch: Batch, _ handle: OpaquePointer) -> Bool {
        guard
            PQsendQueryParams(
                handle, text, parameters.count, parameters.types, parameters.values, parameters.lengths,
                parameters.formats, 1) == 1
        else { return false }
        batch.steps.append(.execute(nil))
        return true
    }

    private func enqueue(_ batch: Batch) {
        inFlight.append(batch)
        if inFlight.count == 1 { headChanged() } else { somebodyWaits() }
    }

    private func sync(_ handle: OpaquePointer) {
        guard PQpipelineSync(handle) == 1 else {
            noticeLoss()
            return
        }
        flush()
    }

    /// DEALLOCATE in a batch of its own, so that it disturbs nobody's transaction. What is queued before it may still
    /// use the names; nothing after it does. False: the connection is broken.
    private func deallocateDiscarded(_ handle: OpaquePointer) -> Bool {
        let names = statements.takeDiscarded()
        guard !names.isEmpty else { return true }
        let statements = names.map { Statement(SQL(unchecked: "DEALLOCATE \"\($0)\"")) }
        let housekeeping = Batch(statements, discipline: .exclusive, timeout: .seconds(5)) { _ in }
        housekeeping.isHousekeeping = true
        housekeeping.prepareTrip()
        housekeeping.pipeline = self
        parameters.fill([])
        let isQueued = housekeeping.statements.allSatisfy { queueUnnamed($0.sql.text, of: housekeeping, handle) }
        guard isQueued, PQpipelineSync(handle) == 1 else {
            // What of it was sent has no entry in `inFlight`: answers could no longer be told apart.
            close(.connection(handle, sent: true))
            return false
        }
        enqueue(housekeeping)
        return true
    }

    /// Sends what libpq holds, and asks to be called when the socket takes more.
    func flush() {
        guard let handle else { return }
        let result = PQflush(handle)
        guard result >= 0 else {
            noticeLoss()
            return
        }
        if (result == 1) != watchesWritable {
            watchesWritable = result == 1
            loop.watch(descriptor, token, writable: watchesWritable)
        }
    }

    /// Writing failed: libpq may have closed the socket, and then no event comes any more. Looks at once for what the
    /// server said last, but not within the call that is being made.
    func noticeLoss() {
        loop.execute { self.ready(readable: true, writable: false) }
    }

    /// Closes the connection and fails what is in flight.
    func close(_ error: PostgresError) {
        guard let handle else { return }
        self.handle = nil
        // A socket that libpq closed is no longer watched, and its number may be another's by now.
        loop.unregister(PQsocket(handle) == descriptor ? descriptor : nil, token)
        PQfinish(handle)
        nextDeadline = nil
        statements.forget()
        let batches = inFlight
        inFlight = []
        for batch in batches {
            let own = batch.error.flatMap { $0.kind == .connection ? $0 : nil }
            batch.pipeline = nil
            batch.finish(.failure(batch.interruption(instead: own ?? error)))
        }
        failSimple(error)
        let owner = owner
        self.owner = nil
        owner?.lost(self, error, inFlight: batches.count)
    }
}
