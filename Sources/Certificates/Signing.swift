import COpenSSL
import Foundation

extension Certificate {
    /// What a certificate says besides subject, time and key, in the words of OpenSSL's x509v3_config(5).
    public struct Extension: Sendable {
        let identifier: Int32
        let value: String

        /// `critical,CA:TRUE,pathlen:0`
        public static func basicConstraints(_ value: String) -> Extension { .init(NID_basic_constraints, value) }
        /// `critical,digitalSignature`
        public static func keyUsage(_ value: String) -> Extension { .init(NID_key_usage, value) }
        /// `serverAuth`
        public static func extendedKeyUsage(_ value: String) -> Extension { .init(NID_ext_key_usage, value) }
        /// `critical,permitted;DNS:localhost`
        public static func nameConstraints(_ value: String) -> Extension { .init(NID_name_constraints, value) }
        /// The certificate's own key, by its hash.
        public static let subjectKeyIdentifier = Extension(NID_subject_key_identifier, "hash")
        /// The issuer's key, by its hash.
        public static let authorityKeyIdentifier = Extension(NID_authority_key_identifier, "keyid:always")

        /// Names and IPv4 addresses a server answers to.
        /// - Throws: `CertificateError` for a name with a character that no host name has.
        public static func subjectAlternativeNames(dns: [String], ip: [String] = []) throws -> Extension {
            let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-*")
            for name in dns + ip where name.isEmpty || !plain.isSuperset(of: name) {
                throw CertificateError("'\(name)' is no host name")
            }
            return .init(NID_subject_alt_name, (dns.map { "DNS:\($0)" } + ip.map { "IP:\($0)" }).joined(separator: ","))
        }

        private init(_ identifier: Int32, _ value: String) {
            self.identifier = identifier
            self.value = value
        }
    }

    /// Makes a certificate for a key, with a random serial number, signed by ECDSA or RSA with SHA-256.
    /// - Parameters:
    ///   - subject: common name and, where given, organization.
    ///   - validity: from when until when.
    ///   - issuer: whose certificate and key sign it; nil: it signs itself.
    /// - Throws: `CertificateError` where libcrypto refuses a part.
    public static func make(
        for key: PrivateKey, subject: (commonName: String, organization: String?), validity: Range<Date>,
        extensions: [Extension], issuer: (certificate: Certificate, key: PrivateKey)? = nil
    ) throws -> Certificate {
        guard let pointer = X509_new() else { throw CertificateError("out of memory") }
        let certificate = Certificate(owning: pointer)
        let name = X509_get_subject_name(pointer)
        func add(_ identifier: Int32, _ text: String?) -> Bool {
            guard let text else { return true }
            return X509_NAME_add_entry_by_NID(name, identifier, MBSTRING_UTF8, text, -1, -1, 0) == 1
        }
        guard X509_set_version(pointer, 2) == 1,  // 2 means version 3
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(pointer), .random(in: 1...UInt64(Int64.max))) == 1,
            ASN1_TIME_set(X509_getm_notBefore(pointer), time_t(validity.lowerBound.timeIntervalSince1970)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(pointer), time_t(validity.upperBound.timeIntervalSince1970)) != nil,
            X509_set_pubkey(pointer, key.pointer) == 1,
            add(NID_organizationName, subject.organization), add(NID_commonName, subject.commonName),
            X509_set_issuer_name(pointer, X509_get_subject_name(issuer?.certificate.pointer ?? pointer)) == 1
        else { throw CertificateError("a certificate cannot be made") }
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer?.certificate.pointer ?? pointer, pointer, nil, nil, 0)
        for each in extensions {
            let made = X509V3_EXT_nconf_nid(nil, &context, each.identifier, each.value)
            defer { X509_EXTENSION_free(made) }
            guard let made, X509_add_ext(pointer, made, -1) == 1 else {
                throw CertificateError("a certificate cannot say '\(each.value)'")
            }
        }
        guard X509_sign(pointer, (issuer?.key ?? key).pointer, EVP_sha256()) > 0 else {
            throw CertificateError("a certificate cannot be signed")
        }
        return certificate
    }
}
