import Synchronization

/// A transaction in progress, on a connection nobody else uses. Valid only within the body it was given to.
public final class Transaction: Sendable {
    private let pipeline: Pipeline
    private let timeout: Duration
    private let isOver = Atomic<Bool>(false)

    init(_ pipeline: Pipeline, timeout: Duration) {
        self.pipeline = pipeline
        self.timeout = timeout
    }

    /// Runs statements in one round trip. An error fails the transaction: everything after it is refused until it is
    /// rolled back.
    public func batch(_ statements: [Statement]) async throws -> [Rows] {
        try check()
        return try await pipeline.run(statements, discipline: .transaction, timeout: timeout)
    }

    /// Runs queries in one round trip and reads their answers, each by its query.
    public func callAsFunction<each Output>(
        _ query: repeat Query<each Output>
    ) async throws -> (repeat each Output) {
        var statements: [Statement] = []
        repeat statements.append(Statement((each query).sql))
        return try decode(repeat each query, from: try await batch(statements), skipping: 0)
    }

    func begin(_ first: [Statement]) async throws {
        let limit = Statement(SQL(unchecked: "SET LOCAL statement_timeout = \(max(timeout.milliseconds, 1))"))
        _ = try await pipeline.run(
            [Statement("BEGIN"), limit] + first, discipline: .exclusive, timeout: timeout)
    }

    func commit() async throws {
        isOver.store(true, ordering: .relaxed)
        let answer = try await pipeline.run(
            [Statement("COMMIT")], discipline: .exclusive, timeout: timeout, cancellable: false)
        guard answer.first?.commandTag == "COMMIT" else {
            throw PostgresError(
                .server, "the transaction had failed and was rolled back", sqlState: .inFailedTransaction)
        }
    }

    /// False: the connection must not be used again.
    func rollback() async -> Bool {
        isOver.store(true, ordering: .relaxed)
        let answer = try? await pipeline.run(
            [Statement("ROLLBACK")], discipline: .exclusive, timeout: .seconds(5), cancellable: false)
        return answer != nil
    }

    private func check() throws {
        if isOver.load(ordering: .relaxed) {
            throw PostgresError(.protocolViolation, "the transaction is over")
        }
    }
}

/// Reads each answer by its query.
func decode<each Output>(
    _ query: repeat Query<each Output>, from answers: [Rows], skipping: Int
) throws -> (repeat each Output) {
    var next = skipping
    func read<Value>(_ query: Query<Value>) throws -> Value {
        defer { next += 1 }
        return try query.decode(answers[next])
    }
    return (repeat try read(each query))
}

extension Pipeline {
    /// Sends a batch over a connection that the caller alone uses, and waits for its answers.
    func run(
        _ statements: [Statement], discipline: Batch.Discipline, timeout: Duration?, cancellable: Bool = true
    ) async throws -> [Rows] {
        for statement in statements { try statement.validate() }
        let trip = Trip(self, cancellable: cancellable)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                trip.start(statements, discipline, timeout, continuation)
            }
        } onCancel: {
            trip.cancel()
        }
    }
}

/// A batch on its way from a task to a lent connection.
///
/// Safe to send: `handedOver` is written on the caller's thread before the work is handed over, and read once it was;
/// everything else is touched on the loop's thread only.
private final class Trip: LoopWork, @unchecked Sendable {
    private let pipeline: Pipeline
    private let cancellable: Bool
    private var handedOver: Batch?
    private var batch: Batch?
    private var cancelled = false

    init(_ pipeline: Pipeline, cancellable: Bool) {
        self.pipeline = pipeline
        self.cancellable = cancellable
    }

    func start(
        _ statements: [Statement], _ discipline: Batch.Discipline, _ timeout: Duration?,
        _ continuation: CheckedContinuation<[Rows], any Error>
    ) {
        handedOver = Batch(statements, discipline: discipline, timeout: timeout) { continuation.resume(with: $0) }
        pipeline.loop.submit(self)
    }

    func run() {
        guard let batch = handedOver else { return }
        self.batch = batch
        if cancelled {
            batch.finish(.failure(CancellationError()))
        } else if !pipeline.send(batch) {
            batch.finish(.failure(PostgresError(.connection, "the connection to the database was lost")))
        }
    }

    func cancel() {
        guard cancellable else { return }
        pipeline.loop.execute { [self] in
            cancelled = true
            if let batch, batch.pipeline === pipeline { pipeline.cancel(batch) }
        }
    }
}
