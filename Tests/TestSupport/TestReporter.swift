import Tenancy

extension TestInstitution {
    /// Opens the login for reports, and answers how it connects.
    public func openReporter() async throws -> String {
        try await database.migrator.openReporterLogin(of: institution, password: TestDatabase.password)
        return try TestDatabase.url(database.superuser, user: institution.reporter)
    }
}
