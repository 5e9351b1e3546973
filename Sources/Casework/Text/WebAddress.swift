/// Checks links that people give and others will follow.
public enum WebAddress {
    /// The address, trimmed, if it is an absolute `https` URL without user name or password; at most 2000 code points.
    public static func https(_ raw: String) throws(Refusal) -> String {
        let text = try Text.clean(raw, length: 1...2000)
        let scalars = text.unicodeScalars
        let refusal = Refusal(.notAWebAddress)
        guard text.prefix(8).lowercased() == "https://" else { throw refusal }
        let allowed = scalars.allSatisfy {
            $0.isASCII ? $0 > " " && !"\"<>\\^`{|}\u{7F}".unicodeScalars.contains($0) : $0.isVisible
        }
        let authority = scalars.dropFirst(8).prefix { !"/?#".unicodeScalars.contains($0) }
        guard allowed, isAuthority(authority) else { throw refusal }
        return "https://" + text.dropFirst(8)
    }

    private static func isAuthority(_ authority: Substring.UnicodeScalarView) -> Bool {
        var host = authority
        var port: Substring.UnicodeScalarView = authority[authority.endIndex...]
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
            guard (1...5).contains(port.count), port.allSatisfy({ ("0"..."9").contains($0) }),
                let number = UInt16(String(port)), number > 0
            else { return false }
        }
        if host.first == "[" {
            return host.last == "]" && host.contains(":")
                && host.dropFirst().dropLast().allSatisfy { $0 == ":" || $0 == "." || $0.properties.isASCIIHexDigit }
        }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-"
                && label.allSatisfy { $0 == "-" || $0 == "_" || ($0.isASCII ? $0.isLetterOrDigit : $0.isWordCharacter) }
        }
    }
}
