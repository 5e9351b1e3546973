import COpenSSL

/// 256 random bits that whoever holds them is trusted for. Only its hash is ever stored; its `description` shows nothing.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// A new secret; throws `CaseworkError.lacking` where the system has no randomness.
    public static func random() throws(CaseworkError) -> Secret {
        Secret(bytes: try randomBytes(32))
    }

    /// The secret that `text` wrote; nil for all else.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 43, let bytes = Base64.url.decode(text) else { return nil }
        self.bytes = bytes
    }

    /// 43 characters that are safe in links and headers.
    public var text: String { Base64.url.encode(bytes) }

    /// SHA-256 of the secret, 32 bytes: what the database keeps. A fast hash suffices, since there is nothing to guess.
    public var hash: [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        SHA256(bytes, bytes.count, &digest)
        return digest
    }

    /// What a page's forms carry to show that they come from a page of ours. It is made of `hash`, so that the database can
    /// find the session whose form it is, also when nobody holds the secret any more (`FormOrigin`).
    public var csrfToken: String {
        let message = hash + Array("csrf".utf8)
        var digest = [UInt8](repeating: 0, count: 32)
        SHA256(message, message.count, &digest)
        return Base64.url.encode(digest)
    }

    /// Whether that is this secret's CSRF token; takes the same time for every wrong one.
    public func accepts(csrfToken: String) -> Bool {
        constantTimeEqual(Array(csrfToken.utf8), Array(self.csrfToken.utf8))
    }

    /// By which a text that comes back from outside shows that it was written here, for whoever holds this secret:
    /// HMAC-SHA-256 with the secret as its key, cut to 128 bits.
    public func seal(of text: String) -> String {
        let message = Array(text.utf8)
        var digest = [UInt8](repeating: 0, count: 32)
        HMAC(EVP_sha256(), bytes, Int32(bytes.count), message, message.count, &digest, nil)
        return Base64.url.encode(Array(digest.prefix(16)))
    }

    /// Whether that is the text's seal; takes the same time for every wrong one.
    public func accepts(seal: String, of text: String) -> Bool {
        constantTimeEqual(Array(seal.utf8), Array(self.seal(of: text).utf8))
    }

    /// Compares in constant time.
    public static func == (left: Secret, right: Secret) -> Bool { constantTimeEqual(left.bytes, right.bytes) }
    /// Shows nothing of the secret.
    public var description: String { "Secret(…)" }
    /// Shows nothing of the secret.
    public var debugDescription: String { description }
    /// Shows nothing of the secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Whether two byte strings are the same; the time it takes tells no more than whether their lengths are.
public func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}

func randomBytes(_ count: Int) throws(CaseworkError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw .lacking(.randomness) }
    return bytes
}
