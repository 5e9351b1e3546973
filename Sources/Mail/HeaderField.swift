import Foundation

/// Header fields, folded (RFC 5322 §2.2.3); what is not plain ASCII travels as encoded words (RFC 2047).
enum HeaderField {
    /// A line with an encoded word has at most so many bytes.
    private static let line = 76

    /// A field of free text.
    static func text(_ name: String, _ value: String) -> String {
        let value = printable(value)
        let words = value.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        // a text that looks like an encoded word would be read as one
        let isPlain =
            value.utf8.allSatisfy { $0 < 0x7F } && !value.contains("=?") && value.first != " "
            && value.last != " " && !value.contains("  ")
            && words.allSatisfy { name.utf8.count + 2 + $0.utf8.count <= line }
        return isPlain ? tokens(name, words) : fold(name, encodedWords(value, after: name.utf8.count + 2))
    }

    /// A field with one name and address.
    static func mailbox(_ name: String, name display: String, address: String) -> String {
        let display = printable(display).trimmingCharacters(in: .whitespaces)
        if display.isEmpty { return tokens(name, [address]) }
        let quoted = "\"" + display.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        let isPlain =
            display.utf8.allSatisfy { $0 < 0x7F } && !display.contains("=?")
            && name.utf8.count + 2 + quoted.utf8.count <= line
        let words = isPlain ? [quoted] : encodedWords(display, after: name.utf8.count + 2)
        return fold(name, words + ["<\(address)>"])
    }

    /// A field of tokens, each whole on a line.
    static func tokens(_ name: String, _ tokens: [String]) -> String { fold(name, tokens) }

    /// Printable ASCII without spaces, brackets, commas, quotes.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 900
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"<>,\"()\\".utf8.contains($0) }
    }

    /// A control character, CR and LF before all, is a space: it must not begin a field of its own.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .lineSeparator, .paragraphSeparator: " "
                    default: scalar
                    }
                }))
    }

    private static func fold(_ name: String, _ tokens: [String]) -> String {
        var field = name + ":"
        var used = field.utf8.count
        for (index, token) in tokens.enumerated() {
            if index > 0, used + 1 + token.utf8.count > line {
                field += "\r\n"
                used = 0
            }
            field += " " + token
            used += 1 + token.utf8.count
        }
        return field
    }

    /// Each holds whole characters, because a reader may decode them one by one; only a character that is longer than a
    /// word is divided, between its scalars.
    private static func encodedWords(_ text: String, after used: Int) -> [String] {
        let frame = "=?utf-8?B?".utf8.count + "?=".utf8.count
        var room = (line - used - frame) / 4 * 3
        let whole = (line - 1 - frame) / 4 * 3
        var words: [String] = []
        var pending: [UInt8] = []
        func flush() {
            guard !pending.isEmpty else { return }
            words.append("=?utf-8?B?\(Data(pending).base64EncodedString())?=")
            pending = []
            room = whole
        }
        for character in text {
            let pieces =
                character.utf8.count <= whole
                ? [Array(character.utf8)] : character.unicodeScalars.map { Array(String($0).utf8) }
            for piece in pieces {
                if pending.count + piece.count > room {
                    flush()
                    room = whole
                }
                pending += piece
            }
        }
        flush()
        return words
    }
}
