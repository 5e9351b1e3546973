import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// Files of people who are not students.
@Suite struct StaffImportAPITests {
    private func send(_ rows: String, to client: TestClient, _ query: String = "") async throws -> TestClient.Answer {
        try await client.send(
            .post, "/api/v1/imports/staff\(query)",
            body: Array(("E-mail;First name;Last name;Role;Groups\n" + rows).utf8), contentType: "text/csv")
    }

    private func staff(_ college: TestInstitution) async throws -> [String] {
        try await college.texts(
            """
            select concat_ws('|', a.email, a.name, a.role, string_agg(g.name, ',' order by g.name))
            from accounts a left join group_members m on m.account_id = a.id left join groups g on g.id = m.group_id
            where a.email like '%@x.edu' group by a.id order by a.email
            """)
    }

    /// Dry and real, which must agree, and then again, which must change nothing.
    private func run(_ rows: String, to client: TestClient) async throws -> [String] {
        let dry = try await send(rows, to: client, "?dryRun=true")
        let real = try await send(rows, to: client, "?partial=true")
        #expect(dry["rows"] == real["rows"], "\(dry.text) \(real.text)")
        let again = try await send(rows, to: client, "?partial=true")
        #expect(again.number("added") == 0 && again.number("updated") == 0, "\(again.text)")
        return real.strings("rows", each: "result")
    }

    @Test func `staff come in with role and groups, and change by the next file`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        try await college.run("insert into groups (name) values ('Advising'), ('Café'), ('Housing')")
        let first =
            "di@x.edu;Di;Rector;Director;\nmo@x.edu;Mo;Nager;manager;\"advising; Cafe\u{301}\"\nsam@x.edu;;Sam;staff;Housing|Advising\n"
        #expect(try await run(first, to: client) == ["added", "added", "added"])
        #expect(
            try await staff(college) == [
                "di@x.edu|Di Rector|director", "mo@x.edu|Mo Nager|manager|Advising,Café",
                "sam@x.edu|Sam|staff|Advising,Housing",
            ])
        let di = try await college.number("select id from accounts where email = 'di@x.edu'")
        try await college.run("insert into departments (name) values ('Student Affairs')")
        try await college.run(
            "insert into department_directors (department_id, account_id) select id, \(di) from departments")
        let second = "di@x.edu;Diana;;staff;Housing\nmo@x.edu;;;;Housing\n"
        let dry = try await send(second, to: client, "?dryRun=true")
        #expect(dry["rows"]?[0]?["changed"] == .array([.string("givenName"), .string("role"), .string("groups")]))
        #expect(try await run(second, to: client) == ["updated", "updated"])
        #expect(try await college.number("select count(*) from department_directors") == 0)
        #expect(
            try await staff(college).prefix(2) == [
                "di@x.edu|Diana Rector|staff|Housing", "mo@x.edu|Mo Nager|manager|Advising,Café,Housing",
            ])
        let actions = try await college.texts("select action from audit where action like 'import%'")
        #expect(actions == ["import.staff", "import.staff"])
    }

    @Test func `nobody becomes an admin by a file, or stops being one, or a student`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin", email: "root@x.edu")
        let client = college.client(admin)
        _ = try await college.account("student", email: "s@x.edu")
        let old = try await college.account("staff", email: "old@x.edu")
        try await college.run("update accounts set status = 'archived' where id = \(old)")
        let rows = """
            new@x.edu;N;N;admin;
            root@x.edu;R;R;staff;
            s@x.edu;S;S;staff;
            old@x.edu;O;O;staff;
            none@x.edu;N;N;;
            n@x.edu;;;staff;
            g@x.edu;G;G;staff;Nowhere
            NEW2@x.edu;N;N;staff;
            new2@x.edu;N;N;manager;
            """
        let results = Array(repeating: "invalid", count: 7) + ["added", "duplicate"]
        #expect(try await run(rows, to: client) == results)
        let told = try await send(rows, to: client, "?dryRun=true")
        for (row, part) in [
            (0, "director, manager, staff"), (1, "role cannot be changed"), (2, "a student"), (6, "Nowhere"),
        ] {
            #expect(told.text("rows", row, "detail")?.contains(part) == true, "\(told.text)")
        }
        #expect(try await college.texts("select role from accounts where email = 'root@x.edu'") == ["admin"])
    }

    @Test func `who is not in the file is told, and stays`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin", email: "root@x.edu")
        let client = college.client(admin)
        _ = try await college.account("student", email: "s@x.edu")
        for (role, email) in [
            ("staff", "a@x.edu"), ("manager", "B@x.edu"), ("director", "c@x.edu"), ("staff", "d@x.edu"),
        ] {
            _ = try await college.account(role, email: email)
        }
        try await college.run("update accounts set status = 'suspended' where email = 'd@x.edu'")
        let rows = "b@X.edu;;;;\nnew@x.edu;N;N;staff;\n"
        let before = try await college.texts("select email || status from accounts order by id")
        for query in ["?dryRun=true", ""] {
            let answer = try await send(rows, to: client, query)
            #expect(answer.number("missing") == 2 && answer.number("suspended") == 0, "\(answer.text)")
            #expect(answer["missingPeople"]?.elements.count == 2)
            #expect(answer.text("missingPeople", 0)?.contains("(a@x.edu)") == true, "\(answer.text)")
            #expect(answer.text("missingPeople", 1)?.contains("(c@x.edu)") == true, "\(answer.text)")
        }
        let after = try await college.texts(
            "select email || status from accounts where email <> 'new@x.edu' order by id")
        #expect(after == before)
        let browser = college.client().asBrowser(admin)
        let csv = Array("email,given_name,family_name\na@x.edu,,\nc@x.edu,,\nnew@x.edu,,\n".utf8)
        let page = try await browser.upload("/imports/staff", file: ("file", "staff.csv", "text/csv", csv))
        #expect(page.text.contains("1 is not in the file") && page.text.contains("(B@x.edu)"), "\(page.text)")
        #expect(!page.text.contains("Suspend"))
    }
}
