import Casework
import Foundation
import HTTPTypes
import Mail
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// Mail to those who answer, about requests that wait.
@Suite struct RequestMailTests {
    /// A cohort whose staff member wants mail, and whose milestone is due; the worker's clock says what time it is.
    private func scene(_ transport: RecordingTransport = RecordingTransport()) async throws -> MailScene {
        let cohort = try await TestCohort.make()
        try await cohort.place.run("update milestones set due_on = current_date + 3")
        try await wants(cohort, cohort.staff)
        let scene = try MailScene(cohort: cohort, transport: transport, lease: 60)
        scene.clock.now = Date()
        return scene
    }

    private func wants(_ cohort: TestCohort, _ person: TestInstitution.Person) async throws {
        let browser = try await cohort.place.browser(of: person.id)
        let page = try await browser.get("/account")
        #expect(page.text.contains("Mail me when a request waits"))
        let done = try await browser.submit(
            "/account/mail", ["requests": "true", "mailLanguage": "en"], on: "/account")
        #expect(done.status == 303, "\(done.text)")
    }

    private func submit(
        _ scene: MailScene, _ student: TestInstitution.Person? = nil, _ action: String = "submit"
    ) async throws {
        let student = student ?? scene.cohort.student
        let answer = try await scene.cohort.send(
            student, "POST /milestones/\(scene.cohort.milestone)/progress/\(student.id)/\(action)",
            json: #"{"comment":"A secret word"}"#)
        #expect(answer.status == 200, "\(answer.text)")
    }

    private func text(_ scene: MailScene) throws -> String {
        String(decoding: try #require(scene.transport.mails.last).bytes, as: UTF8.self).replacing("=\r\n", with: "")
    }

    @Test func `what waits is told ten minutes later, all of it in one mail, with a way out of such mail`() async throws
    {
        let scene = try await scene()
        try await submit(scene)
        let asked = try await scene.cohort.send(
            scene.cohort.other,
            "POST /milestones/\(scene.cohort.milestone)/extensions/\(scene.cohort.other.id)/request",
            json: #"{"dueOn":"2999-01-01","comment":"I am ill"}"#)
        #expect(asked.status == 200, "\(asked.text)")
        let place = scene.place.institution.id
        #expect(
            try await scene.place.truth(
                "select work_at <= now() + interval '10 minutes' from waymark.institutions where id = \(place)"))
        scene.clock.now = Date() + 300
        try await scene.work()
        #expect(scene.transport.mails.isEmpty)
        scene.clock.now = Date() + 601
        try await scene.work()
        try await scene.work()
        #expect(scene.transport.mails.count == 1)
        #expect(try #require(scene.transport.mails.first).messageID.hasPrefix("request."))
        #expect(
            try #require(scene.transport.mails.first).messageID.hasSuffix("@\(scene.place.institution.slug).localhost"))
        let text = try text(scene)
        #expect(text.contains("Subject: 2 requests wait for your answer"))
        #expect(text.contains("Ada Lovelace"), "\(text)")
        #expect(text.contains("asks for a later date") && text.contains("/inbox"))
        #expect(!text.contains("A secret word") && !text.contains("I am ill"), "what was said stays in Waymark")
        let token = try await scene.place.texts(
            "select token::text from mail_preferences where account_id = \(scene.cohort.staff.id)")[0]
        #expect(text.contains("List-Unsubscribe") && text.contains("/unsubscribe/\(token)"))
        let mails = try await scene.cohort.send(scene.cohort.admin, "GET /mails").json()["items"]?.elements ?? []
        #expect(mails.map { $0["kind"]?.string } == ["request"])
        #expect(mails.first?["day"]?.string != nil)
        let page = try await scene.place.browser(of: scene.cohort.admin.id).get("/mails")
        #expect(page.text.contains("Requests that wait"))

        let done = try await scene.place.client().send(
            .post, "/unsubscribe/\(token)", body: Array("List-Unsubscribe=One-Click".utf8),
            contentType: "application/x-www-form-urlencoded")
        #expect(done.status == 200)
        try await submit(scene, scene.cohort.other)
        #expect(try await scene.states() == ["sent"], "nobody wants another")
    }

    /// What happens before the mail goes out, and whether it still does.
    @Test(
        arguments: [
            ("update progress set status = 'completed'", false), ("update progress set status = 'returned'", false),
            ("update accounts set status = 'suspended' where role = 'staff'", false),
            ("update accounts set status = 'archived' where role = 'student'", false),
            ("update enrollments set left_at = now()", false), ("update cohorts set archived_at = now()", false),
            ("update settings set student_visibility = false", false), ("delete from group_members", false),
            ("delete from cohort_groups", false), ("update groups set archived_at = now()", false),
            ("update mail_preferences set requests = false", false), ("update milestones set saved = false", false),
            ("update progress set comment = 'another'", true), ("update cohorts set goal = 'Spring'", true),
        ] as [(String, Bool)])
    func `what is answered by then, or no longer theirs, is not told`(change: String, isSent: Bool) async throws {
        let scene = try await scene()
        try await submit(scene)
        try await scene.place.owner(SQL(unchecked: change).done())
        scene.clock.now = Date() + 601
        try await scene.work()
        #expect(scene.transport.mails.count == (isSent ? 1 : 0))
        #expect(try await scene.states() == [isSent ? "sent" : "dropped"])
    }

    @Test func `only members of the cohort's groups who want it get it`() async throws {
        let scene = try await scene()
        let elsewhere = try await scene.place.person("staff")
        let silent = try await scene.place.person("staff")
        try await scene.place.run(
            """
            insert into group_members (group_id, account_id, account_role)
            values (\(scene.cohort.group), \(silent.id), 'staff')
            """)
        for person in [elsewhere, scene.cohort.admin] { try await wants(scene.cohort, person) }
        try await submit(scene)
        let staff = scene.cohort.staff.id
        #expect(try await scene.place.texts("select account_id::text from mails") == ["\(staff)"])
        let student = try await scene.place.browser(of: scene.cohort.student.id).get("/account")
        #expect(!student.text.contains("Mail me when a request waits"))
    }

    @Test func `what comes while a mail is sent, or after it, makes another, which names only that`() async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let transport = RecordingTransport {
            start.yield()
            for await _ in released { break }
        }
        let scene = try await scene(transport)
        try await scene.place.run(
            "update accounts set given_name = 'Grace' where id = \(scene.cohort.other.id)")
        try await submit(scene)
        scene.clock.now = Date() + 600
        async let working: Void = scene.work()
        for await _ in started { break }
        try await submit(scene, scene.cohort.other)
        release.yield()
        release.finish()
        try await working
        #expect(try await scene.states() == ["sent", "waiting"])
        scene.clock.now = Date() + 1_300
        try await scene.work()
        #expect(transport.mails.count == 2)
        #expect(try text(scene).contains("Subject: Grace Lovelace waits for your answer: Meet"))
        #expect(try !text(scene).contains("- Ada Lovelace"))
    }

    @Test func `a request that is sent again is told again, and one mail that failed goes out beside the next`()
        async throws
    {
        let scene = try await scene()
        scene.transport.fail(DeliveryFailure(.refused, "550 no"))
        try await submit(scene)
        scene.clock.now = Date() + 601
        try await scene.work()
        #expect(try await scene.states() == ["failed"])
        try await submit(scene, nil, "withdraw")
        try await submit(scene)
        scene.transport.fail(nil)
        let id = try await scene.place.number("select id::int from mails where state = 'failed'")
        let again = try await scene.cohort.send(scene.cohort.admin, "POST /mails/\(id)/resend")
        #expect(again.status == 204, "\(again.text)")
        scene.clock.now = Date() + 601
        try await scene.work()
        #expect(try await scene.states() == ["sent", "sent"])
        #expect(Set(scene.transport.mails.map(\.messageID)).count == 2)
    }

    @Test func `students who ask at the same moment wait for nobody in vain, and share one mail`() async throws {
        let scene = try await scene()
        let second = try await scene.place.person("staff")
        try await scene.place.run(
            """
            insert into group_members (group_id, account_id, account_role)
            values (\(scene.cohort.group), \(second.id), 'staff')
            """)
        try await wants(scene.cohort, second)
        var students = [scene.cohort.student, scene.cohort.other]
        for number in 0..<6 {
            let student = try await scene.place.person("student", email: "s\(number)@example.edu")
            try await scene.place.run(
                "insert into enrollments (cohort_id, student_id) values (\(scene.cohort.id), \(student.id))")
            students.append(student)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for student in students { group.addTask { try await self.submit(scene, student) } }
            try await group.waitForAll()
        }
        #expect(try await scene.states() == ["waiting", "waiting"])
        scene.clock.now = Date() + 601
        try await scene.work()
        #expect(scene.transport.mails.count == 2)
        #expect(try text(scene).contains("Subject: 8 requests wait for your answer"))
    }

    @Test func `mail about requests says what the admin wrote`() async throws {
        let scene = try await scene()
        let path = "/mail-templates/en?kind=request"
        let body =
            #"{"subject":"{student} on {title}","opening":"Dear {name},\n{count} at {institution}","closing":"Soon"}"#
        let stored = try await scene.cohort.send(scene.cohort.admin, "PUT \(path)", json: body)
        #expect(stored.status == 200, "\(stored.text)")
        let wrong = try await scene.cohort.send(
            scene.cohort.admin, "PUT \(path)", json: #"{"subject":"{date}","opening":"o"}"#)
        #expect(wrong.status == 422 && wrong.text.contains("known are {name}"), "\(wrong.text)")
        let reminders = try await scene.cohort.send(scene.cohort.admin, "GET /mail-templates")
        #expect(try reminders.json()["items"]?.elements.isEmpty == true, "those of reminders are others")
        let look = try await scene.cohort.send(
            scene.cohort.admin, "POST /mail-templates/en/preview?kind=request", json: body)
        #expect(try look.json()["subject"]?.string == "Ada Lovelace on Talk to your advisor")
        try await submit(scene)
        scene.clock.now = Date() + 601
        try await scene.work()
        let text = try text(scene)
        #expect(text.contains("Subject: Ada Lovelace on Meet") && text.contains("1 at Test College"), "\(text)")

        let page = scene.place.client().asBrowser(scene.cohort.admin)
        let address = "/settings/mail/en?kind=request"
        let shown = try await page.get(address)
        #expect(
            shown.text.contains("value=\"{student} on {title}\"") && shown.text.contains("These texts are your own."))
        let back = try await page.submit("/settings/mail/en/standard", on: address)
        #expect(back.status == 303 && back.headers[.location]?.contains("kind=request") == true)
        #expect(try await page.get(address).text.contains("{student} waits for your answer: {title}"))
        #expect(try await scene.cohort.send(scene.cohort.admin, "GET \(path)").status == 405)
    }
}
