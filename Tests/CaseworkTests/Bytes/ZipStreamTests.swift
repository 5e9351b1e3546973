import TestSupport
import Testing

@testable import Casework

/// Zip files that are written piece by piece, read again.
@Suite struct ZipStreamTests {
    @Test func `whatever is written in whatever pieces is read again`() async throws {
        var random = Fuzz(seed: 1, samples: [[0]], pieces: [[0]])
        for _ in 0..<60 {
            let stream = try #require(ZipStream())
            var bytes: [UInt8] = []
            var written: [String: [UInt8]] = [:]
            for number in 0..<Int.random(in: 0...5, using: &random) {
                let name = "\(number)-ñandú \(number).csv"
                bytes += stream.begin("folder/" + name)
                var content: [UInt8] = []
                for _ in 0..<Int.random(in: 0...4, using: &random) {
                    let most = UInt8.random(in: 0...255, using: &random)
                    let piece = (0..<Int.random(in: 0...90_000, using: &random)).map { _ in
                        UInt8.random(in: 0...most, using: &random)
                    }
                    bytes += stream.add(piece)
                    content += piece
                }
                written[name] = content
            }
            bytes += stream.finish()
            let archive = try await ZipArchive(try await ZipArchiveTests.spool(bytes))
            var read: [String: [UInt8]] = [:]
            for (member, content) in zip(archive.members, try await archive.unpack(archive.members)) {
                read[member.name] = try await content.bytes()
            }
            #expect(read == written)
        }
    }
}
