import FoundationEssentials
import Postgres

extension Migrator {
    /// Writes an institution as lines of JSON: head, each row of each table, end with checksums. All of it is of one moment,
    /// however long it takes and whatever is written meanwhile; a migration waits until it is done.
    ///
    /// Not in it: sign-ins and requests under way (`ExportedTable.passing`), and what views and servers derive.
    /// - Parameters:
    ///   - progress: how many rows of how many are written.
    ///   - write: takes some whole lines.
    /// - Returns: the head.
    /// - Throws: `PostgresError`; what `write` throws.
    public func export(
        _ institution: Institution, progress: (Int, Int) -> Void = { _, _ in }, to write: ([UInt8]) async throws -> Void
    ) async throws -> ExportHead {
        try await pool.exclusive { connection in
            try await connection.execute(script: "select pg_advisory_lock(\(Self.lock + institution.id))")
            try await connection.execute(
                script: """
                    begin isolation level repeatable read read only;
                    set local role waymark_owner;
                    set local search_path = \(institution.schema), pg_temp;
                    set local timezone = 'UTC';
                    set local datestyle = 'ISO, YMD';
                    set local intervalstyle = 'iso_8601';
                    set local bytea_output = 'hex';
                    set local extra_float_digits = 1;
                    """)
            let tables = try await connection(ExportedTable.all(in: institution.schema))
            let head = try await self.head(of: institution, tables, over: connection)
            var digests = ExportDigests()
            let first = try Self.line(head)
            digests.add(head: first)
            try await write(first)
            var done = 0
            for table in tables {
                var cursor = try await ExportCursor(of: table, over: connection)
                while let lines = try await cursor.next() {
                    digests.add(rows: lines.bytes)
                    try await write(lines.bytes)
                    done += lines.count
                    progress(done, head.rows)
                }
                digests.end(table: table.name)
            }
            try await write(try Self.line(digests.end()))
            try await connection.execute(script: "commit")
            return head
        }
    }

    private func head(
        of institution: Institution, _ tables: [ExportedTable], over connection: Connection
    ) async throws -> ExportHead {
        let about: SQL = """
            select to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as taken_at, name from settings
            """
        let changes: SQL = """
            select version, checksum from waymark.institution_changes
             where institution_id = \(institution.id) and version <> 'definitions' order by version
            """
        let counts = tables.map { Statement("select count(*)::bigint as n from " + $0.table) }
        let answers = try await connection.batch([Statement(about), Statement(changes)] + counts)
        let settings = try answers[0].only()
        return ExportHead(
            format: ExportHead.format, takenAt: try settings.get("taken_at"), slug: institution.slug,
            name: try settings.get("name"),
            changes: try answers[1].map { .init(version: try $0.get("version"), checksum: try $0.get("checksum")) },
            tables: try zip(tables, answers.dropFirst(2)).map { table, count in
                .init(
                    name: table.name, columns: table.columns, rows: try count.only().get("n"),
                    lastNumber: table.lastNumber)
            })
    }

    private static func line(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
    }
}

/// A table's rows, some lines at a time, each a JSON object.
private struct ExportCursor {
    private let connection: Connection
    private let portion: Int
    private var isOpen = true

    init(of table: ExportedTable, over connection: Connection) async throws {
        self.connection = connection
        portion = table.isWide ? 4 : 1_000
        try await connection.execute(
            script: """
                declare exported no scroll cursor for select row_to_json(x)::text as line from (
                  select \(table.columns.joined(separator: ", ")) from \(table.name)
                   order by \(table.key.joined(separator: ", "))) x
                """)
    }

    mutating func next() async throws -> (bytes: [UInt8], count: Int)? {
        guard isOpen else { return nil }
        let rows = try await connection.batch([Statement(SQL(unchecked: "fetch \(portion) from exported"))])[0]
        var bytes: [UInt8] = []
        for row in rows {
            bytes += try row.get("line", as: String.self).utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        if rows.count < portion {
            isOpen = false
            try await connection.execute(script: "close exported")
        }
        return rows.isEmpty ? nil : (bytes, rows.count)
    }
}
