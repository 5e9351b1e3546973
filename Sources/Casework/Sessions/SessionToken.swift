/// What a signed-in person or a program presents with every request. It names its institution, so that the bare domain
/// can find it: `wms_42_…` for a sign-in, `wma_42_…` for the API; the prefixes let leak scanners find strays.
public struct SessionToken: Sendable, Hashable {
    /// How the token came about.
    public enum Kind: String, Sendable, CaseIterable {
        /// By signing in.
        case session = "wms"
        /// By an admin, for a program.
        case api = "wma"
    }

    /// How the token came about.
    public let kind: Kind
    /// The id of the institution it opens.
    public let institution: Int
    /// What it is worth.
    public let secret: Secret

    /// The token of these parts.
    public init(kind: Kind, institution: Int, secret: Secret) {
        self.kind = kind
        self.institution = institution
        self.secret = secret
    }

    /// The token that `text` wrote; nil for every other spelling.
    public init?(parsing text: String) {
        guard text.utf8.count <= 72 else { return nil }
        let parts = text.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let kind = Kind(rawValue: String(parts[0])), let institution = Int(parts[1]),
            institution > 0, String(institution) == parts[1], let secret = Secret(parts[2])
        else { return nil }
        self.init(kind: kind, institution: institution, secret: secret)
    }

    /// What the holder keeps.
    public var text: String { "\(kind.rawValue)_\(institution)_\(secret.text)" }

    /// What the database keeps, 32 bytes.
    public var hash: [UInt8] { secret.hash }
}
