import Dates
import FoundationEssentials
import Postgres
import TestSupport
import Testing

@testable import Casework

/// Text from outside, spoilt: no reader traps, what it takes is written as it was read, and what is cleaned is clean.
@Suite struct ParserFuzzTests {
    @Test func `JSON that is read is written and read again as the same`() {
        let samples = [
            #"{"email":"a@b.edu","reminders":[1,2,7],"saved":true,"dueOn":null}"#, #"[{"a":{"b":[]}},"\ud83d\ude00"]"#,
            "-1.5e-3",
        ]
        let pieces = [
            "{", "}", "[", "]", ":", ",", "\"", "\"a\"", "\\u0041", "\\ud800", "\\udc00", "\\n", "1", "-", ".", "e",
            "E+", "0",
            "true", "false", "null", " ", "é",
        ]
        #expect(
            Fuzz.fault(samples: samples, pieces: pieces) { bytes, _ in
                guard let value = try Self.accepted({ try JSONValue(parsing: bytes) }) else { return true }
                return try JSONValue(parsing: JSONWriter.bytes(of: value)) == value
            } == nil)
    }

    @Test func `a whole number of JSON is the number that it says`() {
        #expect(
            Fuzz.faultInText(samples: ["120e-1", "9223372036854775807"], pieces: ["1", "0", "9", "-", ".", "e", "E+"]) {
                text in
                guard case .number(let number)? = try Self.accepted({ try JSONValue(parsing: Array(text.utf8)) }) else {
                    return true
                }
                guard let whole = number.integer, let expected = Double(text) else { return true }
                return abs(Double(whole) - expected) <= abs(expected) * 1e-15
            } == nil)
    }

    @Test func `a cursor that is read is written as one that is read as the same`() {
        let samples = [Cursor(.text("Ada"), .int(7)).description, Cursor(.null, .int(.max), .text("é")).description]
        let pieces = ["W", "Ij", "BdX", "0", "-", "_", "bnVsbA"] + [Base64.url.encode(Array(#"[1e5,"",null]"#.utf8))]
        #expect(
            Fuzz.faultInText(samples: samples, pieces: pieces) { text in
                guard let cursor = Cursor(text) else { return true }
                _ = (try? cursor.int(0), try? cursor.text(1), try? cursor.text(99))
                return Cursor(cursor.description) == cursor
            } == nil)
    }

    @Test func `Base64 has one text for all bytes`() {
        #expect(
            Fuzz.fault(samples: ["aGk", "-_8", "+/8"], pieces: ["A", "QQ", "-", "_", "+", "/", "="]) { bytes, _ in
                let text = String(decoding: bytes, as: UTF8.self)
                for base in [Base64.standard, .url] {
                    if base.decode(base.encode(bytes)) != bytes { return false }
                    if let decoded = base.decode(text), base.encode(decoded) != text { return false }
                }
                return true
            } == nil)
    }

    @Test func `an address or a name that is accepted is accepted as it stands then`() {
        let samples = [
            "name@example.edu", "ö.b+c@mail.example.org", "https://a.example:8443/x?y#z", "https://[::1]/",
            "C:\\dir\\notes.pdf",
        ]
        let pieces = [
            "a", "b.c", "@", ".", "-", "https://", ":443", "[::1]", "/", "?", "#", "example.edu", "\\", "x.pdf", " ",
        ]
        #expect(
            Fuzz.faultInText(samples: samples, pieces: pieces) { text in
                if let address = try Self.accepted({ try EmailAddress(text) }) {
                    guard try EmailAddress(address.text) == address, address.text.utf8.count <= 254 else {
                        return false
                    }
                }
                if let link = try Self.accepted({ try WebAddress.https(text) }) {
                    guard try WebAddress.https(link) == link, link.hasPrefix("https://") else { return false }
                }
                if let name = try Self.accepted({ try FileName(text) }) {
                    guard try FileName(name.text) == name, !name.text.contains("/") else { return false }
                }
                return true
            } == nil)
    }

    @Test func `text that is cleaned is clean`() {
        #expect(
            Fuzz.faultInText(
                samples: ["two\nlines", "  x "], pieces: ["a", " ", "\t", "\n", "\r\n", "\u{200B}", "\u{A0}", "é"]
            ) { text in
                for isMultiline in [false, true] {
                    guard
                        let clean = try Self.accepted({ try Text.clean(text, length: 0...100, multiline: isMultiline) })
                    else { continue }
                    guard try Text.clean(clean, length: 0...100, multiline: isMultiline) == clean else { return false }
                }
                return EmailAddress.folded(text) == EmailAddress.folded(EmailAddress.folded(text))
            } == nil)
    }

    private static func faultInDays(
        _ name: String = #function, _ adding: (CalendarDate, Int) throws -> CalendarDate
    ) -> String? {
        let samples = [
            "2026-12-01", "9999-12-31", "0001-01-01", "2026-12-01T09:30:00.123Z", "9999-12-31T23:59:59-23:59",
        ]
        let pieces = ["2026", "-", "12", "01", "29", "00", "T", "t", ":", "Z", "+", "23:59", ".", "999999999", "31"]
        return Fuzz.faultInText(name, samples: samples, pieces: pieces) { text in
            if let day = CalendarDate(text) {
                guard day.description == text, try adding(day, .max) >= day, try adding(day, .min) <= day else {
                    return false
                }
            }
            guard let date = Instant.date(parsing: text) else { return true }
            let written = JSONWriter.text(of: date)
            guard written != "null" else { return true }
            guard let again = Instant.date(parsing: String(written.dropFirst().dropLast())) else { return false }
            return JSONWriter.text(of: again) == written
        }
    }

    @Test func `a day and an instant are written as they are read`() {
        #expect(Self.faultInDays { $0.adding(days: $1) } == nil)
    }

    @Test func `adding days that overflows is found out`() {
        let fault = Self.faultInDays { day, days in
            let (sum, overflows) = day.daysSince1970.addingReportingOverflow(days)
            if overflows { throw Fuzz.Trap() }  // daysSince1970 + days
            return CalendarDate(daysSince1970: sum) ?? day
        }
        #expect(fault?.contains("Trap") == true, "\(fault ?? "none")")
    }

    @Test func `If-Match accepts the versions that it names`() {
        #expect(
            Fuzz.faultInText(
                samples: ["\"3\"", "W/\"3\", \"4\"", "*"], pieces: ["\"", "3", "W/", ",", " ", "*", "-1"]
            ) { text in
                guard case .versions(let numbers) = IfMatch(header: text) else { return text.contains("*") }
                return numbers.allSatisfy { IfMatch(header: Version($0).entityTag) == .versions([$0]) }
            } == nil)
    }

    @Test func `tokens, secrets and password hashes have one spelling`() throws {
        let token = SessionToken(kind: .session, institution: 42, secret: try Secret.random())
        let samples = [
            token.text, token.secret.text, try PasswordHash(hashing: "correct horse", cost: .weak).stored,
            "$scrypt$ln=17,r=8,p=1$c2FsdHNhbHQ$" + Base64.standard.encode([UInt8](repeating: 1, count: 32)),
        ]
        let pieces = [
            "wms", "wma", "_", "42", "0", "-1", "$", "scrypt", "ln=17", "r=8", "p=1", ",", "ln=63", "r=99999", "A",
        ]
        #expect(
            Fuzz.faultInText(samples: samples, pieces: pieces) { text in
                if let token = SessionToken(parsing: text), token.text != text { return false }
                if let secret = Secret(text), secret.text != text { return false }
                guard let hash = PasswordHash(stored: text) else { return true }
                return hash.stored == text && hash.cost.memory <= 300 << 20
            } == nil)
    }

    private struct Read: Equatable {
        let name: String, count: Int?, day: CalendarDate?, moment: Date?, flag: Bool, role: Role?, days: [Int],
            page: PageRequest

        init(_ fields: inout Fields) {
            name = fields.required("name", .text(1...20, multiline: true))
            count = fields.optional("count", .int(0...100))
            day = fields.optional("day", .date)
            moment = fields.optional("moment", .instant)
            flag = fields.value("flag", .bool, default: false)
            role = fields.optional("role", .choice())
            days = fields.value("days", .ints(from: [1, 2, 7]), default: [])
            page = fields.page()
        }
    }

    @Test func `fields are read or refused, and an answer tells a bounded number of problems`() {
        let values = ["", "1", "2026-12-01", "true", "student", "7", "x\r\ny", "-0", "+5", "\u{0}"]
        #expect(
            Fuzz.fault(samples: values, pieces: values) { bytes, fuzz in
                var form = ["name": ["n"]]
                let text = String(decoding: bytes, as: UTF8.self)
                for name in ["name", "count", "day", "moment", "flag", "role", "days", "limit", "cursor", text]
                where fuzz.chance(30) {
                    form[name] = Array(repeating: text, count: fuzz.chance(10) ? 2 : 1)
                }
                do {
                    return try Fields.read(form: form) { Read(&$0) } == Fields.read(form: form) { Read(&$0) }
                } catch CaseworkError.invalid(let problems) {
                    return !problems.isEmpty && problems.count <= 50
                        && problems.allSatisfy { $0.field.utf8.count <= 400 }
                }
            } == nil)
    }

    /// What a reader makes of a text; nil where it refuses it as people's mistake. Any other error is none of its own.
    private static func accepted<Value>(_ read: () throws -> Value) throws -> Value? {
        do {
            return try read()
        } catch is CaseworkError {
            return nil
        } catch is Refusal {
            return nil
        }
    }
}
