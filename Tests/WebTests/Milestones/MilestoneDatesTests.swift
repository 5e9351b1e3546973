import Casework
import Dates
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// The dates of a milestone on its own page: fixed or after joining, and what became of the reminders.
@Suite struct MilestoneDatesTests {
    private func scene() async throws -> (it: TestCohort, browser: Browser, path: String) {
        let it = try await TestCohort.make(timeZone: "America/New_York")
        return (it, it.place.client().asBrowser(it.admin), "/cohorts/\(it.id)/milestones/\(it.milestone)")
    }

    @Test func `a milestone is due on a day or so many days after joining, never both`() async throws {
        let (it, browser, path) = try await scene()
        let page = try await browser.get(path).text
        #expect(page.contains("in the time zone America/New York"))
        #expect(page.contains("id=\"dueAfterDays\""))
        let due = { (it: TestCohort) async throws -> [JSONValue?] in
            let milestone = try await it.send(it.admin, "GET /milestones/\(it.milestone)").json()
            return [milestone["dueOn"], milestone["dueAfterDays"]]
        }
        let days = ["title": "Meet", "dueOn": "", "dueAfterDays": "14", "completion": "staff"]
        #expect(try await browser.submit(path, days).status == 303)
        let fourteen = try JSONValue(parsing: Array("14".utf8))
        #expect(try await due(it) == [.null, fourteen])
        #expect(try await browser.get(path).text.contains("due 14 days after joining"))
        let both = try await browser.submit(path, days.merging(["dueOn": "2026-12-01"]) { $1 })
        #expect(both.status == 422 && both.text.contains("id=\"dueAfterDays-error\""))
        #expect(both.text.contains("value=\"2026-12-01\"") && both.text.contains("value=\"14\""))
        for wrong in ["-1", "3651", "1.5", "many"] {
            let refused = try await browser.submit(path, days.merging(["dueAfterDays": wrong]) { $1 })
            #expect(refused.status == 422 && refused.text.contains("id=\"dueAfterDays-error\""), "\(wrong)")
        }
        #expect(try await due(it) == [.null, fourteen])
        let fixed = days.merging(["dueOn": "2026-12-01", "dueAfterDays": ""]) { $1 }
        #expect(try await browser.submit(path, fixed).status == 303)
        #expect(try await due(it) == [.string("2026-12-01"), .null])
        #expect(try await browser.submit(path, days.merging(["dueAfterDays": ""]) { $1 }).status == 303)
        #expect(try await due(it) == [.null, .null])
        let doubtful = try await browser.post(
            path,
            pairs: days.map { ($0.key, $0.value) } + [("reminders", "7"), ("reminders", "30")]
                + (try await browser.get(path).hiddenFields(to: path)).map { ($0.key, $0.value) })
        #expect(doubtful.headers[.location]?.contains("savedDoubtful") == true, "30 days before is before joining")
        for reader in [it.student, it.staff] {
            let address = reader.id == it.student.id ? "/dashboard" : "/students/\(it.student.id)"
            let text = try await it.place.client().asBrowser(reader).get(address).text
            #expect(text.contains("Dates are days in the time zone America/New York."), "\(address)")
        }
    }

    @Test func `the page tells when reminders go out, to how many they went, and who has another day`() async throws {
        let (it, browser, path) = try await scene()
        let today = try await it.place.owner(
            ("select waymark.day_of(now(), time_zone) from settings" as SQL).value(CalendarDate.self))
        let due = today.adding(days: 3)
        try await it.place.run("update milestones set due_on = \(due), reminders = '{1,2,7}'")
        for (student, day, since, state) in [
            (it.student, -4, -5, "sent"), (it.other, -3, -6, "sent"), (it.student, -2, -3, "sent"),
            (it.other, -1, -2, "failed"),
        ] {
            try await it.place.run(
                """
                insert into mails (account_id, kind, day, since, message_id, state, settled_at, milestone_ids)
                values (\(student.id), 'reminder', \(today.adding(days: day)), \(today.adding(days: since)), 'm', \(state), now(),
                        \([it.milestone])::int[])
                """)
        }
        for (student, status) in [(it.student, "granted"), (it.other, "asked")] {
            try await it.place.run(
                """
                insert into extensions (milestone_id, student_id, cohort_id, status, due_on, asked_for)
                values (\(it.milestone), \(student.id), \(it.id), \(status), \(status == "granted" ? due.adding(days: 5) : nil),
                        \(status == "asked" ? due.adding(days: 5) : nil))
                """)
        }
        for reader in [it.admin, it.staff] {
            let found = try await it.send(reader, "GET /milestones/\(it.milestone)/reminders").json()
            #expect(found["planned"]?.elements.map { $0["daysBefore"]?.int } == [7, 2, 1])
            #expect(
                found["planned"]?.elements.map { $0["day"]?.string }
                    == [-4, 1, 2].map { "\(today.adding(days: $0))" })
            #expect(found["planned"]?.elements.map { $0["students"]?.int } == [2, 0, 0])
            #expect(found["others"]?.int == 1 && found["extensions"]?.int == 1 && found["requests"]?.int == 1)
        }
        let page = try await browser.get(path).text
        for text in [
            "1 week before", "went to 2 students", "goes out", "1 more went out on another day.",
            "1 student has an extension.", "1 student asks for a later date",
        ] { #expect(page.contains(text), "\(text)") }
        try await it.place.run("update milestones set due_on = null, due_after_days = 30")
        #expect(try await browser.get(path).text.contains("on a day of each student’s own"))
        #expect(try await it.send(it.staff, "GET /milestones/\(it.milestone)/reminders").json()["others"]?.int == 3)
    }
}
