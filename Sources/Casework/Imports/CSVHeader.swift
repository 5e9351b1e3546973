/// The first record of a CSV file: which column has which name.
public struct CSVHeader: Sendable {
    /// The names as they are compared: trimmed and in lower case; blank where a column has none.
    public let names: [String]
    private let columns: [String: Int]

    /// The header in that record; nil stands for a file without records. Throws `CaseworkError.invalid` with the field
    /// `header` for an empty file, a broken record, a name that comes twice, or cells separated by something else.
    public init(_ record: CSVRecord?) throws(CaseworkError) {
        guard let record else { throw .invalid("header", .csvEmpty) }
        if let problem = record.problem { throw .invalid("header", problem) }
        if record.count == 1, let separator = Self.foreignSeparator(in: record[0]) {
            throw .invalid("header", Refusal(.foreignSeparator, ["separator": .term(separator)]))
        }
        var columns: [String: Int] = [:]
        names = record.cells.map { $0.lowercased() }
        for (index, name) in names.enumerated() where !name.isEmpty {
            if columns.updateValue(index, forKey: name) != nil {
                throw .invalid("header", Refusal(.columnTwice, ["column": .text(String(name.prefix(100)))]))
            }
        }
        self.columns = columns
    }

    /// The column of that name, which is given in lower case.
    public subscript(name: String) -> Int? { columns[name] }

    /// Throws `.invalid` naming all of `names` that no column has.
    public func require(_ names: String...) throws(CaseworkError) {
        let missing = names.filter { columns[$0] == nil }
        if !missing.isEmpty { throw .invalid("header", Refusal(.columnsMissing, ["columns": .list(missing)])) }
    }

    /// Why the record cannot be used: its own problem, or cells without a column or columns without a cell. Blank cells
    /// beyond the last column are no problem: spreadsheets add them.
    public func problem(of record: CSVRecord) -> Refusal? {
        if let problem = record.problem { return problem }
        if record.count == names.count { return nil }
        if record.count > names.count, (names.count..<record.count).allSatisfy({ record[$0].isEmpty }) { return nil }
        return Refusal(.wrongCellCount, ["cells": .number(record.count), "columns": .number(names.count)])
    }

    /// The record's cell in that column; nil where there is no such column or the cell is blank.
    public func value(_ name: String, in record: CSVRecord) -> String? {
        guard let column = columns[name], column < record.count else { return nil }
        let cell = record[column]
        return cell.isEmpty ? nil : cell
    }

    private static func foreignSeparator(in cell: String) -> Refusal.Term? {
        if cell.contains(";") { return .semicolons }
        if cell.contains("\t") { return .tabs }
        return nil
    }
}
