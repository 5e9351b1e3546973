import Postgres

/// What the service's login must not be able to do, because one injected SELECT could use it. `cluster/roles.sql` revokes
/// it from PUBLIC; a managed cloud may refuse that, so `serve` and `doctor` look.
enum DangerousPrivileges {
    private static let functions = [
        "set_config(text,text,boolean)", "lo_create(oid)", "lo_creat(integer)", "lo_from_bytea(oid,bytea)",
        "lo_put(oid,bigint,bytea)", "lowrite(integer,bytea)", "lo_open(oid,integer)", "lo_unlink(oid)",
        "query_to_xml(text,boolean,boolean,text)", "query_to_xmlschema(text,boolean,boolean,text)",
        "query_to_xml_and_xmlschema(text,boolean,boolean,text)", "ts_stat(text)", "ts_stat(text,text)",
        "ts_rewrite(tsquery,text)", "pg_advisory_lock(bigint)", "pg_advisory_lock(integer,integer)",
        "pg_try_advisory_lock(bigint)", "pg_advisory_xact_lock(bigint)", "pg_try_advisory_xact_lock(bigint)",
        "pg_notify(text,text)", "pg_logical_emit_message(boolean,text,text)",
        "pg_export_snapshot()", "pg_sleep(double precision)", "pg_sleep_for(interval)",
        "pg_sleep_until(timestamp with time zone)",
    ]

    /// What the connection's login may do and should not; empty where all is closed.
    /// - Throws: `PostgresError`.
    static func open(over connection: Connection) async throws -> [String] {
        let query: SQL = """
            select f as privilege
              from unnest(\(functions)::text[]) as f
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
