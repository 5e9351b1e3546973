import TestSupport
import Testing

@testable import Casework

/// CSV files, spoilt.
@Suite struct CSVFuzzTests {
    private static let samples = [
        "email,given_name\r\n\"a@b.edu\",Ada\r\n", "\u{FEFF}x;y\n1;2\n", "=\"7\",\"=\"\"8\"\"\"\n",
        "a,\"b \"\"c\"\"\nd\"\n", ",,\n\n\"\",\"\"\r",
    ]
    private static let pieces = ["a", ",", "\"", "\"\"", "\n", "\r\n", "\r", " ", "\t", "email", "é", "=1+1"]

    private struct Seen: Equatable {
        var records: [[String]] = []
        var problems: [Refusal] = []
        var lines: [Int] = []
    }

    /// What a file is read as, from pieces of random sizes or whole.
    private static func read(_ bytes: [UInt8], _ fuzz: inout Fuzz, whole: Bool) throws -> Seen? {
        var seen = Seen()
        var parser = CSVParser()
        func take(_ record: CSVRecord) {
            seen.lines.append(record.line)
            if let problem = record.problem { seen.problems.append(problem) } else { seen.records.append(record.cells) }
        }
        do {
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(whole ? bytes.count : Int.random(in: 1...20, using: &fuzz))
                try parser.feed(piece, take)
                rest = rest.dropFirst(piece.count)
            }
            try parser.finish(take)
            return seen
        } catch is CaseworkError {
            return nil
        }
    }

    @Test func `a file is the same however it is cut, and its lines are counted in order`() {
        #expect(
            Fuzz.fault(samples: Self.samples, pieces: Self.pieces) { bytes, fuzz in
                let whole = try Self.read(bytes, &fuzz, whole: true)
                guard whole == (try Self.read(bytes, &fuzz, whole: false)) else { return false }
                return whole.map { $0.lines == $0.lines.sorted() } ?? true
            } == nil)
    }

    @Test func `what is written is read again`() {
        #expect(
            Fuzz.fault(samples: Self.samples, pieces: Self.pieces) { bytes, fuzz in
                for cells in try Self.read(bytes, &fuzz, whole: true)?.records ?? []
                where cells.contains(where: { !$0.isEmpty }) {
                    // a formula is written with an apostrophe, and then is another text; a byte order mark at the start is none
                    if cells.contains(where: { $0.utf8.first.map("=+-@".utf8.contains) ?? false }) { continue }
                    if cells.first?.unicodeScalars.first == "\u{FEFF}" { continue }
                    var writer = CSVWriter()
                    writer.row(cells)
                    guard try Self.read(writer.drain(), &fuzz, whole: true)?.records == [cells] else { return false }
                }
                return true
            } == nil)
    }

    @Test func `any first record is a header or refused, and any other has its cells or a problem`() {
        #expect(
            Fuzz.fault(samples: Self.samples, pieces: Self.pieces) { bytes, fuzz in
                var records: [CSVRecord] = []
                var parser = CSVParser()
                do {
                    try parser.feed(bytes) { records.append($0) }
                    try parser.finish { records.append($0) }
                    let header = try CSVHeader(records.first, for: ImportField.allCases)
                    for record in records where header.problem(of: record) == nil {
                        _ = ImportField.allCases.map { header.value($0, in: record) }
                    }
                } catch is CaseworkError {}
                return true
            } == nil)
    }
}
