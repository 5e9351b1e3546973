import Testing

@testable import Casework

@Suite struct FormFieldsTests {
    enum Scope: String, CaseIterable { case read, write }

    @Test func `reads typed text`() throws {
        let form = ["name": " Ada ", "count": " 12 ", "admin": "on", "goal": "", "notes": "a\r\nb"]
        let read = try Fields.read(form: form) { f in
            (
                name: f.required("name", .text(1...200)), count: f.required("count", .int(1...20)),
                admin: f.required("admin", .bool), published: f.required("published", .bool),
                goal: f.patchOptional("goal", .text(0...200)), missing: f.patchOptional("missing", .text(1...200)),
                notes: f.optional("notes", .text(1...200, multiline: true))
            )
        }
        #expect(read.name == "Ada" && read.count == 12 && read.admin && !read.published)
        #expect(read.goal == .null && read.missing == .absent && read.notes == "a\nb")
    }

    @Test func `reads the boxes of a set`() throws {
        func reminders(_ values: [String]?) throws -> [Int] {
            try Fields.read(form: values.map { ["reminders": $0] } ?? [:]) {
                $0.required("reminders", .ints(from: [1, 7]))
            }
        }
        #expect(try reminders(["7", "1"]) == [1, 7])
        #expect(try reminders(["7"]) == [7])
        #expect(try reminders(nil) == [])
        #expect(throws: CaseworkError.self) { try reminders(["7", "x"]) }
        #expect(
            try Fields.read(form: ["scopes": ["write"]]) { $0.required("scopes", .choices(Scope.self)) } == [.write])
    }

    @Test(arguments: ["", " "])
    func `asks for what is left blank`(text: String) {
        #expect(throws: CaseworkError.invalid("name", .empty)) {
            try Fields.read(form: ["name": text]) { $0.required("name", .text(1...10)) }
        }
        #expect(throws: CaseworkError.invalid("name", .empty)) {
            try Fields.read(form: ["name": text]) { $0.patch("name", .text(1...10)) }
        }
    }

    @Test(arguments: ["1.0", "1e1", "+1", "0x1", "٣", "1 2", "9223372036854775808", "--1"])
    func `takes only digits for a number`(text: String) {
        #expect(throws: CaseworkError.invalid("n", .outOfRange(1...9))) {
            try Fields.read(form: ["n": text]) { $0.required("n", .int(1...9)) }
        }
    }

    @Test func `refuses unknown fields and one given twice`() {
        #expect(
            throws: CaseworkError.invalid([
                FieldRefusal("name", .repeated),
                FieldRefusal("role", .unknownField),
            ])
        ) {
            try Fields.read(form: ["name": ["a", "b"], "role": ["admin"]]) { $0.required("name", .text(1...10)) }
        }
    }

    @Test func `keeps a password as it was typed`() throws {
        let password = "  quite long characters  "
        #expect(try Fields.read(form: ["password": password]) { $0.required("password", .password) } == password)
        #expect(throws: CaseworkError.invalid("password", .passwordIsAddress)) {
            try Fields.read(form: ["password": "Ada@example.edu"]) {
                $0.required("password", .password(of: PasswordOwner(email: "ada@example.edu")))
            }
        }
    }

    @Test func `ignores parameters of a URL that nobody asked for`() throws {
        let read = try Fields.read(query: ["archived": ["true"], "utm_source": ["x", "y"]]) { f in
            (archived: f.value("archived", .bool, default: false), dryRun: f.value("dryRun", .bool, default: false))
        }
        #expect(read == (true, false))
    }
}
