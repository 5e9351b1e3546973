import CLibPQ

/// Who keeps a pipeline and gives it work. Called on the loop's thread.
protocol PipelineOwner: AnyObject {
    /// A shared batch was answered, and its place is free.
    func finished(on pipeline: Pipeline)
    /// The connection is closed and everything in flight has been failed.
    func lost(_ pipeline: Pipeline, _ error: PostgresError)
}

/// One libpq connection in pipeline mode, with the batches on their way over it in order.
///
/// Safe to send: touched only on the event loop's thread.
final class Pipeline: LoopHandler, @unchecked Sendable {
    let loop: EventLoop
    private(set) var handle: OpaquePointer?
    private let descriptor: Int32
    private var token: UInt64 = 0
    private var watchesWritable = false
    private(set) var inFlight: [Batch] = []
    private var statements: StatementCache
    private var parameters = ParameterBuffer()
    weak var owner: (any PipelineOwner)?

    /// A script or a COPY, which run outside of pipeline mode, and what waits for its end.
    var simple: SimpleOperation?
    var backlog: [Backlog] = []
    var notificationSink: ((Notification) -> Void)?

    /// When the head of the queue is next looked at; see `tick`.
    var nextDeadline: ContinuousClock.Instant?
    var cancelSentAt: ContinuousClock.Instant?
    var lastCancelAt: ContinuousClock.Instant?
    /// Not to be used for new work: what it answered says that it is not (or no longer) the right server.
    private(set) var isStale = false

    init(_ connected: ConnectRequest.Handle, loop: EventLoop, statementCacheSize: Int) {
        self.loop = loop
        handle = connected.pointer
        descriptor = PQsocket(connected.pointer)
        statements = StatementCache(capacity: statementCacheSize)
        token = loop.register(descriptor, self)
    }

    deinit {
        if let handle { PQfinish(handle) }
    }

    var isIdle: Bool { inFlight.isEmpty && simple == nil && backlog.isEmpty }
    var cachedStatements: Int { statements.count }
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
        if batch.discipline == .shared || inFlight.isEmpty && !isInTransaction { deallocateDiscarded(handle) }
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
        guard let scope = statement.scope else { return queueUnnamed(text, of: batch, handle) }
        let key = StatementCache.Key(scope: scope, text: text)
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
        if let timeout = batch.timeout, batch.deadline == nil { batch.deadline = .now + timeout + Self.serverFirst }
        if inFlight.count == 1 { headChanged() }
    }

    private func sync(_ handle: OpaquePointer) {
        guard PQpipelineSync(handle) == 1 else {
            noticeLoss()
            return
        }
        flush()
    }

    /// DEALLOCATE in a batch of its own, so that it disturbs nobody's transaction. What is queued before it may still
    /// use the names; nothing after it does.
    private func deallocateDiscarded(_ handle: OpaquePointer) {
        let names = statements.takeDiscarded()
        guard !names.isEmpty else { return }
        let statements = names.map { Statement(SQL(unchecked: "DEALLOCATE \"\($0)\"")) }
        let housekeeping = Batch(statements, discipline: .exclusive, timeout: .seconds(5)) { _ in }
        housekeeping.isHousekeeping = true
        housekeeping.prepareTrip()
        housekeeping.pipeline = self
        parameters.fill([])
        for statement in housekeeping.statements {
            guard queueUnnamed(statement.sql.text, of: housekeeping, handle) else { return }
        }
        enqueue(housekeeping)
        _ = PQpipelineSync(handle)
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

    // MARK: Receiving

    func ready(readable: Bool, writable: Bool) {
        guard let handle else { return }
        var alive = true
        if readable { alive = PQconsumeInput(handle) == 1 }
        if watchesWritable { flush() }
        process()
        if alive, self.handle != nil, PQsslInUse(handle) == 1, PQisBusy(handle) == 1 {
            // OpenSSL may hold bytes of a record that epoll knows nothing of.
            alive = PQconsumeInput(handle) == 1
            process()
        }
        if self.handle != nil, !alive || PQstatus(handle) != CONNECTION_OK {
            close(.connection(handle, sent: true))
        }
    }

    /// Goes through what was received.
    func process() {
        guard let handle else { return }
        if let simple {
            simple.process(handle)
        } else {
            var idleAnswers = 0
            while self.handle != nil, let batch = inFlight.first, PQisBusy(handle) == 0 {
                if let result = PQgetResult(handle) {
                    idleAnswers = 0
                    take(result, for: batch)
                } else if batch.stepAnswered {
                    batch.stepAnswered = false
                    batch.step += 1
                } else {
                    idleAnswers += 1
                    if idleAnswers > 2 { break }
                }
            }
        }
        guard self.handle != nil else { return }
        if inFlight.isEmpty, simple == nil { _ = PQisBusy(handle) }  // Reads notices, which come unasked.
        deliverNotifications(handle)
        startBacklog()
    }

    private func take(_ result: OpaquePointer, for batch: Batch) {
        batch.stepAnswered = true
        let step = batch.step < batch.steps.count ? batch.steps[batch.step] : nil
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK:
            batch.rows.append(rows(result, step))
            return  // The rows own the result now.
        case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            if case .prepare(let statement) = step {
                statement.state = .ready
            } else {
                if let tag = PQcmdStatus(result) { batch.note(tag: tag) }
                batch.rows.append(Rows(result: result, columns: nil))
                return
            }
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            batch.stepAnswered = false
            synced(batch)
            return
        case PGRES_PIPELINE_ABORTED:
            if case .prepare(let statement) = step { statements.drop(statement, held: false) }
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            batch.offence = "COPY"
            PQclear(result)
            expel(batch)
            return
        default:
            fail(batch, step, PostgresError(result: result))
        }
        PQclear(result)
    }

    private func rows(_ result: OpaquePointer, _ step: Batch.Step?) -> Rows {
        guard case .execute(let prepared?) = step else { return Rows(result: result, columns: nil) }
        if let columns = prepared.columns, columns.fits(result) { return Rows(result: result, columns: columns) }
        let columns = Columns(result: result)
        prepared.columns = columns
        return Rows(result: result, columns: columns)
    }

    private func fail(_ batch: Batch, _ step: Batch.Step?, _ error: PostgresError) {
        if batch.error == nil { batch.error = error }
        switch step {
        case .prepare(let statement): statements.drop(statement, held: false)
        case .execute(let statement?): batch.failedStatement = statement
        default: break
        }
    }

    // MARK: The end of a batch

    private func synced(_ batch: Batch) {
        inFlight.removeFirst()
        batch.pipeline = nil
        headChanged()
        if batch.isHousekeeping { return }
        if batch.offence != nil, batch.discipline != .exclusive {
            expel(batch)
            return
        }
        var result = Result<[Rows], any Error>.success(batch.rows)
        if let error = batch.error {
            if error.sqlState == .readOnly || error.refusesRole { isStale = true }
            if resends(batch, error) { return }
            result = .failure(outcome(of: batch, error))
        } else if batch.rows.count != batch.statements.count {
            // whoever sent the statements takes their answers by number
            result = .failure(PostgresError(.protocolViolation, "the server answered another number of statements"))
        }
        guard batch.discipline == .shared else {
            batch.finish(result)
            return
        }
        if inFlight.isEmpty, isInTransaction {
            batch.offence = "leaving a transaction open"
            expel(batch)
            return
        }
        // First the place it leaves, so that the next is on its way while this one's task wakes up.
        owner?.finished(on: self)
        batch.finish(result)
    }

    /// Sends a rolled-back batch again where the failure was not its own.
    private func resends(_ batch: Batch, _ error: PostgresError) -> Bool {
        guard let state = error.sqlState else { return false }
        var stale = false
        if let statement = batch.failedStatement, state == .featureNotSupported || state == .invalidStatementName {
            stale = statement.preparer !== batch
            statements.drop(statement, held: state == .featureNotSupported)
        }
        guard batch.discipline == .shared, batch.repeatable, !batch.cancelled, !batch.expired, batch.trips < 4 else {
            return false
        }
        let foreignCancel = state == .queryCanceled && lastCancelAt.map { .now - $0 < .seconds(5) } ?? false
        let collision = state == .deadlockDetected || state == .serializationFailure
        return (stale || foreignCancel || collision) && send(batch)
    }

    private func outcome(of batch: Batch, _ error: PostgresError) -> any Error {
        guard error.sqlState == .queryCanceled || error.kind == .connection && (batch.cancelled || batch.expired) else {
            return error
        }
        return batch.interruption(instead: error)
    }

    /// Ends a batch that broke the discipline, and the connection with it: nobody else may see what it left.
    private func expel(_ batch: Batch) {
        let error = PostgresError(
            .protocolViolation, "\(batch.offence ?? "this command") is not allowed in a batch; the connection is closed"
        )
        inFlight.removeAll { $0 === batch }
        batch.finish(.failure(error))
        close(PostgresError(.connection, "another batch on the connection ended it", outcomeUnknown: true))
    }

    /// Closes the connection and fails what is in flight.
    func close(_ error: PostgresError) {
        guard let handle else { return }
        self.handle = nil
        // A socket that libpq closed is no longer watched, and its number may be another's by now.
        loop.unregister(PQsocket(handle) == descriptor ? descriptor : nil, token)
        PQfinish(handle)
        nextDeadline = nil
        notificationSink = nil
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
        owner?.lost(self, error)
    }
}
