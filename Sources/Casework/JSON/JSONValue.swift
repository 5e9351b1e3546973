/// Any JSON value as it was received. Numbers keep their text, so nothing is lost before a field asks for a type.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Reads a whole document, strictly after RFC 8259. Throws `CaseworkError.malformed` for what is not JSON in UTF-8
    /// (a byte order mark included) or nests deeper than 512, `.invalid` for an object that names a member twice.
    public init(parsing bytes: [UInt8]) throws(CaseworkError) {
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }
}

/// A JSON number as it was written.
public struct JSONNumber: Hashable, Sendable {
    /// Text that follows the grammar of RFC 8259.
    public let text: String

    init(grammatical text: String) { self.text = text }

    /// The number, if it is whole and fits; `1.0` and `1e2` are whole, as RFC 8259 knows only one kind of number.
    public var integer: Int? {
        var digits: [UInt8] = []
        var exponent = 0
        var negative = false
        var inFraction = false
        var rest = text.utf8[...]
        scan: while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "-"): negative = true
            case UInt8(ascii: "."): inFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"): break scan
            default:
                digits.append(byte - UInt8(ascii: "0"))
                if inFraction { exponent -= 1 }
            }
        }
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        guard !digits.isEmpty else { return 0 }
        if !rest.isEmpty {
            if rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            guard let written = Int(Substring(rest)) else { return nil }
            exponent = exponent.addingReportingOverflow(written).partialValue
        }
        guard (0...19).contains(exponent) else { return nil }
        digits.append(contentsOf: repeatElement(0, count: exponent))
        var value = 0
        for digit in digits {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.subtractingReportingOverflow(Int(digit))
            if overflow || carry { return nil }
            value = sum
        }
        if negative { return value }
        return value == .min ? nil : -value
    }
}

/// A JSON object: its members in the order they came, each name once.
public struct JSONObject: Hashable, Sendable, RandomAccessCollection, ExpressibleByDictionaryLiteral {
    /// One name with its value.
    public struct Member: Hashable, Sendable {
        /// The member's name.
        public let name: String
        /// The member's value.
        public let value: JSONValue
    }

    private var members: [Member] = []
    private var positions: [String: Int] = [:]

    /// An object without members.
    public init() {}

    /// The literal's members; of a repeated name, the first.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (name, value) in elements { insert(value, for: name) }
    }

    /// The object in `body`; throws like `JSONValue`, and `.invalid` where the body is another kind of JSON.
    public init(parsing body: [UInt8]) throws(CaseworkError) {
        guard case .object(let object) = try JSONValue(parsing: body) else {
            throw .invalid("body", .notAnObject)
        }
        self = object
    }

    /// The position of the first member.
    public var startIndex: Int { 0 }
    /// The number of members.
    public var endIndex: Int { members.count }
    /// The member at that place.
    public subscript(position: Int) -> Member { members[position] }

    /// The value of the member of that name.
    public subscript(name: String) -> JSONValue? {
        if members.count <= Self.scanned { return members.first { $0.name == name }?.value }
        return positions[name].map { members[$0].value }
    }

    /// Adds a member; false, and nothing added, where the name is taken.
    @discardableResult
    public mutating func insert(_ value: JSONValue, for name: String) -> Bool {
        if members.count < Self.scanned {
            if members.contains(where: { $0.name == name }) { return false }
        } else {
            if positions.isEmpty {
                for (index, member) in members.enumerated() { positions[member.name] = index }
            }
            if positions[name] != nil { return false }
            positions[name] = members.count
        }
        members.append(Member(name: name, value: value))
        return true
    }

    /// Up to this many members a scan is cheaper than a dictionary.
    private static let scanned = 12
}

extension JSONValue: JSONEncodable {
    /// Writes the value as it was received, white space and escapes aside.
    public func write(to json: inout JSONWriter) {
        switch self {
        case .null: json.null()
        case .bool(let value): value.write(to: &json)
        case .number(let number): json.raw(number.text)
        case .string(let text): text.write(to: &json)
        case .array(let values): values.write(to: &json)
        case .object(let object):
            json.object { for member in object { $0.field(named: member.name, member.value) } }
        }
    }
}
