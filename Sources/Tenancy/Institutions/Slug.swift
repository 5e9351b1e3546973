/// The name an institution has in its host: one DNS label.
public struct Slug: Sendable, Hashable, CustomStringConvertible {
    /// The label, in lower case.
    public let description: String

    /// Labels that mean something else below a domain.
    public static let reserved: Set<String> = [
        "account", "admin", "api", "app", "assets", "auth", "autodiscover", "billing", "blog", "cdn", "cname",
        "demo-ca",
        "dev", "docs", "ftp", "help", "id", "imap", "internal", "localhost", "login", "mail", "metrics", "mx", "ns",
        "ns1", "ns2", "oauth", "pop", "root", "saml", "scim", "smtp", "sso", "staging", "static", "status", "support",
        "system", "test", "waymark", "webmail", "www",
    ]

    /// - Throws: `ProvisioningError` that says which rule the text breaks.
    public init(_ text: String) throws {
        guard (2...40).contains(text.utf8.count) else {
            throw ProvisioningError(description: "slug \(quoted(text)): must have 2 to 40 characters")
        }
        guard
            text.utf8.allSatisfy({ (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d })
        else {
            throw ProvisioningError(
                description:
                    "slug \(quoted(text)): may have only a to z, 0 to 9 and hyphens, as it becomes part of a host name")
        }
        guard let first = text.utf8.first, (0x61...0x7a).contains(first), text.utf8.last != 0x2d, !text.contains("--")
        else {
            throw ProvisioningError(
                description:
                    "slug \(quoted(text)): must begin with a letter, not end with a hyphen, and have no two in a row")
        }
        guard !Self.reserved.contains(text) else {
            throw ProvisioningError(description: "slug \(quoted(text)): is reserved; choose another")
        }
        description = text
    }
}

/// Why an institution could not be created or changed: one clear line.
public struct ProvisioningError: Error, CustomStringConvertible, Sendable {
    /// What is wrong, naming the value.
    public let description: String
}

private func quoted(_ text: String) -> String {
    "'" + String(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }.prefix(60).map(Character.init))
        + "'"
}
