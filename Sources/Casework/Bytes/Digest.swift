import COpenSSL

/// SHA-256, from libcrypto.
public enum Digest {
    /// The digest of some bytes, 32 bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        SHA256(bytes, bytes.count, &digest)
        return digest
    }

    /// A digest in lower-case hexadecimal digits.
    public static func hex(_ digest: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The digest of bytes and of all that a spool holds behind them, 32 bytes.
    /// - Throws: `CaseworkError.unavailable` where the spool cannot be read.
    public static func sha256(_ start: [UInt8], _ rest: Spool) async throws -> [UInt8] {
        let running = RunningDigest()
        running.add(start)
        for try await piece in rest { running.add(piece) }
        return running.finish()
    }
}

/// SHA-256 of what arrives in portions.
final class RunningDigest {
    private let context = EVP_MD_CTX_new()

    init() { EVP_DigestInit_ex(context, EVP_sha256(), nil) }

    deinit { EVP_MD_CTX_free(context) }

    func add(_ bytes: [UInt8]) { EVP_DigestUpdate(context, bytes, bytes.count) }

    /// The digest, 32 bytes; nothing can be added any more.
    func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &digest, nil)
        return digest
    }
}
