import COpenSSL

/// SHA-256, from libcrypto.
public enum Digest {
    /// The digest of some bytes, 32 bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        SHA256(bytes, bytes.count, &digest)
        return digest
    }
}
