/// A value that writes itself as JSON; the one way responses, audit entries and cursors are written.
public protocol JSONEncodable {
    /// Writes exactly one JSON value.
    func write(to json: inout JSONWriter)
}

/// Writes JSON straight into bytes, with the commas in the right places. Hand-written because `JSONEncoder` boxes every
/// value: a dashboard costs it a hundred times as long.
///
///     json.object {
///         $0.field("id", id)
///         $0.field("goal", goal)                      // nil is null
///         $0.object("account") { $0.field("role", role) }
///         $0.array("files", files) { $0.element($1.name) }
///     }
public struct JSONWriter: Sendable {
    /// What was written since the start or the last `drain`.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// An empty writer with room for that many bytes.
    public init(capacity: Int = 1024) { bytes.reserveCapacity(capacity) }

    /// `value` as one document.
    public static func bytes(of value: some JSONEncodable, capacity: Int = 1024) -> [UInt8] {
        var writer = JSONWriter(capacity: capacity)
        value.write(to: &writer)
        return writer.bytes
    }

    /// `value` as one document, as text.
    public static func text(of value: some JSONEncodable) -> String {
        String(decoding: bytes(of: value, capacity: 256), as: UTF8.self)
    }

    /// Takes the bytes written so far, for sending while more is written.
    public mutating func drain() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    // MARK: Objects

    /// An object with the fields that `body` writes.
    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        body(&self)
        close(UInt8(ascii: "}"))
    }

    /// A field of the object being written. The name goes out as it is, so it must not need escaping.
    public mutating func field(_ name: StaticString, _ value: some JSONEncodable) {
        key(name)
        value.write(to: &self)
    }

    /// A field whose name comes from data.
    public mutating func field(named name: String, _ value: some JSONEncodable) {
        quoted(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
        value.write(to: &self)
    }

    /// A field that is an object.
    public mutating func object(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
        key(name)
        object(body)
    }

    // MARK: Arrays

    /// An array with the values that `body` writes.
    public mutating func array(_ body: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "["))
        body(&self)
        close(UInt8(ascii: "]"))
    }

    /// A field that is an array with the values that `body` writes.
    public mutating func array(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
        key(name)
        array(body)
    }

    /// A field that is an array; `body` writes one value for each element.
    public mutating func array<Elements: Sequence>(
        _ name: StaticString, _ elements: Elements, _ body: (inout JSONWriter, Elements.Element) -> Void
    ) {
        key(name)
        array { for element in elements { body(&$0, element) } }
    }

    /// The next value of the array being written, or the document itself.
    public mutating func element(_ value: some JSONEncodable) { value.write(to: &self) }

    // MARK: Streams, where a closure cannot span an `await`

    /// Opens an object that `closeObject` ends.
    public mutating func openObject() { open(UInt8(ascii: "{")) }
    /// Ends the innermost object.
    public mutating func closeObject() { close(UInt8(ascii: "}")) }
    /// Opens a field that is an array, which `closeArray` ends.
    public mutating func openArray(_ name: StaticString) {
        key(name)
        open(UInt8(ascii: "["))
    }
    /// Ends the innermost array.
    public mutating func closeArray() { close(UInt8(ascii: "]")) }

    // MARK: Scalars

    /// Null.
    public mutating func null() { raw("null") }

    /// Text that is JSON already.
    public mutating func raw(_ text: String) {
        comma()
        append(text)
    }

    /// A string, escaped as RFC 8259 asks.
    public mutating func string(_ text: String) { quoted(text) }

    /// A whole number.
    public mutating func integer(_ value: Int) {
        comma()
        digits(of: value)
    }

    /// A string made of the parts; they must not need escaping.
    mutating func unescaped(_ body: (inout [UInt8]) -> Void) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        body(&bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    // MARK: Bytes

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func open(_ byte: UInt8) {
        comma()
        bytes.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    private mutating func key(_ name: StaticString) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    private mutating func quoted(_ text: String) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            for index in utf8.indices {
                let byte = utf8[index]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<index]))
                escape(byte)
                start = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            append(byte < 0x10 ? "u000" : "u001")
            bytes.append(contentsOf: String(byte & 0xF, radix: 16).utf8)
        }
    }

    private mutating func digits(of value: Int) {
        var rest = value.magnitude
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }
}
