import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// Taking back one's own last step: by the API and from the notice that tells of it.
@Suite struct UndoTests {
    private func step(
        _ it: TestCohort, _ who: TestInstitution.Person, _ action: String, _ milestone: Int? = nil,
        comment: String? = nil, ifMatch: Int? = nil
    ) async throws -> TestClient.Answer {
        try await it.send(
            who, "POST /milestones/\(milestone ?? it.milestone)/progress/\(it.student.id)/\(action)",
            json: comment.map { #"{"comment":"\#($0)"}"# },
            headers: ifMatch.map { [.ifMatch: "\"\($0)\""] } ?? [:])
    }

    private func submitted(_ comment: String = "Met on Monday") async throws -> TestCohort {
        let it = try await TestCohort.make()
        #expect(try await step(it, it.student, "submit", comment: comment).status == 200)
        return it
    }

    @Test(arguments: ["admin", "staff"])
    func `an answer is taken back, and all is as before`(role: String) async throws {
        let it = try await submitted()
        let who = role == "admin" ? it.admin : it.staff
        let path = "GET /milestones/\(it.milestone)/progress/\(it.student.id)"
        let before = try await it.send(it.staff, path).json()["progress"]
        for (round, action) in ["complete", "return", "waive"].enumerated() {
            #expect(try await step(it, who, action, comment: "A word").status == 200)
            let undone = try await step(it, who, "undo")
            #expect(undone.status == 200, "\(undone.text)")
            #expect(undone.text("status") == "submitted" && undone.text("comment") == "Met on Monday")
            #expect(undone.text("updatedAt") == before?["updatedAt"]?.string)
            #expect(undone.number("version") == 3 + 2 * round)
            let again = try await step(it, who, "undo")
            #expect(again.status == 409 && again.text("code") == "undo-not-last", "nothing is left to take back")
        }
        let events = try await it.send(it.student, path).json()["events"]?.elements ?? []
        #expect(
            events.compactMap { $0["to"]?.string } == [
                "submitted", "completed", "submitted", "returned", "submitted", "waived", "submitted",
            ])
        #expect(events.map { $0["undo"] == .bool(true) } == [false, false, true, false, true, false, true])
        #expect(events.last?["actor"]?["id"]?.int == who.id && events.last?["comment"] == .null)
        let audit = try await it.send(it.admin, "GET /audit?subject=progress/\(it.milestone)/\(it.student.id)").json()
        #expect(audit["items"]?[0]?["action"]?.string == "progress.undo")
        #expect(audit["items"]?[0]?["before"]?["status"]?.string == "waived")
        #expect(audit["items"]?[0]?["after"]?["status"]?.string == "submitted")
        // what was taken back at once is nobody's answer in a report
        #expect(try await it.place.number("select count(*)::int from report_answers") == 1)
    }

    @Test func `after a minute it stays, but not a student's own completion`() async throws {
        let it = try await submitted()
        let own = try await it.milestone("Own", completion: "student")
        #expect(try await step(it, it.staff, "complete").status == 200)
        #expect(try await step(it, it.student, "complete", own).status == 200)
        try await it.place.run("update progress_events set at = at - interval '3 days'")
        let late = try await step(it, it.staff, "undo")
        #expect(late.status == 409 && late.text("code") == "undo-too-late" && late.text("state") == "completed")
        let back = try await step(it, it.student, "undo", own)
        #expect(back.status == 200 && back.text("status") == "open")
        #expect(try await step(it, it.student, "complete", own).status == 200)
    }

    @Test func `what somebody else did, or did since, is not taken back`() async throws {
        let it = try await submitted()
        let own = try await it.milestone("Own", completion: "student")
        #expect(try await step(it, it.staff, "undo").text("code") == "undo-not-last", "the student's step")
        #expect(try await step(it, it.staff, "complete").status == 200)
        for who in [it.student, it.admin] {
            let refused = try await step(it, who, "undo")
            #expect(refused.status == 409 && refused.text("code") == "undo-not-last")
        }
        #expect(try await step(it, it.admin, "reopen", comment: "Look again").status == 200)
        #expect(try await step(it, it.staff, "undo", ifMatch: 2).status == 412)
        #expect(try await step(it, it.staff, "undo").text("code") == "undo-not-last")
        let again = try await step(it, it.admin, "undo", ifMatch: 3)
        #expect(again.status == 200 && again.text("status") == "completed")
        // a student's completion that staff have touched, though it stands again
        #expect(try await step(it, it.student, "complete", own).status == 200)
        #expect(try await step(it, it.staff, "reopen", own, comment: "x").status == 200)
        #expect(try await step(it, it.staff, "undo", own).text("status") == "completed")
        #expect(try await step(it, it.student, "undo", own).text("code") == "undo-not-last")
    }

    @Test func `of two who take the same step back at once, one does`() async throws {
        let it = try await submitted()
        #expect(try await step(it, it.staff, "complete").status == 200)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 { group.addTask { try await step(it, it.staff, "undo").status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.sorted() == [200, 409, 409, 409])
        #expect(try await it.place.number("select version from progress") == 3)
    }

    @Test func `whoever may not take steps takes none back`() async throws {
        let it = try await submitted()
        #expect(try await step(it, it.staff, "complete").status == 200)
        let director = try await it.place.person("director")
        let department = try await it.place.department("Science", directors: [director])
        try await it.place.run("update groups set department_id = \(department) where id = \(it.group)")
        #expect(try await step(it, director, "undo").status == 403)
        #expect(try await step(it, it.other, "undo").status == 404)
        let elsewhere = try await TestCohort.make()
        #expect(try await step(elsewhere, it.staff, "undo").status == 401)
        try await it.place.run("delete from group_members where account_id = \(it.staff.id)")
        #expect(try await step(it, it.staff, "undo").status == 404)
        // the database alone says no too: the function judges by the caller's own lists
        for who in [it.staff, it.other, director] {
            let undone = try await it.place.work(who, .readers)(
                SQL("select * from undo_step(\(it.milestone)::int, \(it.student.id)::int, 2)").affected())
            #expect(undone == 0)
        }
        #expect(try await it.place.number("select version from progress") == 2)
    }

    @Test func `in an archived cohort nothing is taken back`() async throws {
        let it = try await submitted()
        #expect(try await step(it, it.admin, "complete").status == 200)
        try await it.place.run("update cohorts set archived_at = now() where id = \(it.id)")
        let refused = try await step(it, it.admin, "undo")
        #expect(refused.status == 409 && refused.text("state") == "archived")
    }

    // MARK: Pages

    @Test func `the notice names what was approved, and takes it back`() async throws {
        let it = try await submitted()
        let browser = it.place.client().asBrowser(it.staff)
        let sent = try await browser.post("/queue", ["action": "complete \(it.milestone)-\(it.student.id)-1"])
        let address = try #require(sent.headers[.location])
        let page = try await browser.get(address.replacing("#requests", with: ""))
        #expect(page.text.contains("<p role=\"status\">Approved: Meet, Ada Lovelace</p>"))
        #expect(page.text.contains("name=\"to\" value=\"/queue\""))
        let step = "\(it.milestone)-\(it.student.id)-2"
        #expect(page.text.contains("name=\"item\" value=\"\(step)\""))
        let undone = try await browser.post("/undo", ["item": step, "to": "/queue?age=2"])
        let back = try #require(undone.headers[.location])
        #expect(back.hasPrefix("/queue?age=2&done=undone&what=Meet%2C%20Ada%20Lovelace&seal="))
        #expect(back.hasSuffix("#progress-\(it.milestone)-\(it.student.id)"))
        #expect(try await it.place.texts("select status from progress") == ["submitted"])
        let refused = try await browser.post("/undo", ["item": step, "to": "//evil.example"])
        #expect(refused.status == 409)
        #expect(refused.text.contains("<li>Ada Lovelace, Meet was sent again since you opened this page"))
        #expect(
            refused.text.contains("1 step could not be taken back")
                && refused.text.contains("class=\"button\" href=\"/\""))
    }

    @Test func `many are taken back at once, and a stranger's are not`() async throws {
        let it = try await submitted()
        let second = try await it.milestone("Second")
        #expect(try await step(it, it.student, "submit", second).status == 200)
        let browser = it.place.client().asBrowser(it.staff)
        let keys = [it.milestone, second].map { "\($0)-\(it.student.id)" }
        let sent = try await browser.post(
            "/queue", ["action": "complete \(keys.map { "\($0)-1" }.joined(separator: " "))"])
        #expect(
            try #require(sent.headers[.location]).contains("done=approved&n=2&undo=\(keys[0])-2.\(keys[1])-2&seal="))
        let items = keys.map { ("item", "\($0)-2") }
        let other = try await it.place.client().asBrowser(it.other).post("/undo", pairs: items)
        #expect(other.status == 409 && other.text.matches(of: /is not in your scope any more/).count == 2)
        let undone = try await browser.post("/undo", pairs: items + [("to", "/queue")])
        #expect(try #require(undone.headers[.location]).hasPrefix("/queue?done=undone&n=2#progress-"))
        #expect(try await it.place.texts("select distinct status from progress") == ["submitted"])
        for wrong in [[], ["x"], ["1-2-3-4"], (1...201).map { "1-\($0)-1" }] {
            #expect(try await browser.post("/undo", pairs: wrong.map { ("item", $0) }).status == 404)
        }
    }

    @Test func `a student takes back a mark, from the notice and later from the list`() async throws {
        let it = try await TestCohort.make()
        let own = try await it.milestone("Own", completion: "student")
        let browser = it.place.client().asBrowser(it.student)
        func mark(_ version: Int) async throws -> TestClient.Answer {
            try await browser.post("/milestones/\(own)/complete", ["version": "\(version)", "then": "\(it.milestone)"])
        }
        let address = try #require(try await mark(0).headers[.location])
        #expect(address.hasPrefix("/dashboard?done=complete&what=Own&undo=\(own)-\(it.student.id)-1&seal="))
        #expect(address.hasSuffix("#milestone-\(it.milestone)"))
        let page = try await browser.get("/dashboard")
        #expect(page.text.contains("name=\"item\" value=\"\(own)-\(it.student.id)-1\""))
        let undone = try await browser.post("/undo", ["item": "\(own)-\(it.student.id)-1", "to": "/dashboard"])
        #expect(try #require(undone.headers[.location]).hasSuffix("#milestone-\(own)"))
        #expect(try await it.place.texts("select status from progress") == ["open"])
        // once staff have marked it, it is theirs
        #expect(try await step(it, it.staff, "complete", own).status == 200)
        #expect(try await !browser.get("/dashboard").text.contains("/undo"))
    }

    @Test func `the record and the history tell that it was taken back`() async throws {
        let it = try await submitted()
        let browser = it.place.client().asBrowser(it.staff)
        let record = "/students/\(it.student.id)"
        let answer = try await browser.post(
            "\(record)/milestones/\(it.milestone)", ["action": "complete", "version": "1"])
        let anchor = "progress-\(it.milestone)-\(it.student.id)"
        #expect(try #require(answer.headers[.location]).hasSuffix("#\(anchor)"))
        #expect(try await browser.get(record).text.contains("id=\"\(anchor)\" tabindex=\"-1\""))
        #expect(try await step(it, it.staff, "undo").status == 200)
        for path in [record, "\(record)/milestones/\(it.milestone)"] {
            #expect(try await browser.get(path).text.contains("taken back: done → sent"))
        }
    }
}
