/// One record of a CSV file: its cells, or why it has none that can be used.
public struct CSVRecord: Sendable {
    /// The physical line of the file, from 1, on which the record starts.
    public let line: Int
    /// The one on which it ends: a later one where a cell has line breaks.
    public let lastLine: Int
    /// What is wrong with the whole record; its cells must not be used then.
    public let problem: Refusal?
    private let bytes: [UInt8]
    private let ends: [Int]

    init(line: Int, lastLine: Int, problem: Refusal?, bytes: [UInt8], ends: [Int]) {
        self.line = line
        self.lastLine = lastLine
        self.problem = problem
        self.bytes = bytes
        self.ends = ends
    }

    /// Bytes of its cells.
    var size: Int { bytes.count }

    /// How many cells it has.
    public var count: Int { ends.count }

    /// The cell at that place, without white space at its ends; beyond ASCII, also without the characters that nobody sees,
    /// and with plain spaces for the others. `="007"` is a number that a spreadsheet keeps as text.
    /// Empty where there is no such cell.
    public subscript(index: Int) -> String {
        guard ends.indices.contains(index) else { return "" }
        var slice = Self.trimmed(bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
        if slice.count >= 3, slice.starts(with: [UInt8(ascii: "="), UInt8(ascii: "\"")]),
            slice.last == UInt8(ascii: "\"")
        {
            slice = Self.trimmed(slice.dropFirst(2).dropLast())
        }
        let text = String(decoding: slice, as: UTF8.self)
        return slice.allSatisfy { $0 < 0x80 } ? text : text.withoutHiddenCharacters.trimmed
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var slice = bytes
        while let byte = slice.first, byte == 0x20 || (0x09...0x0D).contains(byte) { slice.removeFirst() }
        while let byte = slice.last, byte == 0x20 || (0x09...0x0D).contains(byte) { slice.removeLast() }
        return slice
    }

    /// All cells.
    public var cells: [String] { (0..<count).map { self[$0] } }

    /// Why it cannot be used under a header of so many columns: its own problem, or cells without a column or columns without a
    /// cell. Blank cells beyond the last column are no problem: spreadsheets add them.
    func problem(columns: Int) -> Refusal? {
        if let problem { return problem }
        if count == columns { return nil }
        if count > columns, (columns..<count).allSatisfy({ self[$0].isEmpty }) { return nil }
        return Refusal(.wrongCellCount, ["cells": .number(count), "columns": .number(columns)])
    }

    /// Whether every cell is empty or white space, as in the lines that spreadsheets leave behind.
    var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } }
}

extension String {
    /// Without zero-width spaces, byte order marks, soft hyphens and marks of direction, which come along when people copy
    /// from pages and mails; every other space is a plain one. The joiners stay: some scripts are written with them.
    fileprivate var withoutHiddenCharacters: String {
        var text = UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar.value {
            case 0xAD, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060, 0x2066...0x2069, 0xFEFF: continue
            default:
                text.append(scalar.properties.generalCategory == .spaceSeparator ? " " : scalar)
            }
        }
        return String(text)
    }
}
