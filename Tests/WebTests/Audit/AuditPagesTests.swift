import Casework
import Foundation
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// The audit says what was done in words of the page's language.
@Suite struct AuditPagesTests {
    private func sentences(_ page: TestClient.Answer) -> [String] {
        page.text.matches(of: /<td data-label="(?:What|Qué)"[^>]*>(.*?)<\/td>/).map {
            String($0.output.1).replacing(/<[^>]*>/, with: "")
        }
    }

    private func sentences(_ it: TestCohort, _ path: String = "/audit", language: String = "en") async throws
        -> [String]
    {
        sentences(
            try await it.place.client().send(
                .get, path, headers: [.cookie: "__Host-waymark=\(it.admin.token.text); language=\(language)"]))
    }

    @Test func `an action is a sentence, one without words its code`() async throws {
        let it = try await TestCohort.make()
        let submit = "POST /milestones/\(it.milestone)/progress/\(it.student.id)/submit"
        #expect(try await it.send(it.student, submit).status == 200)
        try await it.place.run("insert into audit (action, subject) values ('moon.landed', 'moon/1')")
        let student = try await it.place.texts("select name from accounts where id = \(it.student.id)")[0]
        let milestone = try await it.place.texts("select title from milestones where id = \(it.milestone)")[0]
        #expect(
            try await sentences(it) == ["moon.landed moon/1", "\(student) asked for an answer to \(milestone)"])
        #expect(
            try await sentences(it, language: "es") == [
                "moon.landed moon/1", "\(student) pidió respuesta a \(milestone)",
            ])
    }

    @Test func `archiving has its own word, and only what changed is shown`() async throws {
        let it = try await TestCohort.make()
        try await it.place.run("update cohorts set name = 'Winter Sports' where id = \(it.id)")
        let admin = it.place.client(it.admin)
        for body in [#"{"archived":true}"#, #"{"archived":false,"goal":"Win <b>"}"#] {
            #expect(try await admin.send(.patch, "/api/v1/cohorts/\(it.id)", json: body).status == 200)
        }
        let page = try await it.place.client().asBrowser(it.admin).get("/audit")
        let name = try await it.place.texts("select name from accounts where id = \(it.admin.id)")[0]
        #expect(
            sentences(page) == [
                "\(name) brought back the cohort Winter Sports", "\(name) archived the cohort Winter Sports",
            ])
        #expect(page.text.contains("href=\"/cohorts/\(it.id)\""))
        #expect(page.text.contains("Goal: <bdi>nothing → Win &lt;b&gt;</bdi>"))
        #expect(!page.text.contains("Planned milestones"), "what did not change")
    }

    @Test func `entries are found by the name of who did it and of what it was done to`() async throws {
        let it = try await TestCohort.make()
        try await it.place.run("update cohorts set name = 'Winter Sports' where id = \(it.id)")
        let admin = it.place.client(it.admin)
        for body in [#"{"goal":"a"}"#, #"{"goal":"b"}"#] {
            #expect(try await admin.send(.patch, "/api/v1/cohorts/\(it.id)", json: body).status == 200)
        }
        #expect(try await admin.send(.post, "/api/v1/groups", json: #"{"name":"Winter tutors"}"#).status == 201)
        #expect(try await sentences(it, "/audit?about=SPORTS").count == 2)
        #expect(try await sentences(it, "/audit?about=winter").count == 3)
        #expect(try await sentences(it, "/audit?about=100%25").isEmpty)
        #expect(try await sentences(it, "/audit?actor=\(it.admin.email)").count == 3)
        #expect(try await sentences(it, "/audit?actor=nobody").isEmpty)
        #expect(try await sentences(it, "/audit?subject=cohort/\(it.id)&about=tutors").isEmpty)
    }

    @Test func `answers and files are found by the names that their sentences show, on every page`() async throws {
        let it = try await TestCohort.make()
        try await it.place.run("update milestones set title = 'Meet your advisor' where id = \(it.milestone)")
        try await it.place.run("update accounts set given_name = 'Adalia' where id = \(it.student.id)")
        for step in ["submit", "withdraw", "submit"] {
            let path = "POST /milestones/\(it.milestone)/progress/\(it.student.id)/\(step)"
            #expect(try await it.send(it.student, path).status == 200)
        }
        try await it.place.run(
            """
            insert into milestone_files (cohort_id, milestone_id, milestone_saved, name, content_type, complete)
            select cohort_id, id, saved, 'syllabus.pdf', 'application/pdf', true from milestones where id = \(it.milestone)
            """)
        let file = try await it.place.number("select id from milestone_files")
        try await it.place.run("insert into audit (action, subject) values ('file.create', \("file/\(file)"))")
        #expect(try await sentences(it, "/audit?about=your%20advisor").count == 3)
        #expect(try await sentences(it, "/audit?about=adalia").count == 3)
        #expect(try await sentences(it, "/audit?about=syllabus").count == 1)

        let page = try await it.place.client().asBrowser(it.admin).get("/audit?about=adalia&limit=1").text
        let next = try #require(page.firstMatch(of: /href="([^"]*cursor=[^"]*)"/)).output.1
        #expect(next.contains("about=adalia"), "\(next)")
    }

    @Test func `an entry that names no number breaks nothing`() async throws {
        let it = try await TestCohort.make()
        for subject in ["cohort/x", "cohort/99999999999", "progress/1", "account/", "student/1/2/3", "cohort"] {
            try await it.place.run(
                "insert into audit (action, subject, after) values ('cohort.update', \(subject), '{\"studentId\":\"x\"}')"
            )
        }
        #expect(try await sentences(it).count == 6)
    }
}
