import CLibPQ

/// A connection that nobody else uses, for migrations and for whatever changes the session.
///
/// Safe to share: every call is handed to the event loop's thread; calls are carried out in order.
public final class Connection: Sendable {
    private let pipeline: Pipeline
    private let timer: ConnectionTimer?
    /// The server's version as libpq counts it: 15.20 is 150020.
    public let serverVersion: Int

    /// One lent by a pool, which sees to its deadlines and its end.
    init(_ pipeline: Pipeline) {
        self.pipeline = pipeline
        timer = nil
        serverVersion = pipeline.serverVersion
    }

    private init(owning pipeline: Pipeline) {
        self.pipeline = pipeline
        let timer = ConnectionTimer(pipeline)
        self.timer = timer
        serverVersion = pipeline.serverVersion
        pipeline.loop.execute { pipeline.loop.add(timer) }
    }

    deinit {
        guard let timer else { return }
        let pipeline = pipeline
        pipeline.loop.execute {
            pipeline.loop.remove(timer)
            pipeline.close(PostgresError(.connection, "the connection was closed"))
        }
    }

    /// Connects outside of any pool.
    ///
    /// - Parameter connectTimeout: for name resolution, all hosts and signing in together.
    public static func connect(
        conninfo: String, connectTimeout: Duration = .seconds(5), applicationName: String? = nil
    ) async throws -> Connection {
        let request = ConnectRequest(
            conninfo: conninfo, user: nil, applicationName: applicationName, timeout: connectTimeout)
        let pipeline = try await ConnectWait.connect(request, loop: .shared)
        return Connection(owning: pipeline)
    }

    /// Runs statements in one round trip; outside of an explicit transaction they are one.
    ///
    /// - Parameter timeout: after which they are cancelled; nil for no limit.
    public func batch(_ statements: [Statement], timeout: Duration? = nil) async throws -> [Rows] {
        try await pipeline.run(statements, discipline: .exclusive, timeout: timeout)
    }

    /// Runs one query and reads its answer.
    public func callAsFunction<Output>(_ query: Query<Output>) async throws -> Output {
        try query.decode(try await batch([Statement(query.sql)])[0])
    }

    /// Runs a script of any number of statements, by the simple protocol and in one message: one transaction, unless
    /// the script says otherwise. For migrations: nothing is bound.
    public func execute(script: String) async throws {
        try await run(SimpleOperation(script))
    }

    /// Ends the connection; what is in flight fails.
    public func close() async {
        let pipeline = pipeline
        await withCheckedContinuation { continuation in
            pipeline.loop.execute {
                pipeline.close(PostgresError(.connection, "the connection was closed", outcomeUnknown: true))
                continuation.resume()
            }
        }
    }
}

extension Connection {
    /// Runs `body` with libpq's connection, on the loop's thread: it must not wait for the server.
    func withHandle<Value: Sendable>(
        _ body: @escaping @Sendable (OpaquePointer) throws -> Value
    ) async throws -> Value {
        let pipeline = pipeline
        return try await withCheckedThrowingContinuation { continuation in
            pipeline.loop.execute {
                guard let handle = pipeline.handle else {
                    continuation.resume(throwing: PostgresError(.connection, "the connection to the database was lost"))
                    return
                }
                continuation.resume(with: Result { try body(handle) })
            }
        }
    }

    private func run(_ operation: SimpleOperation) async throws {
        try Statement.validate(text: operation.text)
        try Task.checkCancellation()
        let pipeline = pipeline
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                operation.completion = { continuation.resume(with: $0) }
                pipeline.loop.execute { pipeline.send(operation) }
            }
        } onCancel: {
            pipeline.loop.execute {
                if pipeline.simple === operation, let handle = pipeline.handle { CancelRequest.send(for: handle) }
            }
        }
    }
}

extension Pipeline {
    var serverVersion: Int { handle.map { Int(PQserverVersion($0)) } ?? 0 }
}

/// Keeps the deadlines of a connection that no pool keeps.
///
/// Safe to send: touched only on the event loop's thread.
private final class ConnectionTimer: LoopTimer, @unchecked Sendable {
    private let pipeline: Pipeline

    init(_ pipeline: Pipeline) { self.pipeline = pipeline }

    var nextDeadline: ContinuousClock.Instant? { pipeline.nextDeadline }

    func tick(now: ContinuousClock.Instant) { pipeline.tick(now: now) }
}
