import Casework
import Dates
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// One milestone in two cohorts, each with staff of its own; a student is in both, another only in the first.
private struct SharedScene {
    let it: TestCohort
    /// Answers in the second cohort only.
    let second: TestInstitution.Person
    /// The milestone in the second cohort.
    let copy: Int

    static func make(dueOn: String = "2999-03-01", thereOn: String = "2999-02-01") async throws -> SharedScene {
        let it = try await TestCohort.make()
        try await it.place.run("update milestones set due_on = \(dueOn)::text::date, reminders = '{7}'")
        let second = try await it.place.person("staff")
        let group = try await it.place.number("insert into groups (name) values ('Tutors') returning id")
        try await it.place.run(
            """
            insert into group_members (group_id, account_id, account_role) values (\(group), \(second.id), 'staff')
            """)
        try await it.place.run("insert into cohort_groups (cohort_id, group_id) values (\(it.hidden), \(group))")
        try await it.place.run(
            "insert into enrollments (cohort_id, student_id) values (\(it.hidden), \(it.student.id))")
        let scene = SharedScene(it: it, second: second, copy: try await share(it))
        try await it.place.run("update milestones set due_on = \(thereOn)::text::date where id = \(scene.copy)")
        return scene
    }

    /// Shares the cohort's milestone with the other cohort.
    static func share(_ it: TestCohort) async throws -> Int {
        let answer = try await it.send(
            it.admin, "POST /cohorts/\(it.hidden)/milestone-copies",
            json: #"{"fromCohortId":\#(it.id),"milestoneIds":[\#(it.milestone)],"shared":true}"#)
        #expect(answer.status == 201, "\(answer.text)")
        return try #require(answer.number("milestones", 0, "copyId"))
    }

    func step(
        _ who: TestInstitution.Person, _ action: String, of milestone: Int, _ student: TestInstitution.Person? = nil,
        comment: String? = "A word", ifMatch: String? = nil
    ) async throws -> TestClient.Answer {
        var headers: HTTPFields = [:]
        if let ifMatch { headers[.ifMatch] = ifMatch }
        return try await it.send(
            who, "POST /milestones/\(milestone)/progress/\((student ?? it.student).id)/\(action)",
            json: comment.map { #"{"comment":"\#($0)"}"# } ?? "{}", headers: headers)
    }

    /// Status, comment and history of the student on both.
    func states(of student: TestInstitution.Person? = nil) async throws -> [String] {
        var states: [String] = []
        for milestone in [it.milestone, copy] {
            let answer = try await it.send(
                it.admin, "GET /milestones/\(milestone)/progress/\((student ?? it.student).id)")
            let json = try answer.json()
            let steps = json["events"]?.elements.compactMap { $0["to"]?.string ?? $0["toStatus"]?.string } ?? []
            states.append(
                "\(json["progress"]?["status"]?.string ?? "none") \(json["progress"]?["comment"]?.string ?? "-") "
                    + "\(steps.count)")
        }
        return states
    }

    func dashboard() async throws -> [JSONValue] {
        try await it.send(it.student, "GET /dashboard").json()["milestones"]?.elements ?? []
    }
}

@Suite struct SharedMilestoneTests {
    @Test func `a student of two cohorts sees it once, with the day that comes first`() async throws {
        let scene = try await SharedScene.make()
        let seen = try await scene.dashboard()
        #expect(seen.map { $0["id"]?.int } == [scene.copy])
        #expect(seen.map { $0["dueOn"]?.string } == ["2999-02-01"])
        let whole = try await scene.it.send(scene.it.student, "GET /dashboard").json()
        #expect(whole["progress"]?["total"]?.int == 1)
        let preview = try await scene.it.place.browser(of: scene.it.admin.id)
            .get("/cohorts/\(scene.it.id)/preview/\(scene.it.student.id)")
        #expect(preview.status == 200 && preview.text.contains("id=\"milestone-\(scene.copy)\""), "\(preview.text)")
        #expect(!preview.text.contains("id=\"milestone-\(scene.it.milestone)\""))
        try await scene.it.place.run("update milestones set due_on = '2999-01-01' where id = \(scene.it.milestone)")
        #expect(try await scene.dashboard().map { $0["id"]?.int } == [scene.it.milestone])
        let feed = try await scene.it.send(scene.it.student, "POST /calendar")
        let secret = try #require(feed.text("url")?.split(separator: "/").last)
        let calendar = try await scene.it.place.client().send(.get, "/calendar/\(secret)")
        #expect(calendar.text.contains("DTSTART;VALUE=DATE:29990101"), "\(calendar.text)")
        #expect(calendar.text.components(separatedBy: "BEGIN:VEVENT").count == 2)
        let listed = try await scene.it.send(scene.it.admin, "GET /milestones/\(scene.copy)").json()
        #expect(listed["sharedId"]?.int == scene.copy)
        let places = try await scene.it.send(scene.it.admin, "GET /milestones/\(scene.it.milestone)/sharing").json()
        #expect(places["items"]?.elements.map { $0["cohort"]?.string } == ["Hidden"])
        let scoped = try await scene.it.send(scene.it.staff, "GET /milestones/\(scene.it.milestone)/sharing").json()
        #expect(scoped["items"]?.elements.map { $0["cohort"] } == [.null], "that there is one, and not which")
    }

    @Test func `what is changed in one is changed in all, but not the day`() async throws {
        let scene = try await SharedScene.make()
        let it = scene.it
        let changed = try await it.send(
            it.admin, "PATCH /milestones/\(it.milestone)",
            json:
                #"{"title":"Meet twice","description":"Both","reminders":[1],"completion":"student","dueOn":"2999-05-05"}"#
        )
        #expect(changed.status == 200, "\(changed.text)")
        let copy = try await it.send(it.admin, "GET /milestones/\(scene.copy)").json()
        #expect(copy["title"]?.string == "Meet twice" && copy["description"]?.string == "Both")
        #expect(copy["completion"]?.string == "student" && copy["reminders"]?.elements.count == 1)
        #expect(copy["dueOn"]?.string == "2999-02-01")
        let file = try await it.place.client(it.admin).send(
            .post, "/api/v1/milestones/\(scene.copy)/files", body: Array("text".utf8), contentType: "text/plain",
            headers: [.contentDisposition: "attachment; filename*=UTF-8''a.txt"])
        #expect(file.status == 201, "\(file.text)")
        let files = try await it.send(it.admin, "GET /milestones/\(it.milestone)/files").json()["items"]?.elements ?? []
        #expect(files.map { $0["name"]?.string } == ["a.txt"])
        let other = try #require(files.first?["id"]?.int)
        #expect(try await it.send(it.admin, "GET /files/\(other)").bytes == Array("text".utf8))
        #expect(try await it.send(it.admin, "DELETE /files/\(other)").status == 204)
        #expect(try await it.place.number("select count(*) from milestone_files") == 0)
    }

    @Test func `a step in one cohort is taken in all, with its files, and answered once`() async throws {
        let scene = try await SharedScene.make()
        let it = scene.it
        let form = MultipartForm([("comment", "Here")], [("files", "essay.txt", "text/plain", Array("words".utf8))])
        let sent = try await it.place.client(it.student).send(
            .post, "/api/v1/milestones/\(scene.copy)/progress/\(it.student.id)/submit", body: form.bytes,
            contentType: form.type)
        #expect(sent.status == 200, "\(sent.text)")
        #expect(try await scene.states() == ["submitted Here 1", "submitted Here 1"])
        for (reader, milestone) in [(it.staff, it.milestone), (scene.second, scene.copy)] {
            let files = try await it.send(reader, "GET /milestones/\(milestone)/progress/\(it.student.id)/files").json()
            let id = try #require(files["items"]?[0]?["id"]?.int)
            let read = try await it.send(reader, "GET /milestones/\(milestone)/progress/\(it.student.id)/files/\(id)")
            #expect(read.bytes == Array("words".utf8))
            let inbox = try await it.send(reader, "GET /inbox").json()["items"]?.elements ?? []
            #expect(inbox.count { $0["kind"]?.string == "request" } == 1)
        }
        let admins = try await it.send(it.admin, "GET /inbox").json()["items"]?.elements ?? []
        #expect(admins.count { $0["kind"]?.string == "request" } == 1, "one of the two")
        let seen = try await it.send(it.staff, "GET /milestones/\(it.milestone)/progress/\(it.student.id)")
        #expect(try await scene.step(scene.second, "return", of: scene.copy, comment: "More").status == 200)
        #expect(try await scene.states() == ["returned More 2", "returned More 2"])
        let late = try await scene.step(it.staff, "complete", of: it.milestone, ifMatch: seen.headers[.eTag])
        #expect(late.status == 412, "what one has seen is not what stands there: \(late.text)")
        let told = try await it.send(it.student, "GET /inbox").json()["items"]?.elements ?? []
        #expect(told.count { $0["event"]?.string == "returned" } == 1)
        #expect(try await scene.step(it.student, "submit", of: it.milestone, comment: "Again").status == 200)
        #expect(try await scene.step(it.student, "withdraw", of: scene.copy, comment: nil).status == 200)
        #expect(try await scene.step(it.staff, "complete", of: it.milestone, comment: "Fine").status == 200)
        #expect(try await scene.states() == ["completed Fine 5", "completed Fine 5"])
        let undone = try await scene.step(it.staff, "undo", of: it.milestone, comment: nil)
        #expect(undone.status == 200, "\(undone.text)")
        #expect(try await scene.states().allSatisfy { $0.hasPrefix("open") && $0.hasSuffix("6") })
        #expect(try await scene.step(scene.second, "waive", of: scene.copy, comment: "Sick").status == 200)
        #expect(try await scene.step(it.staff, "reopen", of: it.milestone, comment: "Well").status == 200)
        #expect(try await scene.states() == ["open Well 8", "open Well 8"])
        #expect(try await scene.step(it.staff, "complete", of: it.milestone, it.other).status == 200)
        #expect(try await it.place.number("select count(*) from progress where student_id = \(it.other.id)") == 1)
    }

    @Test func `who joins brings along what is done, and who comes back catches up`() async throws {
        let it = try await TestCohort.make()
        #expect(
            try await it.send(
                it.staff, "POST /milestones/\(it.milestone)/progress/\(it.student.id)/complete",
                json: #"{"comment":"Met"}"#
            ).status == 200)
        try await it.place.run(
            "insert into enrollments (cohort_id, student_id) values (\(it.hidden), \(it.student.id))")
        let copy = try await SharedScene.share(it)
        let scene = SharedScene(it: it, second: it.staff, copy: copy)
        #expect(
            try await scene.states() == ["completed Met 1", "completed Met 1"], "sharing tells what was done before")

        #expect(try await scene.step(it.staff, "complete", of: it.milestone, it.other, comment: "Seen").status == 200)
        let joined = try await it.send(
            it.admin, "POST /cohorts/\(it.hidden)/students", json: #"{"email":"b@example.edu"}"#)
        #expect(joined.status == 201)
        #expect(try await scene.states(of: it.other) == ["completed Seen 1", "completed Seen 1"])
        #expect(try await it.send(it.admin, "DELETE /cohorts/\(it.hidden)/students/\(it.other.id)").status == 204)
        #expect(try await scene.step(it.staff, "reopen", of: it.milestone, it.other, comment: "No").status == 200)
        let again = try await it.send(
            it.admin, "POST /cohorts/\(it.hidden)/students", json: #"{"email":"b@example.edu"}"#)
        #expect(again.status == 201)
        #expect(try await scene.states(of: it.other) == ["open No 2", "open No 2"])
    }

    @Test func `a later date given in one cohort is given in all`() async throws {
        let scene = try await SharedScene.make()
        let it = scene.it
        let asked = try await it.send(
            it.student, "POST /milestones/\(scene.copy)/extensions/\(it.student.id)/request",
            json: #"{"dueOn":"2999-06-01","comment":"Ill"}"#)
        #expect(asked.status == 200, "\(asked.text)")
        #expect(try await it.send(it.staff, "GET /extensions").json()["items"]?.elements.count == 1)
        let granted = try await it.send(
            it.staff, "POST /milestones/\(it.milestone)/extensions/\(it.student.id)/grant",
            json: #"{"dueOn":"2999-06-01"}"#)
        #expect(granted.status == 200, "\(granted.text)")
        #expect(try await it.send(scene.second, "GET /extensions").json()["items"]?.elements.isEmpty == true)
        #expect(try await scene.dashboard().map { $0["dueOn"]?.string } == ["2999-06-01"])
        let told = try await it.send(it.student, "GET /inbox").json()["items"]?.elements ?? []
        #expect(told.count { $0["event"]?.string == "granted" } == 1)
    }

    @Test func `it reminds once, by the day that comes first; its requests come in one mail to each`() async throws {
        let scene = try await SharedScene.make(dueOn: "2028-03-20", thereOn: "2028-03-14")
        let it = scene.it
        try await it.place.run("delete from enrollments where student_id = \(it.other.id)")
        try await it.place.run("update enrollments set joined_at = '2028-01-01T00:00:00Z'")
        let mails = try MailScene(cohort: it, transport: RecordingTransport(), lease: 60)
        try await mails.work()
        #expect(mails.transport.mails.count == 1)
        mails.clock.now = MailScene.morning + 6 * 86_400
        try await mails.work()
        #expect(mails.transport.mails.count == 1, "the later day reminds nobody who has the earlier one")
        for person in [it.staff, scene.second] {
            try await it.place.run("insert into mail_preferences (account_id, requests) values (\(person.id), true)")
        }
        #expect(try await scene.step(it.student, "submit", of: scene.copy).status == 200)
        mails.clock.now = max(Date() + 601, mails.clock.now)
        try await mails.work()
        #expect(mails.transport.mails.count == 3)
    }

    @Test func `a delegate changes what is shared only where all of it is in scope, and shares nothing`() async throws {
        let scene = try await SharedScene.make()
        let it = scene.it
        let manager = try await it.place.person("manager")
        try await it.place.run(
            """
            insert into group_members (group_id, account_id, account_role, manager)
            values (\(it.group), \(manager.id), 'manager', true)
            """)
        try await it.place.run("update settings set cohort_delegation = true")
        let path = "PATCH /milestones/\(it.milestone)"
        let refused = try await it.send(manager, path, json: #"{"title":"Mine"}"#)
        #expect(refused.status == 409 && refused.text.contains("only an admin can change its texts"), "\(refused.text)")
        let file = try await it.place.client(manager).send(
            .post, "/api/v1/milestones/\(it.milestone)/files", body: Array("text".utf8), contentType: "text/plain",
            headers: [.contentDisposition: "attachment; filename*=UTF-8''a.txt"])
        #expect(file.status == 409, "\(file.text)")
        #expect(try await it.place.number("select count(*) from milestone_files where complete") == 0)
        #expect(try await it.place.texts("select distinct title from milestones") == ["Meet"])
        let day = try await it.send(manager, path, json: #"{"dueOn":"2999-04-04"}"#)
        #expect(day.status == 200, "the day is the cohort's own: \(day.text)")
        let page = try await it.place.browser(of: manager.id).get("/cohorts/\(it.id)/milestones/\(it.milestone)")
        #expect(page.text.contains("Shared with 1 cohort you do not see") && !page.text.contains("/share\""))
        #expect(try await it.send(manager, "DELETE /milestones/\(it.milestone)/sharing").status == 403)
        try await it.place.run("insert into cohort_groups (cohort_id, group_id) values (\(it.hidden), \(it.group))")
        #expect(try await it.send(manager, path, json: #"{"title":"Ours"}"#).status == 200)
        #expect(try await it.place.texts("select distinct title from milestones") == ["Ours"])
        let third = try await it.send(
            manager, "POST /cohorts/\(it.hidden)/milestone-copies",
            json: #"{"fromCohortId":\#(it.id),"shared":true}"#)
        #expect(third.status == 422 && third.text.contains("admins-share"), "\(third.text)")
    }

    @Test func `an admin shares on the milestone's page, and ends it there`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.admin)
        let page = "/cohorts/\(it.id)/milestones/\(it.milestone)"
        #expect(try await browser.get(page).text.contains("Share with other cohorts"))
        let none = try await browser.submit("\(page)/share")
        #expect(none.status == 422 && none.text.contains("Choose at least one cohort."))
        let done = try await browser.submit("\(page)/share", ["cohortIds": "\(it.hidden)"])
        #expect(done.status == 303, "\(done.text)")
        let shared = try await browser.get(page).text
        #expect(shared.contains("Shared with Hidden.") && shared.contains("No longer share"))
        #expect(try await browser.get("\(page)/share").text.contains("There is no other cohort"))
        let twice = try await it.send(
            it.admin, "POST /cohorts/\(it.hidden)/milestone-copies", json: #"{"fromCohortId":\#(it.id),"shared":true}"#)
        #expect(twice.status == 409 && twice.text.contains("already"), "\(twice.text)")
        let ended = try await browser.submit("\(page)/unshare", on: page)
        #expect(ended.status == 303, "\(ended.text)")
        #expect(try await it.send(it.admin, "DELETE /milestones/\(it.milestone)/sharing").status == 404)
        #expect(
            try await it.send(it.admin, "PATCH /milestones/\(it.milestone)", json: #"{"title":"Own"}"#).status == 200)
        #expect(Set(try await it.place.texts("select title from milestones")) == ["Own", "Meet"])
        let audit = try await browser.get("/audit").text
        #expect(
            audit.contains("shared the milestone") && audit.contains("its cohort&#39;s own")
                || audit.contains("its cohort's own"))
    }

    @Test func `students and staff who take steps on both at once end in the same state`() async throws {
        let scene = try await SharedScene.make()
        let it = scene.it
        for _ in 0..<5 {
            async let first = scene.step(it.staff, "complete", of: it.milestone)
            async let second = scene.step(scene.second, "complete", of: scene.copy)
            let statuses = try await [first.status, second.status]
            #expect(statuses.contains(200), "\(statuses)")
            let states = try await scene.states()
            #expect(Set(states).count == 1, "\(states)")
            #expect(try await scene.step(it.admin, "reopen", of: it.milestone).status == 200)
        }
    }
}
