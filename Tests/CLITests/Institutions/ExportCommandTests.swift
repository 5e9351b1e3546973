import Casework
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing
import Web

@testable import CLI

/// `waymark institution export` and `restore`, as an operator types them.
@Suite struct ExportCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: String..., on database: TestDatabase.Prepared) async throws -> WaymarkProgram.Result {
        let program = WaymarkProgram(environment: [
            "WAYMARK_DATABASE_URL": database.migratorURL, "WAYMARK_MIGRATOR_PASSWORD": TestDatabase.password,
        ])
        return try await program.run(["institution"] + arguments)
    }

    @Test func `what is exported is private, checked, restored under another slug, and serves its people over TLS`()
        async throws
    {
        let place = try await TestInstitution.make(name: "Kept College")
        let slug = "kept" + String(UInt32.random(in: 0...(.max)), radix: 36)
        let student = try await place.person("student", email: "zoe@kept.example")
        let hash = try await place.site.passwords.hash("four words and more", for: .accounts(of: place.institution.id))
        try await place.run("update accounts set password_hash = \(hash) where id = \(student.id)")
        let file = folder.path + "/kept.jsonl"

        let exported = try await run("export", place.institution.slug, file, on: place.database)
        #expect(exported.status == 0 && exported.output.contains("is exported to \(file)"), "\(exported.errors)")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let again = try await run("export", place.institution.slug, file, on: place.database)
        #expect(again.status == 1 && again.errors.contains("is there already"), "\(again.errors)")
        let checked = try await run("restore", file, "--check", on: place.database)
        #expect(checked.status == 0 && checked.output.contains("is whole: Kept College"), "\(checked.errors)")
        let taken = try await run("restore", file, on: place.database)
        #expect(taken.status == 1 && taken.errors.contains("is in use already"), "\(taken.errors)")

        let restored = try await run("restore", file, "--slug", slug, on: place.database)
        #expect(restored.status == 0 && restored.output.contains("institution resume \(slug)"), "\(restored.errors)")
        try await RunningServer.with(deployment: place.database.deployment) { server in
            try await SecureClient.with(server, hosts: ["\(slug).localhost"]) { clients in
                let client = try #require(clients.first)
                #expect(try await run("resume", slug, on: place.database).status == 0)
                let zoe = try await client.signedIn("zoe@kept.example", "four words and more")
                #expect(try await zoe.send("GET", "/me").json()["account"]?["email"]?.string == "zoe@kept.example")
            }
        }
    }

    @Test func `an export that is killed leaves nothing that looks whole, and the next one removes it`() async throws {
        let place = try await TestInstitution.make()
        // enough for a second or more
        try await place.run(
            "insert into turns (work) select i || repeat('-', 200) from generate_series(1, 300000) i")
        let file = folder.path + "/kept.jsonl"
        let streams = try TemporaryFolder()
        let program = WaymarkProgram(environment: [
            "WAYMARK_DATABASE_URL": place.database.migratorURL, "WAYMARK_MIGRATOR_PASSWORD": TestDatabase.password,
        ])
        let process = try program.start(
            ["institution", "export", place.institution.slug, file], folder: streams)
        let draft = "\(file).\(process.processIdentifier).new"
        func written() -> Int {
            (try? FileManager.default.attributesOfItem(atPath: draft)[.size] as? Int) ?? 0
        }
        while written() < 1_000_000, process.isRunning { try await Task.sleep(for: .milliseconds(1)) }
        kill(process.processIdentifier, SIGKILL)
        #expect(try await process.end() == 128 + SIGKILL, "\(streams.text("err"))")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path) == [(draft as NSString).lastPathComponent])
        let half = try await run("restore", draft, "--check", on: place.database)
        #expect(half.status == 1 && half.errors.split(separator: "\n").count == 1, "\(half.errors)")

        let again = try await run("export", place.institution.slug, file, on: place.database)
        #expect(again.status == 0, "\(again.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["kept.jsonl"])
        #expect(try await run("restore", file, "--check", on: place.database).status == 0)
    }

    @Test func `what cannot be read or written is one clear line, and leaves no half of a file`() async throws {
        let database = try await TestDatabase.shared.prepared()
        let absent = try await run("restore", folder.path + "/none", on: database)
        #expect(absent.status == 1 && absent.errors.contains("cannot be read"), "\(absent.errors)")
        let other = try folder.write("email,name\n", to: "people.csv")
        let wrong = try await run("restore", other, on: database)
        #expect(wrong.status == 1 && wrong.errors.contains("is not an export"), "\(wrong.errors)")
        let place = try await TestInstitution.make()
        try folder.write("", to: "file")
        let nowhere = try await run("export", place.institution.slug, folder.path + "/file/x", on: database)
        #expect(nowhere.status == 1 && nowhere.errors.contains("cannot"), "\(nowhere.errors)")
        let unknown = try await run("export", "nobody-here", folder.path + "/new", on: database)
        #expect(unknown.status == 1 && unknown.errors.contains("there is no institution"), "\(unknown.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/new"))
    }
}
