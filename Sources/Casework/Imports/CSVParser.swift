/// Reads CSV after RFC 4180 from chunks of any size, in bounded memory: a record is at most 1 MiB, a cell 64 KiB, a row
/// 256 cells. A broken row becomes a record with a `problem`, and reading goes on behind it.
///
/// Lines end in LF, CR LF or CR, also mixed; blank lines and a byte order mark are skipped; white space around a cell,
/// also outside its quotes, does not count. `="007"`, by which spreadsheets keep a number as text, is read as `007`.
public struct CSVParser {
    /// The longest cell, in bytes.
    public static let maxCell = 65_536
    /// The most cells in a record.
    public static let maxCells = 256
    private static let maxRecord = 1_048_576
    private enum State {
        case cellStart, unquoted, quoted, quoteInQuoted, afterQuoted
    }

    private let delimiter: UInt8
    private var state = State.cellStart
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var problem: Refusal?
    private var isQuoted = false
    private var line = 1
    private var firstLine = 1
    private var quoteLine = 1
    private var afterCarriageReturn = false
    /// The first bytes, until it is clear whether they are a byte order mark.
    private var prefix: [UInt8]? = []

    /// A parser at the start of a file.
    /// - Parameter delimiter: what stands between two cells.
    public init(delimiter: UInt8 = UInt8(ascii: ",")) { self.delimiter = delimiter }

    /// Reads the next bytes and hands each record that ends in them to `body`. Throws what `body` throws.
    public mutating func feed(_ chunk: some Sequence<UInt8>, _ body: (CSVRecord) throws -> Void) throws {
        let parsed: Void? = try chunk.withContiguousStorageIfAvailable { try start($0, body) }
        if parsed == nil { try Array(chunk).withUnsafeBufferPointer { try start($0, body) } }
    }

    /// Ends the file: hands the last record, which needs no line end, to `body`.
    public mutating func finish(_ body: (CSVRecord) throws -> Void) throws {
        if let held = prefix {
            prefix = nil
            try held.withUnsafeBufferPointer { try parse($0, body) }
        }
        if state == .quoted {
            problem = problem ?? Refusal(.quoteNotClosed, ["line": .number(quoteLine)])
        }
        if state != .cellStart || !ends.isEmpty { try endRecord(on: line, body) }
    }

    // MARK: Start of the file

    private mutating func start(_ chunk: UnsafeBufferPointer<UInt8>, _ body: (CSVRecord) throws -> Void) throws {
        guard var held = prefix else { return try parse(chunk, body) }
        let taken = min(chunk.count, 3 - held.count)
        held.append(contentsOf: chunk[..<taken])
        prefix = held
        guard held.count == 3 else { return }
        prefix = nil
        if held != [0xEF, 0xBB, 0xBF] { try held.withUnsafeBufferPointer { try parse($0, body) } }
        try parse(UnsafeBufferPointer(rebasing: chunk[taken...]), body)
    }

    // MARK: Bytes

    private mutating func parse(_ chunk: UnsafeBufferPointer<UInt8>, _ body: (CSVRecord) throws -> Void) throws {
        var index = 0
        while index < chunk.count {
            let byte = chunk[index]
            if afterCarriageReturn {
                afterCarriageReturn = false
                if byte == UInt8(ascii: "\n") {
                    if state == .quoted { keep(byte) }
                    index += 1
                    continue
                }
            }
            switch state {
            case .cellStart, .unquoted:
                let end = plainEnd(in: chunk, from: index)
                if end > index {
                    keep(UnsafeBufferPointer(rebasing: chunk[index..<end]))
                    index = end
                } else {
                    try structural(byte, body)
                    index += 1
                }
            case .quoted:
                let end = Self.quotedEnd(in: chunk, from: index)
                if end > index {
                    keep(UnsafeBufferPointer(rebasing: chunk[index..<end]))
                    index = end
                } else {
                    quoted(byte)
                    index += 1
                }
            case .quoteInQuoted where byte == UInt8(ascii: "\""):
                keep(byte)
                state = .quoted
                index += 1
            case .quoteInQuoted, .afterQuoted:
                state = .afterQuoted
                switch byte {
                case delimiter, UInt8(ascii: "\n"), UInt8(ascii: "\r"): try structural(byte, body)
                case UInt8(ascii: " "), UInt8(ascii: "\t"): break
                default: problem = problem ?? Refusal(.textAfterQuote)
                }
                index += 1
            }
        }
    }

    /// A byte that is not part of an unquoted cell's text.
    private mutating func structural(_ byte: UInt8, _ body: (CSVRecord) throws -> Void) throws {
        switch byte {
        case delimiter:
            endCell()
        case UInt8(ascii: "\n"):
            try endLine(body)
        case UInt8(ascii: "\r"):
            afterCarriageReturn = true
            try endLine(body)
        case UInt8(ascii: "\""):
            let before = bytes[(ends.last ?? 0)...]
            if before.allSatisfy({ $0 == 0x20 || $0 == 0x09 })
                || before.filter { $0 != 0x20 && $0 != 0x09 } == [UInt8(ascii: "=")]
            {
                bytes.removeSubrange((ends.last ?? 0)...)
                state = .quoted
                isQuoted = true
                quoteLine = line
            } else {
                problem = problem ?? Refusal(.strayQuote)
                state = .unquoted
            }
        default:
            problem = problem ?? Refusal(.rowNul)
            state = .unquoted
        }
    }

    private mutating func quoted(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): state = .quoteInQuoted
        case 0: problem = problem ?? Refusal(.rowNul)
        default:
            line += 1
            afterCarriageReturn = byte == UInt8(ascii: "\r")
            keep(byte)
        }
    }

    private mutating func keep(_ text: UnsafeBufferPointer<UInt8>) {
        if state == .cellStart { state = .unquoted }
        guard hasRoom(for: text.count) else { return }
        bytes.append(contentsOf: text)
    }

    private mutating func keep(_ byte: UInt8) {
        if hasRoom(for: 1) { bytes.append(byte) }
    }

    /// False where the record is lost already, so that no more of it is kept.
    private mutating func hasRoom(for count: Int) -> Bool {
        if problem != nil { return false }
        if bytes.count - (ends.last ?? 0) + count > Self.maxCell {
            problem =
                state == .quoted
                ? Refusal(.quotedCellTooLong, ["most": .number(Self.maxCell), "line": .number(quoteLine)])
                : .beyond(.cellTooLong, most: Self.maxCell)
        } else if bytes.count + count > Self.maxRecord {
            problem = .beyond(.rowTooLong, most: Self.maxRecord)
        }
        return problem == nil
    }

    // MARK: Cells and records

    private mutating func endCell() {
        if ends.count >= Self.maxCells {
            problem = problem ?? .beyond(.tooManyCells, most: Self.maxCells)
        } else {
            ends.append(bytes.count)
        }
        state = .cellStart
    }

    private mutating func endLine(_ body: (CSVRecord) throws -> Void) throws {
        line += 1
        if state != .cellStart || !ends.isEmpty { try endRecord(on: line - 1, body) } else { firstLine = line }
    }

    private mutating func endRecord(on lastLine: Int, _ body: (CSVRecord) throws -> Void) throws {
        endCell()
        if problem == nil { problem = encodingProblem }
        // Copies of just the size: the parser keeps its own room, however large one record made it.
        let record = CSVRecord(
            line: firstLine, lastLine: lastLine, problem: problem,
            bytes: problem == nil ? bytes.withUnsafeBufferPointer(Array.init) : [],
            ends: problem == nil ? ends.withUnsafeBufferPointer(Array.init) : [])
        let isBlank = problem == nil && !isQuoted && record.isBlank
        bytes.removeAll(keepingCapacity: problem == nil)
        ends.removeAll(keepingCapacity: true)
        problem = nil
        isQuoted = false
        firstLine = line
        if !isBlank { try body(record) }
    }

    // MARK: Fast paths

    private func plainEnd(in chunk: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        while index < chunk.count {
            let byte = chunk[index]
            index += 1
            guard byte <= UInt8(ascii: ";") else { continue }
            if byte == delimiter || byte == 0x0A || byte == 0x0D || byte == 0x22 || byte == 0 { return index - 1 }
        }
        return index
    }

    private static func quotedEnd(in chunk: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        while index < chunk.count {
            let byte = chunk[index]
            if byte <= UInt8(ascii: "\""), byte == 0x22 || byte == 0x0A || byte == 0x0D || byte == 0 { break }
            index += 1
        }
        return index
    }

    /// Why the cells are no text. They are UTF-8 where their bytes together are, and no cell begins within a character.
    private var encodingProblem: Refusal? {
        var union: UInt8 = 0
        for byte in bytes { union |= byte }
        if union < 0x80 { return nil }
        guard let text = String(validating: bytes, as: UTF8.self),
            ends.allSatisfy({ $0 == bytes.count || !UTF8.isContinuation(bytes[$0]) })
        else { return Refusal(.rowNotUTF8) }
        // A browser turns bytes that are not UTF-8 into U+FFFD. A refused row does not become good by being shown on a page.
        return text.unicodeScalars.contains("\u{FFFD}") ? Refusal(.rowLostCharacter) : nil
    }
}
