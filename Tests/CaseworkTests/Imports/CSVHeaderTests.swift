import Testing

@testable import Casework

@Suite struct CSVHeaderTests {
    private func records(_ text: String) throws -> [CSVRecord] {
        var parser = CSVParser()
        var records: [CSVRecord] = []
        try parser.feed(text.utf8) { records.append($0) }
        try parser.finish { records.append($0) }
        return records
    }

    private func refusal(_ text: String) throws -> String? {
        let first = try records(text).first
        do throws(CaseworkError) {
            _ = try CSVHeader(first)
            return nil
        } catch {
            guard case .invalid(let problems) = error, problems.count == 1, problems[0].field == "header" else {
                return "other"
            }
            return problems[0].detail
        }
    }

    @Test func `finds columns in any order and case`() throws {
        let rows = try records("\u{FEFF} Given_Name ,EMAIL,,\n Ada ,ada@example.edu\nBob,,,\n,b@example.edu,,x\n")
        let header = try CSVHeader(rows[0])
        try header.require("email", "given_name")
        #expect(header["email"] == 1 && header["given_name"] == 0 && header["phone"] == nil)
        #expect(header.value("given_name", in: rows[1]) == "Ada")
        #expect(header.value("email", in: rows[2]) == nil)
        #expect(header.value("phone", in: rows[2]) == nil)
        #expect(throws: CaseworkError.invalid("header", "lacks the column phone, office")) {
            try header.require("email", "phone", "office")
        }
    }

    @Test func `says what is wrong with a header`() throws {
        #expect(try refusal("") == "is missing: the file is empty")
        #expect(try refusal("\n\r\n  \n") == "is missing: the file is empty")
        #expect(try refusal("email,Email\n") == "names the column email more than once")
        #expect(try refusal("email;given_name\n") == "is separated by semicolons; save the file with commas")
        #expect(try refusal("email\tgiven_name\n") == "is separated by tabs; save the file with commas")
        #expect(try refusal("email,\u{0}\n") == "contains the character U+0000")
        #expect(try refusal("email,\"name\n") == "the quote that opens on line 1 is never closed")
        #expect(try refusal("email\n") == nil)
    }

    @Test func `reports ragged rows`() throws {
        let rows = try records("a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,, \n1,\"x\n")
        let header = try CSVHeader(rows[0])
        #expect(
            rows.dropFirst().map { header.problem(of: $0) } == [
                nil, "has 2 cells, and the header 3", "has 4 cells, and the header 3", nil,
                "the quote that opens on line 6 is never closed",
            ])
    }
}
