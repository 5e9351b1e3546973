import Postgres
import SchemaFiles

/// What the service's login must not be able to do, because one injected SELECT could use it. `cluster/roles.sql` revokes
/// it from PUBLIC; a managed cloud may refuse that, so `serve` and `doctor` look.
public enum DangerousPrivileges {
    /// Signatures in `pg_catalog`, from `cluster/revoked_functions.txt`; a server may lack some.
    /// - Throws: `SchemaFiles.Missing`.
    public static func functions() throws -> [String] {
        try SchemaFiles.file("cluster/revoked_functions.txt").text.split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.map(String.init)
    }

    /// What the connection's login may do and should not; empty where all is closed.
    /// - Throws: `PostgresError`, `SchemaFiles.Missing`.
    public static func open(over connection: Connection) async throws -> [String] {
        let query: SQL = """
            select f as privilege
              from unnest(\(try functions())::text[]) as f
             where to_regprocedure('pg_catalog.' || f) is not null
               and has_function_privilege(to_regprocedure('pg_catalog.' || f)::oid, 'execute')
            union all
            select 'DO blocks (usage on language plpgsql)' where has_language_privilege('plpgsql', 'usage')
            union all
            select 'temporary tables' where has_database_privilege(current_database(), 'temp')
            """
        return try await connection(query.values(String.self))
    }
}
