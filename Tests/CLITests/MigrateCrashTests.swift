import Foundation
import Postgres
import PrivatePostgres
import Tenancy
import TestSupport
import Testing

@testable import CLI

/// Migrator and database server end by SIGKILL in the middle of their work.
@Suite struct MigrateCrashTests {
    private struct Ground {
        let server: PrivateServer
        let database: TestDatabase.Prepared
        let program: WaymarkProgram
        let folder: TemporaryFolder

        init(_ server: PrivateServer) async throws {
            self.server = server
            database = try await TestDatabase.prepare(server: try await server.start())
            folder = try TemporaryFolder()
            program = WaymarkProgram(environment: [
                "WAYMARK_DATABASE_URL": database.migratorURL, "WAYMARK_MIGRATOR_PASSWORD": TestDatabase.password,
            ])
        }

        func asSuperuser<Value>(_ query: Query<Value>) async throws -> Value {
            let connection = try await Connection.connect(conninfo: database.superuser)
            let value = try await connection(query)
            await connection.close()
            return value
        }
    }

    private func withGround(_ body: (Ground) async throws -> Void) async throws {
        // What was committed must be there after SIGKILL, so these are as in production.
        let (server, directory) = TestServer.make(options: ["fsync": "on", "synchronous_commit": "on"])
        defer {
            server.kill()
            try? FileManager.default.removeItem(atPath: directory)
        }
        let ground = try await Ground(server)
        try await body(ground)
        await ground.database.migrator.close()
    }

    @Test func `a migration killed after any institution is taken up again and completed`() async throws {
        try await withGround { ground in
            for number in 1...8 {
                _ = try await ground.database.migrator.create(slug: "college\(number)", name: "College \(number)")
            }
            for done in [0, 2, 5, 7] {
                for killsServer in [false, true] {
                    try await migrate(ground, killing: killsServer ? "server" : "migrator", after: done)
                }
            }
        }
    }

    private func migrate(_ ground: Ground, killing victim: String, after done: Int) async throws {
        let aged: SQL = """
            with aged as (
                update waymark.institution_changes set checksum = 'old' where version = 'definitions' returning 1)
            select count(*)::int from aged
            """
        #expect(try await ground.asSuperuser(aged.value(Int.self)) == 8)
        let current: SQL = """
            select count(*)::int from waymark.institution_changes where version = 'definitions' and checksum <> 'old'
            """
        let migrator = try ground.program.start(["migrate", "--concurrency", "1"], folder: ground.folder)
        while migrator.isRunning, try await ground.asSuperuser(current.value(Int.self)) < done {
            try await Task.sleep(for: .milliseconds(2))
        }
        if victim == "server" {
            ground.server.kill()
            _ = try await ground.server.start()
            // It says which institutions failed, or has gone on with the server that came back.
            #expect(try await migrator.end() <= 1, "\(ground.folder.text("err"))")
        } else {
            kill(migrator.processIdentifier, SIGKILL)
            _ = try await migrator.end()
        }
        let again = try await ground.program.run("migrate")
        #expect(again.status == 0, "\(victim) after \(done): \(again.errors)")
        #expect(try await ground.asSuperuser(current.value(Int.self)) == 8)
    }

    @Test func `a creation killed at any moment leaves a whole institution or none, and can be repeated`() async throws
    {
        try await withGround { ground in
            for number in 1...10 {
                let slug = "college\(number)"
                let creation = [
                    "institution", "create", slug, "--name", "College", "--admin-email", "ada@college.example",
                ]
                let first = try ground.program.start(creation, folder: ground.folder)
                // Whatever moment this is, the promise is the same.
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...600)))
                if number.isMultiple(of: 3) {
                    ground.server.kill()
                    _ = try await ground.server.start()
                    _ = try await first.end()
                } else {
                    kill(first.processIdentifier, SIGKILL)
                    _ = try await first.end()
                }
                try await isWhole(ground)
                var again = try await ground.program.run(creation)
                if again.errors.contains("institution delete") {
                    let removal = ["institution", "delete", slug, "--confirm", slug, "--grace-days", "0"]
                    #expect(try await ground.program.run(removal).status == 0)
                    again = try await ground.program.run(creation)
                }
                #expect(again.status == 0 || again.errors.contains("is in use already"), "\(again.errors)")
                let migrator = ground.database.migrator
                let institution = try #require(try await migrator.institution(slug: slug))
                let admins: SQL = "select count(*)::int from accounts where role = 'admin'"
                #expect(try await migrator.work(in: institution)(admins.value(Int.self)) == 1)
            }
        }
    }

    @Test func `a restore killed at any moment leaves nothing, and can be repeated`() async throws {
        try await withGround { ground in
            let migrator = ground.database.migrator
            let origin = try await migrator.create(slug: "origin", name: "Origin")
            let many: SQL = """
                insert into accounts (email, given_name, family_name, role)
                select 's' || n || '@x.edu', 'Given', 'Family' || n, 'student' from generate_series(1, 20000) n
                """
            try await migrator.work(in: origin)(many.done())
            let file = ground.folder.path + "/origin.jsonl"
            #expect(try await ground.program.run("institution", "export", "origin", file).status == 0)
            let restore = ["institution", "restore", file, "--slug", "copy"]
            for number in 1...6 {
                let first = try ground.program.start(restore, folder: ground.folder)
                // as soon as it stores rows, or later
                let stores: SQL = """
                    select exists (select from pg_stat_activity where query like 'insert into accounts%' and state <> 'idle')
                    """
                while first.isRunning, try await !ground.asSuperuser(stores.value(Bool.self)) {
                    try await Task.sleep(for: .milliseconds(2))
                }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...300)))
                if number.isMultiple(of: 3) {
                    ground.server.kill()
                    _ = try await ground.server.start()
                } else {
                    kill(first.processIdentifier, SIGKILL)
                }
                let status = try await first.end()
                try await isWhole(ground)
                guard let done = try await migrator.institution(slug: "copy") else { continue }
                // it was faster than its death
                #expect(status == 0 || number.isMultiple(of: 3))
                try await migrator.delete(done)
            }
            #expect(try await ground.program.run(restore).status == 0)
            let copy = try #require(try await migrator.institution(slug: "copy"))
            let students: SQL = "select count(*)::int from accounts where role = 'student'"
            #expect(try await migrator.work(in: copy)(students.value(Int.self)) == 20_000)
        }
    }

    /// Every row of the directory has its schema and its eight roles, and there are no others.
    private func isWhole(_ ground: Ground) async throws {
        let stray: SQL = """
            select (select count(*) from waymark.institutions i
                     where to_regnamespace('inst_' || i.id) is null
                        or (select count(*) from pg_roles where rolname like 'inst\\_' || i.id || '\\_%') < 8)
                 + (select count(*) from pg_namespace
                     where nspname like 'inst\\_%' and nspname not in (select 'inst_' || id from waymark.institutions))
                 + (select count(*) from pg_roles
                     where rolname like 'inst\\_%'
                       and split_part(rolname, '_', 2)::int not in (select id from waymark.institutions)) as count
            """
        #expect(try await ground.asSuperuser(stray.value(Int.self)) == 0)
    }
}
