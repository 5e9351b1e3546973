/// Text as ASCII lines of at most 76 bytes (RFC 2045 §6.7). What a reader sees of the source stays readable.
enum QuotedPrintable {
    /// - Parameter text: lines end with `\n`, `\r\n` or `\r`.
    static func encode(_ text: String) -> String {
        var out = ""
        var used = 0
        let bytes = Array(text.utf8)
        var index = 0
        func append(_ piece: String) {
            // one byte stays free for the mark that a line goes on
            if used + piece.utf8.count > 75 {
                out += "=\r\n"
                used = 0
            }
            out += piece
            used += piece.utf8.count
        }
        while index < bytes.count {
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : nil
            index += 1
            switch byte {
            case 0x0D, 0x0A:
                if byte == 0x0D, next == 0x0A { index += 1 }
                out += "\r\n"
                used = 0
            case 0x20, 0x09:
                // space at a line's end would get lost
                let isLast = next == nil || next == 0x0A || next == 0x0D
                append(isLast ? escape(byte) : String(UnicodeScalar(byte)))
            case 0x21...0x3C, 0x3E...0x7E: append(String(UnicodeScalar(byte)))
            default: append(escape(byte))
            }
        }
        return out
    }

    private static func escape(_ byte: UInt8) -> String {
        let hex = String(byte, radix: 16, uppercase: true)
        return byte < 16 ? "=0\(hex)" : "=\(hex)"
    }
}
