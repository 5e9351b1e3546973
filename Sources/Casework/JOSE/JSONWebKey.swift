import COpenSSL

/// A public key by which tokens are verified, as a JWK says it (RFC 7517, RFC 7518 §6): RSA of 2048 to 8192 bits, or P-256.
final class JSONWebKey: Sendable {
    /// What kind of key it is.
    enum Kind: Sendable {
        case rsa
        case p256
    }

    /// Its name among its issuer's keys.
    let id: String?
    let kind: Kind
    /// The one algorithm it is for; nil: any that fits its kind.
    let algorithm: SignatureAlgorithm?
    /// Read by libcrypto only, on whatever thread.
    nonisolated(unsafe) let key: OpaquePointer

    /// - Returns: nil for a key of another kind, for another use than signatures, or that is none.
    init?(_ object: JSONObject) {
        if object["use"] != nil, object.text("use") != "sig" { return nil }
        if let operations = object["key_ops"] {
            guard case .array(let values) = operations, values.contains(.string("verify")) else { return nil }
        }
        let named = object.text("alg").flatMap(SignatureAlgorithm.init(rawValue:))
        if object["alg"] != nil, named == nil { return nil }
        let found: (kind: Kind, info: [UInt8]?)
        switch object.text("kty") {
        case "RSA": found = (.rsa, Self.rsa(object))
        case "EC" where object.text("crv") == "P-256": found = (.p256, Self.p256(object))
        default: return nil
        }
        if let named, named.kind != found.kind { return nil }
        guard let info = found.info, let key = Self.read(info) else { return nil }
        id = object.text("kid")
        kind = found.kind
        algorithm = named
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// The keys of a JWK set that can be used; the others are left aside (RFC 7517 §5).
    /// - Parameter object: the set.
    /// - Returns: nil where it is no set.
    static func keys(of object: JSONObject) -> [JSONWebKey]? {
        guard case .array(let values)? = object["keys"] else { return nil }
        return values.prefix(100).compactMap { value in
            guard case .object(let key) = value else { return nil }
            return JSONWebKey(key)
        }
    }

    private static func rsa(_ object: JSONObject) -> [UInt8]? {
        guard let modulus = object.number("n"), let exponent = object.number("e"),
            (256...1_024).contains(modulus.count), (1...8).contains(exponent.count),
            exponent.last.map({ $0 & 1 == 1 }) == true,
            exponent != [1]
        else { return nil }
        let key = DER.sequence(DER.integer(modulus), DER.integer(exponent))
        // rsaEncryption, with NULL (RFC 3279 §2.3.1)
        let algorithm: [UInt8] = [
            0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
        ]
        return DER.sequence(algorithm, DER.bits(key))
    }

    private static func p256(_ object: JSONObject) -> [UInt8]? {
        guard let x = object.bytes("x"), let y = object.bytes("y"), x.count == 32, y.count == 32 else { return nil }
        // id-ecPublicKey of prime256v1 (RFC 5480 §2.1.1)
        let algorithm: [UInt8] = [
            0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
            0x03,
            0x01, 0x07,
        ]
        return DER.sequence(algorithm, DER.bits([4] + x + y))
    }

    /// The key of a SubjectPublicKeyInfo; nil also for a point that is not on the curve.
    private static func read(_ info: [UInt8]) -> OpaquePointer? {
        info.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            guard let key = d2i_PUBKEY(nil, &start, buffer.count) else {
                ERR_clear_error()
                return nil
            }
            return key
        }
    }
}

/// Distinguished encoding of ASN.1, as much of it as keys and signatures take.
enum DER {
    static func sequence(_ parts: [UInt8]...) -> [UInt8] { value(0x30, parts.flatMap(\.self)) }
    static func bits(_ bytes: [UInt8]) -> [UInt8] { value(0x03, [0] + bytes) }

    /// A number that is not negative, most significant byte first.
    static func integer(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var digits = Array(bytes.drop { $0 == 0 })
        if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: 0) }
        return value(0x02, digits)
    }

    private static func value(_ tag: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        if bytes.count < 0x80 { return [tag, UInt8(bytes.count)] + bytes }
        var length: [UInt8] = []
        var rest = bytes.count
        while rest > 0 {
            length.insert(UInt8(rest & 0xff), at: 0)
            rest >>= 8
        }
        return [tag, 0x80 | UInt8(length.count)] + length + bytes
    }
}

extension JSONObject {
    /// A member that is a text; nil for all else.
    func text(_ name: String) -> String? {
        if case .string(let text)? = self[name] { return text }
        return nil
    }

    /// A member in base64url without padding (RFC 7515 §2).
    fileprivate func bytes(_ name: String) -> [UInt8]? { text(name).flatMap { Base64.url.decode($0) } }

    /// The same, as a number without leading zeros.
    fileprivate func number(_ name: String) -> [UInt8]? { bytes(name).map { Array($0.drop { $0 == 0 }) } }
}
