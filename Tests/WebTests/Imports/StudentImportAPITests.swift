import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct StudentImportAPITests {
    private let header = "email,given_name,family_name,student_number\n"

    private func send(
        _ text: String, to client: TestClient, _ query: String = "", contentType: String = "text/csv"
    ) async throws -> TestClient.Answer {
        try await client.send(
            .post, "/api/v1/imports/students\(query)", body: Array(text.utf8), contentType: contentType)
    }

    @Test func `makes accounts, then updates them and leaves the rest`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let first = try await send(header + "Ada@x.edu,Ada,Lovelace,7\nteller@x.edu,Teller,,\n", to: client)
        #expect(first.status == 200)
        #expect(first.number("added") == 2 && first.number("failed") == 0)
        #expect(first["dryRun"] == .bool(false))
        #expect(first.number("rows", 0, "line") == 2)
        #expect(first.text("rows", 0, "email") == "Ada@x.edu")

        let second = try await send(
            "student_number,Family_Name, EMAIL ,given_name,shoe size\n,Byron,ada@X.edu,,39\n,,teller@x.edu,Teller,\n",
            to: client)
        #expect(second.strings("rows", each: "result") == ["updated", "unchanged"])
        let names = try await college.texts(
            "select concat_ws('|', email, given_name, family_name, student_number, role, version) from accounts where role = 'student' order by id"
        )
        #expect(names == ["Ada@x.edu|Ada|Byron|7|student|2", "teller@x.edu|Teller||student|1"])
        #expect(
            try await college.texts("select action from audit order by id") == [
                "account.create", "account.create", "import.students", "account.update", "import.students",
            ])
    }

    @Test func `a column of preferred names is kept where a cell is blank or the column missing`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let columns = "email,given_name,family_name,preferred_name\n"
        func stored() async throws -> [String] {
            try await college.texts(
                "select concat_ws('|', preferred_name, name, version) from accounts where role = 'student' order by id")
        }
        let first = try await send(columns + "k@x.edu,Katherine,Hepburn,Kate\na@x.edu,Ada,Lovelace,\n", to: client)
        #expect(first.number("added") == 2)
        #expect(try await stored() == ["Kate|Kate Hepburn|1", "Ada Lovelace|1"])
        let second = try await send(columns + "k@x.edu,Katherine,Hepburn,\na@x.edu,Ada,Lovelace,Addie\n", to: client)
        #expect(second.strings("rows", each: "result") == ["unchanged", "updated"])
        let third = try await send(header + "k@x.edu,Katharine,Hepburn,\n", to: client)
        #expect(third.strings("rows", each: "result") == ["updated"])
        #expect(try await stored() == ["Kate|Kate Hepburn|2", "Addie|Addie Lovelace|2"])
        let audited = try await college.texts(
            "select after ->> 'preferredName' from audit where action like 'account.%' and after ->> 'preferredName' <> '' order by id"
        )
        #expect(audited == ["Kate", "Addie", "Kate"])
        let long = String(repeating: "k", count: 101)
        let refused = try await send(columns + "k@x.edu,,,\(long)\n", to: client, "?dryRun=true")
        #expect(refused.strings("rows", each: "result") == ["invalid"])
        #expect(refused.text("rows", 0, "detail")?.hasPrefix("preferred_name ") == true)
    }

    @Test func `one bad row of many stores nothing, and says which`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let rows = (1...300).map { "s\($0)@x.edu,Given,Family,\($0)" + ($0 == 150 ? ",extra" : "") }
        let text = header + rows.joined(separator: "\n")
        let dry = try await send(text, to: client, "?dryRun=true")
        #expect(dry.status == 200)
        #expect(dry.number("added") == 299 && dry.number("failed") == 1)
        let refused = try await send(text, to: client)
        #expect(refused.status == 422)
        #expect(refused.headers[.contentType] == "application/problem+json")
        #expect(refused.number("status") == 422)
        #expect(refused.text("errors", 0, "field") == "rows")
        #expect(refused.number("report", "failed") == 1)
        #expect(refused.text("report", "rows", 149, "result") == "invalid")
        #expect(refused.number("report", "rows", 149, "line") == 151)
        #expect(try await count(college) == 0)
        let partial = try await send(text, to: client, "?partial=true")
        #expect(partial.status == 200)
        #expect(partial.number("added") == 299)
        #expect(try await count(college) == 299)
    }

    private func count(_ college: TestInstitution) async throws -> Int {
        try await college.number("select count(*) from accounts where role = 'student'")
    }

    @Test func `each kind of row has its result`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        _ = try await college.account("staff", email: "staff@x.edu")
        let known = try await college.account("student", email: "known@x.edu", given: "Known", family: "Soul")
        try await college.run("update accounts set student_number = 'K2' where id = \(known)")
        let two = try await college.account("student", email: "two@x.edu")
        let one = try await college.account("student", email: "one@x.edu")
        try await college.run(
            "update accounts set student_number = case id when \(one) then 'K1' else 'K0' end where id in (\(one), \(two))"
        )
        let text =
            header + """
                new@x.edu,New,Student,N1
                NEW@x.edu,Other,Name,
                staff@x.edu,Staff,Person,
                known@x.edu,,,
                nonsense,A,B,
                two@x.edu,A,B,K1
                second@x.edu,A,B,N1
                nameless@x.edu,,,
                single@x.edu,,Plato,
                KNOWN@X.EDU,,,K2
                """
        let dry = try await send(text, to: client, "?dryRun=true")
        let results = [
            "added", "duplicate", "not-a-student", "unchanged", "invalid", "invalid", "invalid", "invalid", "added",
            "duplicate",
        ]
        #expect(dry.strings("rows", each: "result") == results)
        #expect(dry.number("added") == 2 && dry.number("unchanged") == 3 && dry.number("failed") == 5)
        #expect(dry.text("rows", 4, "detail") == "email must be an e-mail address such as name@example.edu")
        let real = try await send(text, to: client, "?partial=true")
        #expect(real.strings("rows", each: "result") == results)
    }

    @Test(arguments: [
        "", "\n\n", "email,given_name\n", "email,given_name,family_name,EMAIL\n", "email;given_name\n", "\u{0}\n",
    ])
    func `a file whose header cannot be used is refused`(text: String) async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        for query in ["", "?dryRun=true"] {
            let refused = try await send(text, to: client, query)
            #expect(refused.status == 422)
            #expect(refused.text("errors", 0, "field") == "header")
        }
    }

    @Test func `reads what spreadsheets write`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let text =
            "\u{FEFF}\"email\",given_name,family_name\r\n\r\n\"ada@x.edu\",\" Ada \",\"Love\r\nlace\"\r\n,,\r\n"
            + "bob@x.edu,\"Bob, Jr.\",O\u{2019}Neil\r\n"
        let answer = try await send(text, to: client, "?partial=true", contentType: "Text/CSV; charset=utf-8")
        #expect(answer.status == 200)
        #expect(answer.strings("rows", each: "result") == ["invalid", "added"])
        #expect(answer.number("rows", 0, "line") == 3)
        #expect(answer.number("rows", 1, "line") == 6)
        let lost = Array((header + "eva@x.edu,Eva,M\u{FFFD}ller,\n").utf8)
        let unread = try await client.send(.post, "/api/v1/imports/students", body: lost, contentType: "text/csv")
        #expect(unread.status == 422)
        #expect(unread.text("report", "rows", 0, "detail")?.contains("U+FFFD") == true)
        let latin = Array((header + "eva@x.edu,Eva,M").utf8) + [0xFC] + Array("ller,\nok@x.edu,O,K,\n".utf8)
        let refused = try await client.send(.post, "/api/v1/imports/students", body: latin, contentType: "text/csv")
        #expect(refused.status == 422)
        #expect(refused.text("report", "rows", 0, "detail")?.contains("UTF-8") == true)
        #expect(refused.text("report", "rows", 1, "result") == "added")
    }

    @Test func `only admins import, only CSV, only so much`() async throws {
        let college = try await TestInstitution.make()
        let admin = college.client(try await college.person("admin"))
        let text = header + "a@x.edu,A,A,\n"
        #expect(try await send(text, to: admin, contentType: "application/json").status == 415)
        #expect(try await send(text, to: admin, "?dryRun=perhaps").status == 422)
        for role in ["director", "manager", "staff", "student"] {
            #expect(try await send(text, to: college.client(college.person(role))).status == 403)
        }
        #expect(try await send(text, to: college.client()).status == 401)
        let huge = [UInt8](repeating: UInt8(ascii: "x"), count: 64 << 20 + 1)
        #expect(
            try await admin.send(.post, "/api/v1/imports/students", body: huge, contentType: "text/csv").status == 413)
    }

    @Test func `ten thousand rows come in over several batches`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let rows = (1...10_001).map { "s\($0)@x.edu,Given,Family,\($0)" }
        let text = header + rows.joined(separator: "\n") + "\nS7@X.edu,A,B,\n"
        let answer = try await send(text, to: client)
        #expect(answer.number("added") == 10_001 && answer.number("unchanged") == 1)
        #expect(answer.text("rows", 10_001, "result") == "duplicate")
        #expect(answer.text("rows", 10_001, "detail") == "The same person stands on line 8 already.")
        #expect(try await count(college) == 10_001)
    }

    @Test func `an archived student is not changed, and called archived`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let ada = try await college.account("student", email: "ada@x.edu")
        try await college.run("update accounts set status = 'archived' where id = \(ada)")
        let text = header + "ada@x.edu,Ada,Byron,\nnew@x.edu,New,Student,\n"
        for (query, status) in [("?dryRun=true", 200), ("", 422), ("?partial=true", 200)] {
            let answer = try await send(text, to: client, query)
            #expect(answer.status == status)
            let report = status == 200 ? answer[] : answer["report"]
            #expect(report?["rows"]?[0]?["result"]?.string == "not-a-student")
            #expect(
                report?["rows"]?[0]?["detail"]?.string == "The account is archived. Restore it under People first.")
            #expect(report?["failed"]?.int == 1 && report?["added"]?.int == 1)
        }
        #expect(try await college.texts("select family_name from accounts where id = \(ada)") == ["Lovelace"])
        let same = try await send(header + "ada@x.edu,Ada,Lovelace,\n", to: client)
        #expect(same.strings("rows", each: "result") == ["unchanged"])
        #expect(same.text("rows", 0, "detail") == "The account is archived. Restore it under People first.")
    }
}
