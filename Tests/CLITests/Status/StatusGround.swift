import Foundation
import PrivatePostgres
import Tenancy
import TestSupport
import Testing

/// A database server of a test's own, and `waymark` as its operator.
struct StatusGround {
    let database: TestDatabase.Prepared
    let program: WaymarkProgram

    /// What a command prints.
    func run(_ arguments: String...) async throws -> String {
        let result = try await program.run(arguments)
        #expect(result.status == 0, "\(arguments): \(result.errors)")
        return result.output
    }

    /// Removed again when `body` ends.
    static func with(_ body: (StatusGround) async throws -> Void) async throws {
        let (server, directory) = TestServer.make()
        defer {
            server.kill()
            try? FileManager.default.removeItem(atPath: directory)
        }
        let database = try await TestDatabase.prepare(server: try await server.start())
        try await body(
            StatusGround(
                database: database,
                program: WaymarkProgram(environment: [
                    "WAYMARK_DATABASE_URL": database.migratorURL, "WAYMARK_MIGRATOR_PASSWORD": TestDatabase.password,
                ])))
        await database.migrator.close()
        await database.deployment.close()
    }
}
