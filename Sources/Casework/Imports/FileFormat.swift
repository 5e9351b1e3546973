/// How a file of rows is written: its encoding, and what stands between two cells.
public struct FileFormat: Sendable, Hashable {
    /// What stands between two cells.
    public enum Delimiter: String, Sendable, Hashable, CaseIterable {
        case comma, semicolon, tab

        var byte: UInt8 {
            switch self {
            case .comma: UInt8(ascii: ",")
            case .semicolon: UInt8(ascii: ";")
            case .tab: UInt8(ascii: "\t")
            }
        }
    }

    /// How its characters are written.
    public var encoding: TextEncoding
    /// What stands between two cells.
    public var delimiter: Delimiter
    /// Whether its first line only says the delimiter, as Excel has it: `sep=;`.
    var hasDelimiterLine = false

    /// What somebody says of a file; nil is found in it.
    public struct Choice: Sendable, Hashable {
        /// Nil: what the bytes look like.
        public var encoding: TextEncoding?
        /// Nil: what the first rows look like.
        public var delimiter: Delimiter?

        /// - Parameter encoding: nil for what the bytes look like; the API takes UTF-8 where nobody says otherwise.
        public init(encoding: TextEncoding? = nil, delimiter: Delimiter? = nil) {
            (self.encoding, self.delimiter) = (encoding, delimiter)
        }
    }

    /// Looks at a file; reads all of it only where its encoding is asked for.
    /// - Throws: `CaseworkError.invalid` for a workbook; what reading throws.
    public static func found(in file: Spool, _ choice: Choice = Choice()) async throws -> FileFormat {
        var pieces = file.makeAsyncIterator()
        let start = Array((try await pieces.next() ?? []).prefix(Self.lookedAt))
        if isWorkbook(start) { throw CaseworkError.invalid("file", .csvWorkbook) }
        let encoding: TextEncoding
        if let marked = marked(start) {
            encoding = marked
        } else if let chosen = choice.encoding {
            encoding = chosen
        } else if let wide = unmarkedUTF16(start) {
            encoding = wide
        } else {
            encoding = try await isUTF8(file) ? .utf8 : .windows1252
        }
        var decoder = TextDecoder(encoding)
        var text = decoder.decode(start)
        if text.starts(with: Self.mark) { text.removeFirst(Self.mark.count) }
        let said = delimiterLine(text)
        return FileFormat(
            encoding: encoding, delimiter: choice.delimiter ?? said ?? delimiter(of: text),
            hasDelimiterLine: said != nil)
    }

    private static let lookedAt = 65_536
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The encoding that a byte order mark says.
    private static func marked(_ start: [UInt8]) -> TextEncoding? {
        if start.starts(with: mark) { return .utf8 }
        if start.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
        if start.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
        return nil
    }

    /// Workbooks, old and new, and the tables of HTML or XML that are sold as such.
    static func isWorkbook(_ start: [UInt8]) -> Bool {
        if start.starts(with: [0x50, 0x4B, 0x03]) || start.starts(with: [0x50, 0x4B, 0x05]) { return true }
        if start.starts(with: [0xD0, 0xCF, 0x11]) { return true }
        let text = start.prefix(200).drop { $0 <= 0x20 || mark.contains($0) }
        let lower = String(decoding: text.prefix(14), as: UTF8.self).lowercased()
        return ["<html", "<table", "<!doctype html", "<?xml"].contains { lower.hasPrefix($0) }
    }

    /// Every second byte of western text in UTF-16 is zero.
    private static func unmarkedUTF16(_ start: [UInt8]) -> TextEncoding? {
        let looked = start.prefix(4_096)
        guard looked.count >= 4 else { return nil }
        var zeros = (even: 0, odd: 0)
        for (index, byte) in looked.enumerated() where byte == 0 {
            if index.isMultiple(of: 2) { zeros.even += 1 } else { zeros.odd += 1 }
        }
        let most = looked.count / 2
        if zeros.odd > most * 7 / 10, zeros.even < most / 10 { return .utf16LittleEndian }
        if zeros.even > most * 7 / 10, zeros.odd < most / 10 { return .utf16BigEndian }
        return nil
    }

    /// Whether what is not ASCII is UTF-8, save perhaps a broken character here and there.
    private static func isUTF8(_ file: Spool) async throws -> Bool {
        var characters = CharacterCount()
        for try await piece in file { characters.take(piece) }
        characters.finish()
        return characters.broken == 0 || characters.whole > characters.broken
    }

    private static func delimiterLine(_ text: [UInt8]) -> Delimiter? {
        let line = text.prefix(8).prefix { $0 != 0x0A && $0 != 0x0D }.filter { $0 != UInt8(ascii: "\"") }
        guard text.count > line.count, line.count == 5, let last = line.last,
            String(decoding: line.dropLast(), as: UTF8.self).lowercased() == "sep="
        else { return nil }
        return Delimiter.allCases.first { $0.byte == last }
    }

    /// The one by which the first rows have as many cells as the header; of several, the one with the most.
    private static func delimiter(of text: [UInt8]) -> Delimiter {
        var best = (delimiter: Delimiter.comma, score: 0)
        for delimiter in Delimiter.allCases {
            var counts: [Int] = []
            var parser = CSVParser(delimiter: delimiter.byte)
            try? parser.feed(text) { if counts.count < 20, $0.problem == nil { counts.append($0.count) } }
            if counts.isEmpty { try? parser.finish { counts.append($0.count) } }
            guard let columns = counts.first, columns > 1 else { continue }
            let alike = counts.count { $0 == columns } == counts.count
            let score = columns + (alike ? 1_000 : 0)
            if score > best.score { best = (delimiter, score) }
        }
        return best.delimiter
    }
}

/// Counts the characters beyond ASCII that are UTF-8, and the bytes that belong to none.
private struct CharacterCount {
    private(set) var whole = 0
    private(set) var broken = 0
    private var missing = 0

    mutating func take(_ bytes: [UInt8]) {
        for byte in bytes {
            if byte < 0x80 {
                if missing > 0 { broken += 1 }
                missing = 0
            } else if UTF8.isContinuation(byte) {
                if missing == 0 { broken += 1 }
                if missing == 1 { whole += 1 }
                missing = max(missing - 1, 0)
            } else {
                if missing > 0 { broken += 1 }
                missing = byte >= 0xF5 || byte < 0xC2 ? 0 : byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1
                if missing == 0 { broken += 1 }
            }
        }
    }

    mutating func finish() {
        if missing > 0 { broken += 1 }
        missing = 0
    }
}

/// A file of rows together with how it is to be read.
public struct ImportFile: Sendable {
    /// Its bytes.
    public let content: Spool
    /// How they are read.
    public let format: FileFormat

    /// - Throws: what `FileFormat.found` throws.
    public init(_ content: Spool, _ choice: FileFormat.Choice = FileFormat.Choice()) async throws {
        (self.content, format) = (content, try await FileFormat.found(in: content, choice))
    }

    /// Its records from the first on, the line that only says the delimiter left out.
    func records() async throws -> CSVReader<DecodedText>.Iterator {
        var records = CSVReader(DecodedText(content, format.encoding), delimiter: format.delimiter.byte)
            .makeAsyncIterator()
        if format.hasDelimiterLine { _ = try await records.next() }
        return records
    }
}
