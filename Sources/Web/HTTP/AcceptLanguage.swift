/// What a browser says in `Accept-Language` (RFC 9110, 12.5.4).
enum AcceptLanguage {
    /// No person reads more; the rest of a longer list is not looked at.
    private static let most = 32

    /// Primary tags in lower case, the most wished for first: `de` for `de-AT`. What is not acceptable (`q=0`) is left
    /// out, and so is what names no language.
    static func tags(of header: String) -> [String] {
        let wishes = header.split(separator: ",", maxSplits: most).prefix(most).compactMap(wish)
        return wishes.sorted { $0.quality > $1.quality }.map(\.tag)
    }

    private static func wish(_ element: Substring) -> (tag: String, quality: Double)? {
        let parts = element.split(separator: ";", maxSplits: 2, omittingEmptySubsequences: false).map(\.trimmingSpaces)
        guard let range = parts.first, let tag = range.split(separator: "-").first else { return nil }
        let weight = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }
        let quality = weight.flatMap { Double($0.dropFirst(2)) } ?? 1
        return quality > 0 ? (tag.lowercased(), quality) : nil
    }
}
