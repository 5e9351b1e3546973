import Foundation
import Postgres
import PrivatePostgres
import TestSupport
import Testing

@testable import Tenancy

/// What provisioning owes a partition, on a server of its own: logins are the whole cluster's.
@Suite struct PartitionTests {
    @Test func `a partition holds 1,000 institutions, needs a login, and its password is never sent`() async throws {
        let (server, directory) = TestServer.make(options: ["log_statement": "all"])
        defer {
            server.kill()
            try? FileManager.default.removeItem(atPath: directory)
        }
        let database = try await TestDatabase.prepare(server: try await server.start())
        let migrator = database.migrator

        let missing = await #expect(throws: ProvisioningError.self) {
            try await migrator.create(slug: "nowhere", name: "College", partition: 7)
        }
        #expect(missing?.description.contains("has no login waymark_app_7") == true)
        try await Cluster.prepare(
            superuser: database.superuser, partitions: [7], passwords: ["waymark_app_7": "correct horse"])
        #expect(try await migrator.create(slug: "somewhere", name: "College", partition: 7).partition == 7)

        // 997 more, as rows of the directory only; two seats are left for four creations at once.
        let superuser = try await Connection.connect(conninfo: database.superuser)
        try await superuser.execute(
            script: """
                insert into waymark.institutions (id, slug, partition, seat, state)
                select 100000 + s, 'filler' || s, 7, s, 'suspended' from generate_series(1, 1000) s
                where s not in (select seat from waymark.institutions where partition = 7)
                limit 997
                """)
        let refusals = await withTaskGroup(of: (any Error)?.self) { group in
            for number in 1...4 {
                group.addTask {
                    do {
                        _ = try await migrator.create(slug: "rush\(number)", name: "Rush", partition: 7)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(into: []) { if let refusal = $1 { $0.append(refusal) } }
        }
        #expect(refusals.count == 2)
        #expect(
            refusals.allSatisfy { ($0 as? ProvisioningError)?.description.contains("1000 institutions") == true },
            "\(refusals)")
        let held = try await superuser(
            ("select count(*)::int from waymark.institutions where partition = 7" as SQL).value(Int.self))
        #expect(held == 1_000)
        #expect(
            try await migrator.create(slug: "elsewhere", name: "College").partition == 1,
            "without a wish it goes where there is room")

        // The password works, and what the server wrote down does not contain it.
        let login = try TestDatabase.url(database.superuser, user: "waymark_app_7")
            .replacing(TestDatabase.password, with: "correct%20horse")
        await (try Connection.connect(conninfo: login)).close()
        await superuser.close()
        await migrator.close()
        let log = try String(contentsOfFile: directory + "/log", encoding: .utf8)
        #expect(log.contains("alter role waymark_app_7 password 'SCRAM-SHA-256$"))
        #expect(!log.contains("correct horse"))
    }

    @Test func `what a script says when its connection is lost is what the operator reads`() async throws {
        let database = try await TestDatabase.shared.prepared()
        let connection = try await Connection.connect(conninfo: database.superuser)
        let backend = try await connection(("select pg_backend_pid()" as SQL).value(Int.self))
        async let failure = #expect(throws: PostgresError.self) {
            try await Migrator.execute("begin; select pg_sleep(600); commit", over: connection)
        }
        let other = try await Connection.connect(conninfo: database.superuser)
        let ended: SQL = """
            select coalesce(bool_or(pg_terminate_backend(pid)), false) from pg_stat_activity
             where pid = \(backend) and wait_event = 'PgSleep'
            """
        while try await !other(ended.value(Bool.self)) { try await Task.sleep(for: .milliseconds(5)) }
        #expect(await failure?.sqlState?.rawValue == "57P01", "terminated by an administrator, not by a rollback")
        await other.close()
        await connection.close()
    }
}
