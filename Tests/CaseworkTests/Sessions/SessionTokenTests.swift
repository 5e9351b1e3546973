import Testing

@testable import Casework

@Suite struct SessionTokenTests {
    private static let secret = String(repeating: "A", count: 43)

    @Test(arguments: SessionToken.Kind.allCases, [1, 42, Int.max])
    func `reads back its text`(kind: SessionToken.Kind, institution: Int) throws {
        let token = SessionToken(kind: kind, institution: institution, secret: try Secret.random())
        #expect(SessionToken(parsing: token.text) == token)
        #expect(token.text.hasPrefix("\(kind == .api ? "wma" : "wms")_\(institution)_"))
        #expect(token.hash == token.secret.hash && token.hash.count == 32)
    }

    @Test func `keeps underscores of the secret`() throws {
        let secret = try #require(Secret("_" + String(repeating: "_", count: 41) + "A"))
        let token = SessionToken(kind: .session, institution: 3, secret: secret)
        #expect(SessionToken(parsing: token.text) == token)
    }

    @Test(arguments: [
        "", "wms", "wms_1", "wms__\(secret)", "wms_0_\(secret)", "wms_-1_\(secret)", "wms_+1_\(secret)",
        "wms_01_\(secret)", "wms_1_\(secret)A",
        "wms_1_\(secret) ", " wms_1_\(secret)", "WMS_1_\(secret)", "wmx_1_\(secret)", "wms_1.0_\(secret)",
        "wms_٣_\(secret)",
        "wms_9223372036854775808_\(secret)", "wms_1_\(secret.dropLast())", "wms_1_\(secret.dropLast())=",
        "wms-1-\(secret)",
        "wms_1_\(String(repeating: "A", count: 100_000))",
    ])
    func `refuses every other spelling`(text: String) {
        #expect(SessionToken(parsing: text) == nil)
    }
}
