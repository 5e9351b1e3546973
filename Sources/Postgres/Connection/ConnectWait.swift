/// Waits for a connection that nobody else uses, and no longer than its limit.
///
/// Safe to send: touched only on the event loop's thread once started.
final class ConnectWait: LoopTimer, @unchecked Sendable {
    private let loop: EventLoop
    private var continuation: CheckedContinuation<Pipeline, any Error>?
    private(set) var nextDeadline: ContinuousClock.Instant?

    private init(_ loop: EventLoop, _ continuation: CheckedContinuation<Pipeline, any Error>) {
        self.loop = loop
        self.continuation = continuation
    }

    static func connect(_ request: ConnectRequest, loop: EventLoop) async throws -> Pipeline {
        try await withCheckedThrowingContinuation { continuation in
            let wait = ConnectWait(loop, continuation)
            loop.execute {
                wait.nextDeadline = .now + request.timeout
                loop.add(wait)
                request.start { result in
                    loop.execute { wait.finish(result) }
                }
            }
        }
    }

    func tick(now: ContinuousClock.Instant) {
        resume(throwing: PostgresError(.connection, "the database did not answer in time"))
    }

    private func finish(_ result: Result<ConnectRequest.Handle, PostgresError>) {
        switch result {
        case .success(let handle):
            let pipeline = Pipeline(handle, loop: loop, settings: Pipeline.Settings())
            guard continuation != nil else {
                pipeline.close(PostgresError(.connection, "connected too late"))
                return
            }
            stop()
            continuation?.resume(returning: pipeline)
            continuation = nil
        case .failure(let error): resume(throwing: error)
        }
    }

    private func resume(throwing error: PostgresError) {
        stop()
        continuation?.resume(throwing: error)
        continuation = nil
    }

    private func stop() {
        nextDeadline = nil
        loop.remove(self)
    }
}
