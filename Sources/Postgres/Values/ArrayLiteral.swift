import Dates

extension UInt8: PostgresArrayElement {
    /// An array of bytes is a `bytea`, sent in binary.
    public static func parameter(array: [UInt8]) -> Parameter { .binary(array, type: TypeID.bytea) }
}

extension Int: PostgresArrayElement {
    /// As an array literal.
    public static func parameter(array: [Int]) -> Parameter { ArrayLiteral.parameter(array) { $0.append($1) } }
}

extension Int64: PostgresArrayElement {
    /// As an array literal.
    public static func parameter(array: [Int64]) -> Parameter { ArrayLiteral.parameter(array) { $0.append($1) } }
}

extension String: PostgresArrayElement {
    /// As an array literal.
    public static func parameter(array: [String]) -> Parameter { ArrayLiteral.parameter(array) { $0.append($1) } }
}

extension CalendarDate: PostgresArrayElement {
    /// As an array literal.
    public static func parameter(array: [CalendarDate]) -> Parameter {
        ArrayLiteral.parameter(array) { $0.append($1.description) }
    }
}

extension Bool: PostgresArrayElement {
    /// As an array literal.
    public static func parameter(array: [Bool]) -> Parameter {
        ArrayLiteral.parameter(array) { $0.append($1 ? "t" : "f") }
    }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement & PostgresEncodable & PostgresDecodable {
    /// As an array literal.
    public static func parameter(array: [Wrapped?]) -> Parameter {
        ArrayLiteral.parameter(array) { literal, element in
            switch element.postgresParameter {
            case .text(let text): literal.append(text)
            case .null, .binary: literal.appendNull()
            }
        }
    }
}

/// Builds the text form of a one-dimensional PostgreSQL array: `{1,2,NULL,"a \"quoted\" one"}`.
struct ArrayLiteral {
    private(set) var text = "{"

    static func parameter<Element>(_ array: [Element], _ append: (inout ArrayLiteral, Element) -> Void) -> Parameter {
        var literal = ArrayLiteral()
        for element in array { append(&literal, element) }
        return .text(literal.text + "}")
    }

    mutating func append(_ number: some FixedWidthInteger) {
        separate()
        text += String(number)
    }

    mutating func appendNull() {
        separate()
        text += "NULL"
    }

    /// Always quoted: an unquoted element could read as NULL or lose its spaces.
    mutating func append(_ element: String) {
        separate()
        text += "\""
        if element.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
            for scalar in element.unicodeScalars {
                if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
                text.unicodeScalars.append(scalar)
            }
        } else {
            text += element
        }
        text += "\""
    }

    private mutating func separate() {
        if text.utf8.count > 1 { text += "," }
    }
}
