/// The first record of a file: which column holds what.
public struct CSVHeader: Sendable {
    /// The headings as they stand in the file; blank where a column has none.
    public let headings: [String]
    private let columns: [ImportField: Int]

    /// The header in that record, matched to fields by their own names, then by what the institution said before, then by
    /// the names that are usual elsewhere.
    /// - Parameters:
    ///   - record: nil stands for a file without records.
    ///   - chosen: what each column holds, where somebody said so for this file; nothing else counts then.
    /// - Throws: `CaseworkError.invalid` with the field `header` for an empty file, a broken record, a name that comes
    ///   twice, or cells separated by something else.
    public init(
        _ record: CSVRecord?, for fields: [ImportField], kept: KeptColumns = [:], chosen: [ImportField?]? = nil
    ) throws(CaseworkError) {
        guard let record else { throw .invalid("header", .csvEmpty) }
        if let problem = record.problem { throw .invalid("header", problem) }
        headings = record.cells
        if let chosen {
            var columns: [ImportField: Int] = [:]
            for (index, field) in chosen.prefix(headings.count).enumerated() {
                guard let field, fields.contains(field) else { continue }
                if columns.updateValue(index, forKey: field) != nil {
                    throw .invalid("header", Refusal(.columnTwice, ["column": .text(field.rawValue)]))
                }
            }
            self.columns = columns
            return
        }
        if record.count == 1, let separator = Self.foreignSeparator(in: headings[0]) {
            throw .invalid("header", Refusal(.foreignSeparator, ["separator": .term(separator)]))
        }
        var names: Set<String> = []
        for name in headings.map({ $0.lowercased() }) where !name.isEmpty {
            if !names.insert(name).inserted {
                throw .invalid("header", Refusal(.columnTwice, ["column": .text(String(name.prefix(100)))]))
            }
        }
        columns = Self.matched(headings, fields, kept)
    }

    /// What each heading most likely means: nil where nothing does.
    public static func guessed(_ headings: [String], for fields: [ImportField], kept: KeptColumns) -> [ImportField?] {
        let columns = matched(headings, fields, kept)
        var guessed = [ImportField?](repeating: nil, count: headings.count)
        for (field, index) in columns where guessed.indices.contains(index) { guessed[index] = field }
        return guessed
    }

    private static func matched(
        _ headings: [String], _ fields: [ImportField], _ kept: KeptColumns
    ) -> [ImportField: Int] {
        let keys = headings.map(Heading.key)
        var columns: [ImportField: Int] = [:]
        var taken: Set<Int> = []
        func take(_ field: ImportField, _ index: Int?) {
            guard let index, columns[field] == nil, taken.insert(index).inserted else { return }
            columns[field] = index
        }
        for field in fields { take(field, headings.firstIndex { $0.lowercased() == field.rawValue }) }
        for (index, key) in keys.enumerated() {
            guard let said = kept[key] else { continue }
            if let field = said {
                if fields.contains(field) { take(field, index) }
            } else {
                taken.insert(index)
            }
        }
        for field in fields {
            for name in field.usualNames where columns[field] == nil {
                take(field, keys.indices.first { keys[$0] == name && !taken.contains($0) })
            }
        }
        return columns
    }

    /// The column that holds the field.
    public subscript(field: ImportField) -> Int? { columns[field] }

    /// The headings of the columns that hold none of the fields; those without a heading are left out.
    public var unmatched: [String] {
        let used = Set(columns.values)
        return headings.indices.filter { !used.contains($0) && !headings[$0].isEmpty }.map { headings[$0] }
    }

    /// Throws `.invalid` naming all of `fields` that no column holds.
    public func require(_ fields: ImportField...) throws(CaseworkError) {
        let missing = fields.filter { columns[$0] == nil }.map(\.rawValue)
        if !missing.isEmpty { throw .invalid("header", Refusal(.columnsMissing, ["columns": .list(missing)])) }
    }

    /// Why the record cannot be used: its own problem, or cells without a column or columns without a cell.
    public func problem(of record: CSVRecord) -> Refusal? { record.problem(columns: headings.count) }

    /// The record's cell in the field's column; nil where there is no such column or the cell is blank.
    public func value(_ field: ImportField, in record: CSVRecord) -> String? {
        guard let column = columns[field], column < record.count else { return nil }
        let cell = record[column]
        return cell.isEmpty ? nil : cell
    }

    private static func foreignSeparator(in cell: String) -> Refusal.Term? {
        if cell.contains(";") { return .semicolons }
        if cell.contains("\t") { return .tabs }
        return nil
    }
}
