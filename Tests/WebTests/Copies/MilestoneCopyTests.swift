import Casework
import Dates
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct MilestoneCopyTests {
    /// The cohort has a milestone with two files and one on a Saturday; the hidden one has one of its own.
    private struct Scene {
        let it: TestCohort
        let second: Int
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

        init() async throws {
            it = try await TestCohort.make()
            second = try await it.milestone("Second", dueOn: CalendarDate("2031-03-01"))
            try await it.place.run(
                """
                update milestones set due_on = '2031-01-06', reminders = '{1,7}', description = 'Do it.',
                    completion = 'student' where id = \(it.milestone)
                """)
            for (name, content) in [("a.pdf", bytes), ("b.txt", Array("b".utf8))] {
                let made = try await it.place.client(it.admin).send(
                    .post, "/api/v1/milestones/\(it.milestone)/files", body: content, contentType: "text/plain",
                    headers: [.contentDisposition: "attachment; filename=\"\(name)\""])
                #expect(made.status == 201)
            }
            _ = try await it.milestone("Own", in: it.hidden)
        }

        func copy(
            _ json: String, as who: TestInstitution.Person? = nil, into cohort: Int? = nil, query: String = "",
            headers: HTTPFields = [:]
        ) async throws -> TestClient.Answer {
            try await it.send(
                who ?? it.admin, "POST /cohorts/\(cohort ?? it.hidden)/milestone-copies\(query)", json: json,
                headers: headers)
        }

        func titles(in cohort: Int) async throws -> [String] {
            try await it.place.texts("select title from milestones where cohort_id = \(cohort) order by id")
        }
    }

    @Test func `a copy is the milestone with its reminders and files, on its new day, in a cohort that had some`()
        async throws
    {
        let scene = try await Scene()
        let it = scene.it
        let answer = try await scene.copy(#"{"fromCohortId":\#(it.id),"shiftDays":364}"#)
        #expect(answer.status == 201, "\(answer.text)")
        #expect(answer["dryRun"] == .bool(false) && answer.number("shiftDays") == 364)
        #expect(answer.strings("milestones", each: "title") == ["Meet", "Second"])
        #expect(answer.strings("milestones", each: "dueOn") == ["2032-01-05", "2032-02-28"])
        #expect(answer["milestones", 0, "weekend"] == .bool(false) && answer["milestones", 1, "weekend"] == .bool(true))
        #expect(answer.number("milestones", 0, "files") == 2)
        #expect(try await scene.titles(in: it.hidden) == ["Own", "Meet", "Second"])
        let id = try #require(answer.number("milestones", 0, "copyId"))
        let copy = try await it.send(it.admin, "GET /milestones/\(id)")
        #expect(
            copy.text
                == #"{"id":\#(id),"cohortId":\#(it.hidden),"title":"Meet","dueOn":"2032-01-05","dueAfterDays":null,"#
                + #""description":"Do it.","reminders":[1,7],"completion":"student","saved":true,"archived":false,"sharedId":null}"#
        )
        let files = try await it.send(it.admin, "GET /milestones/\(id)/files")
        #expect(files.strings("items", each: "name") == ["a.pdf", "b.txt"])
        let file = try #require(files.number("items", 0, "id"))
        #expect(try await it.send(it.admin, "GET /files/\(file)").bytes == scene.bytes)
        #expect(
            try await it.place.number("select count(*) from milestone_files where milestone_id = \(it.milestone)") == 2)
        let order = try await it.send(it.admin, "GET /cohorts/\(it.hidden)/milestone-order")
        #expect(
            order["milestoneIds"]?.elements.dropFirst().first?.int == id, "behind what was there, in the same order")
    }

    @Test func `the audit says where each copy is from`() async throws {
        let scene = try await Scene()
        let it = scene.it
        let answer = try await scene.copy(#"{"fromCohortId":\#(it.id),"milestoneIds":[\#(scene.second)]}"#)
        let id = try #require(answer.number("milestones", 0, "copyId"))
        let audit = try await it.send(it.admin, "GET /audit?subject=milestone/\(id)")
        #expect(audit.strings("items", each: "action") == ["milestone.copy"])
        #expect(audit.number("items", 0, "after", "fromCohortId") == it.id)
        #expect(audit.number("items", 0, "after", "fromMilestoneId") == scene.second)
        let page = try await it.place.client().asBrowser(it.admin).get("/audit?subject=milestone/\(id)").text
        #expect(page.contains("copied the milestone") && page.contains("from the cohort <bdi>Fall</bdi>"))
    }

    @Test func `a dry run changes nothing, and under its tag only what it showed is copied`() async throws {
        let scene = try await Scene()
        let it = scene.it
        let json = #"{"fromCohortId":\#(it.id),"firstDay":"2020-02-01"}"#
        let dry = try await scene.copy(json, query: "?dryRun=true")
        #expect(dry.status == 200 && dry["dryRun"] == .bool(true))
        #expect(dry["milestones", 0, "copyId"] == .null)
        #expect(dry["milestones", 0, "past"] == .bool(true) && dry["milestones", 0, "weekend"] == .bool(true))
        #expect(dry.strings("milestones", each: "dueOn") == ["2020-02-01", "2020-03-26"])
        #expect(try await scene.titles(in: it.hidden) == ["Own"])
        let tag = try #require(dry.headers[.eTag])
        let changed = try await it.send(it.admin, "PATCH /milestones/\(scene.second)", json: #"{"title":"New"}"#)
        #expect(changed.status == 200)
        #expect(try await scene.copy(json, headers: [.ifMatch: tag]).status == 412)
        #expect(try await scene.titles(in: it.hidden) == ["Own"])
        let again = try #require(try await scene.copy(json, query: "?dryRun=true").headers[.eTag])
        #expect(try await scene.copy(json, headers: [.ifMatch: again]).status == 201)
        #expect(try await scene.titles(in: it.hidden) == ["Own", "Meet", "New"])
    }

    @Test func `drafts and retired milestones are not copied`() async throws {
        let scene = try await Scene()
        let it = scene.it
        try await it.place.run("update milestones set saved = false where id = \(it.milestone)")
        try await it.place.run("update milestones set saved = false, archived_at = now() where id = \(scene.second)")
        let answer = try await scene.copy(#"{"fromCohortId":\#(it.id)}"#)
        #expect(answer.status == 422 && answer.refusedFields == ["milestoneIds"])
        let named = try await scene.copy(#"{"fromCohortId":\#(it.id),"milestoneIds":[\#(scene.second)]}"#)
        #expect(named.status == 422 && named.refusedFields == ["milestoneIds"])
    }

    @Test func `what is wrong is named, and nothing is copied`() async throws {
        let scene = try await Scene()
        let it = scene.it
        let elsewhere = try await TestCohort.make()
        let from = #""fromCohortId":\#(it.id)"#
        for (json, field) in [
            ("{}", "fromCohortId"), (#"{"fromCohortId":\#(it.hidden)}"#, "fromCohortId"),
            (#"{"fromCohortId":999999}"#, "fromCohortId"), (#"{"fromCohortId":4000000000}"#, "fromCohortId"),
            (#"{\#(from),"milestoneIds":[]}"#, "milestoneIds"), (#"{\#(from),"milestoneIds":[0]}"#, "milestoneIds"),
            (#"{\#(from),"milestoneIds":[999999]}"#, "milestoneIds"), (#"{\#(from),"shiftDays":1.5}"#, "shiftDays"),
            (#"{\#(from),"shiftDays":3651}"#, "shiftDays"), (#"{\#(from),"firstDay":"2027-02-30"}"#, "firstDay"),
            (#"{\#(from),"firstDay":"2027-02-01","shiftDays":0}"#, "firstDay"),
            (#"{\#(from),"firstDay":"9999-12-01"}"#, "firstDay"), (#"{\#(from),"x":1}"#, "x"),
        ] {
            for query in ["", "?dryRun=true"] {
                let answer = try await scene.copy(json, query: query)
                #expect(answer.status == 422 && answer.refusedFields == [field], "\(json): \(answer.text)")
            }
        }
        #expect(try await scene.copy("{}", query: "?dryRun=perhaps").status == 422)
        #expect(try await scene.titles(in: it.hidden) == ["Own"])
        let far = try await elsewhere.send(
            elsewhere.admin, "POST /cohorts/\(elsewhere.hidden)/milestone-copies",
            json: #"{"fromCohortId":\#(it.id)}"#)
        #expect(far.status == 422 || far.strings("milestones", each: "title") == ["Meet"], "its own cohort at most")
        try await it.place.run("update cohorts set archived_at = now() where id = \(it.hidden)")
        #expect(try await scene.copy("{\(from)}").status == 409)
        #expect(try await scene.copy("{\(from)}", query: "?dryRun=true").status == 409)
        try await it.place.run("update cohorts set archived_at = null where id = \(it.hidden)")
        try await it.place.run("update cohorts set archived_at = now() where id = \(it.id)")
        #expect(try await scene.copy("{\(from)}").status == 201, "last year's may be archived")
    }

    @Test func `where there is no room for the files nothing is copied`() async throws {
        let scene = try await Scene()
        let it = scene.it
        try await it.place.run("update settings set file_quota_bytes = 500000")
        let answer = try await scene.copy(#"{"fromCohortId":\#(it.id)}"#)
        #expect(answer.status == 413, "\(answer.text)")
        #expect(try await scene.titles(in: it.hidden) == ["Own"])
        #expect(try await it.place.number("select count(*) from milestone_files") == 2)
        #expect(try await it.place.number("select count(*) from audit where action = 'milestone.copy'") == 0)
        let browser = it.place.client().asBrowser(it.admin)
        let page = "/cohorts/\(it.hidden)/copy-milestones"
        let refused = try await browser.submit(page, on: "\(page)?fromCohortId=\(it.id)&milestoneIds=\(it.milestone)")
        #expect(refused.status == 422 && refused.text.contains("milestoneIds-error"))
        try await it.place.run("update settings set file_quota_bytes = 700000")
        #expect(try await scene.copy(#"{"fromCohortId":\#(it.id)}"#).status == 201)
    }

    @Test func `delegates copy from what they see into what they edit`() async throws {
        let scene = try await Scene()
        let it = scene.it
        let manager = try await it.place.person("manager")
        try await it.place.run(
            """
            insert into group_members (group_id, account_id, account_role, manager)
            values (\(it.group), \(manager.id), 'manager', true)
            """)
        let group = try await it.place.owner(
            SQL("insert into groups (name) values ('Seen') returning id").value(Int.self))
        try await it.place.run(
            """
            insert into group_members (group_id, account_id, account_role) values (\(group), \(manager.id), 'manager')
            """)
        let (fromOwn, fromOther) = (#"{"fromCohortId":\#(it.id)}"#, #"{"fromCohortId":\#(it.hidden)}"#)
        #expect(try await scene.copy(fromOther, as: manager, into: it.id).status == 403)
        try await it.place.run("update settings set cohort_delegation = true")
        #expect(
            try await scene.copy(fromOther, as: manager, into: it.id).refusedFields == ["fromCohortId"], "out of scope")
        #expect(try await scene.copy(fromOwn, as: manager).status == 404)
        try await it.place.run("insert into cohort_groups (cohort_id, group_id) values (\(it.hidden), \(group))")
        #expect(try await scene.copy(fromOwn, as: manager).status == 403, "seen, not edited")
        #expect(try await scene.copy(fromOther, as: manager, into: it.id).status == 201)
        #expect(try await scene.titles(in: it.id) == ["Meet", "Second", "Own"])
        for person in [it.staff, it.student] {
            #expect(try await scene.copy(fromOther, as: person, into: it.id).status == 403)
        }
    }

    @Test func `the page chooses, shows and copies without script`() async throws {
        let scene = try await Scene()
        let it = scene.it
        let browser = it.place.client().asBrowser(it.admin)
        let page = "/cohorts/\(it.hidden)/copy-milestones"
        #expect(try await browser.get("/cohorts/\(it.hidden)/milestones").text.contains(#"href="\#(page)""#))
        let first = try await browser.get(page)
        #expect(first.status == 200 && first.text.contains("First-Year · Fall · 2 milestones"))
        #expect(!first.text.contains("method=\"post\" action=\"\(page)\""))
        let chosen = try await browser.get("\(page)?fromCohortId=\(it.id)")
        #expect(chosen.text.matches(of: /name="milestoneIds" value="\d+" checked/).count == 2)
        let query = "fromCohortId=\(it.id)&milestoneIds=\(scene.second)&shiftDays=&firstDay=2031-03-02"
        let preview = try await browser.get("\(page)?\(query)")
        #expect(preview.text.matches(of: /name="milestoneIds" value="\d+" checked/).count == 1)
        #expect(
            preview.text.contains("Mar 2, 2031") && preview.text.contains(#"<span class="tag warn">weekend</span>"#))
        #expect(preview.text.contains("Copy 1 milestone<"))
        #expect(try await scene.titles(in: it.hidden) == ["Own"])
        let form = preview.hiddenFields(to: page)
        #expect(form["firstDay"] == "2031-03-02" && form["shiftDays"] == nil)
        // changed since: shown again as it is now, and not copied
        try await it.place.run(
            "update milestones set title = 'Renamed', version = version + 1 where id = \(scene.second)")
        let outdated = try await browser.post(page, form)
        #expect(outdated.status == 412 && outdated.text.contains("Renamed"))
        let done = try await browser.post(page, outdated.hiddenFields(to: page))
        #expect(done.status == 303)
        #expect(done.headers[.location] == "/cohorts/\(it.hidden)/milestones?done=milestonesCopied")
        #expect(try await scene.titles(in: it.hidden) == ["Own", "Renamed"])
        for wrong in ["fromCohortId=x", "fromCohortId=99999999999", "\(query)&shiftDays=4", "\(query)&milestoneIds=0"] {
            let refused = try await browser.get("\(page)?\(wrong)")
            #expect(refused.status == 422 && refused.text.contains("field-error"), "\(wrong)")
        }
        #expect(try await it.place.client().asBrowser(it.staff).get(page).status == 403)
    }
}
