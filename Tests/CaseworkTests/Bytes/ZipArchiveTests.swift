import TestSupport
import Testing

@testable import Casework

/// Zip files, honest ones and others.
@Suite struct ZipArchiveTests {
    static func spool(_ bytes: [UInt8]) async throws -> Spool {
        var writer = SpoolWriter()
        try await writer.append(bytes)
        return writer.finish()
    }

    /// What each member holds; nil where the archive or a member of it is refused.
    private func read(
        _ bytes: [UInt8], limits: ZipArchive.Limits = ZipArchive.Limits()
    ) async throws -> [String: [UInt8]]? {
        do {
            let archive = try await ZipArchive(try await Self.spool(bytes), limits: limits)
            let contents = try await archive.unpack(archive.members)
            var read: [String: [UInt8]] = [:]
            for (member, content) in zip(archive.members, contents) { read[member.name] = try await content.bytes() }
            return read
        } catch is CaseworkError {
            return nil
        }
    }

    private let text = Array(repeating: Array("a line of text, and another\n".utf8), count: 20_000).flatMap(\.self)

    @Test func `members are read, stored or deflated, with sizes before or behind them, in folders and with a comment`()
        async throws
    {
        var stored = ZipWriter.Member("export/users.csv", text)
        stored.isDeflated = false
        var behind = ZipWriter.Member("export\\orgs.csv", "sourcedId\n")
        behind.flags = 8 | 1 << 11
        let whole = ZipWriter.Member("classes.csv", text)
        let empty = ZipWriter.Member("empty.csv", "")
        let bytes = ZipWriter.archive(
            [ZipWriter.Member("export/", ""), stored, behind, whole, empty], comment: "PK\u{5}\u{6} made by a system")
        #expect(
            try await read(bytes) == [
                "users.csv": text, "orgs.csv": Array("sourcedId\n".utf8), "classes.csv": text, "empty.csv": [],
            ])
        #expect(try await read(ZipWriter.archive([])) == [:])
    }

    @Test func `what is cut short or added to is refused, wherever`() async throws {
        let bytes = ZipWriter.archive([.init("a.csv", "some text"), .init("b.csv", "more text")])
        #expect(try await read(bytes) != nil)
        for count in 0..<bytes.count { #expect(try await read(Array(bytes.prefix(count))) == nil, "\(count)") }
        #expect(try await read(bytes + [0]) == nil)
        #expect(try await read([0] + bytes) == nil)
    }

    @Test func `an archive that lies is refused`() async throws {
        func spoilt(_ spoil: (inout ZipWriter.Member) -> Void) async throws -> [String: [UInt8]]? {
            var member = ZipWriter.Member("a.csv", text)
            spoil(&member)
            return try await read(ZipWriter.archive([member, .init("b.csv", text)]))
        }
        #expect(try await spoilt { _ in } != nil)
        #expect(try await spoilt { $0.saidSize = 100 } == nil)
        #expect(try await spoilt { $0.saidSize = 1_000_000 } == nil)
        #expect(try await spoilt { $0.saidChecksum = 7 } == nil)
        #expect(try await spoilt { $0.localPath = "b.csv" } == nil)
        #expect(try await spoilt { $0.saidOffset = 4 } == nil)
        for flag in [1, 1 << 6, 1 << 13] { #expect(try await spoilt { $0.flags = flag } == nil, "encrypted: \(flag)") }
        #expect(try await spoilt { $0.saidSize = 0xFFFF_FFFF } == nil, "Zip64")
        // two members that are the same bytes
        var first = ZipWriter.Member("a.csv", text)
        first.saidOffset = 0
        #expect(try await read(ZipWriter.archive([first, first])) == nil)
    }

    @Test func `what unpacks to too much is refused before it does`() async throws {
        let bomb = ZipWriter.archive([.init("a.csv", [UInt8](repeating: 65, count: 8 << 20))])
        #expect(bomb.count < 20_000)
        #expect(try await read(bomb) == nil, "the ratio")
        var limits = ZipArchive.Limits()
        limits.ratio = 10_000
        #expect(try await read(bomb, limits: limits)?["a.csv"]?.count == 8 << 20)
        limits.member = 8 << 20 - 1
        #expect(try await read(bomb, limits: limits) == nil)
        limits = ZipArchive.Limits()
        limits.total = text.count
        #expect(try await read(ZipWriter.archive([.init("a", text)]), limits: limits) != nil)
        #expect(try await read(ZipWriter.archive([.init("a", text), .init("b", "x")]), limits: limits) == nil)
        limits = ZipArchive.Limits()
        limits.members = 1
        #expect(try await read(ZipWriter.archive([.init("a", ""), .init("b", "")]), limits: limits) == nil)
    }
}
