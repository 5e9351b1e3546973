extension Array: PostgresDecodable where Element: PostgresArrayElement {
    /// As its element type says.
    public static func decode(_ cell: Cell) throws -> [Element] { try Element.decode(array: cell) }
}

extension UInt8 {
    /// From `bytea`.
    public static func decode(array cell: Cell) throws -> [UInt8] {
        guard cell.type == TypeID.bytea else { throw cell.mismatch([UInt8].self) }
        return [UInt8](cell.bytes)
    }
}

extension PostgresArrayElement where Self: PostgresDecodable {
    /// From a one-dimensional array; an element that is NULL throws unless the element type is optional.
    public static func decode(array cell: Cell) throws -> [Self] {
        var reader = ArrayReader(bytes: cell.bytes)
        guard let header = try reader.header() else { return [] }
        var values: [Self] = []
        values.reserveCapacity(header.count)
        for _ in 0..<header.count {
            if let bytes = try reader.element() {
                values.append(try decode(Cell(bytes: bytes, type: header.type)))
            } else {
                values.append(try decodeNull())
            }
        }
        return values
    }
}

/// Walks the binary form of an array: dimensions, flags, element type, then a length before each element.
private struct ArrayReader {
    var bytes: UnsafeRawBufferPointer
    var position = 0

    mutating func header() throws -> (type: UInt32, count: Int)? {
        let dimensions = try integer()
        _ = try integer()
        let type = UInt32(bitPattern: try integer())
        if dimensions == 0 { return nil }
        let count = Int(try integer())
        _ = try integer()
        guard dimensions == 1, count >= 0, count <= bytes.count / 4 else {
            throw PostgresError(.decoding, "only arrays of one dimension can be read")
        }
        return (type, count)
    }

    mutating func element() throws -> UnsafeRawBufferPointer? {
        let length = Int(try integer())
        if length < 0 { return nil }
        guard position + length <= bytes.count else { throw Self.malformed }
        defer { position += length }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + length])
    }

    private mutating func integer() throws -> Int32 {
        guard position + 4 <= bytes.count else { throw Self.malformed }
        defer { position += 4 }
        return Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Int32.self))
    }

    private static let malformed = PostgresError(.decoding, "an array is malformed, or the column is not an array")
}
