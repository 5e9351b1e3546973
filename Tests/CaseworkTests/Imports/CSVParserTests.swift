import Testing

@testable import Casework

@Suite struct CSVParserTests {
    private func records(_ bytes: [UInt8], chunk: Int = .max) throws -> [CSVRecord] {
        var parser = CSVParser()
        var records: [CSVRecord] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start &+ min(chunk, bytes.count))
            try parser.feed(bytes[start..<end]) { records.append($0) }
            start = end
        }
        try parser.finish { records.append($0) }
        return records
    }

    private func cells(_ text: String) throws -> [[String]] {
        try records(Array(text.utf8)).map { record in
            #expect(record.problem == nil)
            return record.cells
        }
    }

    private func problem(_ text: String) throws -> [Refusal?] { try records(Array(text.utf8)).map(\.problem) }

    @Test(arguments: [
        "a,b\nc,d\n", "a,b\r\nc,d", "a,b\rc,d\r", "a,b\r\n\r\n\n\rc,d\n\n", "\u{FEFF}a,b\n c ,\td\n",
        "\"a\",b\n\"c\", \"d\" \n",
    ])
    func `reads every kind of line end`(text: String) throws {
        #expect(try cells(text) == [["a", "b"], ["c", "d"]])
    }

    @Test func `a cell that is not there is empty`() throws {
        let record = try #require(try records(Array("a,\"b\"\n".utf8)).first)
        #expect((-1...3).map { record[$0] } == ["", "a", "b", "", ""])
        #expect([Int.min, .max].map { record[$0] } == ["", ""])
        let broken = try #require(try records(Array("\"a\n".utf8)).first)
        #expect([-1, 0, 1].map { broken[$0] }.allSatisfy { $0.utf8.count < 4 })
    }

    @Test func `reads quoted cells`() throws {
        #expect(try cells("\"a,b\",\"c\"\"d\",\"e\r\nf\",\"\",\"\"\"\"\n") == [["a,b", "c\"d", "e\r\nf", "", "\""]])
        #expect(try cells("  \"a\"  ,b") == [["a", "b"]])
        #expect(try cells("\" a \",b") == [["a", "b"]])
    }

    @Test func `keeps empty cells and skips empty lines`() throws {
        #expect(try cells("a,\n,b\n\n  \n,,\n,\"\"\n") == [["a", ""], ["", "b"], ["", ""]])
        #expect(try cells("") == [])
        #expect(try cells("\u{FEFF}") == [])
        #expect(try cells("\n\r\n") == [])
        #expect(try cells("a") == [["a"]])
        #expect(try cells("ab") == [["ab"]])
        #expect(try cells("\"\"") == [[""]])
    }

    @Test func `trims Unicode white space and keeps other text exactly`() throws {
        #expect(try cells("\u{A0}José\u{3000},e\u{301}\n") == [["José", "e\u{301}"]])
        #expect(
            try cells("=1+1,1e5,007,02/03/2026,O'Brien,%s\n") == [
                ["=1+1", "1e5", "007", "02/03/2026", "O'Brien", "%s"]
            ])
    }

    @Test func `counts physical lines`() throws {
        let text = "a\r\n\r\n\"b\nb\rb\r\nb\",x\n\rc\rd"
        #expect(try records(Array(text.utf8)).map(\.line) == [1, 3, 8, 9])
        for chunk in 1...4 { #expect(try records(Array(text.utf8), chunk: chunk).map(\.line) == [1, 3, 8, 9]) }
    }

    @Test func `names the line of a quote that is never closed`() throws {
        let records = try records(Array("a,b\nc,d\ne,\"f\ng,h\n".utf8))
        #expect(records.map(\.line) == [1, 2, 3])
        #expect(records[2].problem == Refusal(.quoteNotClosed, ["line": .number(3)]))
        #expect(try problem("a\n\"b\nc\",\"d\n") == [nil, Refusal(.quoteNotClosed, ["line": .number(3)])])
    }

    @Test func `refuses quotes out of place and goes on behind them`() throws {
        #expect(
            try problem("a\"b\n\"a\"b\nok\n") == [
                Refusal(.strayQuote),
                Refusal(.textAfterQuote), nil,
            ])
    }

    @Test func `refuses U+FFFD, which stands for a character that was lost`() throws {
        let problems = try records(Array("a,J\u{FFFD}rg\nb,\u{FFFC}\u{1F600}\n".utf8)).map(\.problem)
        #expect(problems == [Refusal(.rowLostCharacter), nil])
    }

    @Test func `refuses U+0000 and what is not UTF-8, row by row`() throws {
        #expect(
            try problem("a\u{0}b,c\n\"a\u{0}\"\nok\n") == [
                Refusal(.rowNul), Refusal(.rowNul), nil,
            ])
        let latin1 = Array("Jos".utf8) + [0xE9] + Array(",x\nok,y\n".utf8)
        #expect(try records(latin1).map(\.problem) == [Refusal(.rowNotUTF8), nil])
        #expect(
            try records([0x61, 0xC3, 0x2C, 0xA9, 0x0A]).map(\.problem) == [Refusal(.rowNotUTF8)])
    }

    @Test func `a number that a spreadsheet keeps as text is read as what it shows`() throws {
        #expect(try cells("=\"007\",\"=\"\"008\"\"\", =\"9\" \n") == [["007", "008", "9"]])
    }

    @Test(arguments: [";", "\t"])
    func `another delimiter stands between cells, and a comma is text then`(delimiter: String) throws {
        var parser = CSVParser(delimiter: delimiter.utf8.first ?? 0)
        var found: [[String]] = []
        try parser.feed("a,b\(delimiter)\"c\(delimiter)d\"\(delimiter)e\n".utf8) { found.append($0.cells) }
        try parser.finish { found.append($0.cells) }
        #expect(found == [["a,b", "c\(delimiter)d", "e"]])
    }

    @Test func `bounds cells, rows and columns`() throws {
        let longest = String(repeating: "x", count: CSVParser.maxCell)
        #expect(try cells(longest + "\n")[0][0].count == CSVParser.maxCell)
        #expect(try problem(longest + "x\nok") == [.beyond(.cellTooLong, most: 65_536), nil])
        #expect(
            try problem("\n\"" + longest + "x") == [
                Refusal(.quotedCellTooLong, ["most": .number(65_536), "line": .number(2)])
            ])
        #expect(
            try problem(String(repeating: "x", count: 10_000_000) + "\nok") == [
                .beyond(.cellTooLong, most: 65_536), nil,
            ])
        let row = Array(repeating: String(repeating: "x", count: 60_000), count: 20).joined(separator: ",")
        #expect(try problem(row + "\nok") == [.beyond(.rowTooLong, most: 1_048_576), nil])
        #expect(try cells(String(repeating: "a,", count: 255) + "a")[0].count == 256)
        #expect(try problem(String(repeating: "a,", count: 256) + "a\nok") == [.beyond(.tooManyCells, most: 256), nil])
        #expect(
            try problem(String(repeating: ",", count: 1_000_000) + "\nok") == [.beyond(.tooManyCells, most: 256), nil])
    }

    @Test func `reads the same in chunks of any size`() throws {
        let text = Array("\u{FEFF}a,\"b\r\n\"\"c\"\"\",é😀\r\n\r\n\"x\"y,z\n,,\"\"\r q ,\u{0},\r\n\"open\n,\r\n".utf8)
        let whole = try records(text)
        for chunk in 1..<text.count {
            let pieces = try records(text, chunk: chunk)
            #expect(pieces.map(\.cells) == whole.map(\.cells))
            #expect(pieces.map(\.line) == whole.map(\.line))
            #expect(pieces.map(\.problem) == whole.map(\.problem))
        }
    }

    @Test func `survives random bytes`() throws {
        var seed: UInt64 = 20_261_201
        let alphabet: [UInt8] = Array("a,\"\n\r \t;".utf8) + [0, 0xC3, 0xA9, 0xFF, 0xEF, 0xBB, 0xBF]
        for _ in 0..<2000 {
            let bytes = (0..<40).map { _ -> UInt8 in
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return alphabet[Int(seed >> 33) % alphabet.count]
            }
            guard let whole = try? records(bytes) else { continue }
            let pieces = try records(bytes, chunk: 1)
            #expect(pieces.map(\.cells) == whole.map(\.cells))
            #expect(pieces.map(\.problem) == whole.map(\.problem))
            #expect(pieces.map(\.line) == whole.map(\.line))
        }
    }
}
