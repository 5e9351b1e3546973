import CLibPQ
import Events

/// What comes back over a pipeline, and the end of a batch.
extension Pipeline {
    func ready(readable: Bool, writable: Bool) {
        guard let handle else { return }
        var alive = true
        if readable {
            hasHeard = true
            alive = PQconsumeInput(handle) == 1
        }
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
        if isStalled {
            isStalled = false
            owner?.recovered(self)
        }
        if batch.isHousekeeping { return }
        if batch.offence != nil, batch.discipline != .exclusive {
            expel(batch)
            return
        }
        var result = Result<[Rows], any Error>.success(batch.rows)
        if let error = batch.error {
            if error.sqlState == .readOnly || error.refusesRole { isStale = true }
            if error.refusesRole { settings.observers.tell(RoleStale(place: settings.place)) }
            if givesWay(batch, error) || resends(batch, error) { return }
            if let state = error.sqlState, state == .lockNotAvailable || state == .queryCanceled && !batch.cancelled {
                settings.observers.tell(StatementTimedOut(state: state, place: settings.place))
            }
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
        // The place is given free first, so that the next batch is on its way while this one's task wakes up.
        owner?.finished(batch, on: self)
        batch.finish(result)
    }

    /// Hands a batch back that was broken off for the sake of those behind it, and is rolled back.
    private func givesWay(_ batch: Batch, _ error: PostgresError) -> Bool {
        guard batch.isSlow, !batch.hasGivenWay, error.sqlState == .queryCanceled, batch.repeatable, !batch.cancelled,
            !batch.expired, let owner
        else { return false }
        batch.hasGivenWay = true
        batch.deadline = nil
        settings.counters.gaveWay.count()
        settings.observers.tell(BatchGaveWay(place: settings.place))
        owner.gaveWay(batch, on: self)
        return true
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
}
