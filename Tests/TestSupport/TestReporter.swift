import Postgres
import Tenancy

extension TestInstitution {
    /// Opens the login for reports, and answers how it connects.
    public func openReporter() async throws -> String {
        try await database.migrator.openReporterLogin(of: institution, password: TestDatabase.password)
        return try TestDatabase.url(database.superuser, user: institution.reporter)
    }

    /// Leaves a reporter's transactions no time at all, in place of a minute: whoever looks ends them.
    public func endReportsAtOnce() async throws {
        let definition: SQL = "select pg_get_functiondef('end_reports()'::regprocedure)"
        let text = try await owner(definition.value(String.self))
        try await run(SQL(unchecked: text.replacing("'1 minute'", with: "'0 minutes'")))
    }
}

extension Connection {
    /// What a statement is answered with: nil, or the SQLSTATE.
    public func refusal(of statement: String) async throws -> String? {
        do {
            try await execute(script: statement)
            return nil
        } catch let error as PostgresError {
            return error.sqlState?.rawValue ?? "the connection ended"
        }
    }
}
