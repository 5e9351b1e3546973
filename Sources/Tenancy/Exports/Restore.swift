import Postgres
import SchemaFiles

extension Migrator {
    /// Makes an institution of an export, in one transaction: whole, or nothing of it. Its schema is made as the export's was,
    /// filled, and then brought up to date, as that institution's would have been.
    ///
    /// It stays suspended until somebody resumes it, since what waits in it is sent then. Its tokens are revoked: they name
    /// the institution that was exported.
    /// - Parameters:
    ///   - slug: nil for the export's.
    ///   - partition: nil puts it into the partition with the fewest institutions.
    ///   - progress: how many rows are stored.
    /// - Throws: `ExportRefusal` where the file is not whole or is of a newer program; `ProvisioningError` as `create`;
    ///   `PostgresError`.
    public func restore(
        _ file: ExportFile, as slug: String? = nil, partition: Int? = nil, progress: @escaping (Int) -> Void = { _ in }
    ) async throws -> Institution {
        let head = file.head
        let slug = try Slug(slug ?? head.slug)
        let applied = try steps(of: head)
        let names = Set(applied.map(\.name))
        let later = files.steps.filter { !names.contains($0.name) }
        return try await occupy(slug, partition: partition, state: "suspended") { institution, seat in
            try await pool.exclusive { connection in
                try await connection.execute(
                    script: """
                        begin;
                        \(files.beginning(of: institution, seat: seat))
                        \(files.changes(applied, of: institution))
                        """)
                let tables = try await Self.tables(of: head, in: institution, over: connection)
                let links = try await Self.unlink(institution, over: connection)
                try await Self.fill(tables, from: file, over: connection, progress: progress)
                try await connection.execute(
                    script: """
                        \(links)
                        \(files.changes(later, of: institution))
                        \(files.definitionsBody(institution))
                        update settings set suspended = true;
                        update api_tokens set revoked_at = now() where revoked_at is null;
                        commit;
                        """)
            }
        }
    }

    /// The changes of this program that the export's schema had, or that stand for what it had.
    private func steps(of head: ExportHead) throws -> [SchemaFiles.File] {
        let known = Dictionary(files.steps.map { ($0.name, $0) }) { first, _ in first }
        let named = Dictionary(head.changes.map { ($0.version, $0.checksum) }) { first, _ in first }
        guard let changes = files.replaced.inPresentNames(named) else {
            throw ExportRefusal(description: ReplacedChanges.refusal)
        }
        return try changes.sorted { $0.key < $1.key }.map { version, checksum in
            guard let step = known[version] else {
                throw ExportRefusal(description: "\(version): was applied by a newer waymark than this one")
            }
            guard step.checksum == checksum else {
                throw ExportRefusal(description: "\(version): is another change in this waymark")
            }
            return step
        }
    }

    /// The tables of the new schema that the export has rows of, in the export's order.
    private static func tables(
        of head: ExportHead, in institution: Institution, over connection: Connection
    ) async throws -> [String: ExportedTable] {
        let found = try await connection(ExportedTable.all(in: institution.schema))
        let tables = Dictionary(found.map { ($0.name, $0) }) { first, _ in first }
        for described in head.tables where tables[described.name]?.columns != described.columns {
            throw ExportRefusal(description: "\(described.name): is another table in this waymark")
        }
        let named = Set(head.tables.map(\.name))
        guard named.count == head.tables.count else { throw ExportRefusal(description: "a table is named twice") }
        return tables.filter { named.contains($0.key) }
    }

    /// Takes the foreign keys away, since tables refer to each other in circles.
    /// - Returns: the script that puts them back, and looks at every row then.
    private static func unlink(_ institution: Institution, over connection: Connection) async throws -> String {
        let query: SQL = """
            select format('alter table %s drop constraint %I;', conrelid::regclass, conname) as gone,
                   format('alter table %s add constraint %I %s;', conrelid::regclass, conname, pg_get_constraintdef(oid))
                     as back
              from pg_constraint where contype = 'f' and connamespace = \(institution.schema)::regnamespace
                and conparentid = 0
             order by conrelid::regclass::text, conname
            """
        let rows = try await connection.batch([Statement(query)])[0]
        try await connection.execute(
            script: try rows.map { try $0.get("gone", as: String.self) }.joined(separator: "\n"))
        return try rows.map { try $0.get("back", as: String.self) }.joined(separator: "\n")
    }

    /// Stores the rows in place of those that a new schema has.
    private static func fill(
        _ tables: [String: ExportedTable], from file: ExportFile, over connection: Connection,
        progress: (Int) -> Void
    ) async throws {
        guard !tables.isEmpty else { return }
        try await connection.execute(script: "truncate \(tables.keys.sorted().joined(separator: ", "))")
        var lines: [[UInt8]] = []
        var size = 0
        var done = 0
        var current: String?
        func store() async throws {
            guard let table = current.flatMap({ tables[$0] }), !lines.isEmpty else { return }
            let rows = "[" + String(decoding: Array(lines.joined(separator: [UInt8(ascii: ",")])), as: UTF8.self) + "]"
            let insert: SQL = """
                insert into \(table.table) (\(table.list)) overriding system value
                select \(table.list) from json_populate_recordset(null::\(table.table), \(rows)::json)
                """
            _ = try await connection.batch([Statement(insert)])
            done += lines.count
            progress(done)
            lines = []
            size = 0
        }
        var found = try file.rows()
        while let (table, line) = try found.next() {
            if table.name != current || lines.count == 1_000 || size > 4 << 20 { try await store() }
            current = table.name
            lines.append(line)
            size += line.count
        }
        try await store()
        for described in file.head.tables {
            guard let last = described.lastNumber, let table = tables[described.name], let identity = table.identity
            else { continue }
            let set: SQL = "select setval(pg_get_serial_sequence(\(table.name), \(identity)), \(last))"
            _ = try await connection.batch([Statement(set)])
        }
    }
}
