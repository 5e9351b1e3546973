import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// An institution's SQL login for reports, used as somebody would who wants more than reports.
@Suite struct ReporterTests {
    /// Whether the connection was ended from outside.
    private func hasEnded(_ login: Connection) async throws -> Bool {
        try await login.refusal(of: "select 1") != nil
    }

    private func connect(_ conninfo: String) async throws -> Connection {
        try await Connection.connect(conninfo: conninfo, connectTimeout: .seconds(10))
    }

    /// Connects, and hangs up where that works.
    private func refusalOfConnecting(_ conninfo: String) async throws -> String? {
        do {
            await (try await connect(conninfo)).close()
            return nil
        } catch let error as PostgresError {
            return error.sqlState?.rawValue ?? "no answer"
        }
    }

    @Test func `it reads the report views, and the catalogue that explains them`() async throws {
        let place = try await TestInstitution.make()
        let login = try await connect(try await place.openReporter())
        let views: SQL = "select distinct report from waymark.report_catalog order by 1"
        let names = try await login(views.values(String.self))
        #expect(names.contains("report_progress") && names.count == 12)
        for name in names { #expect(try await login.refusal(of: "select * from \(name)") == nil, "\(name)") }
        let unexplained: SQL = """
            select coalesce(report || '.' || column_name, '?') from waymark.report_catalog where about is null or meaning is null
            """
        #expect(try await login(unexplained.values(String.self)) == [])
        let visible: SQL = """
            select c.relname::text from pg_class c where c.relnamespace = \(place.institution.schema)::regnamespace
               and c.relkind in ('r', 'v') and has_any_column_privilege(c.oid, 'select, insert, update') order by 1
            """
        #expect(try await login(visible.values(String.self)) == names)
        await login.close()
    }

    @Test func `what is not for it is refused, also after it has changed its own settings`() async throws {
        let place = try await TestInstitution.make()
        let other = try await TestInstitution.make()
        let (schema, foreign) = (place.institution.schema, other.institution.schema)
        let login = try await connect(try await place.openReporter())
        try await login.execute(
            script: """
                set default_transaction_read_only = off; set statement_timeout = 0; set lock_timeout = 0;
                set idle_in_transaction_session_timeout = 0; set idle_session_timeout = 0; set waymark.account_id = '1'
                """)
        let denied = [
            // rows of others, and rows behind the views
            "select * from \(schema).accounts", "select * from \(schema).sessions", "select * from \(schema).settings",
            "select * from \(schema).audit", "select * from \(schema).progress_events",
            "select * from \(schema).directory",
            "select * from \(foreign).report_progress", "select * from waymark.institution_changes",
            "select 1; lock table \(schema).accounts in access share mode", "copy \(schema).accounts to stdout",
            // other roles
            "set role \(schema)_admin", "set role waymark_owner", "set role waymark_app_1",
            "set role \(foreign)_reporter", "set session authorization waymark_owner",
            "select \(schema).enter('\\x00', 'any', false)", "select \(schema).enter_system()",
            "select \(schema).end_reports()", "grant \(schema)_admin to \(schema)_reporter",
            // limits that it may not set, by whatever door
            "set log_statement = 'none'", "set temp_file_limit = -1",
            "select set_config('log_statement', 'none', false)",
            "alter role \(schema)_reporter set log_statement = 'none'",
            "alter role \(schema)_reporter set temp_file_limit = -1",
            "alter role \(schema)_reporter reset log_statement",
            "alter role \(schema)_reporter connection limit 100", "alter role \(schema)_reporter superuser",
            "update pg_settings set setting = 'none' where name = 'log_statement'",
            // things left behind
            "insert into \(schema).report_mails (kind) values ('x')", "delete from \(schema).report_mails",
            "create table \(schema).mine (id int)", "create temp table mine (id int)", "create schema mine",
            "create function \(schema).mine() returns int language sql return 1", "do 'begin end'",
            "select lo_create(0)", "select lo_from_bytea(0, '\\x00')", "select pg_export_snapshot()",
            "select pg_notify('a', 'b')", "comment on view \(schema).report_mails is 'mine'",
            // holding others up, or waiting
            "select pg_advisory_lock(1)", "select pg_try_advisory_lock(1)", "select pg_advisory_xact_lock(1)",
            "select pg_sleep(100)", "select 1; lock table \(schema).report_mails in exclusive mode",
            // text that is run as a query, and files
            "select query_to_xml('select 1', true, true, '')", "select ts_stat('select 1')",
            "select pg_read_file('/etc/passwd')", "select pg_ls_dir('.')", "copy (select 1) to '/tmp/mine'",
            "copy (select 1) to program 'true'",
        ]
        for statement in denied {
            let answer = try await login.refusal(of: statement)
            // a view that nothing can be written to says so before anybody is asked
            #expect(["42501", "55000"].contains(answer), "\(statement): \(answer ?? "works")")
        }
        // what it may undo of its own settings is not what it is held by
        try await login.execute(script: "alter role \(schema)_reporter reset all")
        await login.close()
        let again = try await connect(TestDatabase.url(place.database.superuser, user: place.institution.reporter))
        let held: SQL = "select current_setting('log_statement') || ' ' || current_setting('temp_file_limit')"
        #expect(try await again(held.value(String.self)) == "all 1GB")
        let forged: SQL = "select (waymark.account_id() is null and not waymark.is_admin())"
        #expect(try await again(forged.value(Bool.self)))
        await again.close()
    }

    @Test func `it has four connections, and none while its institution is suspended`() async throws {
        let place = try await TestInstitution.make()
        let conninfo = try await place.openReporter()
        var open: [Connection] = []
        for _ in 1...4 { open.append(try await connect(conninfo)) }
        #expect(try await refusalOfConnecting(conninfo) == "53300")
        try await place.database.migrator.suspend(place.institution)
        for login in open { #expect(try await hasEnded(login)) }
        #expect(try await refusalOfConnecting(conninfo) == "53300")
        try await place.database.migrator.resume(place.institution)
        #expect(try await refusalOfConnecting(conninfo) == nil)
        for login in open { await login.close() }
    }

    @Test func `another password ends the first, and revoking ends all`() async throws {
        let place = try await TestInstitution.make()
        let migrator = place.database.migrator
        #expect(try await !migrator.hasReporterLogin(place.institution))
        let conninfo = try await place.openReporter()
        #expect(try await migrator.hasReporterLogin(place.institution))
        var login = try await connect(conninfo)
        try await migrator.openReporterLogin(of: place.institution, password: "another one")
        #expect(try await hasEnded(login))
        await login.close()
        #expect(try await refusalOfConnecting(conninfo) == "28P01")
        login = try await connect(try await place.openReporter())
        try await migrator.closeReporterLogin(of: place.institution)
        #expect(try await hasEnded(login))
        await login.close()
        #expect(try await refusalOfConnecting(conninfo) != nil)
        #expect(try await !migrator.hasReporterLogin(place.institution))
    }

    @Test func `what is held for too long is ended, and what is not is left`() async throws {
        let place = try await TestInstitution.make()
        let conninfo = try await place.openReporter()
        let other = try await TestInstitution.make()
        let stranger = try await connect(try await other.openReporter())
        try await stranger.execute(script: "begin; lock table report_progress in access share mode")
        let lock = try await connect(conninfo)
        try await lock.execute(script: "begin; lock table report_progress in access share mode")
        let cursor = try await connect(conninfo)
        try await cursor.execute(
            script: "begin; declare endless cursor for select generate_series(1, 9e15::bigint); fetch 10 from endless")
        let idle = try await connect(conninfo)

        let deployment = place.database.deployment
        #expect(try await deployment.institutionsWithReporters().contains(place.institution))
        let system = try deployment.system(of: place.institution)
        let end = SQL("select end_reports()").value(Int.self)
        #expect(try await system(end) == 0, "a minute is theirs")
        try await place.endReportsAtOnce()
        #expect(try await system(end) == 2)
        #expect(try await hasEnded(lock))
        #expect(try await hasEnded(cursor))
        #expect(try await !hasEnded(idle))
        #expect(try await !hasEnded(stranger))
        for login in [lock, cursor, idle, stranger] { await login.close() }
    }

    @Test func `no migration waits for it, and with its institution it goes`() async throws {
        let place = try await TestInstitution.make()
        let migrator = place.database.migrator
        let login = try await connect(try await place.openReporter())
        try await login.execute(script: "begin; lock table report_progress in access share mode")
        let stage = try await Stage(of: place)
        let outcomes = try await place.database.migrating { migrator in
            try await stage.script(
                """
                update waymark.institution_changes set checksum = 'older'
                 where institution_id = \(place.institution.id) and version = 'definitions'
                """)
            return try await migrator.migrate().filter { $0.institution == place.institution.id }
        }
        #expect(outcomes.map(\.failure) == [nil])
        #expect(try await hasEnded(login))
        await login.close()

        let last = try await connect(TestDatabase.url(place.database.superuser, user: place.institution.reporter))
        #expect(try await last.refusal(of: "begin; select * from report_progress") == nil)
        try await migrator.delete(place.institution)
        #expect(try await hasEnded(last))
        await last.close()
        let roles = "select rolname from pg_roles where rolname = '\(place.institution.reporter)'"
        #expect(try await stage.values(roles) == [])
        await stage.connection.close()
    }
}
