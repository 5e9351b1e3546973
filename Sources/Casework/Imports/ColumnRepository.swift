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

    /// All of them, by heading.
    public static func all() -> Reading<ColumnMeanings> { Reading(list) }

    private static var list: Query<ColumnMeanings> {
        let sql: SQL = "select heading, field from import_columns order by heading"
        return Query(sql) { rows in
            ColumnMeanings(
                try rows.map { row in
                    let field: String? = try row.get("field")
                    return ColumnMeaning(try row.get("heading"), field.flatMap(ImportField.init))
                })
        }
    }

    /// What each column of a file holds, where that is said of some of its headings for this file alone.
    /// - Returns: nil where nothing is said.
    /// - Throws: `invalid` with the field `header` for a file without one or without such a heading; with the field `column` for what
    ///   files of this kind do not have.
    public func columns(
        of file: ImportFile, for fields: [ImportField], said: [ColumnMeaning]
    ) async throws -> [ImportField?]? {
        guard let first = said.first else { return nil }
        let kept = try await kept()
        guard let sample = try await FileSample.of(file, for: fields, kept: kept, chosen: nil) else {
            throw CaseworkError.invalid(
                "header", Refusal(.noSuchColumn, ["column": .text(String(first.heading.prefix(100)))]))
        }
        return try CSVHeader.columns(sample.headings, for: fields, kept: kept, said: said)
    }

    /// Keeps those and no others.
    public func replace(with meanings: ColumnMeanings) async throws -> ColumnMeanings {
        // one after the other, so that two lists never mix
        let turn: SQL = "select id from settings where id = 1 for update"
        let (_, _, list) = try await work(
            turn.done(), Self.write(meanings.columns, isWhole: true).done(), Self.list)
        return list
    }

    /// Keeps what the columns of a file hold, where that is more than the headings say by themselves.
    /// - Parameters:
    ///   - headings: as they stand in the file.
    ///   - columns: nil for a column that is left out.
    public func keep(_ headings: [String], _ columns: [ImportField?], for fields: [ImportField]) async throws {
        let guessed = CSVHeader.guessed(headings, for: fields, kept: try await kept())
        var said: [String: ImportField?] = [:]
        for (index, heading) in headings.enumerated() {
            let key = String(Heading.key(heading).unicodeScalars.prefix(ColumnMeaning.longest))
            guard !key.isEmpty, columns.indices.contains(index), columns[index] != guessed[index] else { continue }
            said[key] = columns[index]
        }
        if said.isEmpty { return }
        try await work(Self.write(said.map { ColumnMeaning($0.key, $0.value) }, isWhole: false).done())
    }

    /// Writes what headings mean, and notes what that changes.
    /// - Parameter isWhole: whether what others mean is forgotten.
    private static func write(_ meanings: [ColumnMeaning], isWhole: Bool) -> SQL {
        """
        with wanted as (
                select heading, field
                from unnest(\(meanings.map(\.heading))::text[], \(meanings.map { $0.field?.rawValue })::text[]) i (heading, field)),
            old as (
                select c.heading, c.field from import_columns c
                where \(isWhole) or exists (select from wanted w where w.heading = c.heading)),
            gone as (
                delete from import_columns c
                where \(isWhole) and not exists (select from wanted w where w.heading = c.heading)
                returning c.heading),
            new as (
                insert into import_columns as c (heading, field) select heading, field from wanted
                on conflict (heading) do update set field = excluded.field where c.field is distinct from excluded.field
                returning c.heading)
        insert into audit (action, subject, before, after)
        select 'import.columns', 'imports', (select jsonb_object_agg(heading, field) from old),
            (select coalesce(jsonb_object_agg(heading, field), '{}') from wanted)
        where exists (select from gone) or exists (select from new)
        """
    }
}
