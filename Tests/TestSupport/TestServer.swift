import Foundation
import Postgres
import PrivatePostgres
import Synchronization

/// The PostgreSQL server of this test process: WAYMARK_TEST_DATABASE_URL where set, else one of its own, started on
/// first use and removed with its directory when the process exits.
public enum TestServer {
    private static let running = Mutex<[(server: PrivateServer, directory: String)]>([])

    private static let shared = Task<String, any Error> {
        if let given = ProcessInfo.processInfo.environment["WAYMARK_TEST_DATABASE_URL"] { return given }
        return try await start()
    }

    /// Starts another one, which is removed with its directory when the process exits.
    /// - Returns: the superuser's connection URL.
    public static func start() async throws -> String {
        let (server, directory) = make()
        let isFirst = running.withLock { running in
            running.append((server, directory))
            return running.count == 1
        }
        if isFirst { atexit { TestServer.remove() } }
        return try await server.start()
    }

    /// The superuser's connection URL.
    public static func url() async throws -> String { try await shared.value }

    /// A server for a test that stops or kills it; not started yet. Remove its directory afterwards.
    /// - Parameter options: server settings besides those of every test.
    public static func make(options extra: [String: String] = [:]) -> (server: PrivateServer, directory: String) {
        let directory =
            "/tmp/waymark-test-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0...UInt32.max))"
        let options = [
            "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300",
            "shared_buffers": "128MB", "max_wal_size": "4GB", "autovacuum": "off", "max_locks_per_transaction": "512",
        ]
        return (PrivateServer(directory: directory, options: options.merging(extra) { $1 }), directory)
    }

    private static func remove() {
        for (server, directory) in running.withLock({ $0 }) {
            server.kill()
            try? FileManager.default.removeItem(atPath: directory)
        }
    }
}
