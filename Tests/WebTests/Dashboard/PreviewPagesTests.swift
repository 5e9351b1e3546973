import Casework
import Dates
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// Preview as a student: the page a student gets, to the letter, and nothing done by looking.
@Suite struct PreviewPagesTests {
    /// A student's page without what a preview may differ in: its notice, what is switched off, where links lead.
    private func plain(_ answer: TestClient.Answer) -> String {
        answer.text.replacing(/(?s)<title>.*?<\/title>/, with: "")
            .replacing(/(?s)<section class="notice warn stack".*?<\/section>/, with: "")
            .replacing(/name="csrf" value="[^"]*"/, with: "").replacing(" disabled", with: "")
            .replacing(#/ href="/(directory|account|inbox)?"/#, with: "")
    }

    /// Everything a student has and has not to see, in every state.
    private func full() async throws -> TestCohort {
        let it = try await TestCohort.make(timeZone: "Pacific/Kiritimati")
        let place = it.place
        for (title, due) in [("Past", "2020-01-01"), ("Later", "9000-01-01"), ("Sent", "2021-01-01")] {
            _ = try await it.milestone(
                "\(title) <b>", dueOn: CalendarDate(due), completion: title == "Past" ? "student" : "staff")
        }
        let done = try await it.milestone("Done")
        let waived = try await it.milestone("Waived")
        let returned = try await it.milestone("Returned")
        let sent = try await place.number("select id from milestones where title like 'Sent%'")
        let second = try await place.owner(
            SQL("insert into cohorts (category_id, name) values (\(it.category), 'Spring') returning id").value(
                Int.self))
        let gone = try await place.owner(
            SQL(
                "insert into cohorts (category_id, name, archived_at) values (\(it.category), 'Gone', now()) returning id"
            )
            .value(Int.self))
        let left = try await place.owner(
            SQL("insert into cohorts (category_id, name) values (\(it.category), 'Left') returning id").value(Int.self))
        for (cohort, title) in [(second, "Of spring"), (gone, "Of gone"), (left, "Of left")] {
            _ = try await it.milestone(title, in: cohort)
        }
        let quiet = try await place.person("staff")
        try await place.run(
            """
            insert into milestones (cohort_id, title, due_after_days, saved) values
              (\(it.id), 'Unsaved', null, false), (\(it.id), 'Soon', 3, true)
            """)
        try await place.run(
            """
            insert into enrollments (cohort_id, student_id, joined_at, left_at) values
              (\(second), \(it.student.id), now(), null), (\(gone), \(it.student.id), now(), null),
              (\(left), \(it.student.id), now() - interval '1 day', now())
            """)
        try await place.run(
            """
            insert into progress (milestone_id, student_id, cohort_id, completion, status, comment)
            select m.id, \(it.student.id), m.cohort_id, m.completion, x.status, x.comment from milestones m
              join (values (\(sent)::int, 'submitted', null), (\(done)::int, 'completed', null), (\(waived)::int, 'waived', 'moved'),
                    (\(returned)::int, 'returned', 'Bring "ID" & come')) x (id, status, comment) on x.id = m.id
            """)
        try await place.run(
            """
            insert into milestone_files (cohort_id, milestone_id, milestone_saved, name, content_type, complete)
            select cohort_id, id, saved, x.name, 'text/plain', x.complete from milestones
              cross join (values ('guide.txt', true), ('part.txt', false)) x (name, complete)
            """)
        try await place.run(
            "insert into group_members (group_id, account_id, account_role) values (\(it.group), \(quiet.id), 'staff')")
        try await place.run("insert into cohort_groups (cohort_id, group_id) values (\(second), \(it.group))")
        let archived = try await place.group("Archived group", of: [it.staff], cohorts: [it.id])
        try await place.run("update groups set archived_at = now() where id = \(archived)")
        return it
    }

    @Test func `a preview is the student's own page`() async throws {
        let it = try await full()
        let own = try await it.place.client().asBrowser(it.student).send(.get, "/dashboard")
        let path = "/cohorts/\(it.id)/preview/\(it.student.id)"
        let preview = try await it.place.client().asBrowser(it.admin).send(.get, path)
        #expect(own.status == 200 && preview.status == 200)
        #expect(plain(preview) == plain(own))
        #expect(own.text.contains("Of spring") && own.text.contains("guide.txt") && own.text.contains("Soon"))
        for hidden in ["Unsaved", "part.txt", "Archived group", "Of gone", "Of left"] {
            #expect(!preview.text.contains(hidden), "\(hidden)")
        }
        #expect(preview.text.contains("Preview: students see this now"))
    }

    @Test func `a newcomer's preview is the page of somebody who has just joined`() async throws {
        let it = try await full()
        let preview = try await it.place.client().asBrowser(it.admin).send(.get, "/cohorts/\(it.id)/preview")
        let person = try await it.place.person("student")
        try await it.place.run("update accounts set given_name = 'Student', family_name = '' where id = \(person.id)")
        try await it.place.enroll(person.id, in: it.id)
        let own = try await it.place.client().asBrowser(person).send(.get, "/dashboard")
        #expect(own.status == 200)
        #expect(plain(preview) == plain(own))
        #expect(own.text.contains("Soon") && !own.text.contains("Of spring"))
    }

    @Test func `it works before students see anything, and changes nothing`() async throws {
        let it = try await full()
        try await it.place.run("update settings set student_visibility = false")
        func state() async throws -> [String] {
            let (settings, milestones, progress, events, enrollments, files) = try await it.place.owner(
                SQL("select x::text from settings x").values(String.self),
                SQL("select x::text from milestones x order by id").values(String.self),
                SQL("select x::text from progress x order by milestone_id, student_id").values(String.self),
                SQL("select x::text from progress_events x order by id").values(String.self),
                SQL("select x::text from enrollments x order by cohort_id, student_id").values(String.self),
                SQL("select x::text from milestone_files x order by id").values(String.self))
            return settings + milestones + progress + events + enrollments + files
        }
        let before = try await state()
        let browser = it.place.client().asBrowser(it.admin)
        for path in ["/cohorts/\(it.id)/preview", "/cohorts/\(it.id)/preview/\(it.student.id)"] {
            let page = try await browser.send(.get, path)
            #expect(page.status == 200)
            #expect(page.text.contains("Preview: nobody sees this yet"))
            #expect(page.text.contains("href=\"/cohorts/\(it.id)/students\""))
            let main = page.text
            #expect(main.matches(of: /<button/).count > 3)
            #expect(main.matches(of: /<button/).count == main.matches(of: /<button[^>]* disabled>/).count)
            #expect(main.matches(of: /<textarea/).count == main.matches(of: /<textarea[^>]* disabled>/).count)
        }
        #expect(try await state() == before)
        #expect(try await it.place.client().asBrowser(it.student).send(.get, "/dashboard").status == 404)
        #expect(try await browser.post("/milestones/\(it.milestone)/submit", [:]).status == 403)
    }

    @Test func `a look at a student is audited, one at nobody's page is not`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.admin)
        _ = try await browser.send(.get, "/cohorts/\(it.id)/preview")
        _ = try await browser.send(.get, "/cohorts/\(it.hidden)/preview/\(it.student.id)")
        #expect(try await it.place.number("select count(*) from audit") == 0)
        _ = try await browser.send(.get, "/cohorts/\(it.id)/preview/\(it.student.id)")
        let entry = try await it.send(it.admin, "GET /audit?subject=student/\(it.student.id)").json()["items"]?[0]
        #expect(entry?["action"]?.string == "student.read")
        #expect(entry?["actor"]?["id"]?.int == it.admin.id)
        #expect(entry?["after"]?["preview"] == .bool(true))
    }

    @Test func `what is not there is 404, and others than admins are refused`() async throws {
        let it = try await TestCohort.make()
        let elsewhere = try await TestCohort.make()
        let far = try await elsewhere.place.owner(
            SQL(
                """
                insert into cohorts (id, category_id, name) overriding system value
                values (777777, \(elsewhere.category), 'Far') returning id
                """
            ).value(Int.self))
        let browser = it.place.client().asBrowser(it.admin)
        let paths = [
            "/cohorts/\(far)/preview", "/cohorts/\(far)/preview/\(it.student.id)",
            "/cohorts/\(it.id)/preview/\(it.staff.id)",
            "/cohorts/\(it.id)/preview/999999", "/cohorts/\(it.hidden)/preview/\(it.student.id)",
            "/cohorts/x/preview", "/cohorts/\(it.id)/preview/0", "/preview?cohort=\(far)",
        ]
        for path in paths { #expect(try await browser.send(.get, path).status == 404, "\(path)") }
        #expect(try await browser.send(.get, "/preview?cohort=x").status == 422)
        for role in ["director", "manager", "staff", "student"] {
            let other = try await it.place.client().asBrowser(it.place.person(role))
            for path in ["/preview", "/cohorts/\(it.id)/preview", "/cohorts/\(it.id)/preview/\(it.student.id)"] {
                #expect(try await other.send(.get, path).status == 403, "\(role) \(path)")
            }
        }
    }

    @Test func `it is reached from the guide, the settings and the cohort, and narrowed by name`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.admin)
        for page in ["/setup", "/settings"] {
            #expect(try await browser.send(.get, page).text.contains("href=\"/preview\""), "\(page)")
        }
        let link = "href=\"/cohorts/\(it.id)/preview\""
        #expect(try await browser.send(.get, "/cohorts/\(it.id)/students").text.contains(link))
        #expect(
            try await !it.place.client().asBrowser(it.staff).send(.get, "/cohorts/\(it.id)/students").text.contains(
                link))
        #expect(try await browser.send(.get, "/preview").text.contains(link))
        #expect(try await !browser.send(.get, "/preview?q=hidden").text.contains(link))
        try await it.place.run("update accounts set given_name = 'Zoe' where id = \(it.other.id)")
        let students = try await browser.send(.get, "/preview?cohort=\(it.id)")
        #expect(
            students.text.contains("/preview/\(it.student.id)\"") && students.text.contains("/preview/\(it.other.id)\"")
        )
        let found = try await browser.send(.get, "/preview?cohort=\(it.id)&q=zoe")
        #expect(!found.text.contains("/preview/\(it.student.id)\"") && found.text.contains("/preview/\(it.other.id)\""))
    }

    @Test func `an archived cohort shows nothing, as to its students`() async throws {
        let it = try await TestCohort.make()
        try await it.place.run("update cohorts set archived_at = now() where id = \(it.id)")
        let browser = it.place.client().asBrowser(it.admin)
        for path in ["/cohorts/\(it.id)/preview", "/cohorts/\(it.id)/preview/\(it.student.id)"] {
            let page = try await browser.send(.get, path)
            #expect(page.status == 200)
            #expect(page.text.contains("Nothing to do yet") && !page.text.contains("Meet"))
        }
    }
}
