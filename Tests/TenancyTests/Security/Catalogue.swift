import Postgres

/// What the catalogue says of an institution's schema.
struct Catalogue: Sendable {
    let tables: [String]
    let views: [String]
    /// Without arguments.
    let functions: [String]

    init(_ stage: Stage) async throws {
        let relations = "select relname from pg_class where relnamespace = '\(stage.schema)'::regnamespace"
        tables = try await stage.values("\(relations) and relkind in ('r', 'p') order by 1")
        views = try await stage.values("\(relations) and relkind in ('v', 'm', 'f') order by 1")
        functions = try await stage.values(
            "select proname from pg_proc where pronamespace = '\(stage.schema)'::regnamespace order by 1")
    }

    var relations: [String] { tables + views }

    /// The columns a role may select, insert or update, as in the matrix: `all` for a grant of the whole relation, `-`
    /// for none, else names.
    static func grants(_ stage: Stage, _ caller: Caller) async throws -> [Matrix.Key: String] {
        struct Grant: RowDecodable {
            let relation: String
            let command: String
            let columns: String

            init(row: Row) throws {
                relation = try row.get("relation")
                command = try row.get("command")
                columns = try row.get("columns")
            }
        }
        let sql: SQL = """
            select c.relname::text as relation, p.command,
                   case when has_table_privilege(\(caller.role(in: stage.id)), c.oid, p.command) then 'all'
                     else coalesce(string_agg(a.attname, ' ' order by a.attnum)
                       filter (where has_column_privilege(\(caller.role(in: stage.id)), c.oid, a.attnum, p.command)), '-')
                   end as columns
            from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            cross join (values ('select'), ('insert'), ('update')) p (command)
            where c.relnamespace = \(stage.schema)::regnamespace and c.relkind in ('r', 'v', 'm', 'p', 'f')
            group by c.oid, c.relname, p.command
            """
        var found: [Matrix.Key: String] = [:]
        for grant in try await stage.connection(sql.all(Grant.self)) {
            found[Matrix.Key(relation: grant.relation, command: grant.command, scope: "columns")] = grant.columns
        }
        return found
    }
}
