import COpenSSL
import Postgres
import SchemaFiles

/// What one institution's migration came to.
public struct MigrationOutcome: Sendable {
    /// The institution's id.
    public let institution: Int
    /// Its slug.
    public let slug: String
    /// How many changes were applied now.
    public let applied: Int
    /// Why it failed; nil where it did not. The others go on.
    public let failure: String?
}

/// A migration that cannot go on, in one line for the operator.
public struct MigrationRefusal: Error, CustomStringConvertible, Sendable {
    /// What is wrong, and what to do.
    public let description: String
}

extension SchemaFiles.File {
    /// SHA-256 of the text, in hexadecimal: an applied file must not be edited.
    var checksum: String { Self.checksum(of: text) }

    static func checksum(of text: String) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        let bytes = Array(text.utf8)
        SHA256(bytes, bytes.count, &digest)
        return digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
