/// Writes CSV after RFC 4180 that spreadsheets open as text: a cell that they would take for a formula gets an
/// apostrophe in front.
public struct CSVWriter: Sendable {
    private var bytes: [UInt8] = []
    private let isForSpreadsheets: Bool

    /// A writer that has written nothing.
    public init() { self.init(isForSpreadsheets: true) }

    /// - Parameter isForSpreadsheets: false where only our own reader reads it, which is to find each cell as it was.
    init(isForSpreadsheets: Bool) { self.isForSpreadsheets = isForSpreadsheets }

    /// One record, ended by CR LF.
    public mutating func row(_ cells: [String]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            // An empty line would be skipped on reading.
            if cells.count == 1, cell.isEmpty { bytes.append(contentsOf: "\"\"".utf8) }
            write(cell)
        }
        bytes.append(contentsOf: "\r\n".utf8)
    }

    /// Takes what was written since the last time.
    public mutating func drain() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    private mutating func write(_ cell: String) {
        let utf8 = cell.utf8
        let isFormula = isForSpreadsheets && utf8.first.map { "=+-@\t\r".utf8.contains($0) } ?? false
        let isPadded = utf8.first == UInt8(ascii: " ") || utf8.last == UInt8(ascii: " ")
        let isQuoted = isPadded || utf8.contains { "\",\r\n".utf8.contains($0) }
        if isQuoted { bytes.append(UInt8(ascii: "\"")) }
        if isFormula { bytes.append(UInt8(ascii: "'")) }
        for byte in utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        if isQuoted { bytes.append(UInt8(ascii: "\"")) }
    }
}
