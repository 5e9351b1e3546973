import Postgres

extension Migrator {
    /// Whether the institution's reporter may sign in.
    /// - Throws: `PostgresError`.
    public func hasReporterLogin(_ institution: Institution) async throws -> Bool {
        let query: SQL = "select rolcanlogin from pg_roles where rolname = \(institution.reporter)"
        return try await pool.batch([Statement(query)], affinity: 0)[0].first?.get("rolcanlogin") ?? false
    }

    /// Lets an analyst in by the login `inst_<id>_reporter`, which reads the views `report_*` and nothing else; where it is
    /// there already, the old password ends, and with it what is open by it.
    /// - Throws: `ProvisioningError` where the cluster's roles were prepared by an older program; `PostgresError`.
    public func openReporterLogin(of institution: Institution, password: String) async throws {
        do {
            try await pool.exclusive { connection in
                // Hashed here: a server that logs statements must not log passwords.
                let verifier = try await connection.verifier(password: password, of: institution.reporter)
                try await Self.execute(
                    self.files.reporterLogin(of: institution, verifier: verifier), over: connection)
                try await Self.limitReporter(of: institution, isOut: institution.state != "active", over: connection)
                try await Self.endReports(of: institution, over: connection)
            }
        } catch let error as PostgresError
            where error.sqlState == .insufficientPrivilege || error.sqlState == .undefinedObject
        {
            throw ProvisioningError(
                description: """
                    reporter: the database roles are older than this program; run waymark migrate --superuser-url ... \
                    once more
                    """)
        }
    }

    /// Shuts the reporter out, at once: the login has no password any more, and what it has open ends.
    /// - Throws: `PostgresError`.
    public func closeReporterLogin(of institution: Institution) async throws {
        try await pool.exclusive { connection in
            try await Self.execute("alter role \(institution.reporter) nologin password null", over: connection)
            try await Self.endReports(of: institution, over: connection)
        }
    }

    /// Leaves the reporter of a suspended institution no connection, and any other as many as `institution/reporter.sql`.
    static func limitReporter(of institution: Institution, isOut: Bool, over connection: Connection) async throws {
        try await execute(
            "alter role \(institution.reporter) connection limit \(isOut ? 0 : 4)", over: connection)
    }

    /// Ends the reporter's connections, and so the locks that they hold. Where the cluster's roles are older than that right of
    /// the owner there is no such login either.
    static func endReports(of institution: Institution, over connection: Connection) async throws {
        try await connection.execute(
            script: """
                begin;
                set local role waymark_owner;
                with busy as materialized (
                  select pid from pg_stat_activity
                   where usename = '\(institution.reporter)' and pg_has_role('waymark_owner', 'pg_signal_backend', 'usage'))
                select count(*) from busy where pg_terminate_backend(pid);
                commit;
                """)
    }
}
