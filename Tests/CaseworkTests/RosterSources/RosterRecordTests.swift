import FoundationEssentials
import Outgoing
import TestSupport
import Testing

@testable import Casework

/// Answers of servers of rosters, read as rows of files.
@Suite struct RosterRecordTests {
    fileprivate static let samples = [
        #"{"users":[{"sourcedId":"u1","status":"active","dateLastModified":"2025-11-01T00:00:00.000Z","enabledUser":true,"givenName":"=Ann","roles":[{"roleType":"primary","role":"student","beginDate":"2025-01-01T00:00:00Z"}],"identifier":7}]}"#,
        #"{"enrollments":[{"sourcedId":"e1","status":"tobedeleted","user":{"sourcedId":"u1"},"class":{"href":"x","sourcedId":"c1"},"role":"student"}]}"#,
        #"{"orgs":[{"sourcedId":"o\n1","name":"a,\"b\"","type":"department"},{"sourcedId":null}]}"#,
        #"{"classes":[{"title":"A","classCode":"","classType":"homeroom","status":1}]}"#,
    ]
    fileprivate static let pieces = [
        "{", "}", "[", "]", ",", ":", "\"", "\"users\"", "\"sourcedId\"", "\"roles\"", "\"user\"", "\"status\"", "\\n",
        "\\u0000", "\\\"", "null", "1e9", "true",
    ]

    private func records(
        _ body: String, of resource: RosterResource, most: Int = 1_000
    ) throws -> [RosterRecord] {
        try RosterDownloader.records(
            in: OutgoingAnswer(status: 200, headers: [("content-type", "application/json")], body: Array(body.utf8)),
            of: resource, most: most)
    }

    @Test func `an answer of very many small records is refused before they are made`() throws {
        let body = "{\"users\":[" + Array(repeating: "{}", count: 1_001).joined(separator: ",") + "]}"
        #expect(try records(body, of: .users, most: 1_001).count == 1_001)
        let fault = #expect(throws: RosterFault.self) { try records(body, of: .users) }
        #expect(fault?.kind == .tooLarge)
    }

    @Test func `both versions give the same rows`() throws {
        let new = try records(Self.samples[0], of: .users)
        #expect(
            new.map(\.cells) == [["u1", "active", "2025-11-01T00:00:00.000Z", "true", "", "=Ann", "", "", "", "7"]])
        #expect(new[0].roles == [["u1", "active", "u1", "primary", "student", "2025-01-01", ""]])
        #expect(new[0].changedAt == Date(timeIntervalSince1970: 1_761_955_200))
        let old = try records(#"{"users":[{"sourcedId":"u1","role":"teacher","enabledUser":"false"}]}"#, of: .users)
        #expect(old[0].roles == [["u1", "active", "u1", "primary", "teacher", "", ""]])
        #expect(old[0].cells.prefix(4) == ["u1", "active", "", "false"])
        let enrollments = try records(Self.samples[1], of: .enrollments)
        #expect(enrollments.map(\.cells) == [["e1", "tobedeleted", "", "c1", "u1", "student", "", ""]])
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"users":{}}"#, #"{"users":[1]}"#, #"{"orgs":[]}"#, #"{"users":[{"a":1,"a":2}]}"#,
    ])
    func `what is not the standard's is refused as a whole`(body: String) {
        #expect(throws: RosterFault.self) { try records(body, of: .users) }
    }

    fileprivate static func holds(_ rows: [[String]], _ columns: [String]) throws -> Bool {
        guard rows.allSatisfy({ $0.count == columns.count }) else { return false }
        var writer = CSVWriter(isForSpreadsheets: false)
        for row in [columns] + rows { writer.row(row) }
        var read: [CSVRecord] = []
        var parser = CSVParser()
        try parser.feed(writer.drain()) { read.append($0) }
        try parser.finish { read.append($0) }
        guard read.count == rows.count + 1 else { return false }
        return zip(read.dropFirst(), rows).allSatisfy { record, row in
            // what no cell may hold is the row's problem, and stays in its row
            record.problem != nil || record.count == row.count
        }
    }
}

@Suite struct RosterRecordFuzzTests {
    /// No text of a server adds a row or a column, and each cell comes out of the file as it went in.
    @Test func `an answer is refused, or gives a row for each record`() {
        #expect(
            Fuzz.fault(samples: RosterRecordTests.samples, pieces: RosterRecordTests.pieces) { bytes, fuzz in
                let resource = RosterResource.allCases.randomElement(using: &fuzz) ?? .users
                let answer = OutgoingAnswer(status: 200, headers: [], body: bytes)
                guard let records = try? RosterDownloader.records(in: answer, of: resource, most: 1_000) else {
                    return true
                }
                let rows = records.map(\.cells)
                return try RosterRecordTests.holds(rows, resource.columns)
                    && RosterRecordTests.holds(records.flatMap(\.roles), RosterRecord.roleColumns)
            } == nil)
    }
}
