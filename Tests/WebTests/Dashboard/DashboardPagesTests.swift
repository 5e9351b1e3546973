import Casework
import Dates
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// The student's page: its first line, and the note that goes with a step.
@Suite struct DashboardPagesTests {
    /// The first line for a student whose milestones are due so many days from today.
    private func summary(_ dues: [Int], language: String = "en") async throws -> String {
        let it = try await TestCohort.make()
        let today = try await it.place.owner(
            SQL("select (now() at time zone time_zone)::date from settings").value(CalendarDate.self))
        for (number, days) in dues.enumerated() {
            _ = try await it.milestone("Step \(number)", dueOn: today.adding(days: days))
        }
        let page = try await it.place.client().send(
            .get, "/dashboard",
            headers: [.cookie: "__Host-waymark=\(it.student.token.text); language=\(language)"])
        return page.text.firstMatch(of: /<\/h1><p>(.*?)<\/p>/).map { String($0.output.1) } ?? page.text
    }

    private func comment(_ it: TestCohort) async throws -> [String] {
        try await it.place.texts("select comment from progress where milestone_id = \(it.milestone)")
    }

    @Test func `a note of 10,000 characters is taken, and the page lets one write as many`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.student)
        #expect(try await browser.get("/dashboard").text.contains("name=\"comment\" rows=\"3\" maxlength=\"10000\""))
        let note = String(repeating: "é", count: 10_000)
        let answer = try await browser.post("/milestones/\(it.milestone)/submit", ["comment": note, "version": "0"])
        #expect(
            answer.status == 303
                && answer.headers[.location]?.hasPrefix("/dashboard?done=submit&what=Meet&seal=") == true)
        #expect(try await comment(it) == [note])
    }

    @Test func `a longer note comes back with its text, its field open and the problem at it`() async throws {
        let it = try await TestCohort.make()
        let second = try await it.milestone("Second")
        let browser = it.place.client().asBrowser(it.student)
        let note = "<b>& " + String(repeating: "x", count: 9_996)
        let answer = try await browser.post("/milestones/\(it.milestone)/submit", ["comment": note, "version": "0"])
        let says = "Comment must be at most 10000 characters long, and is 10001."
        let name = "comment-\(it.milestone)"
        #expect(answer.status == 422)
        #expect(answer.text.contains("<a href=\"#\(name)\">\(says)</a>"))
        #expect(answer.text.contains("id=\"\(name)-error\">\(says)<"))
        #expect(answer.text.contains("aria-describedby=\"\(name)-error\">\n&lt;b&gt;&amp; xxx"))
        #expect(answer.text.matches(of: /<details open>/).count == 1)
        #expect(answer.text.contains("id=\"comment-\(second)\"") && !answer.text.contains("comment-\(second)-error"))
        #expect(try await comment(it).isEmpty)
    }

    @Test func `a longer note to a step that has no field is refused on the page`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.student)
        let note = String(repeating: "x", count: 10_001)
        let answer = try await browser.post("/milestones/\(it.milestone)/withdraw", ["comment": note, "version": "0"])
        #expect(answer.status == 422)
        #expect(answer.text.contains("<li>Comment must be at most 10000 characters long, and is 10001.</li>"))
    }

    @Test func `a step is about what the page showed, and a refused one keeps its note`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.student)
        let steps = "POST /milestones/\(it.milestone)/progress/\(it.student.id)"
        func submit(_ version: String?) async throws -> TestClient.Answer {
            try await browser.post(
                "/milestones/\(it.milestone)/submit",
                ["comment": "My note"].merging(version.map { ["version": $0] } ?? [:]) { $1 })
        }
        #expect(try await submit(nil).status == 412, "no version: no decision")
        #expect(try await submit("0").headers[.location]?.hasPrefix("/dashboard?done=submit&") == true)
        #expect(try await browser.get("/dashboard").text.contains("name=\"version\" value=\"1\""))
        #expect(try await it.send(it.staff, "\(steps)/return", json: #"{"comment":"Add the date"}"#).status == 200)
        let stale = try await submit("0")
        #expect(stale.status == 412 && stale.text.contains("This has changed since you opened the page"))
        #expect(stale.text.contains("Add the date") && stale.text.contains("name=\"version\" value=\"2\""))
        #expect(stale.text.contains(">\nMy note</textarea>"))
        #expect(stale.text.matches(of: /<details open>/).count == 1)
        // done meanwhile: the field has gone, the note has not
        #expect(try await it.send(it.staff, "\(steps)/complete").status == 200)
        for version in ["2", "3"] {
            let done = try await submit(version)
            #expect(
                done.status == (version == "2" ? 412 : 422) && done.text.contains("readonly>\nMy note</textarea>"),
                "\(version)")
        }
        #expect(try await it.place.number("select version from progress where milestone_id = \(it.milestone)") == 3)
    }

    @Test(arguments: [
        ([], "0 of 1 milestones done."),
        ([3, 1], "0 of 3 milestones done. Next: Step 1, tomorrow."),
        ([3, 0], "0 of 3 milestones done. Next: Step 1, today."),
        ([3, -1], "0 of 3 milestones done. Overdue by 1 day: Step 1."),
        ([-40, 0], "0 of 3 milestones done. Overdue by 40 days: Step 0."),
        ([-1, -3, 2], "0 of 4 milestones done. 2 are overdue; start with Step 1."),
    ])
    func `the first line says what is next, or late`(dues: [Int], line: String) async throws {
        #expect(try await summary(dues) == line)
    }

    @Test(arguments: [
        ([-1], "0 de 2 hitos hechos. Con 1 día de retraso: Step 0."),
        ([-40], "0 de 2 hitos hechos. Con 40 días de retraso: Step 0."),
        ([-1, -3], "0 de 3 hitos hechos. 2 tienen retraso; empiece por Step 1."),
    ])
    func `so it does in Spanish`(dues: [Int], line: String) async throws {
        #expect(try await summary(dues, language: "es") == line)
    }
}
