import Dates
import FoundationEssentials
import Postgres
import Testing

@testable import Casework

@Suite struct FieldsTests {
    enum Role: String, CaseIterable { case admin, staff, student }

    private func problems<Value>(_ text: String, _ body: (inout Fields) throws -> Value) -> [FieldRefusal] {
        do {
            _ = try Fields.read(json: Array(text.utf8), body)
            return []
        } catch CaseworkError.invalid(let problems) {
            return problems
        } catch {
            return [FieldRefusal("\(error)", .unknownField)]
        }
    }

    private func problem<Value>(_ json: String, _ rule: FieldRule<Value>) -> Refusal? {
        problems("{\"x\":\(json)}") { $0.required("x", rule) }.first?.refusal
    }

    private func value<Value>(_ json: String, _ rule: FieldRule<Value>) throws -> Value {
        try Fields.read(json: Array("{\"x\":\(json)}".utf8)) { $0.required("x", rule) }
    }

    @Test func `reads what is there`() throws {
        let body = #"{"name":" Ada ","count":2,"admin":true,"role":"staff","on":"2024-02-29","goal":null}"#
        let read = try Fields.read(json: Array(body.utf8)) { f in
            (
                name: f.required("name", .text(1...200)), count: f.required("count", .int(1...3)),
                admin: f.value("admin", .bool, default: false), role: f.required("role", .choice(Role.self)),
                on: f.optional("on", .date), goal: f.optional("goal", .text(1...2000)),
                none: f.optional("none", .email)
            )
        }
        #expect(read.name == "Ada" && read.count == 2 && read.admin && read.role == .staff)
        #expect(read.on == CalendarDate("2024-02-29") && read.goal == nil && read.none == nil)
    }

    @Test func `names every problem at once`() {
        let found = problems(#"{"name":"","role":"king","extra":1,"count":"2","on":"02/03/2026","more":null}"#) { f in
            _ = f.required("name", .text(1...200))
            _ = f.required("role", .choice(Role.self))
            _ = f.required("count", .int(1...3))
            _ = f.optional("on", .date)
            _ = f.required("email", .email)
            f.refuse("email", .addressOfNobody)
        }
        #expect(
            found == [
                FieldRefusal("name", .null),
                FieldRefusal("role", Refusal(.notAChoice, ["choices": .list(["admin", "staff", "student"])])),
                FieldRefusal("count", .outOfRange(1...3)),
                FieldRefusal("on", .notADate),
                FieldRefusal("email", .required), FieldRefusal("email", .addressOfNobody),
                FieldRefusal("extra", .unknownField),
                FieldRefusal("more", .unknownField),
            ])
    }

    @Test func `tells leaving, clearing and changing apart`() throws {
        func patch(_ text: String) throws -> (String?, Patch<String>) {
            try Fields.read(json: Array(text.utf8)) {
                ($0.patch("name", .text(1...10)), $0.patchOptional("goal", .text(1...10)))
            }
        }
        #expect(try patch("{}") == (nil, .absent))
        #expect(try patch(#"{"name":"a","goal":null}"#) == ("a", .null))
        #expect(try patch(#"{"goal":"b"}"#) == (nil, .value("b")))
        #expect(try patch(#"{"goal":"  "}"#) == (nil, .null))
        #expect(throws: CaseworkError.invalid("name", .null)) { try patch(#"{"name":null}"#) }
        #expect(throws: CaseworkError.invalid("goal", .notAString)) { try patch(#"{"goal":3}"#) }
        #expect(Patch.absent.applied(to: 1) == 1)
        #expect(Patch.null.applied(to: 1) == nil)
        #expect(Patch.value(2).applied(to: 1) == 2)
        #expect(!Patch<Int>.absent.isPresent && Patch<Int>.null.isPresent && Patch<Int>.null.value == nil)
    }

    @Test(arguments: ["1e400", "9223372036854775808", "2147483648", "1.5", "-1", "0", "\"1\"", "true", "[]", "{}"])
    func `takes only whole numbers in range for an id`(json: String) {
        #expect(problem(json, .id) == Refusal.outOfRange(1...Int(Int32.max)))
    }

    @Test func `takes whole numbers however they are written`() throws {
        #expect(try value("1.0", .id) == 1)
        #expect(try value("1e2", .id) == 100)
        #expect(try value("-0", .int(-5...5)) == 0)
    }

    @Test(arguments: ["0", "1", "\"true\"", "[]"])
    func `takes only true and false for a flag`(json: String) {
        #expect(problem(json, .bool) == Refusal(.notABoolean))
    }

    @Test(arguments: [
        "2026-02-30", "0000-01-01", "2025-02-29", "2026-1-1", "infinity", "2026-12-01T00:00:00Z", "01/02/2026",
        "10000-01-01", "٢٠٢٦-١٢-٠١",
    ])
    func `takes only days that exist`(text: String) {
        #expect(problem("\"\(text)\"", .date) == Refusal(.notADate))
    }

    @Test func `takes instants with an offset`() throws {
        #expect(try value("\"2026-12-01T09:30:00Z\"", .instant) == Date(timeIntervalSince1970: 1_796_117_400))
        #expect(problem("\"2026-12-01\"", .instant) == Refusal(.notAnInstant))
    }

    @Test func `takes sets of allowed values`() throws {
        let reminders = FieldRule<[Int]>.ints(from: [1, 2, 7, 14, 30])
        #expect(try value("[7, 1, 7.0]", reminders) == [1, 7])
        #expect(try value("[]", reminders) == [])
        for json in ["[3]", "[1,\"2\"]", "7", "[null]", "[[1]]"] {
            #expect(problem(json, reminders) == Refusal(.notChoices, ["choices": .list(["1", "2", "7", "14", "30"])]))
        }
        #expect(try value(#"["student","admin"]"#, .choices(Role.self)) == [.admin, .student])
        #expect(
            problem("[]", .choices(Role.self, atLeast: 1))
                == Refusal(.tooFewChoices, ["least": .number(1), "choices": .list(["admin", "staff", "student"])]))
        #expect(
            problem(#"["king"]"#, .choices(Role.self))
                == Refusal(.notChoices, ["choices": .list(["admin", "staff", "student"])]))
    }

    @Test func `leaves secrets alone and asks for long passwords`() throws {
        #expect(try value("\"  x\\u0001 \"", .verbatim()) == "  x\u{1} ")
        #expect(try value("\"\"", .verbatim()) == "")
        #expect(
            problem("\"\(String(repeating: "é", count: 600))\"", .verbatim())
                == Refusal.beyond(.tooManyBytes, most: 1024))
        #expect(try value("\" wolf and 3 owl\"", .password) == " wolf and 3 owl")
        #expect(problem("\"wolf and 3 owl\"", .password) == Refusal.tooShort(least: 15))
    }

    @Test func `refuses text the database cannot hold`() {
        for rule in [FieldRule.text(1...20), .verbatim(), .password] {
            #expect(problem(#""a password\u0000b""#, rule) == Refusal(.nulCharacter))
        }
        #expect(
            problem(#""ada@example.edu\r\nBcc: x@example.edu""#, .email)
                == Refusal(.notAnEmailAddress))
    }

    @Test func `what is no object has no fields`() {
        #expect(problems("[]") { _ in }.first?.refusal == Refusal(.notAnObject))
    }
}
