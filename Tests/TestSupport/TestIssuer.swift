import COpenSSL
import Casework
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Web

/// A key of an issuer of tests, with which it signs whatever it is told to.
public final class TestIssuerKey: @unchecked Sendable {
    /// How it signs.
    public enum Algorithm: String, Sendable {
        case rs256 = "RS256"
        case ps256 = "PS256"
        case es256 = "ES256"
    }

    /// libcrypto refused.
    public struct Failure: Error {}

    private let algorithm: Algorithm
    private let id: String
    private let key: OpaquePointer
    /// The public half as a JWK.
    public let jwk: String

    /// Makes a key.
    public init(_ algorithm: Algorithm, id: String) throws {
        self.algorithm = algorithm
        self.id = id
        let isCurve = algorithm == .es256
        let context = EVP_PKEY_CTX_new_from_name(nil, isCurve ? "EC" : "RSA", nil)
        defer { EVP_PKEY_CTX_free(context) }
        var made: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1,
            isCurve
                ? EVP_PKEY_CTX_set_group_name(context, "P-256") == 1
                : EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2_048) == 1,
            EVP_PKEY_generate(context, &made) == 1, let made
        else { throw Failure() }
        key = made
        func number(_ name: String, _ width: Int) throws -> String {
            var value: OpaquePointer?
            guard EVP_PKEY_get_bn_param(made, name, &value) == 1 else { throw Failure() }
            defer { BN_free(value) }
            let count = max(width, Int(BN_num_bits(value) + 7) / 8)
            var bytes = [UInt8](repeating: 0, count: count)
            guard BN_bn2binpad(value, &bytes, Int32(count)) == Int32(count) else { throw Failure() }
            return Self.base64(bytes)
        }
        jwk =
            isCurve
            ? #"{"kty":"EC","crv":"P-256","kid":"\#(id)","x":"\#(try number("qx", 32))","y":"\#(try number("qy", 32))"}"#
            : #"{"kty":"RSA","kid":"\#(id)","use":"sig","n":"\#(try number("n", 1))","e":"\#(try number("e", 1))"}"#
    }

    deinit { EVP_PKEY_free(key) }

    /// A token with that content.
    /// - Parameter header: what it says of itself; nil: the truth.
    public func token(_ content: String, header: String? = nil) throws -> String {
        let head = header ?? #"{"alg":"\#(algorithm.rawValue)","kid":"\#(id)"}"#
        let signed = Self.base64(Array(head.utf8)) + "." + Self.base64(Array(content.utf8))
        return signed + "." + Self.base64(try signature(Array(signed.utf8)))
    }

    /// A token that is signed by the public key's text as if that were a secret.
    public func tokenByPublicKey(_ content: String) -> String {
        let signed =
            Self.base64(Array(#"{"alg":"HS256","kid":"\#(id)"}"#.utf8)) + "." + Self.base64(Array(content.utf8))
        var digest = [UInt8](repeating: 0, count: 32)
        let secret = Array(jwk.utf8)
        let message = Array(signed.utf8)
        HMAC(EVP_sha256(), secret, Int32(secret.count), message, message.count, &digest, nil)
        return signed + "." + Self.base64(digest)
    }

    private func signature(_ message: [UInt8]) throws -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var options: OpaquePointer?
        guard EVP_DigestSignInit(context, &options, EVP_sha256(), nil, key) == 1 else { throw Failure() }
        if algorithm == .ps256 {
            EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING)
            EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST)
        }
        var signature = [UInt8](repeating: 0, count: 1_024)
        var count = signature.count
        guard EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else { throw Failure() }
        let bytes = Array(signature.prefix(count))
        return algorithm == .es256 ? try Self.plain(bytes) : bytes
    }

    /// Two numbers of 32 bytes out of their sequence in DER, which is shorter than 128 bytes.
    private static func plain(_ der: [UInt8]) throws -> [UInt8] {
        var rest = der.dropFirst(2)
        var both: [UInt8] = []
        for _ in 0..<2 {
            guard rest.first == 2, let count = rest.dropFirst().first else { throw Failure() }
            let digits = rest.dropFirst(2).prefix(Int(count)).drop { $0 == 0 }
            both += [UInt8](repeating: 0, count: 32 - digits.count) + digits
            rest = rest.dropFirst(2 + Int(count))
        }
        return both
    }

    static func base64(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

/// An OpenID provider on loopback over TLS that answers as a test tells it to, also badly.
public final class TestIssuer: Sendable {
    /// What it answers at an address.
    public struct Answer: Sendable {
        /// The HTTP status.
        public var status = 200
        /// The body.
        public var body: String
        /// Where it sends the client on, if anywhere.
        public var location: String?
        /// Whether it never comes.
        public var isHeldBack: Bool

        /// An answer of 200.
        public init(_ body: String, status: Int = 200, location: String? = nil, isHeldBack: Bool = false) {
            self.body = body
            self.status = status
            self.location = location
            self.isHeldBack = isHeldBack
        }
    }

    private struct State {
        var answers: [String: Answer] = [:]
        var asked: [String] = []
        var held: [CheckedContinuation<Void, Never>] = []
        var isOver = false
    }

    /// `https://idp.localhost:<port>`.
    public let origin: String
    private let state: Mutex<State>

    private init(origin: String, state: State) {
        self.origin = origin
        self.state = Mutex(state)
    }

    /// The paths that it was asked for, with the bodies of forms behind a space.
    public var asked: [String] { state.withLock { $0.asked } }

    /// Says what it answers from now on.
    /// - Parameter path: `/token`.
    public func answer(_ path: String, _ answer: Answer) { state.withLock { $0.answers[path] = answer } }

    private func hold() async {
        await withCheckedContinuation { one in
            let isOver = state.withLock { state in
                if !state.isOver { state.held.append(one) }
                return state.isOver
            }
            if isOver { one.resume() }
        }
    }

    private func end() {
        let held = state.withLock { state in
            defer { state.held = [] }
            state.isOver = true
            return state.held
        }
        for one in held { one.resume() }
    }

    /// The keys that it shows.
    public func show(_ keys: [String]) { answer("/keys", .init(#"{"keys":[\#(keys.joined(separator: ","))]}"#)) }

    /// Its discovery document, as it should be but for some members.
    public func document(_ changes: [String: String] = [:]) -> String {
        var members = [
            "issuer": #""\#(origin)""#, "authorization_endpoint": #""\#(origin)/authorize""#,
            "token_endpoint": #""\#(origin)/token""#, "jwks_uri": #""\#(origin)/keys""#,
            "userinfo_endpoint": #""\#(origin)/person""#,
        ]
        members.merge(changes) { $1 }
        return "{" + members.map { #""\#($0.key)":\#($0.value)"# }.joined(separator: ",") + "}"
    }

    /// Serves while `body` runs.
    package static func with<Result: Sendable>(
        _ body: (TestIssuer, TestCertificate) async throws -> Result
    ) async throws -> Result {
        let place = Mutex<TestIssuer?>(nil)
        let respond: @Sendable (Request, SiteContext) async throws -> Response = { request, _ in
            let form = String(buffer: try await request.body.collect(upTo: 65_536))
            let issuer = place.withLock { $0 }
            let answer = issuer?.state.withLock { state in
                state.asked.append(request.uri.path + (form.isEmpty ? "" : " " + form))
                return state.answers[request.uri.path]
            }
            guard let answer else { return Response(status: .notFound) }
            if answer.isHeldBack { await issuer?.hold() }
            var headers: HTTPFields = [.contentType: "application/json"]
            if let location = answer.location { headers[.location] = location }
            return Response(
                status: .init(code: answer.status), headers: headers,
                body: .init(byteBuffer: ByteBuffer(string: answer.body)))
        }
        return try await RunningServer.with(
            names: ["idp.localhost"],
            routes: { router in
                for path in ["/.well-known/openid-configuration", "/keys", "/person", "/loop"] {
                    router.get(RouterPath(path), use: respond)
                }
                router.post("/token", use: respond)
            }
        ) { server in
            let issuer = TestIssuer(origin: "https://idp.localhost:\(server.port)", state: State())
            place.withLock { $0 = issuer }
            defer { issuer.end() }
            issuer.answer("/.well-known/openid-configuration", .init(issuer.document()))
            return try await body(issuer, server.certificate)
        }
    }
}
