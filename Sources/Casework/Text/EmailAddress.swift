/// An e-mail address as it was typed, equal to every other spelling of it that differs only in case.
public struct EmailAddress: Sendable, Hashable, CustomStringConvertible, JSONEncodable {
    /// What was typed, trimmed.
    public let text: String
    /// The lower-case spelling that tells whether two addresses are the same.
    public let lowercased: String

    /// Accepts what mail systems deliver to: one `@`, a dot-atom of at most 64 octets before it, a host name of two or
    /// more labels after it, 254 octets in all, letters beyond ASCII included (RFC 6531). Quoted local parts and
    /// address literals are refused, and so are every character that could end a header line or hide, and `waymark.invalid`.
    public init(_ raw: String) throws(Refusal) {
        let text = raw.trimmed
        if text.isEmpty { throw Refusal(.empty) }
        if text.utf8.count > 254 { throw .beyond(.tooManyBytes, most: 254) }
        let parts = text.unicodeScalars.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isLocalPart(parts[0]), Self.isDomain(parts[1]) else {
            throw Refusal(.notAnEmailAddress)
        }
        lowercased = text.lowercased()
        // what erased students and accounts in the middle of an import have (RFC 2606: no mail ever gets there)
        guard !lowercased.hasSuffix("@waymark.invalid") else { throw Refusal(.notAnEmailAddress) }
        self.text = text
    }

    private init(unchecked text: String) {
        self.text = text
        lowercased = text
    }

    /// Stands in while problems are collected; never leaves `Fields`.
    static let placeholder = EmailAddress(unchecked: "")

    /// What was typed.
    public var description: String { text }
    /// Whether they differ in case at most.
    public static func == (left: Self, right: Self) -> Bool { left.lowercased == right.lowercased }
    /// Hashes the lower-case spelling.
    public func hash(into hasher: inout Hasher) { hasher.combine(lowercased) }
    /// Writes what was typed, as a string.
    public func write(to json: inout JSONWriter) { json.string(text) }

    private static func isLocalPart(_ part: Substring.UnicodeScalarView) -> Bool {
        guard part.reduce(0, { $0 + UTF8.width($1) }) <= 64 else { return false }
        return part.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty
                && atom.allSatisfy { scalar in
                    scalar.isASCII
                        ? scalar.isLetterOrDigit || "!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains(scalar)
                        : scalar.isVisible
                }
        }
    }

    private static func isDomain(_ part: Substring.UnicodeScalarView) -> Bool {
        let labels = part.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, let last = labels.last, !last.allSatisfy({ ("0"..."9").contains($0) }) else {
            return false
        }
        return labels.allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-"
                && label.reduce(0, { $0 + UTF8.width($1) }) <= 63
                && label.allSatisfy { $0 == "-" || ($0.isASCII ? $0.isLetterOrDigit : $0.isWordCharacter) }
        }
    }
}

extension Unicode.Scalar {
    /// An ASCII letter or digit.
    var isLetterOrDigit: Bool {
        ("a"..."z").contains(self) || ("A"..."Z").contains(self) || ("0"..."9").contains(self)
    }

    /// Neither white space nor a control, format (bidirectional, zero-width), private-use or unassigned character.
    var isVisible: Bool {
        if properties.isDefaultIgnorableCodePoint { return false }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
            .paragraphSeparator:
            return false
        default: return true
        }
    }

    /// A letter, mark or digit of any script.
    var isWordCharacter: Bool {
        if properties.isDefaultIgnorableCodePoint { return false }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            return true
        default: return false
        }
    }
}
