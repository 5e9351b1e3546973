import COpenSSL

/// How a token may be signed (RFC 7518 §3.1): these three and no others, so that neither `none` nor a secret that everybody can
/// read as a public key ever verifies anything.
enum SignatureAlgorithm: String, Sendable, CaseIterable {
    case rs256 = "RS256"
    case ps256 = "PS256"
    case es256 = "ES256"

    var kind: JSONWebKey.Kind { self == .es256 ? .p256 : .rsa }
}

/// A JSON Web Signature in compact form (RFC 7515 §7.1), read but not believed yet.
struct SignedToken: Sendable {
    /// Longer ones are refused unread, in bytes.
    static let mostBytes = 65_536

    let algorithm: SignatureAlgorithm
    /// The name of the key that signed it, as it says.
    let keyID: String?
    private let content: [UInt8]
    private let signature: [UInt8]
    private let signed: [UInt8]

    /// Why a text is no token that could be verified.
    enum Fault: Error, Hashable, Sendable {
        /// It is not three parts in base64url, with an object as header.
        case malformed
        /// Another algorithm than ours.
        case algorithm
        /// It says that something must be understood which is not understood here (RFC 7515 §4.1.11).
        case critical
    }

    /// Reads a token.
    init(_ text: String) throws(Fault) {
        guard text.utf8.count <= Self.mostBytes else { throw .malformed }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Base64.url.decode(parts[0]), let content = Base64.url.decode(parts[1]),
            let signature = Base64.url.decode(parts[2]), let header = try? JSONObject(parsing: head)
        else { throw .malformed }
        guard header["crit"] == nil else { throw .critical }
        guard let name = header.text("alg"), let algorithm = SignatureAlgorithm(rawValue: name) else {
            throw .algorithm
        }
        if header["kid"] != nil, header.text("kid") == nil { throw .malformed }
        self.algorithm = algorithm
        keyID = header.text("kid")
        self.content = content
        self.signature = signature
        signed = Array("\(parts[0]).\(parts[1])".utf8)
    }

    /// The keys it may have been signed by: the one it names; where it names none, those that fit its algorithm.
    func candidates(among keys: [JSONWebKey]) -> [JSONWebKey] {
        let fitting = keys.filter { $0.kind == algorithm.kind && ($0.algorithm ?? algorithm) == algorithm }
        guard let keyID else { return Array(fitting.prefix(4)) }
        return fitting.filter { $0.id == keyID }
    }

    /// The content, if one of the keys has signed it; nil otherwise.
    func content(verifiedBy keys: [JSONWebKey]) -> [UInt8]? {
        candidates(among: keys).contains { isSigned(by: $0) } ? content : nil
    }

    private func isSigned(by key: JSONWebKey) -> Bool {
        guard let signature = algorithm == .es256 ? Self.der(of: signature) : signature,
            let context = EVP_MD_CTX_new()
        else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        var options: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &options, EVP_sha256(), nil, key.key) == 1 else { return false }
        if algorithm == .ps256 {
            // RFC 7518 §3.5: the salt is as long as the digest
            guard EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1
            else { return false }
        }
        return EVP_DigestVerify(context, signature, signature.count, signed, signed.count) == 1
    }

    /// Two numbers of 32 bytes (RFC 7518 §3.4), as libcrypto reads a signature of ECDSA.
    private static func der(of signature: [UInt8]) -> [UInt8]? {
        guard signature.count == 64 else { return nil }
        return DER.sequence(DER.integer(signature.prefix(32)), DER.integer(signature.suffix(32)))
    }
}
