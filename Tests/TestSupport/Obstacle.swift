import Postgres
import Tenancy

/// A superuser's transaction that others run into, to try what happens between them.
public struct Obstacle: Sendable {
    private let connection: Connection
    private let backend: Int

    /// Begins a transaction and runs a script in it.
    public init(_ script: String, in college: TestInstitution) async throws {
        connection = try await Connection.connect(conninfo: college.database.superuser, connectTimeout: .seconds(30))
        try await connection.execute(
            script: "begin; set local search_path = \(college.institution.schema); \(script)")
        backend = try await connection.batch([Statement("select pg_backend_pid() as pid")])[0][0].get("pid")
    }

    /// Waits until somebody waits for this transaction.
    public func isMet() async throws {
        for _ in 0..<1_200 {
            let waiting = try await connection.batch([Statement("select \(others) as waiting")])
            if try waiting[0][0].get("waiting") as Int > 0 { return }
            try await Task.sleep(for: .milliseconds(25))
        }
        throw NobodyCame()
    }

    /// Cuts the connections of those who wait.
    public func endOthers() async throws {
        _ = try await connection.batch([
            Statement(
                """
                select count(pg_terminate_backend(pid)) from pg_stat_activity
                 where \(backend) = any (pg_blocking_pids(pid))
                """)
        ])
    }

    /// Ends the transaction.
    public func commit() async throws {
        try await connection.execute(script: "commit")
        await connection.close()
    }

    private var others: SQL {
        "(select count(*)::int from pg_stat_activity where \(backend) = any (pg_blocking_pids(pid)))"
    }

    private struct NobodyCame: Error {}
}
