import CLibPQ

/// A connection of one's own: migrations, COPY, LISTEN, and whatever changes the session.
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
        _ = try await run(SimpleOperation(script, copies: false))
    }

    /// Runs `COPY … FROM STDIN` with what the sequence yields, no faster than the server takes it. Answers the number
    /// of rows copied.
    public func copyIn<Source: AsyncSequence & Sendable>(
        _ sql: SQL, _ source: Source
    ) async throws -> Int where Source.Element == [UInt8] {
        guard sql.bindings.isEmpty else { throw PostgresError(.protocolViolation, "COPY takes no bound values") }
        let operation = SimpleOperation(sql.text, copies: true)
        async let affected = run(operation)
        do {
            try await started(operation)
            for try await chunk in source where !chunk.isEmpty { try await put(chunk, operation) }
        } catch {
            await end(operation, reason: "the client gave up")
            _ = try? await affected
            throw error
        }
        await end(operation, reason: nil)
        return try await affected
    }

    /// What `NOTIFY` sends to the channels listened on. It ends with the connection; a second call takes over from the
    /// first.
    public var notifications: AsyncStream<Notification> {
        let pipeline = pipeline
        let (stream, continuation) = AsyncStream.makeStream(of: Notification.self)
        let end = StreamEnd(continuation)
        pipeline.loop.execute {
            guard pipeline.handle != nil else { return }
            // Released, and the stream ended with it, when the pipeline closes.
            pipeline.notificationSink = { _ = end.continuation.yield($0) }
        }
        return stream
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

    private func run(_ operation: SimpleOperation) async throws -> Int {
        try Statement.validate(text: operation.text)
        try Task.checkCancellation()
        let pipeline = pipeline
        return try await withTaskCancellationHandler {
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

    private func started(_ operation: SimpleOperation) async throws {
        let pipeline = pipeline
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            pipeline.loop.execute { operation.awaitStart { continuation.resume(with: $0) } }
        }
    }

    private func put(_ chunk: [UInt8], _ operation: SimpleOperation) async throws {
        let pipeline = pipeline
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            pipeline.loop.execute {
                guard pipeline.simple === operation, let handle = pipeline.handle else {
                    continuation.resume(throwing: PostgresError(.connection, "the connection to the database was lost"))
                    return
                }
                operation.put(chunk, handle) { continuation.resume(with: $0) }
            }
        }
    }

    private func end(_ operation: SimpleOperation, reason: String?) async {
        let pipeline = pipeline
        await withCheckedContinuation { continuation in
            pipeline.loop.execute {
                if pipeline.simple === operation, let handle = pipeline.handle { operation.end(handle, reason: reason) }
                continuation.resume()
            }
        }
    }
}

extension Pipeline {
    var serverVersion: Int { handle.map { Int(PQserverVersion($0)) } ?? 0 }
}

/// Finishes a stream when the last reference to it goes.
private final class StreamEnd: Sendable {
    let continuation: AsyncStream<Notification>.Continuation

    init(_ continuation: AsyncStream<Notification>.Continuation) { self.continuation = continuation }

    deinit { continuation.finish() }
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
