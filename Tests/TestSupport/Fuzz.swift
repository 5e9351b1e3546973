import Foundation

/// Input that looks like what a parser reads, and is then spoilt: deleted from, doubled, swapped, spliced, and given odd
/// bytes. The same seed makes the same input.
///
/// `make test` runs some thousands of cases from one seed, so that it does the same each time. WAYMARK_FUZZ_SECONDS lets
/// each test go on for so long, from a seed of its own; WAYMARK_FUZZ_SEED repeats a run.
public struct Fuzz: RandomNumberGenerator {
    private var state: UInt64
    private let samples: [[UInt8]]
    private let pieces: [[UInt8]]

    /// - Parameters:
    ///   - samples: whole texts that a parser takes.
    ///   - pieces: what such texts are made of.
    public init(seed: UInt64, samples: [[UInt8]], pieces: [[UInt8]]) {
        state = seed
        self.samples = samples
        self.pieces = pieces
    }

    /// The same of text.
    public init(seed: UInt64, samples: [String], pieces: [String]) {
        self.init(seed: seed, samples: samples.map { Array($0.utf8) }, pieces: pieces.map { Array($0.utf8) })
    }

    /// SplitMix64.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// What breaks readers: ends of grammars, control bytes, halves of characters, numbers at their limits.
    private static let odd: [[UInt8]] =
        [
            ";", ",", "=", "\"", "'", "\\", "%", "%0", "%zz", "&", "+", "-", "/", ":", ".", "@", "\r\n", "\n", "\t",
            " ",
            "{", "}", "[", "]", "(", "<", "0", "-1", "9223372036854775807", "-9223372036854775808",
            "99999999999999999999",
            "2147483648", "65536", "1e309", "-0", "0x1p3", "nan", "é", "e\u{301}", "\u{FEFF}", "\u{202E}", "\u{130}",
            "ß",
            "👩‍👩‍👧", "\u{FFFD}", "\u{0}", "\u{7F}",
        ].map { Array($0.utf8) } + [
            [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80],
        ]

    /// The next input.
    public mutating func bytes() -> [UInt8] {
        var bytes: [UInt8] = []
        if chance(40), let sample = samples.randomElement(using: &self) {
            bytes = sample
        } else {
            for _ in 0..<Int.random(in: 0...12, using: &self) { bytes += pieces.randomElement(using: &self) ?? [] }
        }
        for _ in 0..<[0, 1, 1, 2, 4][Int.random(in: 0..<5, using: &self)] { spoil(&bytes) }
        return bytes
    }

    /// True so many times out of a hundred.
    public mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    private mutating func spoil(_ bytes: inout [UInt8]) {
        let piece = range(in: bytes)
        let place = Int.random(in: 0...bytes.count, using: &self)
        switch Int.random(in: 0..<8, using: &self) {
        case 0: bytes.removeSubrange(piece)
        case 1: bytes.insert(contentsOf: bytes[piece], at: place)
        case 2:
            let moved = Array(bytes[piece])
            bytes.removeSubrange(piece)
            bytes.insert(contentsOf: moved, at: min(place, bytes.count))
        case 3: bytes = Array(bytes[..<place]) + (samples.randomElement(using: &self) ?? [])[...].suffix(place)
        case 4, 5: bytes.insert(contentsOf: Self.odd.randomElement(using: &self) ?? [], at: place)
        case 6:
            let many = Int.random(in: 2...600, using: &self)
            let one = (pieces + Self.odd).randomElement(using: &self) ?? []
            bytes.insert(contentsOf: repeatElement(one, count: many).joined(), at: place)
        default:
            guard !bytes.isEmpty else { return }
            bytes[Int.random(in: bytes.indices, using: &self)] = UInt8.random(in: .min ... .max, using: &self)
        }
    }

    private mutating func range(in bytes: [UInt8]) -> Range<Int> {
        let start = Int.random(in: 0...bytes.count, using: &self)
        return start..<min(bytes.count, start + Int.random(in: 0...16, using: &self))
    }
}

extension Fuzz {
    /// What a reader of old throws where it ended the process: a test that must find it out goes on.
    public struct Trap: Error {
        /// One.
        public init() {}
    }

    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds = environment["WAYMARK_FUZZ_SECONDS"].flatMap(Double.init) ?? 0

    /// The seed of this run. Said at once where it is a random one, because a trap says nothing afterwards.
    private static let seed: UInt64 = {
        let given = environment["WAYMARK_FUZZ_SEED"].flatMap { UInt64($0) }
        let seed = given ?? (seconds > 0 ? .random(in: 1...UInt64(UInt32.max)) : 1)
        if seconds > 0 { try? FileHandle.standardError.write(contentsOf: Data("WAYMARK_FUZZ_SEED=\(seed)\n".utf8)) }
        return seed
    }()

    /// Gives inputs to a property of a parser.
    /// - Parameter property: false or an error for what must not be.
    /// - Returns: the first input for which it does not hold, with the seed that makes it again; nil where there is none.
    public static func fault(
        _ name: String = #function, samples: [[UInt8]], pieces: [[UInt8]], cases: Int = 2_000,
        _ property: ([UInt8], inout Fuzz) throws -> Bool
    ) -> String? {
        var fuzz = Fuzz(seed: seed(of: name), samples: samples, pieces: pieces)
        let start = ContinuousClock.now
        var number = 0
        while goesOn(number, of: cases, since: start) {
            let bytes = fuzz.bytes()
            number += 1
            let outcome = Result { try property(bytes, &fuzz) }
            if case .success(true) = outcome { continue }
            return "WAYMARK_FUZZ_SEED=\(seed), case \(number), \(outcome): \(shown(bytes))"
        }
        return nil
    }

    /// The same, of texts.
    public static func fault(
        _ name: String = #function, samples: [String] = [], pieces: [String], cases: Int = 2_000,
        _ property: ([UInt8], inout Fuzz) throws -> Bool
    ) -> String? {
        fault(
            name, samples: samples.map { Array($0.utf8) }, pieces: pieces.map { Array($0.utf8) }, cases: cases, property
        )
    }

    /// The same for what reads text: bytes that are not UTF-8 have become U+FFFD.
    public static func faultInText(
        _ name: String = #function, samples: [String] = [], pieces: [String], cases: Int = 2_000,
        _ property: (String) throws -> Bool
    ) -> String? {
        fault(name, samples: samples, pieces: pieces, cases: cases) { bytes, _ in
            try property(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Where the test of a name begins.
    public static func seed(of name: String) -> UInt64 {
        name.utf8.reduce(seed ^ 0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// Whether a test goes on: it has not had its number of cases yet, or its time is not over.
    public static func goesOn(_ number: Int, of cases: Int, since start: ContinuousClock.Instant) -> Bool {
        number < cases || .now < start + .seconds(seconds)
    }

    /// Bytes for people: a literal of Swift.
    public static func shown(_ bytes: [UInt8]) -> String {
        guard let text = String(validating: bytes.prefix(2_000), as: UTF8.self) else { return "\(bytes.prefix(500))" }
        return text.debugDescription
    }
}
