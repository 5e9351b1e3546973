/// A secret that must come out again, as it is stored: `v1.<key's id>.<nonce, ciphertext and tag in Base64>`.
///
/// The text says which version of the format and which key it is, so that keys can be changed while secrets are under several.
public struct SealedSecret: Sendable, Hashable {
    /// The id of the key that opens it.
    public let key: String
    /// Nonce, ciphertext, tag.
    let box: [UInt8]

    /// Longer ones are nothing that was sealed here.
    static let longestText = 16_384

    init(key: String, box: [UInt8]) {
        self.key = key
        self.box = box
    }

    /// What `text` wrote; nil for every other spelling.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count <= Self.longestText else { return nil }
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "v1", parts[1].utf8.count == 8,
            parts[1].utf8.allSatisfy({ Self.digits.contains($0) }), let box = Base64.url.decode(parts[2]),
            box.count >= AES256GCM.nonceSize + AES256GCM.tagSize
        else { return nil }
        self.init(key: String(parts[1]), box: box)
    }

    private static let digits = Set("0123456789abcdef".utf8)

    /// What is stored.
    public var text: String { "v1.\(key).\(Base64.url.encode(box))" }
}

/// Where a sealed secret is stored. It goes into the seal, so that what somebody moves to another row, column or institution
/// does not open there.
public struct SealedPlace: Sendable, Hashable {
    let institution: Int
    /// `table.column`
    let column: String
    let row: Int

    init(institution: Int, column: String, row: Int) {
        self.institution = institution
        self.column = column
        self.row = row
    }

    func bound(key: String) -> [UInt8] {
        Array(["waymark", "v1", key, String(institution), column, String(row)].joined(separator: "\u{0}").utf8)
    }
}
