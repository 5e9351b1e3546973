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

    /// How many cells it has.
    public var count: Int { ends.count }

    /// The cell at that place, without white space at its ends.
    public subscript(index: Int) -> String {
        var slice = bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
        while let byte = slice.first, byte == 0x20 || (0x09...0x0D).contains(byte) { slice.removeFirst() }
        while let byte = slice.last, byte == 0x20 || (0x09...0x0D).contains(byte) { slice.removeLast() }
        let text = String(decoding: slice, as: UTF8.self)
        let needsUnicode = (slice.first ?? 0) >= 0x80 || (slice.last ?? 0) >= 0x80
        return needsUnicode ? text.trimmed : text
    }

    /// All cells.
    public var cells: [String] { (0..<count).map { self[$0] } }

    /// Whether every cell is empty or white space, as in the lines that spreadsheets leave behind.
    var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } }
}
