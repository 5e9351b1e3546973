/// What a filter or an operation is about (RFC 7644, 3.4.2.2 and 3.5.2): `userName`, `name.givenName`,
/// `emails[type eq "work"].value`. Names are in lower case, because SCIM's are told apart without regard to case, and without the
/// URN of a core schema.
public struct SCIMPath: Sendable, Hashable {
    /// The attribute; with its URN where that is of another schema, and then none that we know.
    public var attribute: String
    /// Which of an attribute's several values; empty: all of them.
    public var filter: [SCIMComparison] = []
    /// The attribute within.
    public var sub: String?

    /// Reads a whole text as a path; nil where it is none.
    public init?(_ text: String) {
        var scanner = SCIMScanner(text)
        guard let path = scanner.path(), scanner.isAtEnd else { return nil }
        self = path
    }

    init(attribute: String) { self.attribute = attribute }

    /// `name.givenname`, whichever values are meant.
    var plain: String { sub.map { "\(attribute).\($0)" } ?? attribute }
}

/// `userName eq "bjensen"`: the one comparison that identity providers send.
public struct SCIMComparison: Sendable, Hashable {
    /// What is compared.
    public var path: SCIMPath
    /// What it is to be equal to.
    public var value: JSONValue

    /// The text that it is to be equal to; a boolean's too, as it may come as text.
    var text: String {
        switch value {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: ""
        }
    }
}

/// A filter of a list: comparisons by `eq`, of which all must hold.
public struct SCIMFilter: Sendable, Hashable {
    /// What must hold.
    public var comparisons: [SCIMComparison]

    /// More than any identity provider sends.
    static let most = 20

    /// Reads the parameter `filter`.
    /// - Throws: `CaseworkError.invalid` for what is no filter, or one that we do not read.
    public init(_ text: String) throws(CaseworkError) {
        var scanner = SCIMScanner(text)
        guard let found = scanner.comparisons(until: nil), scanner.isAtEnd, found.count <= Self.most else {
            throw .invalid("filter", .notASCIMFilter)
        }
        comparisons = found
    }
}

/// Reads paths and filters byte by byte. Nothing nests deeper than a filter in brackets, so nothing recurses further.
struct SCIMScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position == bytes.count }

    /// A path, with or without brackets; nil where there is none.
    mutating func path() -> SCIMPath? { path(isWithin: false) }

    private mutating func path(isWithin: Bool) -> SCIMPath? {
        guard let attribute = attribute() else { return nil }
        var path = SCIMPath(attribute: attribute)
        if take("[") {
            guard !isWithin, let filter = comparisons(until: "]") else { return nil }
            path.filter = filter
        }
        if take(".") {
            guard let sub = name() else { return nil }
            path.sub = sub
        }
        return path
    }

    /// Comparisons with `and` between them, up to a byte or the end.
    mutating func comparisons(until end: Unicode.Scalar?) -> [SCIMComparison]? {
        var found: [SCIMComparison] = []
        while true {
            skipSpace()
            guard found.count < SCIMFilter.most, let path = path(isWithin: end != nil), skipSpace(), word("eq"),
                skipSpace(), let value = value()
            else { return nil }
            found.append(SCIMComparison(path: path, value: value))
            let isSpaced = skipSpace()
            if let end, take(end) { return found }
            if isAtEnd { return end == nil ? found : nil }
            guard isSpaced, word("and"), peek == 0x20 else { return nil }
        }
    }

    /// `userName`, or the same behind the URN of its schema.
    private mutating func attribute() -> String? {
        guard let first = run() else { return nil }
        guard first == "urn", peek == UInt8(ascii: ":") else { return Self.isName(first) ? first : nil }
        // the name stands behind the last colon; dots of versions belong to the URN
        var end = position
        var last = position
        while end < bytes.count,
            Self.isPart(bytes[end]) || bytes[end] == UInt8(ascii: ":") || bytes[end] == UInt8(ascii: ".")
        {
            if bytes[end] == UInt8(ascii: ":") { last = end }
            end += 1
        }
        let schema = "urn" + String(decoding: bytes[position..<last], as: UTF8.self).lowercased()
        position = last + 1
        guard let name = name() else { return nil }
        return Self.core.contains(schema) ? name : "\(schema):\(name)"
    }

    private static let core: Set<String> = [
        SCIMSchema.user.lowercased(), SCIMSchema.group.lowercased(),
    ]

    private mutating func name() -> String? {
        guard let run = run(), Self.isName(run) else { return nil }
        return run
    }

    private static func isName(_ text: String) -> Bool {
        text.utf8.first.map { $0 == UInt8(ascii: "$") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } ?? false
    }

    /// As many bytes as may stand in a name, in lower case.
    private mutating func run() -> String? {
        let start = position
        while let byte = peek, Self.isPart(byte) { position += 1 }
        return position == start ? nil : String(decoding: bytes[start..<position], as: UTF8.self).lowercased()
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "$"):
            true
        default: false
        }
    }

    /// A JSON string, number, `true` or `false`, in whatever case.
    private mutating func value() -> JSONValue? {
        guard peek == UInt8(ascii: "\"") else {
            let start = position
            while let byte = peek, Self.isPart(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "+") {
                position += 1
            }
            let word = String(decoding: bytes[start..<position], as: UTF8.self).lowercased()
            guard let value = try? JSONValue(parsing: Array(word.utf8)), value != .null else { return nil }
            return value
        }
        let start = position
        position += 1
        while let byte = peek, byte != UInt8(ascii: "\"") {
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        guard position < bytes.count else {
            position = bytes.count
            return nil
        }
        position += 1
        guard case .string(let text)? = try? JSONValue(parsing: Array(bytes[start..<position])), !text.utf8.contains(0)
        else { return nil }
        return .string(text)
    }

    // MARK: Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek.map({ Unicode.Scalar($0) == scalar }) ?? false else { return false }
        position += 1
        return true
    }

    /// A word in whatever case, behind which no letter stands.
    private mutating func word(_ word: String) -> Bool {
        let start = position
        if run() == word { return true }
        position = start
        return false
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let start = position
        while peek == 0x20 { position += 1 }
        return position > start
    }
}
