import Testing

@testable import Casework

@Suite struct EmailAddressTests {
    @Test(arguments: [
        "ada@example.edu", "a.b+c@sub.example.co", "o'brien@example.edu", "用户@例子.广告", "josé@exämple.edu", "a@b.co",
        "x_y-z@1example.edu",
        "नाम@उदाहरण.भारत",
    ])
    func `accepts addresses that mail reaches`(text: String) throws {
        #expect(try EmailAddress("  \(text)\n").text == text)
    }

    @Test(arguments: [
        "", "ada", "@example.edu", "ada@", "ada@example", "ada@@example.edu", "a@b@example.edu", "a b@example.edu",
        "ada@exa mple.edu",
        ".ada@example.edu", "ada.@example.edu", "a..b@example.edu", "ada@.edu", "ada@example..edu", "ada@-example.edu",
        "ada@example-.edu",
        "ada@example.edu.", "ada@127.0.0.1", "ada@[127.0.0.1]", "\"a b\"@example.edu",
        "ada@example.edu\r\nBcc: all@example.edu",
        "ada\u{0}@example.edu", "ada@exam\u{202E}ple.edu", "a\u{200B}da@example.edu", "ada\u{FEFF}@example.edu",
        "ada@example.edu,b@example.edu",
        "Ada <ada@example.edu>", "ada@exa_mple.edu", "a\u{A0}b@example.edu",
    ])
    func `refuses what is no address, or hides one`(text: String) {
        #expect(throws: Refusal.self) { try EmailAddress(text) }
    }

    @Test func `keeps to the limits of mail systems`() throws {
        let local = String(repeating: "a", count: 64)
        _ = try EmailAddress(local + "@example.edu")
        #expect(throws: Refusal.self) { try EmailAddress(local + "a@example.edu") }
        #expect(throws: Refusal.self) { try EmailAddress(String(repeating: "é", count: 33) + "@example.edu") }
        let domain = Array(repeating: String(repeating: "b", count: 60), count: 4).joined(separator: ".")
        _ = try EmailAddress("abcdefghij@\(domain)")
        #expect(throws: Refusal.beyond(.tooManyBytes, most: 254)) { try EmailAddress("abcdefghijk@\(domain)") }
        #expect(throws: Refusal.self) { try EmailAddress("a@\(local).edu") }
    }

    @Test func `is the same in every case`() throws {
        #expect(try EmailAddress("Ada@Example.EDU") == EmailAddress("ada@example.edu"))
        #expect(try Set([EmailAddress("A@b.co"), EmailAddress("a@B.CO")]).count == 1)
        #expect(try EmailAddress("Ada@Example.EDU").text == "Ada@Example.EDU")
    }
}
