import Testing

@testable import Casework

@Suite struct RecordTextsTests {
    private func file(_ text: String) async throws -> ImportFile {
        var writer = SpoolWriter()
        try await writer.append(text.utf8)
        return try await ImportFile(writer.finish())
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func `records come whole, with the line breaks within quotes`(end: String) async throws {
        let records = [
            "email,given_name", "a@x.edu,\"Ann\(end)Lee\"", "", "\"b\(end)\(end)\"\"@x.edu\",Bob", "c@x.edu,Cy", "",
            "\"d@x.edu\",\"\(end)\"", "e@x.edu,\"never closed\(end)f@x.edu,F",
        ]
        let file = try await self.file(records.joined(separator: end))
        var lines: [Int: String] = [:]
        var line = 1
        for record in records {
            if !record.isEmpty { lines[line] = record }
            line += record.components(on: end)
        }
        let found = try await file.records(on: Set(lines.keys), room: 1_000)
        #expect(found.first == records[0])
        #expect(found.others == lines)
        let some = try await file.records(on: [2, 8], room: 1_000)
        #expect(some.others == lines.filter { [1, 2, 8].contains($0.key) })
    }

    @Test func `what has no room is left out whole`() async throws {
        let file = try await self.file("email\n\"aaaa\nbbbb\"\nc")
        let found = try await file.records(on: [2, 4], room: 12)
        #expect(found.first == "email")
        #expect(found.others == [1: "email"])
    }

    @Test func `an empty file has no first record`() async throws {
        #expect(try await file("\n\n").records(on: [1], room: 10).first.isEmpty)
    }
}

extension String {
    /// How many lines it takes.
    fileprivate func components(on end: String) -> Int { split(separator: end, omittingEmptySubsequences: false).count }
}
