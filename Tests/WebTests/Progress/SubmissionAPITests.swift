import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// Work sent with files: by API, who may read it, and what comes and goes with it.
@Suite struct SubmissionAPITests {
    private static func file(_ name: String, _ text: String = "x", type: String = "text/plain") -> Browser.ChosenFile {
        ("files", name, type, Array(text.utf8))
    }

    private func submit(
        _ it: TestCohort, _ fields: [(name: String, value: String)] = [], _ files: [Browser.ChosenFile],
        action: String = "submit", of student: TestInstitution.Person? = nil, headers: HTTPFields = [:]
    ) async throws -> TestClient.Answer {
        let form = MultipartForm(fields, files)
        return try await it.place.client(it.student).send(
            .post, "/api/v1/milestones/\(it.milestone)/progress/\((student ?? it.student).id)/\(action)",
            body: form.bytes, contentType: form.type, headers: headers)
    }

    private func path(_ it: TestCohort) -> String { "/milestones/\(it.milestone)/progress/\(it.student.id)" }

    private func names(_ it: TestCohort) async throws -> [String] {
        try await it.send(it.staff, "GET \(path(it))/files").json()["items"]?.elements.compactMap { $0["name"]?.string }
            ?? []
    }

    private func rows(_ it: TestCohort) async throws -> Int {
        try await it.place.number("select count(*) from submission_files")
    }

    @Test func `a word and files arrive together, and those who answer read them byte by byte`() async throws {
        let it = try await TestCohort.make()
        let bytes = Array("%PDF-1.7\n".utf8) + (9..<600_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let answer = try await submit(
            it, [("comment", "Here it is")], [("files", "essay.pdf", "application/pdf", bytes), Self.file("notes.txt")])
        #expect(answer.status == 200, "\(answer.text)")
        #expect(try answer.json()["status"]?.string == "submitted" && answer.json()["comment"]?.string == "Here it is")
        let history = try await it.send(it.staff, "GET \(path(it))").json()
        let step = try #require(history["events"]?[0]?["id"]?.int)
        for reader in [it.student, it.staff, it.admin] {
            let list = try await it.send(reader, "GET \(path(it))/files").json()["items"]?.elements ?? []
            #expect(list.compactMap { $0["name"]?.string } == ["essay.pdf", "notes.txt"])
            let essay = try #require(list.first)
            #expect(essay["size"]?.int == bytes.count && essay["stepId"]?.int == step)
            #expect(essay["sha256"]?.string == Digest.hex(Digest.sha256(bytes)))
            let id = try #require(essay["id"]?.int)
            let read = try await it.send(reader, "GET \(path(it))/files/\(id)")
            #expect(read.status == 200 && read.bytes == bytes)
            #expect(read.headers[.contentType] == "application/pdf")
            #expect(
                read.headers[.contentDisposition] == "attachment; filename=\"essay.pdf\"; filename*=UTF-8''essay.pdf")
            #expect(read.headers[.contentSecurityPolicy] == "sandbox; default-src 'none'")
            #expect(read.headers[.xContentTypeOptions] == "nosniff" && read.headers[.cacheControl] == "no-store")
        }
        // each look of somebody else than the student is written down: at the history, the list and the file
        let looks = try await it.place.texts(
            "select actor_role from audit where action = 'student.read' and after ->> 'milestoneId' is not null order by id"
        )
        #expect(looks.map { $0.split(separator: "_").last ?? "" } == ["staff", "staff", "staff", "admin", "admin"])
        let audit = try await it.place.texts("select action from audit where action like 'progress.%' order by id")
        #expect(audit == ["progress.submit", "progress.attach", "progress.attach"])
    }

    @Test func `nobody else reads them: another student, staff elsewhere, who only oversees, another institution`()
        async throws
    {
        let it = try await TestCohort.make()
        #expect(try await submit(it, [], [Self.file("mine.txt")]).status == 200)
        let id = try await it.place.number("select id from submission_files")
        let department = try await it.place.department("Advising")
        let director = try await it.place.person("director")
        let elsewhere = try await it.place.person("staff")
        try await it.place.run("update groups set department_id = \(department)")
        try await it.place.run(
            "insert into department_directors (department_id, account_id) values (\(department), \(director.id))")
        for (who, status) in [(it.other, 404), (elsewhere, 404), (director, 403)] {
            #expect(try await it.send(who, "GET \(path(it))/files").status == status)
            #expect(try await it.send(who, "GET \(path(it))/files/\(id)").status == status)
        }
        #expect(try await it.send(director, "GET \(path(it))").json()["files"]?.elements.isEmpty == true)
        // under another student's name, or another milestone's
        let second = try await it.milestone("Second")
        for (milestone, student) in [(it.milestone, it.other.id), (second, it.student.id)] {
            let read = try await it.send(it.staff, "GET /milestones/\(milestone)/progress/\(student)/files/\(id)")
            #expect(read.status == 404)
        }
        let other = try await TestCohort.make()
        for who in [other.admin, other.staff, other.student] {
            #expect(try await other.send(who, "GET \(path(it))/files/\(id)").status == 404)
        }
        // who joins the group has them, who leaves it has not
        try await it.place.join(elsewhere, it.group)
        #expect(try await it.send(elsewhere, "GET \(path(it))/files/\(id)").bytes == Array("x".utf8))
        try await it.place.run("delete from group_members where account_id = \(elsewhere.id)")
        #expect(try await it.send(elsewhere, "GET \(path(it))/files/\(id)").status == 404)
        // nor has anybody what is hidden from students, or of one who has left
        try await it.place.run("update settings set student_visibility = false")
        #expect(try await it.send(it.student, "GET \(path(it))/files/\(id)").status == 404)
        try await it.place.run("update settings set student_visibility = true")
        try await it.place.run("update enrollments set left_at = now() where student_id = \(it.student.id)")
        #expect(try await it.send(it.staff, "GET \(path(it))/files/\(id)").status == 404)
        #expect(try await it.send(it.student, "GET \(path(it))/files/\(id)").status == 404)
        try await it.place.run("update enrollments set left_at = null")
        #expect(try await it.send(it.staff, "GET \(path(it))/files/\(id)").status == 200)
    }

    @Test func `returned and taken back work keeps its files until it is sent without them`() async throws {
        let it = try await TestCohort.make()
        #expect(try await submit(it, [], [Self.file("a.txt"), Self.file("b.txt")]).status == 200)
        let staff = "POST \(path(it))/"
        #expect(try await it.send(it.staff, staff + "return", json: #"{"comment":"More"}"#).status == 200)
        #expect(try await names(it) == ["a.txt", "b.txt"])
        let first = try await it.place.number("select id from submission_files where name = 'a.txt'")
        let again = try await submit(it, [("removed", "\(first)")], [Self.file("c.txt")])
        #expect(again.status == 200, "\(again.text)")
        #expect(try await names(it) == ["b.txt", "c.txt"])
        let history = try await it.send(it.staff, "GET \(path(it))").json()
        let steps = history["events"]?.elements.compactMap { $0["id"]?.int } ?? []
        #expect(history["files"]?.elements.compactMap { $0["stepId"]?.int } == [steps.first, steps.last])
        // what somebody decides about is what they have seen
        let seen: HTTPFields = [.ifMatch: again.headers[.eTag] ?? ""]
        #expect(try await it.send(it.student, staff + "withdraw").status == 200)
        #expect(try await submit(it, [], [Self.file("d.txt")]).status == 200)
        #expect(try await it.send(it.staff, staff + "complete", headers: seen).status == 412)
        // files of a step that is not taken are not stored
        #expect(try await submit(it, [], [Self.file("e.txt")]).status == 409)
        #expect(try await names(it) == ["b.txt", "c.txt", "d.txt"])
        #expect(try await rows(it) == 3)
        // a form without files leaves them
        #expect(try await it.send(it.student, staff + "withdraw").status == 200)
        #expect(try await it.send(it.student, staff + "submit").status == 200)
        #expect(try await names(it) == ["b.txt", "c.txt", "d.txt"])
        #expect(
            try await it.place.texts("select before ->> 'name' from audit where action = 'progress.detach'") == [
                "a.txt"
            ])
    }

    @Test func `what cannot be stored is refused at its field, and nothing is kept`() async throws {
        let it = try await TestCohort.make()
        let cases: [([Browser.ChosenFile], String)] = [
            ([Self.file("good.txt"), Self.file("empty.txt", "")], "file-empty"),
            ([Self.file("good.txt"), Self.file("..")], "file-name-missing"),
            ([("files", "big.bin", "text/plain", [UInt8](repeating: 65, count: (25 << 20) + 1))], "file-beyond-limit"),
        ]
        for (files, code) in cases {
            let answer = try await submit(it, [("comment", "x")], files)
            #expect(answer.status == 422, "\(answer.text)")
            #expect(try answer.json()["errors"]?[0]?["field"]?.string == "files")
            #expect(try answer.json()["errors"]?[0]?["code"]?.string == code)
        }
        #expect(try await submit(it, [("colour", "red")], [Self.file("a.txt")]).status == 422)
        #expect(try await submit(it, [], [("photo", "a.txt", "text/plain", [65])]).status == 422)
        #expect(try await submit(it, [("comment", String(repeating: "x", count: 2 << 20))], []).status == 413)
        #expect(try await submit(it, [("removed", "x")], []).status == 422)
        #expect(try await submit(it, [], [Self.file("a.txt")], action: "withdraw").status == 415)
        #expect(try await submit(it, [], [Self.file("a.txt")], of: it.other).status == 404)
        #expect(
            try await submit(it, [], [Self.file("a.txt")], headers: [.ifMatch: "\"9\""]).status == 412)
        try await it.place.run("update settings set file_quota_bytes = 5")
        let full = try await submit(it, [], [Self.file("a.txt", "123"), Self.file("b.txt", "123")])
        #expect(try full.json()["errors"]?[0]?["code"]?.string == "quota-exceeded", "\(full.text)")
        #expect(try await rows(it) == 0)
        #expect(try await it.place.number("select bytes from file_space") == 0)
        #expect(try await it.place.number("select count(*) from progress") == 0)
    }

    @Test func `no more than ten files lie with a milestone, whenever they were sent`() async throws {
        let it = try await TestCohort.make()
        let eight = (0..<8).map { Self.file("\($0).txt") }
        #expect(try await submit(it, [], eight).status == 200)
        #expect(try await it.send(it.student, "POST \(path(it))/withdraw").status == 200)
        let three = (0..<3).map { Self.file("more \($0).txt") }
        let refused = try await submit(it, [], three)
        #expect(try refused.json()["errors"]?[0]?["code"]?.string == "files-too-many", "\(refused.text)")
        #expect(try await it.send(it.student, "GET \(path(it))").json()["progress"]?["status"]?.string == "open")
        let first = try await it.place.number("select min(id) from submission_files")
        #expect(try await submit(it, [("removed", "\(first)")], three).status == 200)
        #expect(try await rows(it) == 10)
        #expect(try await submit(it, [], (0..<11).map { Self.file("\($0).txt") }).status == 400)
    }

    @Test func `a repeated request sends its files once`() async throws {
        let it = try await TestCohort.make()
        let form = MultipartForm([("comment", "Once")], [Self.file("a.txt")])
        let key: HTTPFields = [.idempotencyKey: "one"]
        for _ in 1...2 {
            let answer = try await it.place.client(it.student).send(
                .post, "/api/v1\(path(it))/submit", body: form.bytes, contentType: form.type, headers: key)
            #expect(answer.status == 200, "\(answer.text)")
        }
        #expect(try await rows(it) == 1)
        #expect(try await it.place.number("select count(*) from progress_events") == 1)
    }

    @Test func `files take room, and give it back however they go`() async throws {
        let it = try await TestCohort.make()
        func bytes() async throws -> Int { try await it.place.number("select bytes from file_space") }
        #expect(try await submit(it, [], [Self.file("a.txt", "12345")]).status == 200)
        let headers: HTTPFields = [.contentDisposition: "attachment; filename=\"b.txt\""]
        let second = try await it.milestone("Second")
        let made = try await it.place.client(it.admin).send(
            .post, "/api/v1/milestones/\(second)/files", body: Array("123".utf8), contentType: "text/plain",
            headers: headers)
        #expect(made.status == 201)
        #expect(try await bytes() == 8)
        #expect(try await it.send(it.admin, "DELETE /milestones/\(second)").status == 204)
        #expect(try await bytes() == 5)
        try await it.place.run("update settings set file_quota_bytes = 1")
        #expect(try await it.send(it.student, "POST \(path(it))/withdraw").status == 200)
        let id = try await it.place.number("select id from submission_files")
        #expect(try await submit(it, [("removed", "\(id)")], []).status == 200)
        #expect(try await bytes() == 0)
    }
}

extension HTTPField.Name {
    fileprivate static let idempotencyKey = HTTPField.Name("Idempotency-Key") ?? .accept
}
