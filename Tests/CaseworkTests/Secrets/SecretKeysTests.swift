import TestSupport
import Testing

@testable import Casework

private let place = SealedPlace(institution: 7, column: "seeds.seed", row: 3)

private func ring(_ keys: SecretKey...) throws -> SecretKeys {
    try SecretKeys(keys.map(\.text).joined(separator: "\n"))
}

@Suite struct SecretKeysTests {
    @Test func `what is sealed opens with its key, in its place, and nowhere else`() throws {
        let (first, other) = (try SecretKey.random(), try SecretKey.random())
        let sealed = try ring(first).seal(Array("hidden".utf8), at: place)
        #expect(!sealed.text.contains("hidden") && sealed.key == first.id)
        let stored = try #require(SealedSecret(sealed.text))
        #expect(try ring(first).open(stored, at: place) == Array("hidden".utf8))
        #expect(try ring(other, first).open(stored, at: place) == Array("hidden".utf8))
        #expect(throws: CaseworkError.lacking(.secretKey)) { try ring(other).open(stored, at: place) }
        for moved in [
            SealedPlace(institution: 8, column: "seeds.seed", row: 3),
            SealedPlace(institution: 7, column: "seeds.other", row: 3),
            SealedPlace(institution: 7, column: "seeds.seed", row: 4),
        ] {
            #expect(throws: CaseworkError.lacking(.secretKey)) { try ring(first).open(stored, at: moved) }
        }
        let renamed = try #require(
            SealedSecret(sealed.text.replacing("v1.\(first.id)", with: "v1.\(other.id)")))
        #expect(throws: CaseworkError.lacking(.secretKey)) { try ring(first, other).open(renamed, at: place) }
    }

    @Test func `the same secret never looks the same`() throws {
        let keys = try ring(SecretKey.random())
        #expect(try Set((0..<500).map { _ in try keys.seal([1, 2, 3], at: place) }).count == 500)
    }

    @Test func `the first key seals, and remarks are for people`() throws {
        let (new, old) = (try SecretKey.random(), try SecretKey.random())
        let both = try SecretKeys("# ours\n\n \(new.text)  # made today\r\n\(old.text)\n")
        #expect(both.newest == new.id && both.keys == [new, old])
        #expect(try both.seal([], at: place).key == new.id)
    }

    @Test func `a text that holds no keys is refused by its line`() throws {
        let key = try SecretKey.random().text
        let mistyped = String(key.dropLast(2)) + (key.hasSuffix("AA") ? "BA" : "AA")
        #expect(throws: SecretKeys.Fault.none) { try SecretKeys("# nothing yet\n") }
        #expect(throws: SecretKeys.Fault.unreadable(line: 2)) { try SecretKeys("\(key)\n\(mistyped)") }
        #expect(throws: SecretKeys.Fault.unreadable(line: 1)) { try SecretKeys("\(key) \(key)") }
        #expect(throws: SecretKeys.Fault.repeated(line: 3)) { try SecretKeys("\(key)\n#\n\(key)") }
        #expect(!"\(SecretKeys.Fault.unreadable(line: 2))".contains(mistyped))
    }

    @Test func `a key shows nothing of itself but its id`() throws {
        let key = try SecretKey.random()
        var dumped = ""
        dump(key, to: &dumped)
        let secret = key.text.suffix(43)
        #expect("\(key)" == "SecretKey(\(key.id))" && !"\(String(reflecting: key))\(dumped)".contains(secret))
    }
}

@Suite struct SecretKeysFuzzTests {
    @Test func `keys and sealed secrets have one spelling, whatever comes`() throws {
        let keys = try ring(SecretKey.random())
        let sealed = try keys.seal(Array("hidden".utf8), at: place)
        let samples = [sealed.text, keys.keys[0].text, try keys.seal([], at: place).text]
        let pieces = ["v1", "v2", ".", keys.newest, "0123abcd", "AAAA", "A", "-_", ":", "=", "\n", "#", " "]
        #expect(
            Fuzz.faultInText(samples: samples, pieces: pieces) { text in
                if let key = SecretKey(text), key.text != text { return false }
                if let read = try? SecretKeys(text), read.keys.isEmpty { return false }
                guard let read = SealedSecret(text) else { return true }
                guard read.text == text else { return false }
                // nothing but what was sealed opens
                let opened = try? keys.open(read, at: place)
                return opened == nil || samples.contains(text)
            } == nil)
    }
}
