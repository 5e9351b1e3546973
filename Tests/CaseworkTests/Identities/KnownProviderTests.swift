import Outgoing
import TestSupport
import Testing

@testable import Casework

/// What is remembered of a provider, and how often it is asked.
@Suite struct KnownProviderTests {
    private static let document = "/.well-known/openid-configuration"

    private func with(
        _ patience: KnownProviders.Patience, _ body: (TestIssuer, KnownProvider) async throws -> Void
    ) async throws {
        try await TestIssuer.with { issuer, certificate in
            let client = HTTPSClient(
                .init(
                    destinations: try #require(Destinations(allowing: ["idp.localhost"])),
                    certificateAuthority: certificate.certificatePath))
            try await body(issuer, KnownProviders(client, patience: patience).provider(issuer.origin))
        }
    }

    @Test func `what many want at once is asked for once`() async throws {
        try await with(.init()) { issuer, provider in
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 { group.addTask { try await provider.discovered().token } }
                for try await address in group { #expect(address == issuer.origin + "/token") }
            }
            #expect(issuer.asked == [Self.document])
        }
    }

    @Test func `who does not answer is given up, and not asked by everybody after that`() async throws {
        try await with(.init(afterFailure: .seconds(3_600), answer: 1)) { issuer, provider in
            issuer.answer(Self.document, .init(issuer.document(), isHeldBack: true))
            for _ in 0..<3 {
                let fault = await #expect(throws: ProviderFault.self) { try await provider.discovered() }
                guard case .unreachable = fault else {
                    Issue.record("\(String(describing: fault))")
                    return
                }
            }
            #expect(issuer.asked == [Self.document])
            // an admin who tries it asks in any case
            issuer.answer(Self.document, .init(issuer.document()))
            issuer.show([try TestIssuerKey(.es256, id: "a").jwk])
            try await provider.refresh()
            #expect(try await provider.discovered().keys == issuer.origin + "/keys")
        }
    }

    @Test(arguments: [Duration.zero, .seconds(3_600)])
    func `a new key is found after a pause, and the old ones go on where it cannot be had`(pause: Duration) async throws
    {
        try await with(.init(pause: pause, afterFailure: .zero)) { issuer, provider in
            let (old, new) = (try TestIssuerKey(.es256, id: "old"), try TestIssuerKey(.es256, id: "new"))
            let (first, second) = (try SignedToken(old.token("{}")), try SignedToken(new.token("{}")))
            func asked() -> Int { issuer.asked.count { $0 == "/keys" } }
            issuer.show([old.jwk])
            #expect(try await provider.keys(for: first).map(\.id) == ["old"])
            issuer.answer("/keys", .init("{}", status: 500))
            if pause == .zero {
                await #expect(throws: ProviderFault.self) { try await provider.keys(for: second) }
            } else {
                #expect(try await provider.keys(for: second).isEmpty)
            }
            #expect(try await provider.keys(for: first).map(\.id) == ["old"])
            issuer.show([new.jwk])
            #expect(try await provider.keys(for: second).map(\.id) == (pause == .zero ? ["new"] : []))
            #expect(asked() == (pause == .zero ? 3 : 1))
        }
    }

    @Test func `keys are those of the address that the document names now`() async throws {
        try await with(.init(pause: .seconds(3_600))) { issuer, provider in
            let key = try TestIssuerKey(.es256, id: "k")
            let token = try SignedToken(key.token("{}"))
            issuer.show([key.jwk])
            #expect(try await provider.keys(for: token).count == 1)
            issuer.answer("/person", .init(#"{"keys":[\#(try TestIssuerKey(.es256, id: "other").jwk)]}"#))
            issuer.answer(Self.document, .init(issuer.document(["jwks_uri": #""\#(issuer.origin)/person""#])))
            try await provider.refresh()
            #expect(try await provider.keys(for: token).isEmpty)
        }
    }
}
