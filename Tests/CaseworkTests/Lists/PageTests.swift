import Testing

@testable import Casework

@Suite struct PageTests {
    private func request(_ query: [String: [String]]) throws -> PageRequest {
        try Fields.read(query: query) { $0.page() }
    }

    @Test func `starts with fifty elements`() throws {
        #expect(try request([:]) == PageRequest(limit: 50, after: nil))
        #expect(try request(["limit": ["200"]]).fetch == 201)
        #expect(PageRequest(limit: 0).limit == 1 && PageRequest(limit: 1000).limit == 200)
    }

    @Test(arguments: ["0", "201", "-1", "x", "1.5", "99999999999999999999"])
    func `refuses a bad limit`(limit: String) {
        #expect(throws: CaseworkError.invalid("limit", .outOfRange(1...200))) {
            try request(["limit": [limit]])
        }
    }

    @Test func `hands out a cursor that reads back`() throws {
        let cursor = Cursor(.text("O'Brien, \"é\" 😀"), .null, .int(42))
        let after = try #require(try request(["cursor": [cursor.description]]).after)
        #expect(after == cursor)
        #expect(try after.text(0) == "O'Brien, \"é\" 😀")
        #expect(try after.int(2) == 42)
        #expect(
            cursor.description.utf8.allSatisfy {
                $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "+")
            })
    }

    @Test(arguments: [
        "x", "bm9wZQ", "W10", "e30", "WzEuNV0", "W3RydWVd", "WyJcdTAwMDAiXQ", "' or 1=1", "WzFd=", "WzFe",
        String(repeating: "W", count: 5000),
    ])
    func `refuses a made-up cursor`(text: String) {
        #expect(throws: CaseworkError.invalid("cursor", .notACursor)) {
            try request(["cursor": [text]])
        }
    }

    @Test func `refuses the cursor of another list`() {
        #expect(throws: CaseworkError.self) { try Cursor(.int(1)).text(0) }
        #expect(throws: CaseworkError.self) { try Cursor(.text("a")).int(0) }
        #expect(throws: CaseworkError.self) { try Cursor(.text("a")).int(1) }
    }

    @Test func `names the next page only where there is one`() {
        let request = PageRequest(limit: 2)
        let full = Page([1, 2, 3], request) { Cursor(.int($0)) }
        #expect(full == Page(items: [1, 2], next: Cursor(.int(2))))
        #expect(JSONWriter.text(of: full) == #"{"items":[1,2],"next":"WzJd"}"#)
        #expect(JSONWriter.text(of: Page([1, 2], request) { Cursor(.int($0)) }) == #"{"items":[1,2],"next":null}"#)
        #expect(full.map { "\($0)" }.items == ["1", "2"])
    }
}
