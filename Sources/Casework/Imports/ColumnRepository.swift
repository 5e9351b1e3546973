import Postgres
import Tenancy

/// What the headings of an institution's files mean, as an admin said when a file was imported. The next file with the same
/// headings is read so, whoever sends it.
public struct ColumnRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as an admin.
    public init(work: UnitOfWork) { self.work = work }

    /// All of them.
    public func kept() async throws -> KeptColumns {
        let sql: SQL = "select heading, field from import_columns"
        return try await work(
            Query(sql) { rows in
                var kept: KeptColumns = [:]
                for row in rows {
                    let field: String? = try row.get("field")
                    kept[try row.get("heading")] = .some(field.flatMap(ImportField.init))
                }
                return kept
            })
    }

    /// Keeps what the columns of a file hold, where that is more than the headings say by themselves.
    /// - Parameters:
    ///   - headings: as they stand in the file.
    ///   - columns: nil for a column that is left out.
    public func keep(_ headings: [String], _ columns: [ImportField?], for fields: [ImportField]) async throws {
        let guessed = CSVHeader.guessed(headings, for: fields, kept: try await kept())
        var said: [String: ImportField?] = [:]
        for (index, heading) in headings.enumerated() {
            let key = String(Heading.key(heading).unicodeScalars.prefix(200))
            guard !key.isEmpty, columns.indices.contains(index), columns[index] != guessed[index] else { continue }
            said[key] = columns[index]
        }
        if said.isEmpty { return }
        let rows = Array(said)
        let sql: SQL = """
            insert into import_columns (heading, field)
            select heading, field from unnest(\(rows.map(\.key))::text[], \(rows.map { $0.value?.rawValue })::text[])
                i (heading, field)
            on conflict (heading) do update set field = excluded.field
            """
        try await work(sql.done())
    }
}
