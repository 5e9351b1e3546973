import Casework
import TestSupport
import Testing

@Suite struct SCIMIDTests {
    @Test func `a number is a user, and one behind a g a group`() {
        #expect(SCIMID("5") == .user(5) && SCIMID("g5") == .group(5))
        #expect(SCIMID("2147483647")?.user == 2_147_483_647 && SCIMID("g2147483647")?.user == nil)
        #expect(SCIMID("2147483648") == nil && SCIMID("g2147483648") == nil)
    }
}

@Suite struct SCIMIDFuzzTests {
    @Test func `an id that is read is written as it was`() {
        #expect(
            Fuzz.faultInText(samples: ["5", "g17"], pieces: ["g", "G", "0", "1", "42", " ", "-", "+", "u"]) { text in
                guard let id = SCIMID(text) else { return true }
                return id.text.utf8.elementsEqual(text.utf8) && (id.user ?? id.group ?? 0) > 0
            } == nil)
    }
}
