import Glibc

/// Plain threads, for calls of libpq and the system that block: resolving names, connecting, `PQcancel`, `waitpid`.
package enum Threads {
    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a detached thread. False: the system has none to give.
    @discardableResult
    package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let start = Unmanaged.passRetained(Start(body))
        var thread = pthread_t()
        let failed = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        guard failed == 0 else {
            start.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    /// Runs a blocking call on a thread of its own.
    package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let started = start { continuation.resume(with: Result { try body() }) }
            if !started {
                continuation.resume(throwing: PostgresError(.connection, "no thread left for a blocking call"))
            }
        }
    }
}
