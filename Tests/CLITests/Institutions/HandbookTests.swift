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

    @Test func `files that were taken from a folder long ago are removed as the handbook says, and no others`()
        async throws
    {
        let folder = try TemporaryFolder()
        let line = try #require(
            section("Files from a folder").split(separator: "\n").first { $0.contains("    find /srv/waymark ") })
        let files = [
            ("a/students.csv", 40), ("a/done/old.csv", 40), ("a/refused/old.txt", 31), ("a/done/new.csv", 3),
        ]
        for (name, days) in files {
            let path = "\(folder.path)/top/\(name)"
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data("x".utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes(
                [.modificationDate: Date.now.addingTimeInterval(Double(-days) * 86_400)], ofItemAtPath: path)
        }
        let command = line.replacing("/srv/waymark", with: "\(folder.path)/top")
        let result = try await ChildProcess.run(["/bin/sh", "-c", String(command)])
        #expect(result.status == 0, "\(result.said)")
        let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path + "/top")
        #expect(left.filter { $0.contains(".") }.sorted() == ["a/done/new.csv", "a/students.csv"])
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
