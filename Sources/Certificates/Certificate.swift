import COpenSSL
import Foundation

/// An X.509 certificate, kept by libcrypto.
public final class Certificate {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        X509_free(pointer)
    }

    /// Reads the first certificate of a PEM text.
    /// - Throws: `CertificateError` where there is none.
    public convenience init(pem: String) throws {
        let certificate = PEM.read(pem) { PEM_read_bio_X509($0, nil, withoutPassphrase, nil) }
        guard let certificate else { throw CertificateError("no certificate in PEM") }
        self.init(owning: certificate)
    }

    /// The certificate as PEM.
    public func pem() throws -> String {
        try PEM.text { PEM_write_bio_X509($0, pointer) }
    }

    /// The certificate as DER.
    public func der() throws -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(pointer, &start)
        guard count > 0, let start else { throw CertificateError("not written as DER") }
        defer { CRYPTO_free(start, nil, 0) }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    /// From when it is valid; nil where it says no time.
    public var notBefore: Date? { Self.date(X509_get0_notBefore(pointer)) }

    /// Until when it is valid; nil where it says no time.
    public var notAfter: Date? { Self.date(X509_get0_notAfter(pointer)) }

    /// The DNS names of its subject alternative names, in their order.
    public var dnsNames: [String] {
        guard let list = X509_get_ext_d2i(pointer, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(list)
        defer { GENERAL_NAMES_free(names) }
        return (0..<max(0, OPENSSL_sk_num(names))).compactMap { index in
            var kind: Int32 = 0
            let name = OPENSSL_sk_value(names, index)?.assumingMemoryBound(to: GENERAL_NAME.self)
            guard let value = GENERAL_NAME_get0_value(name, &kind), kind == GEN_DNS else { return nil }
            let text = value.assumingMemoryBound(to: ASN1_STRING.self)
            let bytes = UnsafeBufferPointer(start: ASN1_STRING_get0_data(text), count: Int(ASN1_STRING_length(text)))
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Whether it was made for that key.
    public func belongs(to key: PrivateKey) -> Bool {
        defer { ERR_clear_error() }
        return X509_check_private_key(pointer, key.pointer) == 1
    }

    /// Whether its signature was made with the key of another certificate. Asks nothing else of either.
    public func isSigned(by issuer: Certificate) -> Bool {
        defer { ERR_clear_error() }
        return X509_verify(pointer, X509_get0_pubkey(issuer.pointer)) == 1
    }

    private static func date(_ time: UnsafePointer<ASN1_TIME>?) -> Date? {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return Date(timeIntervalSince1970: TimeInterval(timegm(&parts)))
    }
}
