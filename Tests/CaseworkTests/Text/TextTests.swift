import Testing

@testable import Casework

@Suite struct TextTests {
    @Test(arguments: [
        "O'Brien", "<script>alert(1)</script>", "%s%n", "Robert'); drop table students;--", "Ω≈ç√∫", "田中さん",
        "עברית‏ العربية", "e\u{301}",
        "Z\u{351}\u{36B}\u{343}\u{36A}\u{302}a", "👩‍👩‍👧‍👦", "\u{202E}gnp.exe", "a\u{200B}b", "null", "NaN", "\\u0000",
        "${jndi:ldap://x}", "ﬁ", "\u{7F}",
    ])
    func `keeps odd text exactly`(text: String) throws {
        let kept = try Text.clean(" \u{2003}\t\(text)\n\u{A0}", length: 1...200)
        #expect(kept.unicodeScalars.elementsEqual(text.unicodeScalars))
    }

    @Test func `counts code points, as the database does`() throws {
        #expect(try Text.clean(String(repeating: "é", count: 200), length: 1...200).count == 200)
        #expect(throws: Refusal.tooLong(201, most: 200)) {
            try Text.clean(String(repeating: "e\u{301}", count: 100) + "x", length: 1...200)
        }
        #expect(throws: Refusal.tooShort(least: 3)) { try Text.clean("ab", length: 3...9) }
    }

    @Test(arguments: ["", "   ", "\u{3000}\u{2029}", "\u{200B}\u{FEFF}", "\u{2060}"])
    func `takes invisible text for empty`(text: String) {
        #expect(throws: Refusal(.empty)) { try Text.clean(text, length: 1...10) }
    }

    @Test func `refuses control characters`() throws {
        #expect(throws: Refusal(.nulCharacter)) {
            try Text.clean("a\u{0}b", length: 0...10, multiline: true)
        }
        #expect(throws: Refusal(.lineBreak)) {
            try Text.clean("a\nb", length: 0...10)
        }
        #expect(throws: Refusal(.lineBreak)) {
            try Text.clean("a\r\nb", length: 0...10)
        }
        #expect(throws: Refusal(.controlCharacter)) {
            try Text.clean("a\u{1B}b", length: 0...10, multiline: true)
        }
        #expect(try Text.clean("a\n\tb", length: 0...10, multiline: true) == "a\n\tb")
    }
}
