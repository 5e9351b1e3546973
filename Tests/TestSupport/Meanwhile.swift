import Postgres
import Tenancy

extension TestInstitution {
    /// What breaks while a request waits.
    public enum Break: Sendable {
        /// Its connection to the database. Whoever else uses it then is cut off too: the institution must be one made in a
        /// database `apart`.
        case connection
        /// The request itself: its client goes away.
        case request
    }

    /// The request never ran into the change.
    public struct NotWaiting: Error {}

    /// Lets a request run into a change not committed yet: it is committed as soon as the request waits for it.
    /// - Parameters:
    ///   - breaking: what breaks first.
    ///   - also: what else happens while the request waits.
    /// - Returns: what the request brought.
    public func meanwhile<Value: Sendable>(
        _ change: SQL, breaking: Break? = nil, _ request: @escaping @Sendable () async throws -> Value,
        also: () async throws -> Void = {}
    ) async throws -> Value {
        let waits: SQL = """
            select distinct pid from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))
            """
        let running = try await owner.transaction { transaction in
            try await transaction(change.done())
            let running = Task { try await request() }
            for _ in 0..<6_000 {
                let waiting = try await transaction(waits.values(Int.self))
                guard waiting.isEmpty else {
                    switch breaking {
                    case .connection: for backend in waiting { try await cut(backend) }
                    case .request:
                        running.cancel()
                        _ = await running.result
                    case nil: break
                    }
                    try await also()
                    return running
                }
                try await Task.sleep(for: .milliseconds(10))
            }
            throw NotWaiting()
        }
        return try await running.value
    }

    private func cut(_ backend: Int) async throws {
        let superuser = try await Connection.connect(conninfo: database.superuser)
        _ = try await superuser.batch([Statement("select pg_terminate_backend(\(backend))")])
        await superuser.close()
    }
}
