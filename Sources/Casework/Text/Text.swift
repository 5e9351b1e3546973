/// The rules for text that people type, in one place for JSON, forms and CSV.
public enum Text {
    /// Trims Unicode white space and checks what is left: no U+0000, no other C0 control (tab and line feed only where
    /// `multiline`), and a length in code points, as PostgreSQL's `char_length` counts. Where `length` starts above
    /// zero, text of invisible characters alone counts as empty.
    public static func clean(
        _ raw: String, length: ClosedRange<Int>, multiline: Bool = false
    ) throws(Refusal) -> String {
        let text = raw.trimmed
        var count = 0
        var visible = false
        for scalar in text.unicodeScalars {
            count += 1
            if scalar.value < 0x20 {
                if scalar.value == 0 { throw Refusal(.nulCharacter) }
                guard multiline, scalar == "\n" || scalar == "\t" else {
                    throw Refusal(multiline ? .controlCharacter : .lineBreak)
                }
            } else if !visible {
                visible = scalar.isASCII || !scalar.properties.isDefaultIgnorableCodePoint
            }
        }
        if length.lowerBound > 0, !visible { throw Refusal(.empty) }
        guard length.contains(count) else {
            if count > length.upperBound { throw .tooLong(count, most: length.upperBound) }
            throw .tooShort(least: length.lowerBound)
        }
        return text
    }
}

extension StringProtocol {
    /// Without Unicode white space at both ends.
    var trimmed: String {
        var rest = Substring(self).unicodeScalars[...]
        while let scalar = rest.first, scalar.properties.isWhitespace { rest.removeFirst() }
        while let scalar = rest.last, scalar.properties.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
