import Postgres

/// How the database of a deployment does: its server, who is connected, and how many institutions it has to look after.
public struct DeploymentOverview: Sendable {
    /// The server's version as libpq counts it.
    public let serverVersion: Int
    /// Seconds since it started.
    public let upSeconds: Int
    /// How many connections it takes.
    public let connectionLimit: Int
    /// How many of each program there are, the most first. Reporters and strangers go by their login.
    public let connections: [(program: String, count: Int)]
    /// How many institutions are not current.
    public let pending: Int
    /// All institutions, by slug.
    public let institutions: [InstitutionOverview]
    /// The processes that serve and work, or did within the last hour.
    public let servers: [ServerOverview]
}

extension Migrator {
    /// Asks how the deployment does.
    /// - Throws: `PostgresError`.
    public func deploymentOverview() async throws -> DeploymentOverview {
        let server: SQL = """
            select current_setting('server_version_num')::int as version, current_setting('max_connections')::int as most,
                   extract(epoch from now() - pg_postmaster_start_time())::bigint as up
            """
        let connections: SQL = """
            select case when usename ~ '^waymark_' and application_name <> '' then application_name else usename end as program,
                   count(*)::int as n
              from pg_stat_activity where usename is not null group by 1 order by 2 desc, 1
            """
        let answers = try await pool.batch([Statement(server), Statement(connections)], affinity: 0)
        let row = try answers[0].only()
        return DeploymentOverview(
            serverVersion: try row.get("version"), upSeconds: try row.get("up"), connectionLimit: try row.get("most"),
            connections: try answers[1].map { (program: try $0.get("program"), count: try $0.get("n")) },
            pending: try await pending(), institutions: try await overview(),
            servers: try await servers())
    }
}
