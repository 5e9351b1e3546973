/// How the characters of a file are written as bytes. The names are those of the API, and what `charset` calls them.
public enum TextEncoding: String, Sendable, Hashable, CaseIterable {
    case utf8 = "utf-8"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    case windows1252 = "windows-1252"

    /// The encoding that a media type's `charset` names, by the labels of the Encoding Standard; nil for others.
    public init?(charset: String) {
        switch charset.lowercased() {
        case "utf-8", "utf8", "us-ascii", "ascii": self = .utf8
        case "utf-16", "utf-16le", "unicode": self = .utf16LittleEndian
        case "utf-16be": self = .utf16BigEndian
        case "windows-1252", "cp1252", "iso-8859-1", "iso8859-1", "latin1": self = .windows1252
        default: return nil
        }
    }
}

/// Turns bytes of an encoding into UTF-8, in pieces of any size. What stands for no character becomes U+FFFD; bytes that are
/// said to be UTF-8 already stay as they are.
struct TextDecoder {
    private let encoding: TextEncoding
    /// The first half of what takes two: a byte, or a surrogate.
    private var half: UInt8?
    private var lead: UInt16?

    init(_ encoding: TextEncoding) { self.encoding = encoding }

    /// The text of the next bytes.
    mutating func decode(_ bytes: [UInt8]) -> [UInt8] {
        switch encoding {
        case .utf8: return bytes
        case .windows1252:
            var text: [UInt8] = []
            text.reserveCapacity(bytes.count + bytes.count / 8)
            for byte in bytes {
                if byte < 0x80 { text.append(byte) } else { Self.append(Self.windows1252(byte), to: &text) }
            }
            return text
        case .utf16LittleEndian, .utf16BigEndian:
            var text: [UInt8] = []
            text.reserveCapacity(bytes.count)
            for byte in bytes {
                guard let first = half else {
                    half = byte
                    continue
                }
                half = nil
                let (high, low) = encoding == .utf16BigEndian ? (first, byte) : (byte, first)
                take(UInt16(high) << 8 | UInt16(low), into: &text)
            }
            return text
        }
    }

    /// What is left at the end of the file: half a character is none.
    mutating func finish() -> [UInt8] {
        var text: [UInt8] = []
        if lead != nil || half != nil { Self.append("\u{FFFD}", to: &text) }
        (lead, half) = (nil, nil)
        return text
    }

    private mutating func take(_ unit: UInt16, into text: inout [UInt8]) {
        if let first = lead {
            lead = nil
            if UTF16.isTrailSurrogate(unit) {
                let value = 0x1_0000 + (UInt32(first & 0x3FF) << 10 | UInt32(unit & 0x3FF))
                return Self.append(Unicode.Scalar(value) ?? "\u{FFFD}", to: &text)
            }
            Self.append("\u{FFFD}", to: &text)
        }
        if UTF16.isLeadSurrogate(unit) {
            lead = unit
        } else {
            Self.append(Unicode.Scalar(unit) ?? "\u{FFFD}", to: &text)
        }
    }

    private static func append(_ scalar: Unicode.Scalar, to text: inout [UInt8]) {
        text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    /// A byte from 0x80 on (Unicode's CP1252.TXT; the five that it leaves undefined are no characters).
    private static func windows1252(_ byte: UInt8) -> Unicode.Scalar {
        if byte >= 0xA0 { return Unicode.Scalar(byte) }
        let index = Int(byte) - 0x80
        return controls.indices.contains(index) ? controls[index] : "\u{FFFD}"
    }

    private static let controls: [Unicode.Scalar] = [
        "\u{20AC}", "\u{FFFD}", "\u{201A}", "\u{0192}", "\u{201E}", "\u{2026}", "\u{2020}", "\u{2021}", "\u{02C6}",
        "\u{2030}", "\u{0160}", "\u{2039}", "\u{0152}", "\u{FFFD}", "\u{017D}", "\u{FFFD}", "\u{FFFD}", "\u{2018}",
        "\u{2019}", "\u{201C}", "\u{201D}", "\u{2022}", "\u{2013}", "\u{2014}", "\u{02DC}", "\u{2122}", "\u{0161}",
        "\u{203A}", "\u{0153}", "\u{FFFD}", "\u{017E}", "\u{0178}",
    ]
}

/// A file's text as UTF-8, whatever its encoding.
public struct DecodedText: AsyncSequence, Sendable {
    /// A piece of the text, not always ending between characters.
    public typealias Element = [UInt8]
    /// What reading the file throws.
    public typealias Failure = any Error

    private let file: Spool
    private let encoding: TextEncoding

    init(_ file: Spool, _ encoding: TextEncoding) { (self.file, self.encoding) = (file, encoding) }

    /// Starts at the first byte.
    public func makeAsyncIterator() -> Iterator {
        Iterator(pieces: file.makeAsyncIterator(), decoder: TextDecoder(encoding))
    }

    /// Holds one piece at a time.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var pieces: Spool.Iterator
        fileprivate var decoder: TextDecoder
        private var isFinished = false

        fileprivate init(pieces: Spool.Iterator, decoder: TextDecoder) {
            (self.pieces, self.decoder) = (pieces, decoder)
        }

        /// The next piece; nil at the end.
        public mutating func next() async throws -> [UInt8]? {
            if let piece = try await pieces.next() { return decoder.decode(piece) }
            if isFinished { return nil }
            isFinished = true
            return decoder.finish()
        }
    }
}
