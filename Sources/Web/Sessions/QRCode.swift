/// A QR code of ISO/IEC 18004 for a text of bytes, with the lowest error correction: it is read from a screen, which has no stains,
/// and larger modules are read sooner.
struct QRCode: Sendable {
    /// Modules on a side.
    let size: Int
    /// Dark modules, line by line.
    private(set) var isDark: [Bool]
    /// Modules that are part of the frame and hold no data.
    private var isFixed: [Bool]

    /// Of versions 1 to 20, level L: bytes of error correction in a block, and blocks (table 9 of the standard).
    private static let correction = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28]
    private static let blocks = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8]

    /// Nil for texts that need more than 97 modules a side, 858 bytes.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let version = (1...20).first(where: { Self.capacity($0) >= bytes.count }) else { return nil }
        size = 17 + 4 * version
        isDark = Array(repeating: false, count: size * size)
        isFixed = isDark
        drawFrame(version)
        draw(Self.codewords(bytes, version))
        let plain = isDark
        var best: (runs: Int, dark: [Bool])?
        for mask in 0..<8 {
            isDark = plain
            apply(mask)
            drawFormat(mask)
            let runs = runs
            if best.map({ runs < $0.runs }) ?? true { best = (runs, isDark) }
        }
        if let best { isDark = best.dark }
    }

    /// Whether the module in a column of a line is dark.
    subscript(x: Int, y: Int) -> Bool { isDark[y * size + x] }

    // MARK: Data

    /// All codewords of a version.
    private static func total(_ version: Int) -> Int {
        var modules = (16 * version + 128) * version + 64
        if version > 1 {
            let patterns = version / 7 + 2
            modules -= (25 * patterns - 10) * patterns - 55
            if version > 6 { modules -= 36 }
        }
        return modules / 8
    }

    private static func dataWords(_ version: Int) -> Int {
        total(version) - correction[version - 1] * blocks[version - 1]
    }

    /// How many bytes of text fit, beside mode and length.
    private static func capacity(_ version: Int) -> Int { dataWords(version) - (version < 10 ? 2 : 3) }

    private static func codewords(_ bytes: [UInt8], _ version: Int) -> [UInt8] {
        var bits: [Bool] = []
        func append(_ value: Int, _ count: Int) {
            for bit in (0..<count).reversed() { bits.append(value >> bit & 1 == 1) }
        }
        append(4, 4)
        append(bytes.count, version < 10 ? 8 : 16)
        for byte in bytes { append(Int(byte), 8) }
        let room = dataWords(version)
        append(0, min(4, room * 8 - bits.count))
        append(0, (8 - bits.count % 8) % 8)
        var data = stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
        }
        while data.count < room { data.append((room - data.count) % 2 == (room - (bits.count / 8)) % 2 ? 0xec : 0x11) }
        return interleaved(data, version)
    }

    /// The blocks, each with its error correction, word by word in turns.
    private static func interleaved(_ data: [UInt8], _ version: Int) -> [UInt8] {
        let (many, words) = (blocks[version - 1], correction[version - 1])
        let divisor = divisor(degree: words)
        let (length, longer) = (data.count / many, data.count % many)
        var rest = data[...]
        var parts: [(data: [UInt8], correction: [UInt8])] = []
        for block in 0..<many {
            let part = Array(rest.prefix(length + (block < many - longer ? 0 : 1)))
            rest = rest.dropFirst(part.count)
            parts.append((part, remainder(part, by: divisor)))
        }
        let front = (0...length).flatMap { index in parts.compactMap { index < $0.data.count ? $0.data[index] : nil } }
        return front + (0..<words).flatMap { index in parts.map { $0.correction[index] } }
    }

    /// In the field of 256 elements over x^8 + x^4 + x^3 + x^2 + 1.
    private static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var sum = 0
        for bit in (0..<8).reversed() {
            sum = sum << 1 ^ (sum >> 7) * 0x11d
            sum ^= Int(right) >> bit & 1 * Int(left)
        }
        return UInt8(truncatingIfNeeded: sum)
    }

    private static func divisor(degree: Int) -> [UInt8] {
        var result = Array(repeating: UInt8(0), count: degree - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in 0..<degree {
                result[index] = product(result[index], root) ^ (index + 1 < degree ? result[index + 1] : 0)
            }
            root = product(root, 2)
        }
        return result
    }

    private static func remainder(_ data: [UInt8], by divisor: [UInt8]) -> [UInt8] {
        data.reduce(Array(repeating: UInt8(0), count: divisor.count)) { rest, byte in
            let factor = byte ^ rest[0]
            return zip(rest.dropFirst() + [0], divisor).map { $0 ^ product($1, factor) }
        }
    }

    // MARK: Drawing

    private mutating func fix(_ x: Int, _ y: Int, _ dark: Bool) {
        guard (0..<size).contains(x), (0..<size).contains(y) else { return }
        isDark[y * size + x] = dark
        isFixed[y * size + x] = true
    }

    private mutating func drawFrame(_ version: Int) {
        for index in 0..<size {
            fix(6, index, index % 2 == 0)
            fix(index, 6, index % 2 == 0)
        }
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] {
            for down in -4...4 {
                for right in -4...4 {
                    let ring = max(abs(down), abs(right))
                    fix(x + right, y + down, ring != 2 && ring != 4)
                }
            }
        }
        let places = Self.alignments(version, size)
        for (i, x) in places.enumerated() {
            for (j, y) in places.enumerated() {
                let last = places.count - 1
                if (i, j) == (0, 0) || (i, j) == (0, last) || (i, j) == (last, 0) { continue }
                for down in -2...2 {
                    for right in -2...2 { fix(x + right, y + down, max(abs(down), abs(right)) != 1) }
                }
            }
        }
        drawFormat(0)
        guard version > 6 else { return }
        var rest = version
        for _ in 0..<12 { rest = rest << 1 ^ (rest >> 11) * 0x1f25 }
        let bits = version << 12 | rest
        for bit in 0..<18 {
            let (x, y) = (size - 11 + bit % 3, bit / 3)
            fix(x, y, bits >> bit & 1 == 1)
            fix(y, x, bits >> bit & 1 == 1)
        }
    }

    private static func alignments(_ version: Int, _ size: Int) -> [Int] {
        guard version > 1 else { return [] }
        let many = version / 7 + 2
        let step = (version * 8 + many * 3 + 5) / (many * 4 - 4) * 2
        return [6] + (0..<many - 1).reversed().map { size - 7 - $0 * step }
    }

    private mutating func drawFormat(_ mask: Int) {
        let data = 1 << 3 | mask
        var rest = data
        for _ in 0..<10 { rest = rest << 1 ^ (rest >> 9) * 0x537 }
        let bits = (data << 10 | rest) ^ 0x5412
        func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
        for index in 0...5 { fix(8, index, bit(index)) }
        fix(8, 7, bit(6))
        fix(8, 8, bit(7))
        fix(7, 8, bit(8))
        for index in 9..<15 { fix(14 - index, 8, bit(index)) }
        for index in 0..<8 { fix(size - 1 - index, 8, bit(index)) }
        for index in 8..<15 { fix(8, size - 15 + index, bit(index)) }
        fix(8, size - 8, true)
    }

    /// Upwards and downwards in columns of two, from the right.
    private mutating func draw(_ words: [UInt8]) {
        var next = 0
        for column in stride(from: size - 1, through: 1, by: -2) {
            let right = column > 6 ? column : column - 1
            for step in 0..<size {
                for x in [right, right - 1] {
                    let y = (right + 1) & 2 == 0 ? size - 1 - step : step
                    guard !isFixed[y * size + x], next < words.count * 8 else { continue }
                    isDark[y * size + x] = words[next / 8] >> UInt8(7 - next % 8) & 1 == 1
                    next += 1
                }
            }
        }
    }

    private mutating func apply(_ mask: Int) {
        for y in 0..<size {
            for x in 0..<size where !isFixed[y * size + x] {
                let flips =
                    switch mask {
                    case 0: (x + y) % 2 == 0
                    case 1: y % 2 == 0
                    case 2: x % 3 == 0
                    case 3: (x + y) % 3 == 0
                    case 4: (x / 3 + y / 2) % 2 == 0
                    case 5: x * y % 2 + x * y % 3 == 0
                    case 6: (x * y % 2 + x * y % 3) % 2 == 0
                    default: ((x + y) % 2 + x * y % 3) % 2 == 0
                    }
                if flips { isDark[y * size + x].toggle() }
            }
        }
    }

    /// How much of the picture is in long lines and blocks of one color, which readers lose themselves in. Every mask can be read;
    /// of the standard's four rules for the best these are the first two.
    private var runs: Int {
        var sum = 0
        for line in 0..<size {
            for isColumn in [false, true] {
                var length = 0
                for index in 0..<size {
                    func module(_ at: Int) -> Bool { isColumn ? self[line, at] : self[at, line] }
                    length = index > 0 && module(index) == module(index - 1) ? length + 1 : 1
                    if length == 5 { sum += 3 } else if length > 5 { sum += 1 }
                    if !isColumn, index > 0, line > 0, module(index) == module(index - 1),
                        self[index, line - 1] == module(index), self[index - 1, line - 1] == module(index)
                    {
                        sum += 3
                    }
                }
            }
        }
        return sum
    }
}

extension QRCode {
    /// The picture, dark on white in both color schemes, with the margin of four modules that readers need.
    func html(label: String) -> HTML {
        var lines = ""
        for y in 0..<size {
            var x = 0
            while x < size {
                let length = (x..<size).prefix { self[$0, y] }.count
                if length > 0 { lines += "M\(x + 4) \(y + 4)h\(length)v1h-\(length)z" }
                x += max(length, 1)
            }
        }
        return svg(.class("qr"), .viewBox("0 0 \(size + 8) \(size + 8)"), .role("img"), .ariaLabel(label)) {
            rect(.width(String(size + 8)), .height(String(size + 8)))
            path(.d(lines))
        }
    }
}
