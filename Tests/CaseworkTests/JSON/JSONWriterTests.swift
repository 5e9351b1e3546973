import Dates
import FoundationEssentials
import Postgres
import Testing

@testable import Casework

@Suite struct JSONWriterTests {
    private enum Role: String, JSONEncodable { case admin, student }

    private struct Cohort: JSONEncodable {
        var id = 7
        var goal: String?
        var role = Role.student

        func write(to json: inout JSONWriter) {
            json.object {
                $0.field("id", id)
                $0.field("goal", goal)
                $0.field("role", role)
                $0.field("tags", ["a", nil])
                $0.object("counts") { $0.field("students", 0) }
                $0.array("files", [1, 2]) { json, id in json.object { $0.field("id", id) } }
                $0.object("none") { _ in }
                $0.array("empty") { _ in }
                $0.field("last", true)
            }
        }
    }

    @Test func `puts commas where they belong`() {
        let text = """
            {"id":7,"goal":null,"role":"student","tags":["a",null],"counts":{"students":0},"files":[{"id":1},{"id":2}],\
            "none":{},"empty":[],"last":true}
            """
        #expect(JSONWriter.text(of: Cohort()) == text)
        #expect(JSONWriter.text(of: [Cohort(), Cohort()]) == "[\(text),\(text)]")
    }

    @Test func `writes names from data escaped and raw JSON as it is`() {
        var json = JSONWriter()
        json.object {
            $0.field(named: "a\"b", JSONText("{\"x\": 1 }"))
            $0.field(named: "\n", 2)
        }
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"a\"b":{"x": 1 },"\n":2}"#)
    }

    @Test func `escapes what RFC 8259 asks for and nothing else`() {
        #expect(
            JSONWriter.text(of: "a\"b\\c/\u{8}\t\n\u{C}\r\u{0}\u{1F}\u{7F}é😀\u{2028}<script>")
                == "\"a\\\"b\\\\c/\\b\\t\\n\\f\\r\\u0000\\u001f\u{7F}é😀\u{2028}<script>\"")
        #expect(JSONWriter.text(of: "") == "\"\"")
    }

    @Test func `reads back every scalar it writes`() throws {
        var text = ""
        for value in (0..<0x3000 as Range<UInt32>) { text.unicodeScalars.append(Unicode.Scalar(value)!) }
        guard case .string(let read) = try JSONValue(parsing: JSONWriter.bytes(of: text)) else {
            Issue.record("not a string")
            return
        }
        #expect(read.unicodeScalars.elementsEqual(text.unicodeScalars))
    }

    @Test(arguments: [4094, 4095, 4096, 4097, 8192, 100_000])
    func `writes long text`(length: Int) throws {
        let text = "é\"" + String(repeating: "x\n😀", count: length / 6) + "\u{1F}"
        let bytes = JSONWriter.bytes(of: [text, ""], capacity: 0)
        #expect(try JSONValue(parsing: bytes) == .array([.string(text), .string("")]))
    }

    @Test(arguments: [0, 7, -1, 10, 999, 1000, .max, .min, -9_000_000_000])
    func `writes whole numbers`(value: Int) {
        #expect(JSONWriter.text(of: value) == String(value))
    }

    @Test func `writes dates`() throws {
        #expect(JSONWriter.text(of: CalendarDate("2026-12-01")) == "\"2026-12-01\"")
        #expect(JSONWriter.text(of: CalendarDate("0001-01-01")) == "\"0001-01-01\"")
        #expect(JSONWriter.text(of: CalendarDate("9999-12-31")) == "\"9999-12-31\"")
    }

    @Test(arguments: [
        (0.0, "\"1970-01-01T00:00:00Z\""), (1_796_117_400.0, "\"2026-12-01T09:30:00Z\""),
        (1_796_117_400.123, "\"2026-12-01T09:30:00.123Z\""),
        (1_796_117_400.05, "\"2026-12-01T09:30:00.050Z\""), (1_796_117_400.000_4, "\"2026-12-01T09:30:00Z\""),
        (1_796_117_400.999_9, "\"2026-12-01T09:30:00.999Z\""), (-0.5, "\"1969-12-31T23:59:59.500Z\""),
        (-62_135_596_800.0, "\"0001-01-01T00:00:00Z\""), (253_402_300_799.0, "\"9999-12-31T23:59:59Z\""),
        (253_402_300_800.0, "null"), (-62_135_596_801.0, "null"), (.infinity, "null"), (.nan, "null"), (1e300, "null"),
    ])
    func `writes instants in UTC, with milliseconds only where there are any`(seconds: Double, text: String) {
        #expect(JSONWriter.text(of: Date(timeIntervalSince1970: seconds)) == text)
    }

    @Test func `streams in pieces that make one document`() throws {
        var json = JSONWriter()
        var sent: [UInt8] = []
        json.openObject()
        json.field("dryRun", true)
        json.openArray("rows")
        for line in 1...3 {
            json.element(line)
            sent += json.drain()
        }
        #expect(String(decoding: sent, as: UTF8.self) == #"{"dryRun":true,"rows":[1,2,3"#)
        #expect(json.drain().isEmpty)
    }
}
