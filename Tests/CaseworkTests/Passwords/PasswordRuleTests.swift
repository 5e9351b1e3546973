import Foundation
import TestSupport
import Testing

@testable import Casework

private let ada = PasswordOwner(
    email: "ada.lovelace@math.example.edu", names: ["Ada", "Lovelace", "Countess of Lovelace"])

/// Which passwords people may choose (NIST SP 800-63B).
@Suite struct PasswordRuleTests {
    @Test(arguments: [
        "correct horse battery", "Tr0ub4dor & more 3", "vier Wörter und mehr", "漢字漢字仮名仮名交じり文の長い例文",
        "🐎🔋📎🌲🍞🎻🚲🧦🪴🫖🧭🪁🎲🥨🛶", "password manager of mine", "831947205561728",
        "my dragon eats cake", "Ada likes the sea at night",
    ])
    func `long ones will do, whatever they are made of`(password: String) throws {
        try PasswordRule.check(password, of: ada)
    }

    @Test func `length is counted in code points, after composing`() throws {
        #expect(throws: Refusal.tooShort(least: 15)) { try PasswordRule.check("fourteen chars") }
        try PasswordRule.check("fifteen chars !")
        // seven letters, each of two code points
        #expect(throws: Refusal.tooShort(least: 15)) {
            try PasswordRule.check("e\u{301}a\u{301}o\u{301}u\u{301}i\u{301}n\u{303}c\u{327}x")
        }
        #expect(throws: Refusal.beyond(.tooManyBytes, most: 1024)) {
            try PasswordRule.check(String(repeating: "x", count: 1025))
        }
        #expect(throws: Refusal(.nulCharacter)) { try PasswordRule.check("fifteen chars \u{0}") }
    }

    @Test(arguments: [
        "password12345678", "123456789012345", "PASSWORD!!!!!!!!", "1234567890123456", "qwertyuiopasdfgh",
        "dragon2026202620", "aaaaaaaaaaaaaaa", "abcabcabcabcabc", "passwordpassword", "password password",
        "ｐａｓｓｗｏｒｄ１２３４５６７８", "987654321098765", "zyxwvutsrqponml", "iloveyou-iloveyou-", "1qaz2wsx3edc4rfv",
    ])
    func `what everybody tries first is refused`(password: String) {
        #expect(throws: Refusal(.passwordIsCommon)) { try PasswordRule.check(password, of: ada) }
    }

    @Test(arguments: [
        "AdaLovelace1815", "lovelace.ada.2026", "Countess-Lovelace", "ada lovelace math", "waymark-waymark-1",
    ])
    func `the person's own name and address are refused`(password: String) {
        #expect(throws: Refusal(.passwordIsName)) { try PasswordRule.check(password, of: ada) }
    }

    @Test func `the address itself is refused`() {
        #expect(throws: Refusal(.passwordIsAddress)) {
            try PasswordRule.check("Ada.Lovelace@Math.example.EDU ", of: ada)
        }
    }

    @Test func `the list is there`() {
        #expect(CommonPasswords.count > 3_000)
    }
}

@Suite struct PasswordRuleFuzzTests {
    @Test func `any text is judged`() {
        let samples = ["correct horse battery", "AdaLovelace1815", "abcabcabcabcabc", "cafe\u{301} 漢字 \u{0} 😀"]
        let pieces = ["ada", "\u{301}", "\u{fb03}", "\u{0}", " ", "1", "password", "@", ".", "qwerty", "ǅ", "ß"]
        #expect(
            Fuzz.faultInText(samples: samples, pieces: pieces) { text in
                let owner = PasswordOwner(email: text, names: [text, String(text.prefix(3))])
                guard (try? PasswordRule.check(text, of: ada)) != nil else { return true }
                _ = try? PasswordRule.check(text, of: owner)
                let composed = text.precomposedStringWithCompatibilityMapping
                return composed.unicodeScalars.count >= PasswordRule.minLength && !text.contains("\u{0}")
            } == nil)
    }
}
