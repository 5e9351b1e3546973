import Casework
import Dates
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct ExtensionPagesTests {
    private struct Scene {
        let it: TestCohort
        let today: CalendarDate
        let student, staff: Browser
        var key: String { "\(it.milestone)-\(it.student.id)" }
        var request: String { "/milestones/\(it.milestone)/extension/request" }
        var answer: String { "/extensions/\(it.milestone)/\(it.student.id)" }

        static func make() async throws -> Scene {
            let it = try await TestCohort.make()
            let today = try await it.place.owner(
                ("select waymark.day_of(now(), time_zone) from settings" as SQL).value(CalendarDate.self))
            try await it.place.run("update milestones set due_on = \(today.adding(days: 2))")
            return Scene(
                it: it, today: today, student: it.place.client().asBrowser(it.student),
                staff: it.place.client().asBrowser(it.staff))
        }
    }

    @Test func `a student asks on the dashboard, staff grant from the queue, and both read it`() async throws {
        let scene = try await Scene.make()
        let wish = "\(scene.today.adding(days: 6))"
        let empty = try await scene.student.submit(scene.request, ["dueOn": wish, "comment": " "], on: "/dashboard")
        #expect(empty.status == 422)
        #expect(empty.text.contains("href=\"#extension-comment-\(scene.key)\""))
        #expect(empty.text.contains("value=\"\(wish)\""))
        let early = try await scene.student.submit(
            scene.request, ["dueOn": "\(scene.today)", "comment": "I am <ill>"], on: "/dashboard")
        #expect(early.status == 422 && early.text.contains("id=\"extension-dueOn-\(scene.key)-error\""))
        #expect(early.text.contains(">\nI am &lt;ill&gt;</textarea>"))
        let asked = try await scene.student.submit(
            scene.request, ["dueOn": wish, "comment": "I am <ill>"], on: "/dashboard")
        #expect(asked.status == 303 && asked.headers[.location]?.hasPrefix("/dashboard?done=requested") == true)
        let dashboard = try await scene.student.get("/dashboard").text
        #expect(dashboard.contains("Asked for ") && dashboard.contains("“I am &lt;ill&gt;”"))
        #expect(dashboard.contains("Take the request back"))

        let queue = try await scene.staff.get("/queue").text
        #expect(queue.contains("href=\"/extensions\"") && queue.contains("asks for a later date"))
        #expect(queue.contains("My queue <span class=\"tag info\">1</span>"))
        let list = try await scene.staff.get("/extensions").text
        #expect(list.contains("“I am &lt;ill&gt;”") && list.contains("value=\"\(wish)\""))
        let refused = try await scene.staff.submit(
            scene.answer, ["action": "decline", "dueOn": wish, "comment": ""], on: "/extensions")
        #expect(refused.status == 422 && refused.text.contains("href=\"#extension-comment-\(scene.key)\""))
        let granted = try await scene.staff.submit(
            scene.answer, ["action": "grant", "dueOn": wish, "comment": "Get well"], on: "/extensions")
        #expect(granted.headers[.location]?.hasPrefix("/extensions?done=granted") == true)
        #expect(try await scene.staff.get("/extensions").text.contains("Nobody asks for a later date"))
        let extended = try await scene.student.get("/dashboard").text
        #expect(extended.contains("Extended; it was due") && extended.contains("“Get well”"))
        let history = try await scene.staff.get("/students/\(scene.it.student.id)").text
        #expect(history.contains("asked for ") && history.contains("granted "))
        let page = try await scene.staff.get("/students/\(scene.it.student.id)/milestones/\(scene.it.milestone)").text
        #expect(page.contains("“") == false && page.contains("Get well"))
    }

    @Test func `a decision on an older request is shown again with what was typed, and decides nothing`() async throws {
        let scene = try await Scene.make()
        let day = "\(scene.today.adding(days: 6))"
        let fields = ["dueOn": day, "comment": "First"]
        #expect(try await scene.student.submit(scene.request, fields, on: "/dashboard").status == 303)
        let old = try await scene.staff.get("/extensions").hiddenFields(to: scene.answer)
        let withdrawn = try await scene.student.submit(
            "/milestones/\(scene.it.milestone)/extension/withdraw", on: "/dashboard")
        #expect(withdrawn.status == 303)
        let gone = try await scene.staff.post(
            scene.answer, old.merging(["action": "decline", "comment": "Too late for that"]) { $1 })
        #expect(
            gone.status == 412 && gone.text.contains("readonly>\nToo late for that</textarea>"), "its field has gone")
        #expect(try await scene.student.submit(scene.request, fields, on: "/dashboard").status == 303)
        for version in [old["version"] ?? "", "", "x"] {
            let stale = try await scene.staff.post(
                scene.answer, ["version": version, "action": "grant", "dueOn": day, "comment": "Fine & good"])
            #expect(stale.status == 412 && stale.text.contains("has changed since"), "\(version)")
            #expect(stale.text.contains(">\nFine &amp; good</textarea>") && stale.text.contains("value=\"3\""))
        }
        #expect(try await scene.it.place.number("select count(*) from extensions where due_on is not null") == 0)
    }

    @Test func `staff grant unasked on the student's page, and take it back with a word`() async throws {
        let scene = try await Scene.make()
        let page = "/students/\(scene.it.student.id)"
        let path = "\(page)/milestones/\(scene.it.milestone)/extension"
        let day = "\(scene.today.adding(days: 6))"
        let granted = try await scene.staff.submit(path, ["action": "grant", "dueOn": day], on: page)
        #expect(granted.headers[.location]?.hasPrefix("\(page)?done=granted") == true, "\(granted.text)")
        let shown = try await scene.staff.get(page).text
        #expect(shown.contains("Take the extension back") && shown.contains("value=\"\(day)\""))
        let refused = try await scene.staff.submit(
            path, ["action": "revoke", "dueOn": day, "comment": ""], on: page)
        #expect(refused.status == 422 && refused.text.contains("href=\"#extension-comment-\(scene.key)\""))
        #expect(try await scene.staff.post(path, ["action": "withdraw", "version": "1"]).status == 404)
        let revoked = try await scene.staff.submit(
            path, ["action": "revoke", "dueOn": day, "comment": "A mistake"], on: page)
        #expect(revoked.status == 303)
        #expect(try await scene.student.get("/dashboard").text.contains("The extension was taken back. “A mistake”"))
        let other = scene.it.place.client().asBrowser(scene.it.other)
        #expect(
            try await other.post(scene.request, ["dueOn": day, "comment": "x", "version": "0"]).status == 303,
            "one's own, whoever's page it was")
    }
}
