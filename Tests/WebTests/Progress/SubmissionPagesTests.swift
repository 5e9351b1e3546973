import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// Work sent with files from the dashboard, and how it stands beside the request.
@Suite struct SubmissionPagesTests {
    private static func file(_ name: String, _ text: String = "x") -> Browser.ChosenFile {
        ("files", name, "text/plain", Array(text.utf8))
    }

    private func send(
        _ it: TestCohort, version: Int, _ fields: [(name: String, value: String)] = [], _ files: [Browser.ChosenFile]
    ) async throws -> TestClient.Answer {
        try await it.place.client().asBrowser(it.student).upload(
            "/milestones/\(it.milestone)/submit", [("version", "\(version)")] + fields, files: files)
    }

    @Test func `a form brings a word and files, which staff find beside the request and the student again`()
        async throws
    {
        let it = try await TestCohort.make()
        let sent = try await send(
            it, version: 0, [("comment", "Done <b>")], [Self.file("a & b.txt"), Self.file("c.txt")])
        #expect(sent.status == 303, "\(sent.text)")
        let id = try await it.place.number("select id from submission_files where name = 'a & b.txt'")
        let address = "/milestones/\(it.milestone)/progress/\(it.student.id)/files/\(id)"
        let staff = it.place.client().asBrowser(it.staff)
        for page in [
            "/queue", "/students/\(it.student.id)", "/students/\(it.student.id)/milestones/\(it.milestone)",
        ] {
            let text = try await staff.get(page).text
            #expect(text.contains("<a href=\"\(address)\"><bdi>a &amp; b.txt</bdi></a>"), "\(page)\n\(text)")
        }
        let chosen = try await staff.post("/students", ["action": "approve", "student": "\(it.student.id)"])
        #expect(chosen.text.contains("href=\"\(address)\""))
        let read = try await staff.get(address)
        #expect(read.status == 200 && read.text == "x")
        #expect(read.headers[.contentDisposition]?.hasPrefix("attachment;") == true)
        #expect(try await it.place.client().asBrowser(it.other).get(address).status == 404)
        let student = it.place.client().asBrowser(it.student)
        #expect(try await student.get("/dashboard").text.contains("href=\"\(address)\""))
        #expect(try await student.get(address).text == "x")

        // returned, it offers the files that were sent, to be taken away
        let step = "/milestones/\(it.milestone)/progress/\(it.student.id)/return"
        #expect(try await it.send(it.staff, "POST \(step)", json: #"{"comment":"More"}"#).status == 200)
        let card = try await student.get("/dashboard").text
        #expect(card.contains("name=\"removed\" value=\"\(id)\""))
        #expect(try await send(it, version: 2, [("removed", "\(id)")], [Self.file("d.txt")]).status == 303)
        #expect(try await it.place.texts("select name from submission_files order by name") == ["c.txt", "d.txt"])
        #expect(try await staff.get(address).status == 404)
    }

    @Test func `a refused file stores nothing, and keeps the word and the ticks`() async throws {
        let it = try await TestCohort.make()
        #expect(try await send(it, version: 0, [], [Self.file("old.txt")]).status == 303)
        #expect(
            try await it.send(it.student, "POST /milestones/\(it.milestone)/progress/\(it.student.id)/withdraw").status
                == 200)
        let old = try await it.place.number("select id from submission_files")
        let answer = try await send(
            it, version: 2, [("comment", "Long thought"), ("removed", "\(old)")],
            [Self.file("good.txt"), Self.file("empty.txt", "")])
        let name = "files-\(it.milestone)"
        #expect(answer.status == 422)
        #expect(answer.text.contains("<a href=\"#\(name)\">“empty.txt” is empty."))
        #expect(answer.text.contains("id=\"\(name)-error\">“empty.txt” is empty."))
        #expect(answer.text.contains(">\nLong thought</textarea>"))
        #expect(answer.text.contains("value=\"\(old)\" checked"))
        #expect(answer.text.contains("The files you chose were not stored."))
        #expect(try await it.place.texts("select name from submission_files") == ["old.txt"])

        // the other way round: the word is refused, and no file is stored
        let long = try await send(
            it, version: 2, [("comment", String(repeating: "x", count: 10_001))], [Self.file("good.txt")])
        #expect(long.status == 422 && long.text.contains("id=\"comment-\(it.milestone)-error\""))
        // somebody else's step came first
        let late = try await send(it, version: 1, [("comment", "Late word")], [Self.file("good.txt")])
        #expect(late.status == 412 && late.text.contains("Late word"))
        #expect(try await it.place.texts("select name from submission_files") == ["old.txt"])
        let forged = try await it.place.client().asBrowser(it.other).upload(
            "/milestones/\(it.milestone)/submit", [("version", "0"), ("removed", "\(old)")], files: [])
        #expect(forged.status == 303)
        #expect(try await it.place.texts("select name from submission_files") == ["old.txt"])
    }
}
