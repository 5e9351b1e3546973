import Events
import Tenancy

/// One request that a provider authenticate somebody (OpenID Connect Core §3.1.2.1). The browser keeps a random secret in a
/// cookie. All that the provider is shown is made of it, so that an answer fits the browser that asked, and nothing is stored
/// here until somebody has come in.
struct AuthenticationRequest: Sendable {
    let secret: Secret
    /// The address to go on with, a path of this host; empty for the start page.
    let next: String

    /// - Throws: `CaseworkError.lacking` where the system has no randomness.
    init(next: String) throws(CaseworkError) {
        secret = try .random()
        self.next = next
    }

    /// The request that a cookie holds; nil where it holds none.
    init?(cookie: String) {
        guard cookie.utf8.count <= 4_000 else { return nil }
        let parts = cookie.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let secret = Secret(first) else { return nil }
        self.secret = secret
        guard parts.count == 2 else {
            next = ""
            return
        }
        guard let bytes = Base64.url.decode(parts[1]), let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        next = text
    }

    /// What the browser keeps.
    var cookie: String { secret.text + (next.isEmpty ? "" : "." + Base64.url.encode(Array(next.utf8))) }
    /// Comes back with the answer (RFC 6749 §10.12).
    var state: String { secret.seal(of: "state") }
    /// Comes back within the token (OpenID Connect Core §3.1.2.1).
    var nonce: String { secret.seal(of: "nonce") }
    /// Shows the provider that who fetches the token is who asked (RFC 7636 §4.1).
    var verifier: String { secret.seal(of: "verifier") + secret.seal(of: "verifier, second half") }
    /// What is shown of the verifier before (RFC 7636 §4.2, S256).
    var challenge: String { Base64.url.encode(Digest.sha256(Array(verifier.utf8))) }
}

/// What a browser brings back from a provider.
public struct ProviderAnswer: Sendable {
    let code: String?
    let state: String?
    let issuer: String?
    let error: String?

    /// Reads the query of the return address. What is longer than any provider needs is none.
    public init(_ fields: inout Fields) {
        code = fields.optional("code", .text(1...4_000))
        state = fields.optional("state", .text(1...500))
        issuer = fields.optional("iss", .text(1...500))
        error = fields.optional("error", .text(1...200))
    }
}

/// Why somebody does not come in by the provider. Each has a sentence on the sign-in page.
public enum ProviderRefusal: String, Error, Sendable, CaseIterable {
    /// Nobody signs in by a provider here.
    case off
    /// It does not answer.
    case unreachable
    /// What it answers cannot be believed or used.
    case unusable
    /// It, or the person there, has said no.
    case declined
    /// The answer belongs to no question of this browser, or comes too late.
    case strange
    /// The account is suspended.
    case inactive
    /// There is an account of the address or number, which is not this identity's.
    case taken
    /// Nobody knows the person, and no account is made.
    case unknown
    /// No address that counts.
    case unaddressed
}

/// Somebody did not come in by a provider.
public struct ProviderSignInFailed: Event {
    /// Counted and logged under this name.
    public static let name = "provider_sign_in_failed"
    let refusal: ProviderRefusal
    let institution: String
    let reason: String

    /// Which refusal.
    public var cause: String { refusal.rawValue }
    /// What is wrong with the provider is worth a warning; whom it does not let in is an ordinary thing.
    public var severity: Severity { refusal == .unreachable || refusal == .unusable ? .warning : .info }
    /// What happened.
    public var message: String { "A sign-in by an institution's identity provider failed: \(refusal.rawValue)." }
    /// Where, and why.
    public var details: [String: String] { ["institution": institution, "reason": reason] }
}
