import Testing

@testable import Casework

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ])
    func `agrees with RFC 4648`(plain: String, encoded: String) {
        #expect(Base64.url.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.standard.decode(encoded) == Array(plain.utf8))
    }

    @Test func `has two alphabets`() {
        #expect(Base64.url.encode([0xFB, 0xFF]) == "-_8")
        #expect(Base64.standard.encode([0xFB, 0xFF]) == "+/8")
        #expect(Base64.url.decode("+/8") == nil && Base64.standard.decode("-_8") == nil)
    }

    @Test(arguments: ["Z", "Zh", "Zg==", "Zm9", "Zm 9v", "Zm9v\n", "Zé", "AAAAA"])
    func `knows one text for each sequence of bytes`(text: String) { #expect(Base64.url.decode(text) == nil) }

    @Test func `reads back all bytes of all lengths`() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + count) }
            #expect(Base64.url.decode(Base64.url.encode(bytes)) == bytes)
        }
    }
}
