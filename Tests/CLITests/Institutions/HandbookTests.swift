import Foundation
import Postgres
import PrivatePostgres
import Tenancy
import TestSupport
import Testing

@testable import CLI

/// What the operator's handbook tells people to type, and what it says of the log.
@Suite struct HandbookTests {
    private static let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in
        url.deletingLastPathComponent()
    }

    private func section(_ title: String) throws -> Substring {
        let handbook = try String(contentsOf: Self.root.appendingPathComponent("docker/README.md"), encoding: .utf8)
        let start = try #require(handbook.range(of: "\n## \(title)\n"), "no section \(title)")
        let rest = handbook[start.upperBound...]
        return rest[..<(rest.range(of: "\n## ")?.lowerBound ?? rest.endIndex)]
    }

    @Test func `an institution's life is as the handbook tells it, command by command`() async throws {
        let (server, directory) = TestServer.make()
        defer {
            server.kill()
            try? FileManager.default.removeItem(atPath: directory)
        }
        let database = try await TestDatabase.prepare(server: try await server.start())
        _ = try await database.migrator.create(slug: "northfield", name: "Northfield College")
        let program = WaymarkProgram(environment: [
            "WAYMARK_DATABASE_URL": database.migratorURL, "WAYMARK_MIGRATOR_PASSWORD": TestDatabase.password,
        ])
        let folder = try TemporaryFolder()
        let commands = try (section("How it does") + section("An institution's life")).split(separator: "\n")
            .filter { $0.hasPrefix("    waymark ") }
        #expect(commands.count >= 10)
        for command in commands {
            let words = command.split(separator: " ").dropFirst().map { word in
                if word == "/var/backups/waymark" { return folder.path }
                return word.hasSuffix(".jsonl") ? "\(folder.path)/\(word)" : String(word)
            }
            let result = try await program.run(words)
            #expect(result.status == 0, "\(command): \(result.errors)")
        }
        let states = try await database.migrator.overview().map { "\($0.institution.slug) \($0.institution.state)" }
        #expect(states == ["northfield active", "southfield removing"])
        await database.migrator.close()
        await database.deployment.close()
    }

    @Test func `every event that warns stands in the handbook, and no other`() throws {
        let told = Set(
            try section("At three in the morning").matches(of: /`([a-z]+(?:_[a-z]+)+)`/).map { String($0.1) })
        // what says that all is well, or what a client did to itself, needs no hand at night
        let quiet: Set = [
            "database_batch_gave_way", "database_connected_again", "sweep_done", "mail_sent", "roster_run_done",
            "folder_file_done",
            "tls_handshake_failed",
            "certificate_replaced", "refused_while_stopping", "slow_client_cut",
        ]
        var names: Set<String> = []
        let files = FileManager.default.enumerator(atPath: Self.root.appendingPathComponent("Sources").path)
        while let path = files?.nextObject() as? String {
            guard path.hasSuffix(".swift") else { continue }
            let text = try String(contentsOf: Self.root.appendingPathComponent("Sources/\(path)"), encoding: .utf8)
            names.formUnion(text.matches(of: /static let name = "([a-z_]+)"/).map { String($0.1) })
        }
        #expect(names.count > 25)
        #expect(names.subtracting(quiet).subtracting(told) == [], "the handbook lacks these")
        #expect(
            told.subtracting(names).subtracting(["pg_stat_activity", "max_connections", "waymark_request_seconds"])
                == [])
    }
}
