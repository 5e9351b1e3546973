import Postgres
import Tenancy

extension TestInstitution {
    /// The request never ran into the change.
    public struct NotWaiting: Error {}

    /// Lets a request run into a change not committed yet: it is committed as soon as the request waits for it.
    /// - Returns: what the request brought.
    public func meanwhile<Value: Sendable>(
        _ change: SQL, _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let waits: SQL = """
            select exists (select from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid)))
            """
        let running = try await owner.transaction { transaction in
            try await transaction(change.done())
            let running = Task { try await request() }
            for _ in 0..<500 {
                if try await transaction(waits.value(Bool.self)) { return running }
                try await Task.sleep(for: .milliseconds(10))
            }
            throw NotWaiting()
        }
        return try await running.value
    }
}
