import CLibPQ
import Dates

/// Object ids of the built-in types the driver reads.
enum TypeID {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let char: UInt32 = 18
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let json: UInt32 = 114
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let unknown: UInt32 = 705
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let date: UInt32 = 1082
    static let timestamptz: UInt32 = 1184
    static let jsonb: UInt32 = 3802
}

/// One value of a result in PostgreSQL's binary format, valid only while it is being decoded.
public struct Cell {
    /// The bytes as they came; they belong to the result.
    public let bytes: UnsafeRawBufferPointer
    /// The object id of the column's type.
    public let type: UInt32

    /// Reads a big-endian integer of exactly the cell's length.
    func integer<Number: FixedWidthInteger>(_: Number.Type) throws -> Number {
        guard bytes.count == MemoryLayout<Number>.size else {
            throw PostgresError(.decoding, "a value of type \(type) has an unexpected length")
        }
        return Number(bigEndian: bytes.loadUnaligned(as: Number.self))
    }

    /// The error of a column whose type cannot be read as the type asked for.
    public func mismatch<Wanted>(_: Wanted.Type) -> PostgresError {
        PostgresError(.decoding, "a value of type \(type) cannot be read as \(Wanted.self); cast it in the statement")
    }
}

/// A value that can be read from a result in binary format.
public protocol PostgresDecodable {
    /// Reads a value that is not NULL.
    static func decode(_ cell: Cell) throws -> Self
    /// What NULL means; unless the type is optional, an error.
    static func decodeNull() throws -> Self
}

extension PostgresDecodable {
    /// Throws: only an optional can be NULL.
    public static func decodeNull() throws -> Self {
        throw PostgresError(.decoding, "NULL cannot be read as \(Self.self)")
    }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    /// An enumeration is read from its raw value.
    public static func decode(_ cell: Cell) throws -> Self {
        guard let value = Self(rawValue: try RawValue.decode(cell)) else {
            throw PostgresError(.decoding, "an unknown value of \(Self.self)")
        }
        return value
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    /// The value, which is there.
    public static func decode(_ cell: Cell) throws -> Wrapped? { try Wrapped.decode(cell) }
    /// NULL is nil.
    public static func decodeNull() throws -> Wrapped? { nil }
}

extension Int: PostgresDecodable {
    /// From `smallint`, `integer` and `bigint`.
    public static func decode(_ cell: Cell) throws -> Int {
        switch cell.type {
        case TypeID.int8: Int(try cell.integer(Int64.self))
        case TypeID.int4: Int(try cell.integer(Int32.self))
        case TypeID.int2: Int(try cell.integer(Int16.self))
        case TypeID.oid: Int(try cell.integer(UInt32.self))
        default: throw cell.mismatch(Int.self)
        }
    }
}

extension Int64: PostgresDecodable {
    /// From `smallint`, `integer` and `bigint`.
    public static func decode(_ cell: Cell) throws -> Int64 { Int64(try Int.decode(cell)) }
}

extension Int32: PostgresDecodable {
    /// From `smallint` and `integer`; a `bigint` only where its value fits.
    public static func decode(_ cell: Cell) throws -> Int32 {
        guard let value = Int32(exactly: try Int.decode(cell)) else {
            throw PostgresError(.decoding, "a number is out of the range of Int32")
        }
        return value
    }
}

extension Bool: PostgresDecodable {
    /// From `boolean`.
    public static func decode(_ cell: Cell) throws -> Bool {
        guard cell.type == TypeID.bool else { throw cell.mismatch(Bool.self) }
        return try cell.integer(UInt8.self) != 0
    }
}

extension Double: PostgresDecodable {
    /// From `double precision` and `real`.
    public static func decode(_ cell: Cell) throws -> Double {
        switch cell.type {
        case TypeID.float8: Double(bitPattern: try cell.integer(UInt64.self))
        case TypeID.float4: Double(Float(bitPattern: try cell.integer(UInt32.self)))
        default: throw cell.mismatch(Double.self)
        }
    }
}

extension String: PostgresDecodable {
    /// From every type whose binary form is its text; enumerated types, which have object ids of their own, included.
    public static func decode(_ cell: Cell) throws -> String {
        switch cell.type {
        case TypeID.text, TypeID.varchar, TypeID.name, TypeID.bpchar, TypeID.char, TypeID.unknown, 16_384...:
            String(decoding: cell.bytes, as: UTF8.self)
        default: throw cell.mismatch(String.self)
        }
    }
}

extension JSONText: PostgresDecodable {
    /// From `json`, `jsonb` and `text`.
    public static func decode(_ cell: Cell) throws -> JSONText {
        switch cell.type {
        case TypeID.json, TypeID.text: return JSONText(String(decoding: cell.bytes, as: UTF8.self))
        case TypeID.jsonb:
            guard cell.bytes.first == 1 else { throw cell.mismatch(JSONText.self) }
            return JSONText(String(decoding: cell.bytes.dropFirst(), as: UTF8.self))
        default: throw cell.mismatch(JSONText.self)
        }
    }
}

extension CalendarDate: PostgresDecodable {
    /// From `date`; infinity and years outside of 1 to 9999 throw.
    public static func decode(_ cell: Cell) throws -> CalendarDate {
        guard cell.type == TypeID.date else { throw cell.mismatch(CalendarDate.self) }
        guard let date = CalendarDate(daysSince1970: Int(try cell.integer(Int32.self)) + 10_957) else {
            throw PostgresError(.decoding, "a date is outside of the years 1 to 9999")
        }
        return date
    }
}
