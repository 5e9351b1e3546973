import Foundation
import Postgres
import PrivatePostgres
import Tenancy
import TestSupport
import Testing

@testable import CLI

/// What the doctor finds in a database, on a server of its own.
@Suite struct DatabaseExaminationTests {
    @Test func `open privileges and changed collations are found, and only those`() async throws {
        let (server, directory) = TestServer.make()
        defer {
            server.kill()
            try? FileManager.default.removeItem(atPath: directory)
        }
        let database = try await TestDatabase.prepare(server: try await server.start())
        let examination = DatabaseExamination(
            conninfo: database.serviceURL, login: "waymark_app_1", place: "the test's")
        let before = await examination.findings()
        #expect(before.filter { !$0.ok && $0.check != "server version" } == [])

        let superuser = try await Connection.connect(conninfo: database.superuser)
        try await waiting(database, superuser)
        for function in try DangerousPrivileges.functions() {
            let known = try await superuser(
                ("select to_regprocedure(\("pg_catalog." + function)) is not null" as SQL).value(Bool.self))
            guard known else { continue }
            try await superuser.execute(script: "grant execute on function pg_catalog.\(function) to public")
            let finding = await examination.findings().first { $0.check == "privileges" }
            #expect(finding?.ok == false && finding?.found.contains(function) == true, "\(function)")
            try await superuser.execute(script: "revoke execute on function pg_catalog.\(function) from public")
        }
        // The test's database sorts by bytes, which has no version; one that sorts by ICU has.
        try await superuser.execute(
            script: "create database sorted locale_provider icu icu_locale 'en' template template0")
        try await superuser.execute(script: "update pg_database set datcollversion = '1.0' where datname = 'sorted'")
        let sorted = DatabaseExamination(
            conninfo: try TestDatabase.url(database.serviceURL, database: "sorted"), login: "waymark_app_1",
            place: "sorted")
        let collation = await sorted.findings().first { $0.check == "collation" }
        #expect(collation?.advice?.contains("REINDEX DATABASE \"sorted\"; ALTER DATABASE") == true)
        await superuser.close()
        await database.migrator.close()
    }

    /// Mail that has waited for an hour is told of, where mail is sent at all.
    private func waiting(_ database: TestDatabase.Prepared, _ superuser: Connection) async throws {
        let place = try await TestInstitution.make(in: database)
        func mail(sendsMail: Bool) async -> Finding? {
            await DatabaseExamination(
                conninfo: database.serviceURL, login: "waymark_app_1", place: "the test's", sendsMail: sendsMail
            ).findings().first { $0.check == "mail" }
        }
        #expect(await mail(sendsMail: true)?.ok == true)
        try await superuser.execute(
            script: """
                update waymark.institutions set work_at = now() - interval '61 minutes' where id = \(place.institution.id)
                """)
        let found = await mail(sendsMail: true)
        #expect(found?.ok == false && found?.found == "for 1 institutions mail has been waiting for an hour")
        #expect(await mail(sendsMail: false)?.ok == true)
        try await superuser.execute(script: "update waymark.institutions set work_at = now()")
    }
}
