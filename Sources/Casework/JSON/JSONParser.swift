/// A strict RFC 8259 parser over UTF-8 bytes. Hand-written because Foundation's parser accepts duplicate names, loses
/// the text of numbers, and reports deep nesting as an error nobody can tell from a bug.
struct JSONParser {
    /// Deeper documents are refused; each level costs one stack frame.
    static let maxDepth = 512

    let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(CaseworkError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw malformed(.byteOrderMark) }
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) { throw malformed(.notUTF8) }
        skipSpace()
        if position == bytes.count { throw malformed(.nothing) }
        let value = try self.value()
        skipSpace()
        if position < bytes.count { throw malformed(.trailingText) }
        return value
    }

    private mutating func value() throws(CaseworkError) -> JSONValue {
        guard let byte = peek else { throw malformed(.noValue) }
        switch byte {
        case UInt8(ascii: "{"): return try nested { (parser) throws(CaseworkError) in .object(try parser.object()) }
        case UInt8(ascii: "["): return try nested { (parser) throws(CaseworkError) in .array(try parser.array()) }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw malformed(.noValue)
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(CaseworkError) -> JSONValue
    ) throws(CaseworkError) -> JSONValue {
        depth += 1
        if depth > Self.maxDepth { throw malformed(.tooDeep) }
        position += 1
        skipSpace()
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(CaseworkError) -> JSONObject {
        var object = JSONObject()
        if take(UInt8(ascii: "}")) { return object }
        while true {
            guard peek == UInt8(ascii: "\"") else { throw malformed(.noName) }
            let name = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw malformed(.noColon) }
            skipSpace()
            let value = try self.value()
            if !object.insert(value, for: name) { throw .invalid(name, .repeated) }
            skipSpace()
            if take(UInt8(ascii: "}")) { return object }
            guard take(UInt8(ascii: ",")) else { throw malformed(.openObject) }
            skipSpace()
        }
    }

    private mutating func array() throws(CaseworkError) -> [JSONValue] {
        var values: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return values }
        while true {
            values.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return values }
            guard take(UInt8(ascii: ",")) else { throw malformed(.openArray) }
            skipSpace()
        }
    }

    // MARK: Strings

    private mutating func string() throws(CaseworkError) -> String {
        let opening = position
        position += 1
        let start = position
        while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        if peek == UInt8(ascii: "\"") {
            defer { position += 1 }
            return try utf8(bytes[start..<position])
        }
        var text = Array(bytes[start..<position])
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return try utf8(text[...])
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &text)
            case 0..<0x20: throw malformed(.rawControlCharacter)
            default:
                text.append(byte)
                position += 1
            }
        }
        position = opening
        throw malformed(.openString)
    }

    private func utf8(_ slice: ArraySlice<UInt8>) throws(CaseworkError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else { throw malformed(.notUTF8) }
        return text
    }

    private mutating func escape(into text: inout [UInt8]) throws(CaseworkError) {
        guard let byte = peek else { throw malformed(.openString) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try escapedScalar()).utf8)
        default: throw malformed(.unknownEscape)
        }
    }

    private mutating func escapedScalar() throws(CaseworkError) -> Unicode.Scalar {
        let first = try fourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw malformed(.halfSurrogate)
        }
        let second = try fourHexDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw malformed(.halfSurrogate) }
        return scalar
    }

    private mutating func fourHexDigits() throws(CaseworkError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw malformed(.unknownEscape)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    // MARK: Numbers and words

    private mutating func number() throws(CaseworkError) -> JSONNumber {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return JSONNumber(grammatical: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func digits() throws(CaseworkError) {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        if position == start { throw malformed(.noDigit) }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(CaseworkError) -> JSONValue {
        let matches = word.withUTF8Buffer { bytes[position...].starts(with: $0) }
        guard matches else { throw malformed(.noValue) }
        position += word.utf8CodeUnitCount
        return value
    }

    // MARK: Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func malformed(_ fault: Refusal.Term) -> CaseworkError {
        .malformed(
            Refusal(
                .malformedJSON,
                ["fault": .term(fault), "position": .number(position), "levels": .number(Self.maxDepth)]))
    }
}
