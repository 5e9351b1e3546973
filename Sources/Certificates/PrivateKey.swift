import COpenSSL

/// A private key, kept by libcrypto.
public final class PrivateKey {
    let pointer: OpaquePointer

    private init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    /// Makes a key on the curve P-256, for ECDSA.
    /// - Throws: `CertificateError` where libcrypto cannot.
    public static func p256() throws -> PrivateKey {
        let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
            EVP_PKEY_generate(context, &key) == 1, let key
        else { throw CertificateError("a key cannot be made") }
        return PrivateKey(owning: key)
    }

    /// Reads the first private key of a PEM text.
    /// - Throws: `CertificateError` where there is none, or it needs a passphrase.
    public convenience init(pem: String) throws {
        let key = PEM.read(pem) { PEM_read_bio_PrivateKey($0, nil, withoutPassphrase, nil) }
        guard let key else { throw CertificateError("no private key in PEM") }
        self.init(owning: key)
    }

    /// The key as PEM (PKCS #8), without a passphrase.
    public func pem() throws -> String {
        try PEM.text { PEM_write_bio_PKCS8PrivateKey($0, pointer, nil, nil, 0, nil, nil) }
    }
}

/// libcrypto refused.
public struct CertificateError: Error, CustomStringConvertible {
    /// What was tried and, in libcrypto's words, why it failed.
    public let description: String

    /// Takes the reason from this thread's queue of errors, and empties it.
    init(_ what: String) {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        description = ERR_reason_error_string(code).map { "\(what): \(String(cString: $0))" } ?? what
    }
}

/// Text in the armour of RFC 7468.
enum PEM {
    static func read<Value>(_ text: String, _ body: (OpaquePointer) -> Value?) -> Value? {
        // the BIO reads the text where it stands, so it is freed while the text still stands there
        Array(text.utf8).withUnsafeBytes { bytes in
            guard let count = Int32(exactly: bytes.count), let file = BIO_new_mem_buf(bytes.baseAddress, count) else {
                return nil
            }
            defer { BIO_free(file) }
            return body(file)
        }
    }

    static func text(_ write: (OpaquePointer) -> Int32) throws -> String {
        guard let file = BIO_new(BIO_s_mem()) else { throw CertificateError("out of memory") }
        defer { BIO_free(file) }
        guard write(file) == 1 else { throw CertificateError("not written as PEM") }
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(file))
        var length = 0
        guard BIO_read_ex(file, &bytes, bytes.count, &length) == 1 else {
            throw CertificateError("not written as PEM")
        }
        return String(decoding: bytes.prefix(length), as: UTF8.self)
    }
}

/// Answers libcrypto's question for a passphrase with none; by itself it would ask on the terminal.
func withoutPassphrase(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int32, _ isNew: Int32, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    -1
}
