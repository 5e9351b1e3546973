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

    /// The text that the page carries to the next step.
    private func carried(_ page: TestClient.Answer) throws -> String {
        let match = try #require(page.text.firstMatch(of: /(?s)<textarea name="csv"[^>]*>\n(.*?)<\/textarea>/))
        let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        return entities.reduce(String(match.output.1)) { $0.replacing($1.0, with: $1.1) }
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
        #expect(try carried(page) == csv)
        #expect(page.text.contains("\nemail,given_name,family_name\nbad,Bob,B</textarea>"))
        #expect(page.text.hasSuffix("</html>\n"))
        #expect(try await college.number("select count(*) from accounts where role = 'student'") == 0)
        let stored = try await browser.upload("/imports", [("step", "store"), ("csv", try carried(page))])
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
        #expect(try carried(page) == csv)
        let stored = try await browser.upload("/imports", [("step", "store"), ("csv", csv)])
        #expect(stored.status == 303)
        #expect(try await college.number("select count(*) from accounts where role = 'student'") == 12_000)
    }

    @Test func `a row that is not UTF-8 stays refused, also once a browser made it so`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let head = "email,given_name,family_name\n"
        let bytes = Array("\(head)eva@x.edu,Eva,M".utf8) + [0xFC] + Array("ller\nok@x.edu,Olga,K\n".utf8)
        let page = try await browser.upload(
            "/imports", file: (name: "file", fileName: "s.csv", type: "text/csv", bytes: bytes))
        #expect(page.text.contains("1 would be added") && page.text.contains("1 cannot be used"))
        #expect(page.text.contains("is not UTF-8; save the file as CSV UTF-8"))
        // what a browser reads, and sends: the broken byte has become U+FFFD
        let read = try carried(page)
        #expect(read.contains("M\u{FFFD}ller"))
        let stored = try await browser.upload("/imports", [("step", "store"), ("csv", read)])
        #expect(stored.status == 200 && stored.text.contains("1 cannot be used"))
        #expect(stored.text.contains("where a character was lost; write that again"))
        let again = try await browser.upload("/imports", [("csv", "\(head)eva@x.edu,Eva,M\u{FFFD}ller")])
        #expect(again.text.contains("1 cannot be used"))
        #expect(try await college.texts("select family_name from accounts where role = 'student'") == ["K"])
        let mended = try await browser.upload(
            "/imports", [("step", "store"), ("csv", "\(head)eva@x.edu,Eva,Müller")])
        #expect(mended.status == 303)
        #expect(
            try await college.texts("select family_name from accounts where role = 'student' order by 1")
                == ["K", "Müller"])
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
        let stored = try await browser.upload(path, [("step", "store"), ("csv", try carried(page))])
        #expect(stored.status == 200 && stored.text.contains("nobody@example.edu</textarea>"))
        #expect(
            try await it.place.number("select count(*) from enrollments where cohort_id = \(it.hidden) and active") == 1
        )
    }
}
