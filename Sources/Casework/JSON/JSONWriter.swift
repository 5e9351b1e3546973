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
    /// Room for what comes, of which the first `count` bytes are written. `Array.append` would cost more than most of
    /// the short texts here.
    private var storage: [UInt8]
    private var count = 0
    private var needsComma = false

    /// An empty writer with room for that many bytes.
    public init(capacity: Int = 1024) { storage = [UInt8](repeating: 0, count: max(capacity, 16)) }

    /// What was written since the start or the last `drain`.
    public var bytes: [UInt8] { Array(storage[..<count]) }

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
        defer { count = 0 }
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
        string(name)
        append(UInt8(ascii: ":"))
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

    /// Opens an object, which `}` ends.
    public mutating func openObject() { open(UInt8(ascii: "{")) }
    /// Opens a field that is an array, which `]` ends.
    public mutating func openArray(_ name: StaticString) {
        key(name)
        open(UInt8(ascii: "["))
    }

    // MARK: Scalars

    /// Null.
    public mutating func null() { raw("null") }

    /// Text that is JSON already.
    public mutating func raw(_ text: String) {
        comma()
        var text = text
        text.withUTF8 { append($0) }
    }

    /// A string, escaped as RFC 8259 asks.
    public mutating func string(_ text: String) {
        comma()
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            repeat {
                let part = UnsafeBufferPointer(rebasing: utf8[start..<min(start + 4096, utf8.count)])
                let isFirst = start == 0
                start += part.count
                let isLast = start == utf8.count
                append(atMost: part.count * 6 + 2) { room in
                    var end = 0
                    if isFirst { end = Self.put(UInt8(ascii: "\""), into: room, at: end) }
                    end = Self.escape(part, into: room, at: end)
                    if isLast { end = Self.put(UInt8(ascii: "\""), into: room, at: end) }
                    return end
                }
            } while start < utf8.count
        }
    }

    /// A whole number.
    public mutating func integer(_ value: Int) {
        comma()
        if value < 0 { append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var width = 1
        var power: UInt = 10
        while width < 19, rest >= power {
            width += 1
            power *= 10
        }
        reserve(width)
        for index in (count..<count + width).reversed() {
            storage[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += width
    }

    /// A string that `body` appends, which must not need escaping.
    mutating func unescaped(_ body: (inout JSONWriter) -> Void) {
        comma()
        append(UInt8(ascii: "\""))
        body(&self)
        append(UInt8(ascii: "\""))
    }

    /// A non-negative number with leading zeros, within `unescaped`.
    mutating func append(padded value: Int, width: Int) {
        reserve(width)
        var rest = value
        for index in (count..<count + width).reversed() {
            storage[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += width
    }

    // MARK: Bytes

    mutating func append(_ byte: UInt8) {
        reserve(1)
        storage[count] = byte
        count += 1
    }

    private mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        guard let source = text.baseAddress else { return }
        append(atMost: text.count) {
            $0.update(from: source, count: text.count)
            return text.count
        }
    }

    /// Lets `body` write up to that many bytes and say how many it wrote.
    @inline(__always)
    private mutating func append(atMost room: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
        reserve(room)
        let start = count
        count += storage.withUnsafeMutableBufferPointer { buffer in buffer.baseAddress.map { body($0 + start) } ?? 0 }
    }

    private mutating func reserve(_ more: Int) {
        let missing = count + more - storage.count
        if missing > 0 { storage.append(contentsOf: repeatElement(0, count: max(missing, storage.count))) }
    }

    private mutating func comma() {
        if needsComma { append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func open(_ byte: UInt8) {
        comma()
        append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        append(byte)
        needsComma = true
    }

    private mutating func key(_ name: StaticString) {
        let length = name.utf8CodeUnitCount
        let comma = needsComma ? 1 : 0
        append(atMost: length + 4) { room in
            room[0] = UInt8(ascii: ",")
            room[comma] = UInt8(ascii: "\"")
            (room + comma + 1).update(from: name.utf8Start, count: length)
            room[comma + length + 1] = UInt8(ascii: "\"")
            room[comma + length + 2] = UInt8(ascii: ":")
            return comma + length + 3
        }
        needsComma = false
    }

    private static func put(_ byte: UInt8, into room: UnsafeMutablePointer<UInt8>, at end: Int) -> Int {
        room[end] = byte
        return end + 1
    }

    private static func escape(
        _ text: UnsafeBufferPointer<UInt8>, into room: UnsafeMutablePointer<UInt8>, at start: Int
    ) -> Int {
        var end = start
        for byte in text {
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                room[end] = byte
                end += 1
                continue
            }
            room[end] = UInt8(ascii: "\\")
            let short = shortEscape(of: byte)
            room[end + 1] = short ?? UInt8(ascii: "u")
            end += 2
            guard short == nil else { continue }
            room[end] = UInt8(ascii: "0")
            room[end + 1] = UInt8(ascii: "0")
            room[end + 2] = UInt8(ascii: "0") + byte >> 4
            room[end + 3] = byte & 0xF < 10 ? UInt8(ascii: "0") + byte & 0xF : UInt8(ascii: "a") - 10 + byte & 0xF
            end += 4
        }
        return end
    }

    private static func shortEscape(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
        case 0x08: UInt8(ascii: "b")
        case 0x09: UInt8(ascii: "t")
        case 0x0A: UInt8(ascii: "n")
        case 0x0C: UInt8(ascii: "f")
        case 0x0D: UInt8(ascii: "r")
        default: nil
        }
    }
}
