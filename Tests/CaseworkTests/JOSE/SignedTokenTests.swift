import FoundationEssentials
import TestSupport
import Testing

@testable import Casework

@Suite struct SignedTokenTests {
    /// RFC 7515, appendix A.3.
    private static let es256 = (
        key:
            #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
        token:
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    )
    private static let bilbo =
        #"{"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw","e":"AQAB"}"#
    private static let payload =
        "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4"
    /// RFC 7520, section 4.1.
    private static let rs256 =
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.\(payload).MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg"
    /// RFC 7520, section 4.2: a good signature by an algorithm that is none of ours.
    private static let ps384 =
        "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.\(payload).cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw"

    private func key(_ text: String) throws -> JSONWebKey {
        try #require(JSONWebKey(try JSONObject(parsing: Array(text.utf8))))
    }

    @Test func `the standard's own tokens are verified, and by no other key`() throws {
        let (bilbo, curve) = (try key(Self.bilbo), try key(Self.es256.key))
        let first = try SignedToken(Self.rs256)
        #expect(
            first.content(verifiedBy: [curve, bilbo]).map { String(decoding: $0, as: UTF8.self) }?.hasPrefix("It’s")
                == true)
        #expect(first.content(verifiedBy: [curve]) == nil)
        let second = try SignedToken(Self.es256.token)
        #expect(second.content(verifiedBy: [bilbo, curve])?.isEmpty == false)
        #expect(second.content(verifiedBy: [bilbo]) == nil && second.content(verifiedBy: []) == nil)
    }

    @Test func `one other bit and it is nobody's`() throws {
        for (text, key) in [(Self.rs256, try key(Self.bilbo)), (Self.es256.token, try key(Self.es256.key))] {
            let parts = text.split(separator: ".").map(String.init)
            try #require(parts.count == 3)
            for changed in 1...2 {
                for place in [0, parts[changed].utf8.count / 2] {
                    var bytes = Array(parts[changed].utf8)
                    bytes[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                    var other = parts
                    other[changed] = String(decoding: bytes, as: UTF8.self)
                    let token = try SignedToken(other.joined(separator: "."))
                    #expect(token.content(verifiedBy: [key]) == nil)
                }
            }
        }
    }

    @Test func `PS256 is verified with a salt as long as the digest`() throws {
        let issuer = try TestIssuerKey(.ps256, id: "p")
        let token = try issuer.token(#"{"sub":"a"}"#)
        #expect(try SignedToken(token).content(verifiedBy: [try key(issuer.jwk)]) == Array(#"{"sub":"a"}"#.utf8))
        // the same bytes do not pass as the other algorithm
        let other = try issuer.token(#"{"sub":"a"}"#, header: #"{"alg":"RS256","kid":"p"}"#)
        #expect(try SignedToken(other).content(verifiedBy: [try key(issuer.jwk)]) == nil)
    }

    @Test(arguments: [
        #"{"alg":"none"}"#, #"{"alg":"None"}"#, #"{"alg":"HS256","kid":"p"}"#, #"{"alg":"RS384"}"#, #"{"alg":"ES384"}"#,
        #"{"alg":"EdDSA"}"#, #"{}"#, #"{"alg":null}"#, #"{"alg":["RS256"]}"#,
    ])
    func `other algorithms are none`(header: String) throws {
        let token = "\(Base64.url.encode(Array(header.utf8))).e30.AAAA"
        #expect(throws: SignedToken.Fault.algorithm) { try SignedToken(token) }
        #expect(throws: SignedToken.Fault.algorithm) { try SignedToken(Self.ps384) }
    }

    @Test func `what must be understood and is not makes a token void`() {
        let header = Base64.url.encode(Array(#"{"alg":"RS256","crit":["b64"],"b64":false}"#.utf8))
        #expect(throws: SignedToken.Fault.critical) { try SignedToken("\(header).e30.AAAA") }
        for text in ["", ".", "..", "a.b.c", "e30.e30", "e30.e30.e30.e30", "e30=.e30.AA", "W10.e30.AAAA"] {
            #expect(throws: SignedToken.Fault.malformed, "\(text)") { try SignedToken(text) }
        }
    }

    @Test(arguments: [
        #"{"kty":"oct","k":"AAAA"}"#, #"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#,
        #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
        #"{"kty":"EC","crv":"P-521","x":"AA","y":"AA"}"#, #"{"kty":"RSA"}"#, #"{}"#,
        #"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#,
        // a point beside the curve
        #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1"}"#,
    ])
    func `what is no key of ours is left aside`(text: String) throws {
        #expect(JSONWebKey(try JSONObject(parsing: Array(text.utf8))) == nil)
    }

    @Test func `a key is for what it says`() throws {
        for change in [
            #""use":"enc""#, #""use":"sig","key_ops":["encrypt"]"#, #""use":"sig","alg":"RS512""#,
            #""use":"sig","alg":"ES256""#,
        ] {
            let text = Self.bilbo.replacing(#""use":"sig""#, with: change)
            #expect(JSONWebKey(try JSONObject(parsing: Array(text.utf8))) == nil, "\(change)")
        }
        let bound = try key(Self.bilbo.replacing(#""use":"sig""#, with: #""alg":"PS256""#))
        #expect(try SignedToken(Self.rs256).content(verifiedBy: [bound]) == nil)
    }
}

@Suite struct SignedTokenFuzzTests {
    @Test func `no token and no key does harm`() throws {
        let issuer = try TestIssuerKey(.es256, id: "k")
        let token = try issuer.token(#"{"iss":"https://a","aud":"c","exp":1,"iat":1,"nonce":"n","sub":"s"}"#)
        let key = try #require(JSONWebKey(try JSONObject(parsing: Array(issuer.jwk.utf8))))
        let samples = [
            token, issuer.jwk, #"{"keys":[\#(issuer.jwk)]}"#,
            #"{"issuer":"https://a","token_endpoint":"https://a/t"}"#,
        ]
        let pieces = [
            ".", "e30", "eyJhbGciOiJFUzI1NiJ9", #"{"kty":"EC"}"#, #""keys":["#, "exp", "1e99", "-1", "\"aud\":[]",
        ]
        let fault = Fuzz.fault(samples: samples, pieces: pieces, cases: 4_000) { bytes, _ in
            let text = String(decoding: bytes, as: UTF8.self)
            if let read = try? SignedToken(text), text != token, read.content(verifiedBy: [key]) != nil { return false }
            if let object = try? JSONObject(parsing: bytes) {
                _ = JSONWebKey(object)
                _ = JSONWebKey.keys(of: object)
            }
            _ = try? IdentityClaims(bytes, issuer: "https://a", client: "c", nonce: "n", now: Date())
            _ = try? ProviderDocument(bytes, issuer: "https://a")
            _ = AuthenticationRequest(cookie: text)
            if let rule = try? RoleRule(line: text) { return try RoleRule(line: rule.line) == rule }
            return true
        }
        #expect(fault == nil)
    }
}
