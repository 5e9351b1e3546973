import Testing

@testable import Casework

@Suite struct JSONValueTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    private func isMalformed(_ bytes: [UInt8]) -> Bool {
        do throws(CaseworkError) {
            _ = try JSONValue(parsing: bytes)
            return false
        } catch {
            if case .malformed = error { return true }
            return false
        }
    }

    @Test func `reads every kind of value`() throws {
        let object = try JSONObject(parsing: Array(#" {"a" : [1, -0.5e+3, true, false, null], "b":{"c":"d"} } "#.utf8))
        #expect(object.map(\.name) == ["a", "b"])
        #expect(object["b"] == .object(["c": .string("d")]))
        #expect(object["none"] == nil)
        guard case .array(let values)? = object["a"] else { throw Missing() }
        #expect(values.count == 5)
        #expect(values[1] == .number(JSONNumber(grammatical: "-0.5e+3")))
        #expect(values[2...] == [.bool(true), .bool(false), .null])
    }

    @Test func `reads escapes and surrogate pairs`() throws {
        #expect(try parse(#""\"\\\/\b\f\n\r\t\u00e9\uD83D\ude00\u0000""#) == .string("\"\\/\u{8}\u{C}\n\r\té😀\u{0}"))
        #expect(try parse("\"käse \u{2028}\"") == .string("käse \u{2028}"))
    }

    @Test(arguments: [
        "", "  ", "{", "}", "[1,]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "{\"a\":}", "[1 2]", "nul", "True", "NaN",
        "Infinity",
        "-", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "0x10", "1 2", "{} {}", "[1]]", "'a'", "\"a", "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12G4\"", "\"\\ud800\"", "\"\\ud800x\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"a\nb\"", "\"\t\"",
        "\"\u{0}\"",
        "// c\n1", "\u{FEFF}{}", "\u{A0}1", "[\"a\\\"", "\"\\",
    ])
    func `refuses what is not JSON`(text: String) {
        #expect(isMalformed(Array(text.utf8)))
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
            [0x22, 0x5C, 0x6E, 0xE4, 0x22], [0xFF, 0xFE, 0x7B, 0, 0x7D, 0], [0xFE, 0xFF, 0, 0x7B], [0x7B, 0, 0x7D, 0],
            [0x22, 0xE2, 0x82],
        ] as [[UInt8]])
    func `refuses what is not UTF-8`(bytes: [UInt8]) {
        #expect(isMalformed(bytes))
    }

    @Test func `nests five hundred levels and no hundred thousand`() throws {
        func nested(_ depth: Int, closed: Bool = true) -> [UInt8] {
            Array(repeating: 0x5B, count: depth) + (closed ? Array(repeating: 0x5D, count: depth) : [])
        }
        _ = try JSONValue(parsing: nested(500))
        _ = try JSONValue(parsing: nested(512))
        #expect(isMalformed(nested(513)))
        #expect(isMalformed(nested(1000)))
        #expect(isMalformed(nested(100_000)))
        #expect(isMalformed(nested(1_000_000, closed: false)))
        #expect(isMalformed(Array(String(repeating: "{\"a\":", count: 100_000).utf8)))
        let wide = "[" + Array(repeating: "[]", count: 10_000).joined(separator: ",") + "]"
        #expect(!isMalformed(Array(wide.utf8)))
    }

    @Test func `refuses a member named twice, however it is spelled`() {
        #expect(throws: CaseworkError.invalid("a", .repeated)) {
            try parse(#"{"a":1,"b":2,"\u0061":3}"#)
        }
    }

    @Test func `finds members and repetitions in large objects`() throws {
        let members = (0..<20_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        let object = try JSONObject(parsing: Array("{\(members)}".utf8))
        #expect(object.count == 20_000)
        #expect(object["k12345"] == .number(JSONNumber(grammatical: "12345")))
        #expect(object["k20000"] == nil)
        #expect(throws: CaseworkError.invalid("k17", .repeated)) { try parse("{\(members),\"k17\":0}") }
    }

    @Test func `asks for an object where one is needed`() {
        #expect(throws: CaseworkError.invalid("body", .notAnObject)) {
            try JSONObject(parsing: [0x5B, 0x5D])
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("-0.0", 0), ("0e999999999999999999999", 0), ("1.0", 1), ("1e2", 100), ("1E+2", 100),
            ("1200e-2", 12),
            ("-12.50e1", -125), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("100000000000000000000e-2", 1_000_000_000_000_000_000),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1.5", nil), ("1e-1", nil), ("1e400", nil),
            ("1e19", nil), ("1e9999999999999999999999", nil), ("1e-9999999999999999999999", nil),
            ("12345678901234567890123", nil),
        ] as [(String, Int?)])
    func `takes whole numbers exactly`(text: String, expected: Int?) throws {
        guard case .number(let number) = try parse(text) else { throw Missing() }
        #expect(number.text == text)
        #expect(number.integer == expected)
    }

    @Test func `writes what it read`() throws {
        let text = #"{"b":[1.50,-0,"\u0001\"é"],"a":{"x":null,"y":true},"e":{},"f":[]}"#
        #expect(JSONWriter.text(of: try parse(text)) == text)
    }

    @Test func `survives every truncation and every changed byte`() {
        let text = Array(#"{"name":"A\u00e9\n😀","list":[1,-2.5e3,true,null,{"x":[]}]}"#.utf8)
        for end in 0..<text.count { #expect(isMalformed(Array(text[..<end]))) }
        for index in text.indices {
            for byte: UInt8 in [0, 0x22, 0x5C, 0x7B, 0x5D, 0x80, 0xFF] {
                var changed = text
                changed[index] = byte
                _ = try? JSONValue(parsing: changed)
            }
        }
    }

    private struct Missing: Error {}
}
