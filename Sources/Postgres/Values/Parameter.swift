import Dates

/// One bound value as it travels to the server. It is never part of the SQL text.
public enum Parameter: Sendable, Hashable {
    /// SQL NULL.
    case null
    /// Text whose type the server infers from where the placeholder stands.
    case text(String)
    /// Bytes in the binary format of the type with this object id.
    case binary([UInt8], type: UInt32)
}

/// A value that can be bound to a placeholder.
public protocol PostgresEncodable {
    /// The value in the form the server takes it.
    var postgresParameter: Parameter { get }
}

/// A value that can also be an element of an array parameter or an array result.
public protocol PostgresArrayElement {
    /// Binds a whole array of these.
    static func parameter(array: [Self]) -> Parameter
    /// Reads a whole array of these.
    static func decode(array cell: Cell) throws -> [Self]
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    /// As its element type says.
    public var postgresParameter: Parameter { Element.parameter(array: self) }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    /// An enumeration travels as its raw value.
    public var postgresParameter: Parameter { rawValue.postgresParameter }
}

extension Parameter: PostgresEncodable {
    /// Itself.
    public var postgresParameter: Parameter { self }
}

extension String: PostgresEncodable {
    /// As text.
    public var postgresParameter: Parameter { .text(self) }
}

extension Int: PostgresEncodable {
    /// As decimal digits.
    public var postgresParameter: Parameter { .text(String(self)) }
}

extension Int16: PostgresEncodable {
    /// As decimal digits.
    public var postgresParameter: Parameter { .text(String(self)) }
}

extension Int32: PostgresEncodable {
    /// As decimal digits.
    public var postgresParameter: Parameter { .text(String(self)) }
}

extension Int64: PostgresEncodable {
    /// As decimal digits.
    public var postgresParameter: Parameter { .text(String(self)) }
}

extension Double: PostgresEncodable {
    /// As the shortest text that reads back the same.
    public var postgresParameter: Parameter {
        if isNaN { return .text("NaN") }
        if isInfinite { return .text(self < 0 ? "-Infinity" : "Infinity") }
        return .text(description)
    }
}

extension Bool: PostgresEncodable {
    /// As `t` or `f`.
    public var postgresParameter: Parameter { .text(self ? "t" : "f") }
}

extension CalendarDate: PostgresEncodable {
    /// As `2026-12-01`.
    public var postgresParameter: Parameter { .text(description) }
}

/// A `json` or `jsonb` value as its text.
public struct JSONText: Sendable, Hashable, PostgresEncodable {
    /// The JSON text; the server checks it.
    public var text: String

    /// Wraps JSON text.
    public init(_ text: String) { self.text = text }

    /// As its text; the server infers which of the two types it is.
    public var postgresParameter: Parameter { .text(text) }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    /// Nil is NULL.
    public var postgresParameter: Parameter {
        switch self {
        case .none: .null
        case .some(let value): value.postgresParameter
        }
    }
}
