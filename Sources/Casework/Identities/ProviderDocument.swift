/// What a provider tells of itself (OpenID Connect Discovery 1.0 §3), as far as it is used here.
struct ProviderDocument: Sendable, Hashable {
    let authorization: String
    let token: String
    let keys: String
    let userInfo: String?
    /// Whether its answers name their issuer (RFC 9207), so that one without is not its own.
    let namesIssuer: Bool
    /// Whether the client's secret goes into the form: the provider takes it there and not in a header.
    let takesSecretInForm: Bool

    /// Where it is found (Discovery §4).
    static func address(of issuer: String) -> String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }

    /// - Parameter issuer: by whose address it was found, and whom it must name, letter by letter.
    /// - Throws: `ProviderFault`.
    init(_ body: [UInt8], issuer: String) throws(ProviderFault) {
        guard let object = try? JSONObject(parsing: body) else {
            throw .unusable("the discovery document is no JSON object")
        }
        guard object.text("issuer") == issuer else {
            let said = object.text("issuer").map { String($0.prefix(200)) } ?? "nobody"
            throw .unusable("the discovery document is of \(said)")
        }
        authorization = try Self.endpoint(object, "authorization_endpoint")
        token = try Self.endpoint(object, "token_endpoint")
        keys = try Self.endpoint(object, "jwks_uri")
        userInfo = object["userinfo_endpoint"] == nil ? nil : try Self.endpoint(object, "userinfo_endpoint")
        namesIssuer = object["authorization_response_iss_parameter_supported"] == .bool(true)
        if case .array(let methods)? = object["token_endpoint_auth_methods_supported"] {
            takesSecretInForm =
                methods.contains(.string("client_secret_post")) && !methods.contains(.string("client_secret_basic"))
        } else {
            takesSecretInForm = false
        }
        if case .array(let algorithms)? = object["id_token_signing_alg_values_supported"] {
            guard SignatureAlgorithm.allCases.contains(where: { algorithms.contains(.string($0.rawValue)) }) else {
                throw .unusable("it signs by none of RS256, PS256, ES256")
            }
        }
    }

    /// Whether it may be plain http is for `Outgoing` to say; a browser is sent to https, or to http where the issuer is.
    private static func endpoint(_ object: JSONObject, _ name: String) throws(ProviderFault) -> String {
        guard let text = object.text(name), text.utf8.count <= 2_000, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
            !text.contains("#"), text.hasPrefix("https://") || isPlain(text, beside: object.text("issuer"))
        else { throw .unusable("the discovery document has no usable \(name)") }
        return text
    }

    private static func isPlain(_ text: String, beside issuer: String?) -> Bool {
        text.hasPrefix("http://") && issuer?.hasPrefix("http://") == true
    }
}

/// Why a provider cannot be used at the moment. The words are for whoever runs it.
enum ProviderFault: Error, Hashable, Sendable {
    /// It does not answer, or must not be asked.
    case unreachable(String)
    /// What it answers is not what it should be.
    case unusable(String)
    /// Who asked does not wait any more.
    case abandoned

    /// What to say in a log.
    var reason: String {
        switch self {
        case .unreachable(let reason), .unusable(let reason): reason
        case .abandoned: "nobody waits for its answer any more"
        }
    }
}
