import Foundation
import Postgres
import TestSupport

@testable import Tenancy

/// An institution with rows in every table, and files of what it exports.
struct ExportedPlace {
    let place: TestInstitution
    let folder: TemporaryFolder

    var migrator: Migrator { place.database.migrator }

    static func make() async throws -> ExportedPlace {
        let stage = try await Stage(of: try await TestInstitution.make(name: "Straße & \"Quotes\" \\ College"))
        try await stage.script(SecurityFixture.rows)
        try await stage.script(
            """
            insert into sessions (token_hash, account_id, expires_at)
              values ('\(Caller.hash(session: 1))', 1, now() + interval '1 hour');
            insert into api_tokens (token_hash, name, scopes, maker_id, expires_at)
              values ('\(Caller.hash(token: 1))', 'own', '{read,write}', 1, now() + interval '1 day');
            select setval(pg_get_serial_sequence('accounts', 'id'), 100), setval(pg_get_serial_sequence('groups', 'id'), 100);
            update accounts set given_name = E'Zo\\u00eb "\\\\N"\\t\\n,', family_name = '👩‍👩‍👧' where id = 5;
            """)
        await stage.connection.close()
        return ExportedPlace(place: stage.place, folder: try TemporaryFolder())
    }

    /// Exports into a file.
    /// - Parameter between: is awaited at every portion of lines.
    func export(
        _ institution: Institution? = nil, between: () async throws -> Void = {}
    ) async throws -> (head: ExportHead, text: String, path: String) {
        var bytes: [UInt8] = []
        let head = try await migrator.export(institution ?? place.institution) { lines in
            bytes += lines
            try await between()
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return (head, text, try folder.write(text, to: "export\(UInt32.random(in: 0...(.max)))"))
    }

    /// Restores a file under a slug of its own.
    func restore(_ path: String, slug: String = ExportedPlace.slug()) async throws -> Institution {
        let file = try ExportFile(path: path)
        try file.check()
        return try await migrator.restore(file, as: slug)
    }

    static func slug() -> String { "r" + String(UInt64.random(in: 1...(.max)), radix: 36) }

    /// Every row of every table, told without the export: as text, columns that are generated too.
    func rows(of institution: Institution, by other: Migrator? = nil) async throws -> [String: [String]] {
        let work = (other ?? migrator).work(in: institution)
        let names: SQL = """
            select relname::text from pg_class
             where relnamespace = \(institution.schema)::regnamespace and relkind = 'r' order by 1
            """
        var rows: [String: [String]] = [:]
        let found: [String] = try await work(names.values(String.self))
        for name in found {
            let all = SQL(unchecked: "select x::text from \(name) x order by 1")
            rows[name] = try await work(all.values(String.self))
        }
        return rows
    }

    /// Columns, constraints, indexes, policies, grants and functions, without the schema's name.
    func shape(of institution: Institution, by other: Migrator? = nil) async throws -> Set<String> {
        let query: SQL = """
            with s as (select \(institution.schema)::text as name, \(institution.schema)::regnamespace as id)
            select replace(x, s.name, 'inst') from s, lateral (
              select c.relname || ' ' || a.attnum || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
                     || ' ' || a.attnotnull || a.attidentity::text || a.attgenerated::text || coalesce(a.attacl::text, '')
                     || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
                from pg_class c join pg_attribute a on a.attrelid = c.oid
                left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
               where c.relnamespace = s.id and c.relkind in ('r', 'v') and a.attnum > 0
              union all select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
                from pg_constraint where connamespace = s.id
              union all select indexdef from pg_indexes where schemaname = s.name
              union all select tablename || policyname || roles::text || cmd || coalesce(qual, '') || coalesce(with_check, '')
                from pg_policies where schemaname = s.name
              union all select relname || relkind::text || relrowsecurity || relforcerowsecurity || coalesce(relacl::text, '')
                from pg_class where relnamespace = s.id
              union all select p.oid::regprocedure || coalesce(proacl::text, '') || prosecdef
                from pg_proc p where pronamespace = s.id
              union all select tgrelid::regclass || pg_get_triggerdef(t.oid) from pg_trigger t
                join pg_class c on c.oid = t.tgrelid where c.relnamespace = s.id and not tgisinternal) as found (x)
            """
        let found: [String] = try await (other ?? migrator).work(in: institution)(query.values(String.self))
        return Set(found)
    }
}
