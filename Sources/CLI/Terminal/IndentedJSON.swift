/// JSON as people read it: a line for each element and member, two spaces deeper with each level. Order, numbers and escapes
/// stay as they are; what is no JSON comes out as it can.
struct IndentedJSON {
    private var output: [UInt8] = []
    private var depth = 0

    /// The same JSON, indented.
    static func of(_ bytes: [UInt8]) -> [UInt8] {
        var json = IndentedJSON()
        var previous: UInt8 = 0
        var isText = false
        var isEscaped = false
        for byte in bytes {
            if isText {
                json.output.append(byte)
                isText = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
                continue
            }
            guard ![0x20, 0x09, 0x0a, 0x0d].contains(byte) else { continue }
            json.write(byte, after: previous)
            isText = byte == UInt8(ascii: "\"")
            previous = byte
        }
        return json.output
    }

    private mutating func write(_ byte: UInt8, after previous: UInt8) {
        let opens = [UInt8(ascii: "{"), UInt8(ascii: "[")]
        let closes = byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
        if closes { depth = max(depth - 1, 0) }
        // an empty object or array stays in one piece
        if closes != opens.contains(previous) || previous == UInt8(ascii: ",") { breakLine() }
        output.append(byte)
        if opens.contains(byte) { depth += 1 }
        if byte == UInt8(ascii: ":") { output.append(0x20) }
    }

    private mutating func breakLine() {
        output.append(0x0a)
        output += repeatElement(0x20, count: 2 * min(depth, 100))
    }
}
