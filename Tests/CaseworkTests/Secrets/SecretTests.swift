import Testing

@testable import Casework

@Suite struct SecretTests {
    @Test func `reads back its text and nothing else`() throws {
        let secret = try Secret.random()
        #expect(secret.text.utf8.count == 43)
        #expect(Secret(secret.text) == secret)
        #expect(Secret(secret.text + "A") == nil && Secret(String(secret.text.dropLast())) == nil && Secret("") == nil)
        #expect(Secret(String(repeating: "A", count: 42) + "B") == nil)
        #expect(Secret(String(repeating: "A", count: 42) + "=") == nil)
    }

    @Test func `never comes twice`() throws {
        #expect(try Set((0..<1000).map { _ in try Secret.random() }).count == 1000)
    }

    @Test func `hashes with SHA-256`() throws {
        let zeros = try #require(Secret(String(repeating: "A", count: 43)))
        let hex = zeros.hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(hex == "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925")
    }

    @Test func `shows nothing of itself`() throws {
        let token = SessionToken(kind: .api, institution: 7, secret: try Secret.random())
        #expect("\(token.secret) \(String(reflecting: token.secret))" == "Secret(…) Secret(…)")
        var dumped = ""
        dump(token, to: &dumped)
        #expect(!"\(token)\(dumped)".contains(token.secret.text))
    }

    @Test func `seals a text, and accepts no other's seal`() throws {
        let (mine, other) = (try Secret.random(), try Secret.random())
        let seal = mine.seal(of: "Meet, Ada")
        #expect(seal.utf8.count == 22 && mine.accepts(seal: seal, of: "Meet, Ada"))
        #expect(!mine.accepts(seal: seal, of: "Meet, Eve") && !other.accepts(seal: seal, of: "Meet, Ada"))
        #expect(!mine.accepts(seal: "", of: "Meet, Ada") && !mine.accepts(seal: seal + "A", of: "Meet, Ada"))
        // RFC 2104 with a key of 32 zeros, by another implementation
        let zeros = try #require(Secret(String(repeating: "A", count: 43)))
        #expect(zeros.seal(of: "abc") == "_XrbFSwF74Dcz1Ch-kwF1Q")
    }

    @Test func `accepts only its own CSRF token`() throws {
        let (mine, other) = (try Secret.random(), try Secret.random())
        #expect(mine.accepts(csrfToken: mine.csrfToken))
        #expect(mine.csrfToken.utf8.count == 43 && mine.csrfToken != mine.text)
        #expect(
            !mine.accepts(csrfToken: other.csrfToken) && !mine.accepts(csrfToken: "")
                && !mine.accepts(csrfToken: mine.csrfToken + " "))
    }

    @Test func `compares bytes`() {
        #expect(constantTimeEqual([], []) && constantTimeEqual([1, 2], [1, 2]))
        #expect(!constantTimeEqual([1, 2], [1, 3]) && !constantTimeEqual([1], [1, 2]))
    }
}
