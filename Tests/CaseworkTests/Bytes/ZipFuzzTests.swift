import TestSupport
import Testing

@testable import Casework

/// Zip files, spoilt.
@Suite struct ZipFuzzTests {
    private static let samples: [[UInt8]] = {
        var stored = ZipWriter.Member("users.csv", "sourcedId,name\n1,Ann\n")
        stored.isDeflated = false
        var behind = ZipWriter.Member("a/orgs.csv", String(repeating: "text ", count: 200))
        behind.flags = 8
        return [
            ZipWriter.archive([stored]), ZipWriter.archive([behind, stored], comment: "x"),
            ZipWriter.archive([.init("manifest.csv", "propertyName,value\n"), behind]), ZipWriter.archive([]),
        ]
    }()
    private static let pieces: [[UInt8]] = [
        [0x50, 0x4B, 3, 4], [0x50, 0x4B, 1, 2], [0x50, 0x4B, 5, 6], [0x50, 0x4B, 7, 8], [0xFF, 0xFF, 0xFF, 0xFF],
        [0, 0, 0, 0],
        [8, 0], [1, 0, 0, 0], Array("users.csv".utf8),
    ]

    @Test func `any bytes are an archive whose members are what they say, or refused`() async throws {
        var fuzz = Fuzz(seed: Fuzz.seed(of: "zip"), samples: Self.samples, pieces: Self.pieces)
        let start = ContinuousClock.now
        var number = 0
        while Fuzz.goesOn(number, of: 4_000, since: start) {
            let bytes = fuzz.bytes()
            number += 1
            do {
                let archive = try await ZipArchive(try await ZipArchiveTests.spool(bytes))
                for member in archive.members {
                    guard let content = try? await archive.unpack(member) else { continue }
                    #expect(content.size == member.size, "case \(number): \(Fuzz.shown(bytes))")
                }
            } catch is CaseworkError {}
        }
    }

    @Test func `any packed bytes are unpacked in pieces of a bounded size, or found broken`() {
        #expect(
            Fuzz.fault(samples: Self.samples, pieces: Self.pieces) { bytes, fuzz in
                guard let inflater = Inflater(isDeflated: true) else { return false }
                var rest = bytes[...]
                var count = 0
                while !rest.isEmpty {
                    let piece = rest.prefix(Int.random(in: 1...50, using: &fuzz))
                    rest = rest.dropFirst(piece.count)
                    inflater.feed(Array(piece))
                    while let output = inflater.next() {
                        guard output.count <= 262_144 else { return false }
                        count += output.count
                    }
                }
                return count <= bytes.count * 1_100 + 300_000
            } == nil)
    }
}
