import Foundation
import Postgres
import PrivatePostgres
import Tenancy
import TestSupport
import Testing
import Web

@testable import CLI

/// `waymark institution reporter`, against a real database.
@Suite struct ReporterCommandTests {
    private struct Report: Decodable {
        let login: String
        let password: String
    }

    private func run(_ verb: String, _ place: TestInstitution, _ more: String...) async throws -> WaymarkProgram.Result
    {
        let program = WaymarkProgram(environment: [
            "WAYMARK_DATABASE_URL": place.database.migratorURL, "WAYMARK_MIGRATOR_PASSWORD": TestDatabase.password,
        ])
        return try await program.run(["institution", "reporter", verb, place.institution.slug] + more)
    }

    private func connect(_ report: Report, _ place: TestInstitution) async throws -> Connection {
        let conninfo = Conninfo(place.database.serviceURL).with(user: report.login, password: report.password)
        return try await Connection.connect(conninfo: conninfo, connectTimeout: .seconds(10))
    }

    @Test func `a reporter is made, gets another password, and is shut out, which its institution's admins can read`()
        async throws
    {
        let place = try await TestInstitution.make()
        for verb in ["rotate", "revoke"] {
            let early = try await run(verb, place)
            #expect(early.status == 1 && early.errors.contains("has no reporter"), "\(early.errors)")
        }
        let made = try await run("create", place, "--json")
        #expect(made.status == 0, "\(made.errors)")
        let first = try JSONDecoder().decode(Report.self, from: Data(made.output.utf8))
        #expect(first.login == "\(place.institution.schema)_reporter")
        let login = try await connect(first, place)
        _ = try await login(SQL("select count(*)::int from report_progress").value(Int.self))
        await login.close()
        let twice = try await run("create", place)
        #expect(twice.status == 1 && twice.errors.contains("rotate"), "\(twice.errors)")

        let rotated = try await run("rotate", place)
        #expect(rotated.status == 0 && rotated.output.contains(first.login), "\(rotated.errors)")
        #expect(!rotated.output.contains(first.password))
        await #expect(throws: PostgresError.self) { try await connect(first, place) }
        let lines = rotated.output.split(separator: "\n").map(String.init)
        let second = Report(login: first.login, password: try #require(lines.last))
        await (try await connect(second, place)).close()

        #expect(try await run("revoke", place).status == 0)
        await #expect(throws: PostgresError.self) { try await connect(second, place) }
        let noted = try await place.texts("select action from audit order by id")
        #expect(noted == ["reporter.create", "reporter.rotate", "reporter.revoke"])
    }

    @Test func `where the cluster's roles are older, it says what to do`() async throws {
        let (server, directory) = TestServer.make()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let database = try await TestDatabase.prepare(server: try await server.start())
        let place = try await TestInstitution.make(in: database)
        let superuser = try await Connection.connect(conninfo: database.superuser, connectTimeout: .seconds(10))
        try await superuser.execute(script: "revoke set on parameter log_statement from waymark_migrator")
        let refused = try await run("create", place)
        #expect(refused.status == 1 && refused.errors.contains("waymark migrate --superuser-url"), "\(refused.errors)")
        await superuser.close()
        await database.migrator.close()
        await database.deployment.close()
        server.kill()
    }

    @Test func `a reporter that keeps something open is ended, and it is told`() async throws {
        let place = try await TestInstitution.make()
        let login = try await Connection.connect(conninfo: place.openReporter(), connectTimeout: .seconds(10))
        try await login.execute(script: "begin; lock table report_progress in access share mode")
        try await place.endReportsAtOnce()
        let book = EventBook()
        await ReportWatch(
            database: .init(pool: .init(conninfo: place.database.serviceURL)), observers: book.observers
        ).look()
        let told = book.events.compactMap { $0 as? ReportsEnded }
        #expect(told.map(\.institution) == [place.institution.slug] && told.map(\.transactions) == [1])
        await #expect(throws: PostgresError.self) { try await login.execute(script: "select 1") }
        await login.close()
    }

    @Test func `waymark work ends what a reporter keeps open, and says so in its log`() async throws {
        let (server, directory) = TestServer.make()
        defer {
            server.kill()
            try? FileManager.default.removeItem(atPath: directory)
        }
        let database = try await TestDatabase.prepare(server: try await server.start())
        let place = try await TestInstitution.make(in: database)
        let login = try await Connection.connect(conninfo: place.openReporter(), connectTimeout: .seconds(10))
        try await login.execute(
            script: "set idle_in_transaction_session_timeout = 0; begin; select from report_progress")
        let program = WaymarkProgram(environment: [
            "WAYMARK_DATABASE_URL": database.serviceURL, "WAYMARK_DATABASE_PASSWORD": TestDatabase.password,
        ])
        let early = try await program.run("work", "--once")
        #expect(early.status == 0 && !(early.output + early.errors).contains("reports_ended"), "\(early.errors)")
        #expect(try await login.refusal(of: "select 1") == nil, "a minute is theirs")
        try await place.endReportsAtOnce()
        let late = try await program.run("work", "--once")
        let told = (late.output + late.errors).split(separator: "\n").filter { $0.contains("reports_ended") }
        #expect(late.status == 0 && told.count == 1 && told.allSatisfy { $0.contains(place.institution.slug) })
        #expect(try await login.refusal(of: "select 1") != nil)
        await login.close()
        await database.migrator.close()
        await database.deployment.close()
    }

    @Test func `watching a database that is away is told`() async throws {
        let book = EventBook()
        await ReportWatch(
            database: .init(pool: .init(conninfo: "host=127.0.0.1 port=1 connect_timeout=2")), observers: book.observers
        ).look()
        #expect(book.events.contains { $0 is ReportWatchFailed })
    }
}
