import Foundation

/// What a provider has said of somebody, once its token was found to be genuine, meant for us, and of now.
struct IdentityClaims: Sendable {
    /// Who it is to the provider.
    let subject: String
    private(set) var claims: JSONObject

    /// What is wrong with a token's claims (OpenID Connect Core §3.1.3.7). The names are for logs.
    enum Fault: String, Error, Sendable, CaseIterable {
        case claims, issuer, audience, party, expired, future, nonce, subject
    }

    /// Seconds by which two clocks may differ.
    static let skew = 60

    /// Judges the claims of an ID token.
    /// - Parameters:
    ///   - content: of a token whose signature was verified.
    ///   - nonce: what was sent with the question.
    init(
        _ content: [UInt8], issuer: String, client: String, nonce: String, now: Date
    ) throws(Fault) {
        guard let claims = try? JSONObject(parsing: content) else { throw .claims }
        guard claims.text("iss") == issuer else { throw .issuer }
        let audience: [JSONValue]
        switch claims["aud"] {
        case .string(let one)?: audience = [.string(one)]
        case .array(let several)?: audience = several
        default: throw .audience
        }
        guard audience.contains(.string(client)) else { throw .audience }
        if claims["azp"] != nil || audience.count > 1 {
            guard claims.text("azp") == client else { throw .party }
        }
        let seconds = Int(now.timeIntervalSince1970.rounded(.down))
        guard let expiry = claims.seconds("exp"), let issued = claims.seconds("iat") else { throw .claims }
        guard expiry > seconds - Self.skew else { throw .expired }
        guard issued <= seconds + Self.skew else { throw .future }
        if claims["nbf"] != nil {
            guard let start = claims.seconds("nbf"), start <= seconds + Self.skew else { throw .future }
        }
        guard let said = claims.text("nonce"), constantTimeEqual(Array(said.utf8), Array(nonce.utf8)) else {
            throw .nonce
        }
        guard let subject = claims.text("sub"), !subject.isEmpty, subject.unicodeScalars.count <= 255,
            !subject.utf8.contains(0)
        else { throw .subject }
        self.subject = subject
        self.claims = claims
    }

    /// Takes what the token has not from the provider's answer about the person (Core §5.3).
    mutating func complete(by other: JSONObject) throws(Fault) {
        guard other.text("sub") == subject else { throw .subject }
        for member in other { claims.insert(member.value, for: member.name) }
    }

    /// A text of up to so many characters, without what no text here may hold; nil where there is none.
    func text(_ name: String?, atMost most: Int) -> String? {
        guard let name else { return nil }
        let raw: String
        switch claims[name] {
        case .string(let text)?: raw = text
        case .number(let number)?: raw = number.text
        default: return nil
        }
        guard let clean = try? Text.clean(raw, length: 1...most, multiline: false) else { return nil }
        return clean
    }

    /// The address; nil where it is none.
    func address(_ name: String) -> EmailAddress? { text(name, atMost: 254).flatMap { try? EmailAddress($0) } }

    /// Whether the provider says that it has verified an address. It says so of `email` alone (Core §5.1), whatever other claim
    /// the address was found in.
    func hasVerified(_ address: EmailAddress) -> Bool {
        guard self.address("email") == address else { return false }
        return Self.verifying.contains { name in
            switch claims[name] {
            case .bool(let isVerified)?: isVerified
            case .string(let text)?: text == "true" || text == "1"
            default: false
            }
        }
    }

    /// Claims that say so. Some providers do it by a text; Microsoft Entra says of an address that its domain's owner is known, and
    /// that only where its admin has asked for the claim.
    private static let verifying = ["email_verified", "xms_edov"]

    /// Whether a claim is that text, or a list that holds it.
    func holds(_ name: String, _ value: String) -> Bool {
        switch claims[name] {
        case .string(let text)?: text == value
        case .array(let values)?: values.contains(.string(value))
        default: false
        }
    }
}

extension JSONObject {
    /// Seconds since 1970; fractions are cut off (RFC 7519 §2, NumericDate).
    fileprivate func seconds(_ name: String) -> Int? {
        guard case .number(let number)? = self[name] else { return nil }
        if let whole = number.integer { return (0...1 << 40).contains(whole) ? whole : nil }
        guard let value = Double(number.text), value >= 0, value < Double(1 << 40) else { return nil }
        return Int(value)
    }
}
