import TestSupport
import Testing

@testable import Web

/// Pictures read by a reader of the test's own, which knows the standard and nothing of how they are drawn.
@Suite struct QRCodeTests {
    /// Lengths around those at which the next size begins, and what else an app is told.
    static let texts =
        [0, 1, 17, 18, 53, 54, 106, 107, 154, 155, 230, 231, 271, 272, 520, 858].map { length in
            String((0..<length).map { "abcdefghijklmnopqrstuvwxyz:/?&=%0123456789"[$0 * 7 % 42] })
        } + [
            "otpauth://totp/Northfield%20College:ada%40x.edu?secret=GEZDGNBVGY3TQOJQ&issuer=Northfield%20College", "Ç",
        ]

    @Test(arguments: texts)
    func `a text is read from its picture`(_ text: String) throws {
        let code = try #require(QRCode(text))
        #expect(try QRReader(code).text() == text)
    }

    @Test func `what is too long has no picture`() {
        #expect(QRCode(String(repeating: "x", count: 859)) == nil)
        #expect(QRCode("x")?.size == 21 && QRCode(String(repeating: "x", count: 858))?.size == 97)
    }

    @Test func `a picture with a module turned round is told by its correction`() throws {
        let code = try #require(QRCode("hello"))
        #expect(throws: QRReader.Unreadable.self) { try QRReader(code, turned: (20, 12)).text() }
    }
}

extension String {
    fileprivate subscript(place: Int) -> Character { self[index(startIndex, offsetBy: place)] }
}

/// Reads a QR code of level L: format, mask, codewords, blocks, syndromes, text.
private struct QRReader {
    struct Unreadable: Error {}

    private let size: Int
    private let modules: [[Bool]]

    init(_ code: QRCode, turned: (x: Int, y: Int)? = nil) {
        size = code.size
        var modules = (0..<code.size).map { y in (0..<code.size).map { x in code[x, y] } }
        if let turned { modules[turned.y][turned.x].toggle() }
        self.modules = modules
    }

    private var version: Int { (size - 17) / 4 }

    /// Both copies of the format must be one of the 8 words of level L.
    private func mask() throws -> Int {
        let words = [0x77c4, 0x72f3, 0x7daa, 0x789d, 0x662f, 0x6318, 0x6c41, 0x6976]
        let first = [0, 1, 2, 3, 4, 5, 7, 8].map { modules[8][$0] } + [7, 5, 4, 3, 2, 1, 0].map { modules[$0][8] }
        let second =
            (0..<7).map { modules[size - 1 - $0][8] } + (0..<8).map { modules[8][size - 8 + $0] }
        let values = [first, second].map { $0.reduce(0) { $0 << 1 | ($1 ? 1 : 0) } }
        guard values[0] == values[1], let mask = words.firstIndex(of: values[0]) else { throw Unreadable() }
        return mask
    }

    /// Table E.1 of the standard: the middle of each alignment pattern.
    private static let alignments: [Int: [Int]] = [
        1: [], 2: [6, 18], 3: [6, 22], 4: [6, 26], 5: [6, 30], 6: [6, 34], 7: [6, 22, 38], 8: [6, 24, 42],
        9: [6, 26, 46], 10: [6, 28, 50], 11: [6, 30, 54], 12: [6, 32, 58], 13: [6, 34, 62], 14: [6, 26, 46, 66],
        15: [6, 26, 48, 70], 16: [6, 26, 50, 74], 17: [6, 30, 54, 78], 18: [6, 30, 56, 82], 19: [6, 30, 58, 86],
        20: [6, 34, 62, 90],
    ]

    /// Table 9: bytes of correction, then how many blocks of how many bytes of data.
    private static let blocks: [Int: (correction: Int, [(count: Int, data: Int)])] = [
        1: (7, [(1, 19)]), 2: (10, [(1, 34)]), 3: (15, [(1, 55)]), 4: (20, [(1, 80)]), 5: (26, [(1, 108)]),
        6: (18, [(2, 68)]), 7: (20, [(2, 78)]), 8: (24, [(2, 97)]), 9: (30, [(2, 116)]), 10: (18, [(2, 68), (2, 69)]),
        11: (20, [(4, 81)]), 12: (24, [(2, 92), (2, 93)]), 13: (26, [(4, 107)]), 14: (30, [(3, 115), (1, 116)]),
        15: (22, [(5, 87), (1, 88)]), 16: (24, [(5, 98), (1, 99)]), 17: (28, [(1, 107), (5, 108)]),
        18: (30, [(5, 120), (1, 121)]), 19: (28, [(3, 113), (4, 114)]), 20: (28, [(3, 107), (5, 108)]),
    ]

    private func holdsData(_ x: Int, _ y: Int) throws -> Bool {
        if x == 6 || y == 6 || x < 9 && y < 9 || x > size - 9 && y < 9 || x < 9 && y > size - 9 { return false }
        if version > 6, x > size - 12 && y < 6 || y > size - 12 && x < 6 { return false }
        guard let places = Self.alignments[version] else { throw Unreadable() }
        let corners = [(6, 6), (6, size - 7), (size - 7, 6)]
        for column in places {
            for line in places where !corners.contains(where: { $0 == (column, line) }) {
                if abs(column - x) < 3, abs(line - y) < 3 { return false }
            }
        }
        return true
    }

    private func codewords() throws -> [UInt8] {
        let mask = try mask()
        var bits: [Bool] = []
        var (x, isUp) = (size - 1, true)
        while x > 0 {
            if x == 6 { x -= 1 }
            for y in isUp ? Array((0..<size).reversed()) : Array(0..<size) {
                for column in [x, x - 1] where try holdsData(column, y) {
                    bits.append(modules[y][column] != Self.flips(mask, line: y, column: column))
                }
            }
            (x, isUp) = (x - 2, !isUp)
        }
        return stride(from: 0, to: bits.count - 7, by: 8).map { bits[$0..<$0 + 8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) } }
    }

    /// Table 10.
    private static func flips(_ mask: Int, line i: Int, column j: Int) -> Bool {
        [
            (i + j) % 2, i % 2, j % 3, (i + j) % 3, (i / 2 + j / 3) % 2, (i * j) % 2 + (i * j) % 3,
            ((i * j) % 2 + (i * j) % 3) % 2, ((i + j) % 2 + (i * j) % 3) % 2,
        ][mask] == 0
    }

    func text() throws -> String {
        let words = try codewords()
        guard let (correction, groups) = Self.blocks[version] else { throw Unreadable() }
        let sizes = groups.flatMap { Array(repeating: $0.data, count: $0.count) }
        guard words.count >= sizes.reduce(0, +) + correction * sizes.count else { throw Unreadable() }
        var parts = sizes.map { _ in [UInt8]() }
        var next = 0
        func deal(_ rounds: Int, _ takes: (Int, Int) -> Bool) {
            for round in 0..<rounds {
                for block in sizes.indices where takes(round, block) {
                    parts[block].append(words[next])
                    next += 1
                }
            }
        }
        deal(sizes.max() ?? 0) { $0 < sizes[$1] }
        deal(correction) { _, _ in true }
        for part in parts {
            // the powers 0 to n - 1 of 2 are zeros of what is right
            for power in 0..<correction {
                let root = Self.power(power)
                guard part.reduce(UInt8(0), { Self.product($0, root) ^ $1 }) == 0 else { throw Unreadable() }
            }
        }
        return try Self.text(zip(parts, sizes).flatMap { $0.prefix($1) }, lengthBits: version < 10 ? 8 : 16)
    }

    private static func power(_ exponent: Int) -> UInt8 { (0..<exponent).reduce(1) { sum, _ in product(sum, 2) } }

    private static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var (sum, left, right) = (UInt8(0), left, right)
        while right > 0 {
            if right & 1 == 1 { sum ^= left }
            left = left << 1 ^ (left & 0x80 == 0 ? 0 : 0x1d)
            right >>= 1
        }
        return sum
    }

    private static func text(_ data: [UInt8], lengthBits: Int) throws -> String {
        var bits: [Bool] = []
        for byte in data {
            for bit in 0..<8 { bits.append(byte >> UInt8(7 - bit) & 1 == 1) }
        }
        func number(_ start: Int, _ count: Int) -> Int {
            bits[start..<start + count].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        }
        guard number(0, 4) == 4 else { throw Unreadable() }
        let start = 4 + lengthBits
        let bytes = (0..<number(4, lengthBits)).map { UInt8(number(start + $0 * 8, 8)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

@Suite struct QRCodeFuzzTests {
    @Test func `any text is read as it was`() {
        #expect(
            Fuzz.faultInText(samples: ["otpauth://totp/x"], pieces: ["a", "%20", "é", "0"], cases: 100) { text in
                guard let code = QRCode(text) else { return text.utf8.count > 858 }
                return try QRReader(code).text() == text
            } == nil)
    }
}
