import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// Who is who in a file: by student number where there is one, else by e-mail address.
@Suite struct IdentityImportTests {
    private let header = "email,given_name,family_name,student_number\n"

    /// An institution with those students, and its admin.
    private func college(_ rows: String) async throws -> (TestInstitution, TestClient) {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let made = try await send(rows, to: client)
        #expect(made.status == 200, "\(made.text)")
        return (college, client)
    }

    private func send(_ rows: String, to client: TestClient, _ query: String = "") async throws -> TestClient.Answer {
        try await client.send(
            .post, "/api/v1/imports/students\(query)", body: Array((header + rows).utf8), contentType: "text/csv")
    }

    private func students(_ college: TestInstitution) async throws -> [String] {
        try await college.texts(
            """
            select concat_ws('|', id - (select min(id) from accounts where role = 'student'), email, given_name,
                student_number, version) from accounts where role = 'student' order by id
            """)
    }

    /// Dry and real, which must agree, and then again, which must change nothing.
    private func run(_ rows: String, to client: TestClient) async throws -> [String] {
        let dry = try await send(rows, to: client, "?dryRun=true")
        let real = try await send(rows, to: client, "?partial=true")
        #expect(dry["rows"] == real["rows"])
        let again = try await send(rows, to: client, "?partial=true")
        #expect(again.number("added") == 0 && again.number("updated") == 0, "\(again.text)")
        return real.strings("rows", each: "result")
    }

    @Test func `a changed address is a change, and the link for the old one ends`() async throws {
        let (college, client) = try await college("a@x.edu,Ada,L,1\n")
        let id = try await college.number("select id from accounts where role = 'student'")
        try await college.run(
            "insert into invitations (secret_hash, account_id, expires_at) values (sha256('x'), \(id), now() + interval '1 day')"
        )
        let dry = try await send("ada@x.edu,Ada,Byron,1\n", to: client, "?dryRun=true")
        #expect(dry["rows"]?[0]?["changed"] == .array([.string("email"), .string("familyName")]))
        #expect(try await run("ada@x.edu,Ada,Byron,1\n", to: client) == ["updated"])
        #expect(try await students(college) == ["0|ada@x.edu|Ada|1|2"])
        #expect(try await college.number("select count(*) from invitations") == 0)
        #expect(
            try await college.texts(
                "select before ->> 'email' || '>' || (after ->> 'email') from audit where action = 'account.update'")
                == ["a@x.edu>ada@x.edu"])
    }

    @Test func `numbers that two people swap, or hand on, go as a whole`() async throws {
        let (college, client) = try await college("a@x.edu,Ada,L,1\nb@x.edu,Bob,B,2\nc@x.edu,Cy,C,3\nd@x.edu,Di,D,4\n")
        #expect(try await run("a@x.edu,Ada,L,2\nb@x.edu,Bob,B,1\n", to: client) == ["updated", "updated"])
        #expect(
            try await students(college).prefix(2) == ["0|a@x.edu|Ada|2|2", "1|b@x.edu|Bob|1|2"])
        let chain = "a@x.edu,Ada,L,1\nb@x.edu,Bob,B,3\nc@x.edu,Cy,C,4\nd@x.edu,Di,D,5\n"
        #expect(try await run(chain, to: client) == ["updated", "updated", "updated", "updated"])
        #expect(
            try await students(college)
                == ["0|a@x.edu|Ada|1|3", "1|b@x.edu|Bob|3|3", "2|c@x.edu|Cy|4|2", "3|d@x.edu|Di|5|2"])
    }

    @Test func `an address that somebody gave up goes to somebody else`() async throws {
        let (college, client) = try await college("a@x.edu,Ada,L,1\nb@x.edu,Bob,B,2\n")
        let rows = "ada@x.edu,Ada,L,1\na@x.edu,Ann,New,3\n"
        #expect(try await run(rows, to: client) == ["updated", "added"])
        #expect(
            try await students(college) == ["0|ada@x.edu|Ada|1|2", "1|b@x.edu|Bob|2|1", "2|a@x.edu|Ann|3|1"])
        #expect(
            try await college.texts(
                "select after ->> 'email' from audit where action = 'account.create' order by id desc limit 1")
                == ["a@x.edu"])
        #expect(
            try await run("a@x.edu,Ada,L,1\nb@x.edu,Ann,New,3\nbob@x.edu,Bob,B,2\n", to: client) == [
                "updated", "updated", "updated",
            ])
    }

    @Test func `a row whose number and address are two people's names both and is refused`() async throws {
        let (college, client) = try await college("a@x.edu,Ada,Lovelace,1\nb@x.edu,Bob,Byrne,2\n")
        let answer = try await send("a@x.edu,Ada,Lovelace,2\n", to: client, "?partial=true")
        #expect(answer.strings("rows", each: "result") == ["invalid"])
        #expect(
            answer.text("rows", 0, "detail")
                == "student_number belongs to Bob Byrne (b@x.edu), but the address to Ada Lovelace (a@x.edu)")
        #expect(try await students(college) == ["0|a@x.edu|Ada|1|1", "1|b@x.edu|Bob|2|1"])
        let cohort = try await college.cohort().id
        func join(_ rows: String) async throws -> TestClient.Answer {
            try await client.send(
                .post, "/api/v1/cohorts/\(cohort)/students?partial=true",
                body: Array(("email,student_number\n" + rows).utf8), contentType: "text/csv")
        }
        let torn = try await join("a@x.edu,2\n")
        #expect(torn.strings("rows", each: "result") == ["invalid"])
        #expect(torn.text("rows", 0, "detail")?.contains("Bob Byrne (b@x.edu)") == true)
        let joined = try await join("a@x.edu,1\nz@x.edu,2\n,1\n")
        #expect(joined.strings("rows", each: "result") == ["added", "added", "duplicate"])
    }

    @Test func `a person with one name has it in either column`() async throws {
        let (college, client) = try await college("p@x.edu,,Plato,1\ns@x.edu,Sappho,,2\n")
        #expect(
            try await college.texts("select name || '/' || sort_name from accounts where role = 'student' order by id")
                == ["Plato/plato", "Sappho/sappho"])
        #expect(try await run("p@x.edu,,Plato,1\ns@x.edu,Sappho,,2\n", to: client) == ["unchanged", "unchanged"])
        let id = try await college.number("select id from accounts where email = 'p@x.edu'")
        let renamed = try await client.send(.patch, "/api/v1/accounts/\(id)", json: #"{"familyName":"Platon"}"#)
        #expect(renamed.status == 200, "\(renamed.text)")
        for body in [#"{"familyName":""}"#, #"{"familyName":"","givenName":""}"#] {
            let nameless = try await client.send(.patch, "/api/v1/accounts/\(id)", json: body)
            #expect(nameless.status == 422 && nameless.text("errors", 0, "field") == "givenName", "\(nameless.text)")
        }
        let made = try await client.send(
            .post, "/api/v1/accounts", json: #"{"email":"h@x.edu","familyName":"Homer","role":"student"}"#)
        #expect(made.status == 201 && made.text("givenName") == "")
        let none = try await client.send(.post, "/api/v1/accounts", json: #"{"email":"n@x.edu","role":"student"}"#)
        #expect(none.status == 422 && none.text("errors", 0, "field") == "givenName")
    }

    @Test func `who is not in the file is counted, and suspended only with a yes`() async throws {
        let rows = (1...30).map { "s\($0)@x.edu,Given,Family,\($0)\n" }
        let (college, client) = try await college(rows.joined())
        func suspended() async throws -> Int {
            try await college.number("select count(*) from accounts where status = 'suspended'")
        }
        let some = rows.prefix(28).joined()
        #expect(try await send(some, to: client).number("missing") == 2)
        #expect(try await suspended() == 0)
        let dry = try await send(some, to: client, "?missing=suspend&dryRun=true")
        #expect(dry.number("suspended") == 2)
        #expect(dry.text("missingPeople", 1)?.hasSuffix("@x.edu)") == true)
        let few = rows.prefix(20).joined()
        let tooMany = try await send(few, to: client, "?missing=suspend")
        #expect(tooMany.status == 409 && tooMany.text.contains("10 students"), "\(tooMany.text)")
        let unsure = try await send(some + "bad,A,B,99\n", to: client, "?missing=suspend&partial=true")
        #expect(unsure.status == 409, "\(unsure.text)")
        #expect(try await suspended() == 0)
        #expect(try await send(some, to: client, "?missing=suspend").number("suspended") == 2)
        #expect(try await suspended() == 2)
        #expect(try await send(few, to: client, "?missing=suspend&mostSuspended=8").number("suspended") == 8)
        #expect(try await suspended() == 10)
        let again = try await send(few, to: client, "?missing=suspend")
        #expect(again.number("suspended") == 0 && again.number("unchanged") == 20)
    }

    @Test func `how many may be suspended without a yes is the institution's to say`() async throws {
        let rows = (1...30).map { "s\($0)@x.edu,Given,Family,\($0)\n" }
        let (college, client) = try await college(rows.joined())
        let admin = college.client(try await college.person("admin"))
        func set(_ percent: String) async throws -> TestClient.Answer {
            try await admin.send(.patch, "/api/v1/settings", json: #"{"suspendPercent":\#(percent)}"#)
        }
        func left(_ count: Int) async throws -> TestClient.Answer {
            try await send(rows.prefix(count).joined(), to: client, "?missing=suspend")
        }
        #expect(try await admin.send(.get, "/api/v1/settings").number("suspendPercent") == 10)
        #expect(try await set("0").number("suspendPercent") == 0)
        #expect(try await left(29).status == 409)
        #expect(try await left(30).status == 200, "nobody is fewer than everybody")
        #expect(try await set("50").status == 200)
        #expect(try await left(14).status == 409)
        #expect(try await left(15).number("suspended") == 15)
        #expect(try await set("100").status == 200)
        #expect(try await left(1).number("suspended") == 14)
        for wrong in ["-1", "101", "null", "\"x\"", "1.5"] {
            let refused = try await set(wrong)
            #expect(refused.status == 422 && refused.refusedFields == ["suspendPercent"], "\(wrong)")
        }
        let noted = try await college.texts(
            "select after ->> 'suspendPercent' from audit where action = 'settings.update' order by id")
        #expect(noted == ["0", "50", "100"])
    }

    @Test func `numbers wander through a file of several thousand rows`() async throws {
        let rows = (0..<12_000).map { "s\($0)@x.edu,Given,Family,N\($0)\n" }
        let (college, client) = try await college(rows.joined())
        let moved = (0..<12_000).map { "s\($0)@x.edu,Given,Family,N\(($0 + 7_001) % 12_000)\n" }.joined()
        let dry = try await send(moved, to: client, "?dryRun=true")
        let real = try await send(moved, to: client)
        #expect(real.number("updated") == 12_000, "\(real.text.prefix(300))")
        #expect(dry["rows"] == real["rows"])
        #expect(
            try await college.number(
                """
                select count(*) from accounts
                where email = 's' || (substr(student_number, 2)::int + 4999) % 12000 || '@x.edu'
                """) == 12_000)
        #expect(try await send(moved, to: client).number("unchanged") == 12_000)
    }
}
