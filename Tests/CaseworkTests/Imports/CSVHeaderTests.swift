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

    private func refusal(_ text: String) throws -> Refusal? {
        let first = try records(text).first
        do throws(CaseworkError) {
            _ = try CSVHeader(first)
            return nil
        } catch {
            guard case .invalid(let problems) = error, problems.count == 1, problems[0].field == "header" else {
                return Refusal(.unknownField)
            }
            return problems[0].refusal
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
        #expect(
            throws: CaseworkError.invalid("header", Refusal(.columnsMissing, ["columns": .list(["phone", "office"])]))
        ) {
            try header.require("email", "phone", "office")
        }
    }

    @Test func `says what is wrong with a header`() throws {
        #expect(try refusal("") == Refusal(.csvEmpty))
        #expect(try refusal("\n\r\n  \n") == Refusal(.csvEmpty))
        #expect(try refusal("email,Email\n") == Refusal(.columnTwice, ["column": .text("email")]))
        #expect(try refusal("email;given_name\n") == Refusal(.foreignSeparator, ["separator": .term(.semicolons)]))
        #expect(try refusal("email\tgiven_name\n") == Refusal(.foreignSeparator, ["separator": .term(.tabs)]))
        #expect(try refusal("email,\u{0}\n") == Refusal(.rowNul))
        #expect(try refusal("email,\"name\n") == Refusal(.quoteNotClosed, ["line": .number(1)]))
        #expect(try refusal("email\n") == nil)
    }

    @Test func `reports ragged rows`() throws {
        let rows = try records("a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,, \n1,\"x\n")
        let header = try CSVHeader(rows[0])
        #expect(
            rows.dropFirst().map { header.problem(of: $0) } == [
                nil, Refusal(.wrongCellCount, ["cells": .number(2), "columns": .number(3)]),
                Refusal(.wrongCellCount, ["cells": .number(4), "columns": .number(3)]), nil,
                Refusal(.quoteNotClosed, ["line": .number(6)]),
            ])
    }
}
