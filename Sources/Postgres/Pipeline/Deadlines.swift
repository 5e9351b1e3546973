extension Pipeline {
    /// A cancelled batch gets this long to end by itself: opening a connection to cancel what takes a millisecond
    /// would cost more than it saves.
    private static let cancelGrace = Duration.milliseconds(10)
    /// The server's own `statement_timeout` gets so much time to come first: it costs no cancel request.
    static let serverFirst = Duration.milliseconds(100)
    /// How long after a cancel request the server has to answer before the connection is given up.
    private static let answerLimit = Duration.seconds(2)

    /// Marks a batch whose task was cancelled; the server is asked to stop it once it is its turn.
    func cancel(_ batch: Batch) {
        batch.cancelled = true
        guard inFlight.first === batch, cancelSentAt == nil else { return }
        look(at: .now + Self.cancelGrace)
    }

    /// Another batch is executing now (or none).
    func headChanged() {
        cancelSentAt = nil
        guard let head = inFlight.first else {
            nextDeadline = nil
            return
        }
        if head.cancelled {
            look(at: .now + Self.cancelGrace)
        } else if let deadline = head.deadline {
            look(at: deadline)
        }
    }

    /// Only ever brings the next look forward; `tick` puts it right.
    private func look(at moment: ContinuousClock.Instant) {
        nextDeadline = nextDeadline.map { min($0, moment) } ?? moment
    }

    /// Enforces the deadline of the batch that is executing. Those behind it have later ones.
    func tick(now: ContinuousClock.Instant) {
        guard let deadline = nextDeadline, deadline <= now else { return }
        nextDeadline = nil
        guard let head = inFlight.first, let handle else { return }
        if let cancelSentAt {
            if now >= cancelSentAt + Self.answerLimit {
                close(PostgresError(.connection, "the server did not answer in time", outcomeUnknown: true))
            } else {
                nextDeadline = cancelSentAt + Self.answerLimit
            }
            return
        }
        if let limit = head.deadline, limit <= now { head.expired = true }
        if head.expired || head.cancelled {
            CancelRequest.send(for: handle)
            cancelSentAt = now
            lastCancelAt = now
            nextDeadline = now + Self.answerLimit
        } else {
            nextDeadline = head.deadline
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
