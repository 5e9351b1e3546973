import Postgres

/// A table of an institution's schema, as far as export and restore must know it.
struct ExportedTable: RowDecodable, Sendable {
    /// What ends with the deployment it was made for, or within the day: sign-ins and requests under way, and what a key of
    /// the deployment sealed for this very institution.
    static let passing: Set<String> = [
        "sessions", "sign_in_attempts", "idempotency_keys", "idempotency_pieces", "uploads", "upload_pieces",
        "reset_requests", "authenticators", "sign_in_challenges", "spent_sign_ins",
    ]
    /// Columns, as `table.column`, that a key of the deployment sealed for this very institution, in tables that go along.
    static let sealed: Set<String> = ["identity_providers.sealed_secret", "roster_sources.sealed_secret"]

    let name: String
    /// Those that are not generated of others, in the table's order.
    let columns: [String]
    /// The primary key's.
    let key: [String]
    /// The identity column; nil where there is none.
    let identity: String?
    let lastNumber: Int?
    /// Whether a row may have a megabyte.
    let isWide: Bool

    init(row: Row) throws {
        name = try row.get("name")
        columns = try row.get("columns")
        key = try row.get("key")
        identity = try row.get("identity")
        lastNumber = try row.get("last_number")
        isWide = try row.get("wide")
    }

    /// The tables of a schema by name, without the passing ones. Names that SQL would not take as they are come in quotes.
    static func all(in schema: String) -> Query<[ExportedTable]> {
        let query: SQL = """
            select c.relname::text as name,
                   (select array_agg(quote_ident(a.attname) order by a.attnum) from pg_attribute a
                     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                       and c.relname || '.' || a.attname <> all (\(sealed.sorted()))) as columns,
                   (select array_agg(quote_ident(a.attname) order by k.place)
                      from pg_index i cross join unnest(i.indkey::int2[]) with ordinality k (number, place)
                      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
                     where i.indrelid = c.oid and i.indisprimary) as key,
                   s.identity,
                   pg_sequence_last_value(pg_get_serial_sequence(c.oid::regclass::text, s.identity)::regclass)::bigint
                     as last_number,
                   exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'bytes') as wide
              from pg_class c
              left join lateral (
                select a.attname::text as identity from pg_attribute a
                 where a.attrelid = c.oid and a.attnum > 0 and a.attidentity <> '' limit 1) s on true
             where c.relnamespace = \(schema)::regnamespace and c.relkind in ('r', 'p')
               and c.relname <> all (\(passing.sorted()))
             order by c.relname
            """
        return query.all(ExportedTable.self)
    }

    /// As text within a statement.
    var list: SQL { SQL(unchecked: columns.joined(separator: ", ")) }
    var table: SQL { SQL(unchecked: name) }
}
