import Events
import Foundation
import Postgres
import PrivatePostgres
import Tenancy
import TestSupport
import Testing

@testable import CLI

/// `waymark status`, `institution list`, `delete` and `purge`, against a database of their own.
@Suite struct StatusTests {
    @Test func `figures are noted by the sweep, and the operator sees them in list and status`() async throws {
        try await StatusGround.with { ground in
            #expect(try await ground.run("status").contains("none yet"))
            let place = try await TestInstitution.make(in: ground.database)
            let slug = place.institution.slug
            let student = try await place.person("student")
            _ = try await place.person("admin")
            try await place.run(
                "insert into sign_ins (account_id, at) values (\(student.id), '2026-11-29 10:00Z'::timestamptz)")
            try await place.run(
                """
                insert into mails (account_id, kind, day, since, message_id, state, settled_at)
                select id, 'reminder', current_date, current_date - 1, 'm', 'failed', now() from accounts limit 1
                """)
            let early = try await ground.run("status")
            #expect(early.contains("1 institutions have noted none yet"), "\(early)")
            try await Sweeper(database: .init(pool: .init(conninfo: ground.database.serviceURL)), observers: .none)
                .sweepAll()

            let status = try await ground.run("status")
            #expect(status.contains("institutions  1 active, 1 students"), "\(status)")
            #expect(status.contains("0 waiting, 1 failed (\(slug) 1)"), "\(status)")
            #expect(status.contains("all current") && status.contains("largest       \(slug) "), "\(status)")
            #expect(status.contains("certificate   not configured"), "\(status)")
            #expect(status.contains("folders       none is given"), "\(status)")
            let folder = try TemporaryFolder()
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/\(slug)", withIntermediateDirectories: false)
            let watching = try await ground.run("status", "--import-folder", folder.path)
            #expect(watching.contains("folders       \(folder.path), with 1 institutions' folders"), "\(watching)")
            let certificate = try TestCertificate()
            defer { certificate.remove() }
            let dated = try await ground.run("status", "--certificate", certificate.certificatePath)
            #expect(dated.contains("certificate   expires in 0 days"), "\(dated)")
            let list = try JSONDecoder().decode(
                [Listed].self, from: Data(try await ground.run("institution", "list", "--json").utf8))
            let one = try #require(list.first)
            let superuser = try await Connection.connect(conninfo: ground.database.superuser)
            let latest: SQL = "select max(version) from waymark.institution_changes where version <> 'definitions'"
            let version = try await superuser(latest.value(String.self))
            let asked: SQL = """
                select sum(pg_table_size(oid) + pg_indexes_size(oid))::bigint from pg_class
                 where relnamespace = \(place.institution.schema)::regnamespace and relkind = 'r'
                """
            let size = try await superuser(asked.value(Int.self))
            await superuser.close()
            #expect(
                list == [
                    Listed(
                        slug: slug, state: "active", students: 1, staff: 1, cohorts: 0, mailsFailed: 1,
                        signedInAt: "2026-11-29T10:00:00Z", schemaVersion: version, bytes: one.bytes,
                        behind: one.behind)
                ])
            let bytes = try #require(one.bytes)
            // the sweep itself writes a little
            #expect(bytes > 500_000 && abs(bytes - size) < 200_000, "\(bytes), \(size)")
            let table = try await ground.run("institution", "list").split(separator: "\n").map {
                $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
            }
            #expect(table.first?.suffix(2) == ["late", "schema"] && table.last?.last == version, "\(table)")
            #expect(table.last?.contains("2026-11-29") == true, "\(table)")
        }
    }

    private struct Listed: Decodable, Equatable {
        let slug: String
        let state: String
        let students, staff, cohorts, mailsFailed: Int?
        let signedInAt, schemaVersion: String?
        let bytes: Int?
        let behind: Int
    }

    @Test func `work that has been due for more than a minute is shown in the list`() async throws {
        try await StatusGround.with { ground in
            let place = try await TestInstitution.make(in: ground.database)
            let superuser = try await Connection.connect(conninfo: ground.database.superuser)
            try await superuser.execute(script: "update waymark.institutions set work_at = now() - interval '3 hours'")
            await superuser.close()
            #expect(try await ground.run("institution", "list").contains(" 3 h "))
            #expect(try await ground.run("status").contains("most for \(place.institution.slug) (3 h)"))
        }
    }

    @Test func `what is deleted lets nobody in, can be taken back, and goes when its days are over`() async throws {
        try await StatusGround.with { ground in
            let folder = try TemporaryFolder()
            let place = try await TestInstitution.make(in: ground.database)
            let admin = try await place.person("admin")
            let slug = place.institution.slug
            let file = folder.path + "/last.jsonl"
            let deleted = try await ground.run("institution", "delete", slug, "--confirm", slug, "--export", file)
            #expect(deleted.contains("in 30 days") && deleted.contains("resume \(slug)"), "\(deleted)")
            #expect(try await ground.run("institution", "restore", file, "--check").contains("is whole"))
            await #expect(throws: EntryRefusal.suspended) { try await place.work(admin).enter() }
            #expect(try await ground.run("institution", "list").contains("removing after 20"))
            #expect(try await ground.run("institution", "purge") == "")
            #expect(try await ground.run("institution", "resume", slug).contains("is active"))
            #expect(try await place.work(admin).enter() == admin.id)

            _ = try await ground.run("institution", "delete", slug, "--confirm", slug, "--grace-days", "1")
            let superuser = try await Connection.connect(conninfo: ground.database.superuser)
            try await superuser.execute(script: "update waymark.institutions set remove_at = now() - interval '1 day'")
            await superuser.close()
            let refused = try await ground.program.run("institution", "purge", "--export-to", file)
            #expect(refused.status == 1 && refused.errors.contains("could not be removed"), "\(refused.errors)")
            let purged = try await ground.run("institution", "purge", "--export-to", folder.path)
            #expect(purged.contains("\(slug) is deleted"), "\(purged)")
            #expect(try await ground.database.migrator.institution(slug: slug) == nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).contains { $0.hasPrefix(slug) })
        }
    }
}
