import Casework
import Dates
import Foundation
import HTTPTypes
import Postgres
import TestSupport
import Testing

@Suite struct RollOverTests {
    private func roll(
        _ it: TestCohort, _ json: String, as who: TestInstitution.Person? = nil, query: String = "",
        headers: HTTPFields = [:]
    ) async throws -> TestClient.Answer {
        try await it.send(who ?? it.admin, "POST /cohorts/\(it.id)/successors\(query)", json: json, headers: headers)
    }

    private func students(_ it: TestCohort, in cohort: Int?) async throws -> [String] {
        try await it.place.texts(
            """
            select a.email from enrollments e join accounts a on a.id = e.student_id
            where e.cohort_id = \(cohort) and e.active order by a.email
            """)
    }

    @Test func `the next term has the milestones on their new days, the groups, and the students that are wanted`()
        async throws
    {
        let it = try await TestCohort.make()
        _ = try await it.milestone("Dated", dueOn: CalendarDate("2031-01-06"))
        try await it.place.run("update cohorts set goal = 'To begin well', planned_milestones = 4 where id = \(it.id)")
        let done = "/milestones/\(it.milestone)/progress/\(it.student.id)/complete"
        #expect(try await it.send(it.staff, "POST \(done)").status == 200)
        for milestone in try await it.place.texts("select id::text from milestones where cohort_id = \(it.id)") {
            let step = "POST /milestones/\(milestone)/progress/\(it.other.id)"
            #expect(try await it.send(it.staff, "\(step)/waive", json: #"{"comment":"x"}"#).status == 200)
        }
        for (wish, expected) in [
            ("none", []), ("unfinished", ["a@example.edu"]), ("all", ["a@example.edu", "b@example.edu"]),
        ] {
            let json = #"{"name":"Next \#(wish)","shiftDays":7,"students":"\#(wish)"}"#
            let dry = try await roll(it, json, query: "?dryRun=true")
            #expect(dry.status == 200 && dry["cohort"] == .null && dry.number("students") == expected.count)
            let answer = try await roll(it, json, headers: [.ifMatch: try #require(dry.headers[.eTag])])
            #expect(answer.status == 201, "\(answer.text)")
            let id = try #require(answer.number("cohort", "id"))
            #expect(
                answer.text("cohort", "name") == "Next \(wish)" && answer.number("cohort", "categoryId") == it.category)
            #expect(
                answer.text("cohort", "goal") == "To begin well" && answer.number("cohort", "plannedMilestones") == 4)
            #expect(answer.number("cohort", "milestones") == 2 && answer.number("cohort", "groups") == 1)
            #expect(answer["milestones", 1, "dueOn"] == .string("2031-01-13"))
            #expect(answer.strings("groups", each: "name") == ["Advising"])
            #expect(try await students(it, in: id) == expected)
            let audit = try await it.send(it.admin, "GET /audit?subject=cohort/\(id)")
            #expect(audit.strings("items", each: "action").contains("cohort.rollover"))
            #expect(audit.number("items", 0, "after", "fromCohortId") == it.id)
        }
        #expect(try await students(it, in: it.id).count == 2, "nobody leaves")
        let board = try await it.send(it.student, "GET /dashboard")
        let started = board["milestones"]?.elements.filter { $0["status"]?.string == "open" }.count
        #expect(started == 5, "they begin afresh")
    }

    @Test func `students keep their personal contacts, as far as those support the new cohort`() async throws {
        let it = try await TestCohort.make()
        try await it.place.run("update enrollments set contact_id = \(it.staff.id) where student_id = \(it.student.id)")
        for (keeps, expected) in [(true, "\(it.staff.id)"), (false, "")] {
            let answer = try await roll(it, #"{"name":"Next \#(keeps)","groups":\#(keeps),"students":"all"}"#)
            let id = try #require(answer.number("cohort", "id"), "\(answer.text)")
            let contacts = try await it.place.texts(
                """
                select coalesce(contact_id::text, '') from enrollments where cohort_id = \(id)
                order by student_id = \(it.student.id) desc
                """)
            #expect(contacts == [expected, ""])
        }
    }

    @Test func `without groups it supports nobody yet; an archived cohort and one without milestones roll over too`()
        async throws
    {
        let it = try await TestCohort.make()
        try await it.place.run("delete from milestones")
        try await it.place.run("update cohorts set archived_at = now() where id = \(it.id)")
        let answer = try await roll(it, #"{"name":"Again","groups":false,"students":"all"}"#)
        #expect(answer.status == 201, "\(answer.text)")
        #expect(answer.number("cohort", "groups") == 0 && answer.number("cohort", "milestones") == 0)
        #expect(try await students(it, in: answer.number("cohort", "id")).count == 2)
    }

    @Test func `what is wrong is named, and nothing is made`() async throws {
        let it = try await TestCohort.make()
        let before = try await it.place.number("select count(*) from cohorts")
        for (json, status, field) in [
            ("{}", 422, "name"), (#"{"name":""}"#, 422, "name"), (#"{"name":"fALL"}"#, 409, "name"),
            (#"{"name":"N","categoryId":999999}"#, 422, "categoryId"),
            (#"{"name":"N","students":"some"}"#, 422, "students"),
            (#"{"name":"N","firstDay":"2027-01-01"}"#, 422, "firstDay"), (#"{"name":"N","groups":1}"#, 422, "groups"),
        ] {
            for query in ["", "?dryRun=true"] {
                let answer = try await roll(it, json, query: query)
                let isNamed = status == 409 ? answer.text.contains("\(field): ") : answer.refusedFields == [field]
                #expect(answer.status == status && isNamed, "\(json): \(answer.text)")
            }
        }
        #expect(try await roll(it, #"{"name":"N"}"#, headers: [.ifMatch: "\"4711\""]).status == 412)
        for person in [it.staff, it.student] { #expect(try await roll(it, #"{"name":"N"}"#, as: person).status == 403) }
        #expect(try await it.send(it.admin, "POST /cohorts/999999/successors", json: #"{"name":"N"}"#).status == 404)
        let elsewhere = try await TestInstitution.make()
        let stranger = try await elsewhere.person("admin")
        let far = try await elsewhere.client(stranger).send(
            .post, "/api/v1/cohorts/\(it.id)/successors", json: #"{"name":"N"}"#)
        #expect(far.status == 404)
        #expect(try await it.place.number("select count(*) from cohorts") == before)
    }

    @Test func `where something of it fails, nothing of it stays`() async throws {
        let it = try await TestCohort.make()
        let made = try await it.place.client(it.admin).send(
            .post, "/api/v1/milestones/\(it.milestone)/files", body: Array("x".utf8), contentType: "text/plain",
            headers: [.contentDisposition: "attachment; filename=\"x\""])
        #expect(made.status == 201)
        try await it.place.run("update settings set file_quota_bytes = 1")
        let before = try await it.place.number("select count(*) from audit")
        #expect(try await roll(it, #"{"name":"Next","students":"all"}"#).status == 413)
        #expect(try await it.place.number("select count(*) from cohorts") == 2)
        #expect(try await it.place.number("select count(*) from audit") == before)
    }

    @Test func `the page shows what would be made, and makes it`() async throws {
        let it = try await TestCohort.make()
        _ = try await it.milestone("Dated", dueOn: CalendarDate("2031-01-06"))
        let browser = it.place.client().asBrowser(it.admin)
        let page = "/cohorts/\(it.id)/roll-over"
        #expect(try await browser.get("/cohorts/\(it.id)/details").text.contains(#"href="\#(page)""#))
        #expect(try await browser.get(page).status == 200)
        let query = "name=Spring&categoryId=\(it.category)&groups=true&students=all&shiftDays=&firstDay=2031-02-01"
        let preview = try await browser.get("\(page)?\(query)")
        #expect(preview.status == 200 && preview.text.contains("2 students · 1 support group: Advising"))
        #expect(
            preview.text.contains("Feb 1, 2031") && preview.text.contains(#"<span class="tag warn">weekend</span>"#))
        let taken = try await browser.get("\(page)?\(query.replacing("Spring", with: "fall"))")
        #expect(taken.status == 422 && taken.text.contains("name-error"))
        let made = try await browser.post(page, preview.hiddenFields(to: page))
        #expect(made.status == 303)
        let address = try #require(made.headers[.location])
        #expect(address.contains("/details?done=created"))
        #expect(try await browser.get(address).text.contains("Spring"))
        let own = #"<option value="\#(it.category)" selected>"#
        #expect(try await browser.get("\(page)?name=X").text.contains(own), "its category, where none is asked for")
        let again = try await browser.post(page, preview.hiddenFields(to: page))
        #expect(again.status == 422 && again.text.contains("name-error") && again.text.contains("Spring"))
    }
}
