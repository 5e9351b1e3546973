import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// What an analyst's SQL login is held by, seen to hold.
@Suite struct ReporterLimitTests {
    /// Takes longer than anybody waits, and no room: what it goes through has a thousand million million rows.
    private static let endless = """
        select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b, generate_series(1, 100000) c
        """

    private func connect(_ conninfo: String) async throws -> Connection {
        try await Connection.connect(conninfo: conninfo, connectTimeout: .seconds(10))
    }

    @Test func `each of its statements stands in the server's log, whatever it sets`() async throws {
        let log = try await PlanLog.start()
        do {
            try await writeDown(log)
        } catch {
            await log.stop()
            throw error
        }
        await log.stop()
    }

    private func writeDown(_ log: PlanLog) async throws {
        let place = try await TestInstitution.make(in: log.database)
        var login = try await connect(try await place.openReporter())
        for attempt in [
            "set log_statement = 'none'", "set log_min_messages = 'panic'", "set log_destination = 'syslog'",
            "set log_parameter_max_length = 0", "set session_preload_libraries = ''",
        ] { #expect(try await login.refusal(of: attempt) != nil, "\(attempt)") }
        _ = try await login.refusal(of: "alter role \(place.institution.reporter) reset all")
        _ = try log.text()
        let asked = [
            "select 'told 1' from report_students", "explain select 'told 2'",
            "prepare p as select 'told 3'; execute p",
            "begin; declare c cursor for select 'told 4'; fetch all from c; commit", "select 'told 5' from accounts",
        ]
        for statement in asked { _ = try await login.refusal(of: statement) }
        let bound = "told 6"
        _ = try await login(SQL("select \(bound)::text").value(String.self))
        await login.close()
        login = try await connect(TestDatabase.url(place.database.superuser, user: place.institution.reporter))
        #expect(try await login.refusal(of: "select 'told 7'") == nil)
        await login.close()
        let text = try log.text()
        for number in [1, 2, 3, 4, 5, 7] {
            #expect(text.contains(try Regex("LOG:  statement: [^\n]*told \(number)")), "told \(number): \(text)")
        }
        // of a statement with parameters these too
        #expect(text.contains(/LOG:  execute [^\n]*select \$1::text\n[^\n]*[Pp]arameters: \$1 = 'told 6'/), "\(text)")
    }

    @Test func `a query that takes more room on the disk than it may is ended`() async throws {
        let place = try await TestInstitution.make()
        let conninfo = try await place.openReporter()
        let superuser = try await connect(place.database.superuser)
        // the same limit, lower, so that it is soon reached
        try await superuser.execute(script: "alter role \(place.institution.reporter) set temp_file_limit = '4MB'")
        await superuser.close()
        let login = try await connect(conninfo)
        try await login.execute(script: "set work_mem = '64kB'")
        #expect(try await login.refusal(of: "set temp_file_limit = '1GB'") == "42501")
        func sorted(_ rows: Int) -> String {
            """
            select count(*) from (
              select repeat('x', 100) || i as t from generate_series(1, \(rows)) i order by t desc offset 0) x
            """
        }
        #expect(try await login.refusal(of: sorted(10_000)) == nil)
        #expect(try await login.refusal(of: sorted(200_000)) == "53400")
        #expect(try await login.refusal(of: "select 1") == nil, "the query alone is ended")
        await login.close()
    }

    @Test func `a query and a cursor kept for later are ended while they run, without a time limit`() async throws {
        let place = try await TestInstitution.make()
        let conninfo = try await place.openReporter()
        let (query, cursor) = (try await connect(conninfo), try await connect(conninfo))
        for login in [query, cursor] {
            try await login.execute(script: "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0")
        }
        async let first = query.refusal(of: Self.endless)
        // at its end the transaction reads all there is, so that the cursor outlives it
        async let second = cursor.refusal(of: "begin; declare kept cursor with hold for \(Self.endless); commit")
        let stage = try await Stage(of: place)
        let running = """
            select count(*)::text from pg_stat_activity where usename = '\(place.institution.reporter)' and state = 'active'
            """
        for _ in 0..<1_500 where try await stage.values(running) != ["2"] {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try await stage.values(running) == ["2"])
        try await place.endReportsAtOnce()
        // (of two that look at the same moment one ends them)
        let system = try place.database.deployment.system(of: place.institution)
        _ = try await system(SQL("select end_reports()").value(Int.self))
        #expect(try await first != nil)
        #expect(try await second != nil)
        for login in [query, cursor, stage.connection] { await login.close() }
    }
}
