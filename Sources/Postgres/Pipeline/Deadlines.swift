import CLibPQ

extension Pipeline {
    /// A batch that takes longer than this gives way, once, to what was sent behind it.
    static let givesWayAfter = Duration.milliseconds(250)
    /// A cancelled batch gets this long to end by itself: opening a connection to cancel what takes a millisecond
    /// would cost more than it saves.
    private static let cancelGrace = Duration.milliseconds(10)
    /// The server's own `statement_timeout` gets so much time to come first: it costs no cancel request.
    static let serverFirst = Duration.milliseconds(100)
    /// A server that does not even read a cancel request within this time is gone, and the connection is given up.
    private static let cancelLimit = Duration.seconds(2)
    /// One that read it may be busy with what cannot be interrupted: others wait behind it on this connection, which
    /// is given up only after this time.
    private static let endLimit = Duration.seconds(10)

    /// Marks a batch whose task was cancelled; the server is asked to stop it once it is its turn.
    func cancel(_ batch: Batch) {
        batch.cancelled = true
        guard inFlight.first === batch, cancelSentAt == nil || !isCancelFinal else { return }
        look(at: .now + Self.cancelGrace)
    }

    /// Another batch is executing now (or none). Its time begins.
    func headChanged() {
        cancelSentAt = nil
        guard let head = inFlight.first else {
            nextDeadline = nil
            return
        }
        let now = ContinuousClock.now
        headSince = now
        silentSince = now
        hasHeard = false
        if let timeout = head.timeout, head.deadline == nil { head.deadline = now + timeout + Self.serverFirst }
        nextDeadline = nextLook(at: head, now)
        if head.cancelled { look(at: now + Self.cancelGrace) }
    }

    /// A batch was sent behind the one that is executing.
    func somebodyWaits() {
        if inFlight.count == 2, let head = inFlight.first, let moment = yieldMoment(of: head) { look(at: moment) }
    }

    /// Brings the next look forward, never back; `tick` puts it right.
    private func look(at moment: ContinuousClock.Instant) {
        nextDeadline = nextDeadline.map { min($0, moment) } ?? moment
    }

    /// When something is next due for the batch that is executing.
    private func nextLook(at head: Batch, _ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        var next: ContinuousClock.Instant?
        func consider(_ moment: ContinuousClock.Instant?) {
            if let moment, next.map({ moment < $0 }) ?? true { next = moment }
        }
        if let cancelSentAt, isCancelFinal {
            consider(cancelSentAt + (isCancelTaken ? Self.endLimit : Self.cancelLimit))
        } else {
            consider(head.deadline)
            if cancelSentAt == nil, inFlight.count > 1 { consider(yieldMoment(of: head)) }
        }
        if !isStalled, let silentSince { consider(settings.patience.map { silentSince + $0 }) }
        return next
    }

    private func yieldMoment(of head: Batch) -> ContinuousClock.Instant? {
        guard head.discipline == .shared, !head.hasGivenWay, head.repeatable, owner != nil else { return nil }
        return headSince.map { $0 + Self.givesWayAfter }
    }

    /// Enforces the time limits of the batch that is executing: those behind it have all of theirs yet.
    func tick(now: ContinuousClock.Instant) {
        guard let deadline = nextDeadline, deadline <= now else { return }
        nextDeadline = nil
        guard let head = inFlight.first, let handle else { return }
        if let limit = head.deadline, limit <= now { head.expired = true }
        if head.expired || head.cancelled {
            if cancelSentAt == nil || !isCancelFinal { sendCancel(handle, for: head, isFinal: true, now) }
            if let cancelSentAt, now >= cancelSentAt + (isCancelTaken ? Self.endLimit : Self.cancelLimit) {
                close(PostgresError(.connection, "the server did not answer in time", outcomeUnknown: true))
                return
            }
        } else if cancelSentAt == nil, inFlight.count > 1, let moment = yieldMoment(of: head), moment <= now {
            head.isSlow = true
            sendCancel(handle, for: head, isFinal: false, now)
        }
        nextDeadline = nextLook(at: head, now)
        noticeSilence(now)
    }

    private func sendCancel(_ handle: OpaquePointer, for head: Batch, isFinal: Bool, _ now: ContinuousClock.Instant) {
        cancelSentAt = now
        isCancelFinal = isFinal
        isCancelTaken = false
        lastCancelAt = now
        CancelRequest.send(for: handle) { [loop, self] taken in
            loop.execute {
                if taken, self.inFlight.first === head, self.cancelSentAt == now { self.isCancelTaken = true }
            }
        }
    }

    private func noticeSilence(_ now: ContinuousClock.Instant) {
        guard !isStalled, let patience = settings.patience, let since = silentSince, since + patience <= now else {
            return
        }
        silentSince = now
        if hasHeard {
            hasHeard = false
            look(at: now + patience)
        } else {
            isStalled = true
            owner?.stalled(self)  // which may close this connection
        }
    }
}

extension Batch {
    /// The error of a batch that ended in `last`: that it was stopped on purpose, where it was; but not in place of the
    /// news that it may have been done all the same.
    func interruption(instead last: PostgresError) -> any Error {
        if cancelled { return last.outcomeUnknown ? last : CancellationError() }
        if expired {
            return PostgresError(
                .timeout, "the statement took too long", sqlState: error?.sqlState, outcomeUnknown: last.outcomeUnknown)
        }
        return last
    }
}
