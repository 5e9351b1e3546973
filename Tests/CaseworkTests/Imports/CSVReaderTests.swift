import Testing

@testable import Casework

@Suite struct CSVReaderTests {
    private func stream(_ chunks: [[UInt8]]) -> AsyncStream<[UInt8]> {
        AsyncStream { continuation in
            for chunk in chunks { continuation.yield(chunk) }
            continuation.finish()
        }
    }

    @Test func `reads records as their chunks arrive`() async throws {
        var lines: [String] = []
        for try await record in CSVReader(stream([Array("a,b\r".utf8), Array("\nc,".utf8), [], Array("d".utf8)])) {
            lines.append("\(record.line): " + record.cells.joined(separator: "|"))
        }
        #expect(lines == ["1: a|b", "2: c|d"])
    }

    @Test func `reads nothing from nothing`() async throws {
        var reader = CSVReader(stream([])).makeAsyncIterator()
        #expect(try await reader.next() == nil)
        #expect(try await reader.next() == nil)
    }

    @Test func `reads a hundred thousand lines`() async throws {
        let block = Array(String(repeating: "ada@example.edu,Ada,Lovelace\n", count: 1000).utf8)
        var count = 0
        for try await record in CSVReader(stream(Array(repeating: block, count: 100))) {
            count += 1
            if count == 100_000 { #expect(record.line == 100_000 && record[2] == "Lovelace") }
        }
        #expect(count == 100_000)
    }
}
