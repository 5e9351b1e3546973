import Casework
import Foundation
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// A CSV file by browser: what would happen, then storing it.
@Suite struct ImportPagesTests {
    private func file(_ text: String) -> (name: String, fileName: String, type: String, bytes: [UInt8]) {
        (name: "file", fileName: "students.csv", type: "text/csv", bytes: Array(text.utf8))
    }

    /// The number of the upload that the page goes on with.
    private func upload(_ page: TestClient.Answer) throws -> String {
        String(try #require(page.text.firstMatch(of: /name="upload" value="(\d+)"/)).output.1)
    }

    @Test func `a file is shown first and stored afterwards, and its bad rows come back to be mended`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let csv =
            "email,given_name,family_name\r\na@x.edu,Ann,\"O</textarea>&amp;\"\r\nbad,Bob,B\r\n\r\nc@x.edu,Cy,C\r\n"
        let page = try await browser.upload("/imports", file: file(csv))
        #expect(page.status == 200)
        #expect(page.headers[.contentType] == "text/html; charset=utf-8")
        #expect(page.text.contains("2 would be added") && page.text.contains("1 cannot be used"))
        #expect(!page.text.contains("a@x.edu,Ann"), "the file stays where it is")
        #expect(page.text.contains("\nemail,given_name,family_name\nbad,Bob,B</textarea>"))
        #expect(page.text.hasSuffix("</html>\n"))
        #expect(try await college.number("select count(*) from accounts where role = 'student'") == 0)
        let stored = try await browser.upload("/imports", [("step", "store"), ("upload", try upload(page))])
        #expect(stored.status == 200, "what is left stays to be mended")
        #expect(stored.text.contains("\nemail,given_name,family_name\nbad,Bob,B</textarea>"))
        #expect(
            try await college.texts("select family_name from accounts where role = 'student' order by email")
                == ["O</textarea>&amp;", "C"])
        let mended = try await browser.upload("/imports", [("csv", "email,given_name,family_name\nb@x.edu,Bob,B")])
        #expect(mended.text.contains("1 would be added") && !mended.text.contains("cannot be used</h3>"))
    }

    @Test func `a file that is longer than what is held in memory goes both steps whole`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let name = String(repeating: "n", count: 180)
        let csv =
            "email,given_name,family_name\n" + (1...12_000).map { "s\($0)@x.edu,\(name),F\($0)\n" }.joined()
        #expect(csv.utf8.count > 2 << 20)
        let page = try await browser.upload("/imports", file: file(csv))
        #expect(page.status == 200 && page.text.contains("12,000 would be added"))
        #expect(try await college.number("select sum(octet_length(bytes)) from upload_pieces") == csv.utf8.count)
        let stored = try await browser.upload("/imports", [("step", "store"), ("upload", try upload(page))])
        #expect(stored.status == 303)
        #expect(try await college.number("select count(*) from upload_pieces") == 0)
        #expect(try await college.number("select count(*) from accounts where role = 'student'") == 12_000)
    }

    @Test func `how a file is written is found, shown and changed`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let head = "email;given_name;family_name\n"
        let bytes = Array("\(head)eva@x.edu;Eva;M".utf8) + [0xFC] + Array("ller\nok@x.edu;Olga;K\n".utf8)
        let page = try await browser.upload(
            "/imports", file: (name: "file", fileName: "s.csv", type: "text/csv", bytes: bytes))
        #expect(page.text.contains("2 would be added") && page.text.contains("0 cannot be used"))
        #expect(
            page.text.contains("<option value=\"windows-1252\" selected")
                && page.text.contains("value=\"semicolon\" selected"))
        let number = try upload(page)
        let utf8 = try await browser.upload(
            "/imports", [("upload", number), ("encoding", "utf-8"), ("delimiter", "semicolon")])
        #expect(utf8.text.contains("1 would be added") && utf8.text.contains("1 cannot be used"))
        #expect(utf8.text.contains("is not UTF-8; save the file as CSV UTF-8"))
        // what a browser reads of it, and sends: the broken byte has become U+FFFD
        let again = try await browser.upload("/imports", [("csv", "\(head)eva@x.edu;Eva;M\u{FFFD}ller")])
        #expect(again.text.contains("where a character was lost; write that again"))
        let commas = try await browser.upload(
            "/imports", [("upload", number), ("encoding", "windows-1252"), ("delimiter", "comma")])
        #expect(commas.status == 422 && commas.text.contains("separated by semicolons"))
        let right = try await browser.upload(
            "/imports", [("upload", number), ("encoding", "windows-1252"), ("delimiter", "semicolon")])
        #expect(right.text.contains("2 would be added"))
        #expect(try await browser.upload("/imports", [("upload", number), ("step", "store")]).status == 303)
        #expect(
            try await college.texts("select family_name from accounts where role = 'student' order by 1")
                == ["K", "Müller"])
    }

    @Test func `columns are told by hand where their headings say nothing, and known the next time`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let csv = "Person,Surname,Contact,Code,Major\nAnn,Lee,ann@x.edu,7,Physics\n"
        let page = try await browser.upload("/imports", file: file(csv))
        #expect(page.status == 422 && page.text.contains("lacks the column email, given_name"))
        #expect(page.text.contains("Columns that are not used:") && page.text.contains("Person, Contact, Code, Major"))
        #expect(page.text.contains("ann@x.edu") && page.text.contains("Physics"))
        let said: [(name: String, value: String)] = [
            ("upload", try upload(page)), ("encoding", "utf-8"), ("delimiter", "comma"), ("column", "given_name"),
            ("column", "family_name"), ("column", "email"), ("column", "student_number"), ("column", ""),
        ]
        let mapped = try await browser.upload("/imports", said)
        #expect(mapped.status == 200 && mapped.text.contains("1 would be added"), "\(mapped.text)")
        let twice = try await browser.upload("/imports", Array(said.dropLast()) + [("column", "email")])
        #expect(twice.status == 422 && twice.text.contains("names the column email more than once"))
        _ = try await browser.upload("/imports", said)
        #expect(
            try await browser.upload("/imports", [("upload", try upload(mapped)), ("step", "store")]).status == 303)
        #expect(
            try await college.texts(
                "select concat_ws('|', email, name, student_number) from accounts where role = 'student'")
                == ["ann@x.edu|Ann Lee|7"])
        let next = try await browser.upload("/imports", file: file(csv.replacing("Lee", with: "Li")))
        #expect(next.status == 200 && next.text.contains("1 would be updated"))
        let client = college.client(try await college.person("admin"))
        let api = try await client.send(
            .post, "/api/v1/imports/students", body: Array(csv.utf8), contentType: "text/csv")
        #expect(api.strings("rows", each: "result") == ["unchanged"])
    }

    @Test func `an archived account is called archived, also where its row would change nothing`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let gone = try await college.account("student", email: "gone@x.edu")
        try await college.run("update accounts set status = 'archived' where id = \(gone)")
        let page = try await browser.upload(
            "/imports", file: file("email,given_name,family_name\ngone@x.edu,,\nnew@x.edu,New,Student\n"))
        #expect(page.text.contains("1 would be added") && page.text.contains("0 cannot be used"))
        #expect(page.text.contains("<h3>Rows about archived accounts</h3>") && page.text.contains("gone@x.edu"))
        #expect(page.text.contains("The account is archived. Restore it under People first."))
        #expect(
            try await browser.upload("/imports", [("step", "store"), ("upload", try upload(page))]).status == 303)
    }

    @Test func `an upload is its sender's, waits for a day, and goes with the oldest of many`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let other = try await college.client().asBrowser(college.person("admin"))
        let csv = "email,given_name,family_name\nann@x.edu,Ann,Lee\n"
        let first = try upload(try await browser.upload("/imports", file: file(csv)))
        let store: [(name: String, value: String)] = [("upload", first), ("step", "store")]
        #expect(try await other.upload("/imports", store).text.contains("is not there any more"))
        try await college.run("update uploads set expires_at = now() - interval '1 second'")
        #expect(try await browser.upload("/imports", store).text.contains("is not there any more"))
        for bad in ["", "x", "0", "-1", "99999999999"] {
            #expect(try await browser.upload("/imports", [("upload", bad), ("step", "store")]).status == 422)
        }
        try await college.run("delete from uploads")
        let numbers = [
            try upload(try await browser.upload("/imports", file: file(csv))),
            try upload(try await browser.upload("/imports", file: file(csv))),
        ]
        for _ in 0..<4 { _ = try await browser.upload("/imports", file: file(csv)) }
        #expect(try await college.number("select count(*) from uploads") == 5)
        #expect(try await browser.upload("/imports", [("upload", numbers[0]), ("step", "store")]).status == 422)
        #expect(try await browser.upload("/imports", [("upload", numbers[1]), ("step", "store")]).status == 303)
    }

    @Test func `who comes back to a file finds it, with what it would do, and goes on or throws it away`() async throws
    {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.admin)
        #expect(try await browser.get("/imports/waiting").text.contains("No file waits"))
        let csv = "email,given_name,family_name\nann@x.edu,Ann,Lee\nbad,B,C\n"
        _ = try await browser.upload(
            "/imports", file: (name: "file", fileName: "<b>s</b>.csv", type: "text/csv", bytes: Array(csv.utf8)))
        _ = try await browser.upload("/imports", file: file("Person\nAnn\n"))
        _ = try await browser.upload("/cohorts/\(it.hidden)/import-students", file: file("a@example.edu\n"))
        let page = try await browser.get("/imports/waiting")
        #expect(page.status == 200 && page.text.contains("&lt;b&gt;s&lt;/b&gt;.csv"))
        #expect(page.text.contains("1 would be added") && page.text.contains("1 cannot be used"))
        #expect(page.text.contains("Its columns are not known yet."))
        #expect(page.text.contains("action=\"/cohorts/\(it.hidden)/import-students\""))
        let numbers = page.text.matches(of: /name="upload" value="(\d+)"/).map { String($0.output.1) }
        try #require(numbers.count == 3)
        let onward = try await browser.upload("/imports", [("upload", numbers[2])])
        #expect(
            onward.status == 200 && onward.text.contains("1 would be added"), "what was to be seen is to be seen again")
        let other = it.place.client().asBrowser(try await it.place.person("admin"))
        #expect(try await other.get("/imports/waiting").text.contains("No file waits"))
        #expect(
            try await other.submit("/imports/waiting/\(numbers[1])/drop", [:], on: "/imports/waiting").status == 404)
        let gone = try await browser.submit("/imports/waiting/\(numbers[1])/drop", [:], on: "/imports/waiting")
        #expect(gone.status == 303)
        // what is stored waits no more, although rows are left to be mended
        _ = try await browser.upload("/imports", [("upload", numbers[2]), ("step", "store")])
        let left = try await browser.get("/imports/waiting").text
        #expect(left.matches(of: /name="upload" value="(\d+)"/).map { String($0.output.1) } == [numbers[0]])
        try await it.place.run("update uploads set expires_at = now() - interval '1 second'")
        #expect(try await browser.get("/imports/waiting").text.contains("No file waits"))
    }

    @Test func `students who are missing are shown, and suspended where that is ticked`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let gone = try await college.account("student", email: "gone@x.edu", given: "Gone", family: "Girl")
        let page = try await browser.upload("/imports", file: file("email,given_name,family_name\nann@x.edu,Ann,Lee\n"))
        #expect(page.text.contains("1 is not in the file") && page.text.contains("Gone Girl (gone@x.edu)"))
        let number = try upload(page)
        let fewer = try await browser.upload("/imports", [("upload", number), ("step", "store"), ("suspend", "0")])
        #expect(fewer.status == 422 || fewer.status == 409)
        #expect(try await college.texts("select status from accounts where id = \(gone)") == ["active"])
        let yes = try await browser.upload("/imports", [("upload", number), ("step", "store"), ("suspend", "1")])
        #expect(yes.status == 303)
        #expect(try await college.texts("select status from accounts where id = \(gone)") == ["suspended"])
    }

    @Test func `a bad row with line breaks within its quotes comes back whole`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let page = try await browser.upload(
            "/imports", file: file("email,given_name,family_name\na@x.edu,A,B\nbad,\"Bo\nb\",\"B\n\"\nc@x.edu,C,D\n"))
        #expect(page.text.contains("2 would be added") && page.text.contains("1 cannot be used"))
        #expect(page.text.contains("\nemail,given_name,family_name\nbad,&quot;Bo\nb&quot;,&quot;B\n&quot;</textarea>"))
    }

    @Test func `2,000 bad rows can be mended, of which 200 are listed`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let rows = (1...2_500).map { "nobody\($0),A,B" }.joined(separator: "\r")
        let page = try await browser.upload("/imports", file: file("email,given_name,family_name\r" + rows))
        #expect(page.text.contains("2,500 cannot be used"))
        #expect(page.text.matches(of: /<td class="number"/).count == 200)
        #expect(page.text.contains("nobody2000,A,B</textarea>"))
        #expect(!page.text.contains("Store"))
    }

    @Test func `no file, an empty one and one that is no CSV are told apart on the page`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        for answer in [
            try await browser.upload("/imports"), try await browser.upload("/imports", file: file("")),
            try await browser.upload("/imports", file: file("a,b\n1,2\n")),
            try await browser.upload("/imports", [("csv", "")]),
        ] {
            #expect(answer.status == 422)
            #expect(answer.text.contains("id=\"problems\"") && answer.text.contains("enctype=\"multipart/form-data\""))
        }
    }

    @Test func `students are added to a cohort by file`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.admin)
        let path = "/cohorts/\(it.hidden)/import-students"
        let page = try await browser.upload(path, file: file("a@example.edu\nnobody@example.edu\n"))
        #expect(page.text.contains("1 would be added") && page.text.contains("1 cannot be used"))
        let stored = try await browser.upload(path, [("step", "store"), ("upload", try upload(page))])
        #expect(stored.status == 200 && stored.text.contains("nobody@example.edu</textarea>"))
        #expect(
            try await it.place.number("select count(*) from enrollments where cohort_id = \(it.hidden) and active") == 1
        )
    }
}
