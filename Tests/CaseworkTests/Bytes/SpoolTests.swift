import Testing

@testable import Casework

@Suite struct SpoolTests {
    private func read(_ spool: Spool) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in spool {
            #expect(!piece.isEmpty && piece.count <= 65_536)
            bytes += piece
        }
        return bytes
    }

    @Test(arguments: [0, 1, 65_536, 1 << 20, 1 << 20 + 1, 3_000_000])
    func `gives back what it took, as often as asked`(count: Int) async throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var writer = SpoolWriter()
        for start in stride(from: 0, to: count, by: 70_001) {
            try await writer.append(bytes[start..<min(start + 70_001, count)])
        }
        let spool = writer.finish()
        #expect(spool.size == count)
        #expect(try await read(spool) == bytes)
        #expect(try await read(spool) == bytes)
    }

    @Test(arguments: [("ADA@X.edu", "ada@x.edu"), ("\u{130}x@y.edu", "ix@y.edu"), ("É@x.edu", "é@x.edu")])
    func `lower case is that of the database`(text: String, lower: String) {
        #expect(text.lowercasedLikeSQL == lower)
    }
}
