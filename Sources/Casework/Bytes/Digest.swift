import COpenSSL

/// SHA-256, from libcrypto.
public enum Digest {
    /// The digest of some bytes, 32 bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        SHA256(bytes, bytes.count, &digest)
        return digest
    }

    /// The digest of bytes and of all that a spool holds behind them, 32 bytes.
    /// - Throws: `CaseworkError.unavailable` where the spool cannot be read.
    public static func sha256(_ start: [UInt8], _ rest: Spool) async throws -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        EVP_DigestInit_ex(context, EVP_sha256(), nil)
        EVP_DigestUpdate(context, start, start.count)
        for try await piece in rest { EVP_DigestUpdate(context, piece, piece.count) }
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &digest, nil)
        return digest
    }
}
