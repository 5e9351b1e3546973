import Testing

@testable import Casework

/// The test cases for 256-bit keys and 96-bit nonces that the submission of GCM to NIST carries (McGrew and Viega, 13 to 16).
@Suite struct AES256GCMTests {
    struct Vector: Sendable {
        let key: String, nonce: String, bound: String, plaintext: String, ciphertext: String, tag: String
    }

    private static let key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
    private static let plaintext =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
        + "b16aedf5aa0de657ba637b391aafd255"
    private static let ciphertext =
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
        + "c5f61e6393ba7a0abcc9f662898015ad"

    static let vectors = [
        Vector(
            key: String(repeating: "0", count: 64), nonce: String(repeating: "0", count: 24), bound: "", plaintext: "",
            ciphertext: "", tag: "530f8afbc74536b9a963b4f1c4cb738b"),
        Vector(
            key: String(repeating: "0", count: 64), nonce: String(repeating: "0", count: 24), bound: "",
            plaintext: String(repeating: "0", count: 32), ciphertext: "cea7403d4d606b6e074ec5d3baf39d18",
            tag: "d0d1c8a799996bf0265b98b5d48ab919"),
        Vector(
            key: key, nonce: "cafebabefacedbaddecaf888", bound: "", plaintext: plaintext, ciphertext: ciphertext,
            tag: "b094dac5d93471bdec1a502270e3cc6c"),
        Vector(
            key: key, nonce: "cafebabefacedbaddecaf888", bound: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            plaintext: String(plaintext.prefix(120)), ciphertext: String(ciphertext.prefix(120)),
            tag: "76fc6ece0f4e1768cddf8853bb2d551b"),
    ]

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }

    @Test(arguments: vectors)
    func `seals and opens as the standard says`(_ vector: Vector) throws {
        let (key, nonce, bound) = (bytes(vector.key), bytes(vector.nonce), bytes(vector.bound))
        let sealed = try AES256GCM.seal(bytes(vector.plaintext), key: key, nonce: nonce, bound: bound)
        #expect(sealed == bytes(vector.ciphertext + vector.tag))
        #expect(AES256GCM.open(sealed, key: key, nonce: nonce, bound: bound) == bytes(vector.plaintext))
    }

    @Test func `one bit of anything else, and nothing opens`() throws {
        let vector = Self.vectors[3]
        let parts = [vector.ciphertext + vector.tag, vector.key, vector.nonce, vector.bound].map(bytes)
        for part in parts.indices {
            for bit in 0..<parts[part].count * 8 {
                var changed = parts
                changed[part][bit / 8] ^= 1 << UInt8(bit % 8)
                let opened = AES256GCM.open(changed[0], key: changed[1], nonce: changed[2], bound: changed[3])
                #expect(opened == nil, "part \(part), bit \(bit)")
            }
        }
        #expect(AES256GCM.open(Array(parts[0].prefix(15)), key: parts[1], nonce: parts[2], bound: parts[3]) == nil)
        #expect(AES256GCM.open(parts[0], key: Array(parts[1].dropLast()), nonce: parts[2], bound: parts[3]) == nil)
        #expect(throws: CaseworkError.self) { try AES256GCM.seal([], key: parts[1], nonce: [], bound: []) }
    }
}
