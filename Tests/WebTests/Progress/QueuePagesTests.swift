import Casework
import Foundation
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// The queue: answering one request, many at once, and saying what could not be answered.
@Suite struct QueuePagesTests {
    /// A cohort with submitted requests, and how the staff member's browser speaks of them.
    private struct Queue {
        let it: TestCohort
        let browser: Browser
        /// Milestone ids; the student has submitted all of them.
        let milestones: [Int]

        init(_ count: Int, comment: String? = nil) async throws {
            it = try await TestCohort.make()
            browser = it.place.client().asBrowser(it.staff)
            var ids: [Int] = []
            for number in 0..<count { ids.append(try await it.milestone("Step \(number)")) }
            milestones = ids
            try await it.place.run(
                """
                insert into progress (milestone_id, student_id, cohort_id, completion, status, comment)
                select unnest(\(ids)::int[]), \(it.student.id), \(it.id), 'staff', 'submitted', \(comment)
                """)
        }

        /// Milestone, student and the version that the page shows.
        func key(_ number: Int, version: Int = 1) -> String { "\(place(number))-\(version)" }
        func place(_ number: Int) -> String { "\(milestones[number])-\(it.student.id)" }

        func post(_ action: String, _ keys: [String], _ more: [String: String] = [:]) async throws
            -> TestClient.Answer
        {
            try await browser.post(
                "/queue", pairs: [("action", action)] + keys.map { ("item", $0) } + more.map { ($0.key, $0.value) })
        }

        /// Where each stands, in order.
        func states() async throws -> [String] {
            try await it.place.texts(
                "select status from progress where milestone_id = any (\(milestones)) order by milestone_id")
        }
    }

    @Test(arguments: [
        ("complete", "approved", "completed"), ("return", "returned", "returned"), ("waive", "waived", "waived"),
    ])
    func `what is selected is answered at once`(action: String, done: String, state: String) async throws {
        let queue = try await Queue(3)
        let answer = try await queue.post(action, [queue.key(0), queue.key(2)], ["comment": "Because."])
        #expect(answer.status == 303)
        let address = try #require(answer.headers[.location])
        #expect(address.hasPrefix("/queue?done=\(done)&n=2&undo=") && address.hasSuffix("#requests"))
        #expect(try await queue.states() == [state, "submitted", state])
        let page = try await queue.browser.send(.get, "/queue?done=\(done)&n=2").text
        #expect(page.contains("<div class=\"notice\" role=\"status\">2 "))
        #expect(
            try await queue.it.place.texts("select comment from progress where status = \(state)") == [
                "Because.", "Because.",
            ])
    }

    @Test(arguments: [("complete", "completed"), ("return", "returned"), ("waive", "waived")])
    func `one is answered beside its row, whatever is ticked`(action: String, state: String) async throws {
        let queue = try await Queue(2)
        let answer = try await queue.post(
            "\(action) \(queue.key(1))", [queue.key(0)],
            ["comment-\(queue.place(1))": "See me.", "comment": "Not this."])
        #expect(answer.status == 303)
        #expect(try await queue.states() == ["submitted", state])
        #expect(
            try await queue.it.place.texts("select comment from progress where status = \(state)") == ["See me."])
    }

    @Test func `what somebody else answered stops nobody, and is named`() async throws {
        let queue = try await Queue(3)
        let it = queue.it
        let taken = "POST /milestones/\(queue.milestones[0])/progress/\(it.student.id)/complete"
        #expect(try await it.send(it.admin, taken).status == 200)
        let answer = try await queue.post("return", (0..<3).map { queue.key($0) }, ["comment": "More, please."])
        #expect(answer.status == 200)
        #expect(answer.text.contains("2 sent back with your comment."))
        #expect(answer.text.contains("1 request was not answered:"))
        #expect(answer.text.contains("<li>Ada Lovelace, Step 0 is now “done”, by Ada Lovelace.</li>"))
        #expect(try await queue.states() == ["completed", "returned", "returned"])
    }

    /// What a test does to the first request of a queue while the staff member reads the page.
    private func sendAgain(_ queue: Queue, _ comment: String) async throws {
        let path = "POST /milestones/\(queue.milestones[0])/progress/\(queue.it.student.id)"
        #expect(try await queue.it.send(queue.it.student, "\(path)/withdraw").status == 200)
        let json = #"{"comment":"\#(comment)"}"#
        #expect(try await queue.it.send(queue.it.student, "\(path)/submit", json: json).status == 200)
    }

    @Test func `what was withdrawn and sent again meanwhile is not accepted unread`() async throws {
        let queue = try await Queue(2, comment: "First text")
        #expect(try await queue.browser.get("/queue").text.contains("name=\"item\" value=\"\(queue.key(0))\""))
        try await sendAgain(queue, "Second text")
        let one = try await queue.post(
            "complete \(queue.key(0))", [], ["comment-\(queue.place(0))": "Well <done>"])
        #expect(one.text.contains("Ada Lovelace, Step 0 was sent again since you opened this page"))
        #expect(
            one.text.contains("“Second text”") && one.text.contains("value=\"\(queue.key(0, version: 3))\" checked"))
        #expect(
            one.text.contains("name=\"comment-\(queue.place(0))\" rows=\"2\">\nWell &lt;done&gt;</textarea>"),
            "what was typed is in sight")
        let many = try await queue.post("complete", [queue.key(0), queue.key(1)], ["comment": "All of you"])
        #expect(many.text.contains("1 request was not answered:"))
        #expect(
            many.text.contains("name=\"comment\" rows=\"3\" aria-describedby=\"comment-hint\">\nAll of you</textarea>"))
        #expect(try await queue.states() == ["submitted", "completed"])
        // having read it, one decides
        let answer = try await queue.post("complete \(queue.key(0, version: 3))", [])
        #expect(answer.headers[.location]?.hasPrefix("/queue?done=approved&what=") == true)
        #expect(try await queue.states() == ["completed", "completed"])
    }

    @Test func `the menu says on every page how many wait, and nothing where none do`() async throws {
        let queue = try await Queue(3)
        let browser = queue.it.place.client().asBrowser(queue.it.staff)
        func told(_ path: String) async throws -> [String] {
            try await browser.get(path).text.matches(of: /My queue(?: <span class="tag info">([0-9]+)<\/span>)?<\/a>/)
                .map { String($0.1 ?? "") }
        }
        for path in ["/queue", "/overview", "/card", "/account", "/find"] {
            #expect(try await told(path) == ["3", "3"], "\(path)")
        }
        _ = try await queue.post("complete", [queue.key(0)])
        #expect(try await told("/card") == ["2", "2"])
        try await queue.it.place.run("update progress set status = 'waived'")
        #expect(try await told("/card") == ["", ""])
    }

    @Test func `an older page does not override a colleague's return, and the comment is not lost`() async throws {
        let queue = try await Queue(1)
        let path = "POST /milestones/\(queue.milestones[0])/progress/\(queue.it.student.id)/return"
        #expect(try await queue.it.send(queue.it.admin, path, json: #"{"comment":"Sign it"}"#).status == 200)
        for action in ["complete", "return", "waive"] {
            for (button, field) in [("\(action) \(queue.key(0))", "comment-\(queue.place(0))"), (action, "comment")] {
                let answer = try await queue.post(button, [queue.key(0)], [field: "Typed for \(action)"])
                #expect(answer.text.contains("Step 0 is now “returned”, by Ada Lovelace"), "\(button)")
                // its row has gone, and so has the field
                #expect(answer.text.contains("readonly>\nTyped for \(action)</textarea>"), "\(button)")
                #expect(try await queue.states() == ["returned"], "\(button)")
            }
        }
        #expect(try await queue.it.place.texts("select comment from progress") == ["Sign it"])
    }

    @Test func `a request named without a version is decided by nobody`() async throws {
        let queue = try await Queue(1)
        let answer = try await queue.post("complete", [queue.place(0)])
        #expect(answer.status == 200 && answer.text.contains("1 request was not answered:"))
        #expect(try await queue.states() == ["submitted"])
    }

    @Test func `where nothing could be done the page says so`() async throws {
        let queue = try await Queue(1)
        let far = try await queue.it.milestone("Far", in: queue.it.hidden)
        try await queue.it.place.run("update progress set status = 'waived'")
        let answer = try await queue.post("complete", [queue.key(0), "\(far)-\(queue.it.student.id)-1"])
        #expect(answer.text.contains("Nothing was changed. 2 requests were not answered:"))
        #expect(answer.text.contains("Step 0 is now “not needed”.</li>"))
        #expect(answer.text.contains("<li>A request is not in your scope any more.</li>"))
        #expect(!answer.text.contains("Far"), "no word of what is out of scope")
        #expect(try await queue.states() == ["waived"])
    }

    @Test func `a director who is no member is told so`() async throws {
        let queue = try await Queue(1)
        let place = queue.it.place
        let director = try await place.person("director")
        let department = try await place.number("insert into departments (name) values ('Science') returning id")
        try await place.run("update groups set department_id = \(department) where id = \(queue.it.group)")
        try await place.run(
            "insert into department_directors (department_id, account_id) values (\(department), \(director.id))")
        let browser = place.client().asBrowser(director)
        #expect(try await !browser.send(.get, "/queue").text.contains(queue.key(0)), "not theirs to answer")
        let answer = try await browser.post("/queue", ["action": "complete", "item": queue.key(0)])
        #expect(answer.text.contains("You may see Ada Lovelace, Step 0, but not answer it."))
        #expect(try await queue.states() == ["submitted"])
        let record = try await browser.send(.get, "/students/\(queue.it.student.id)").text
        #expect(record.contains("You direct the department of Advising, which supports Fall."))
        #expect(!record.contains("name=\"action\""), "no button that would be refused")
    }

    @Test func `a missing comment changes nothing and keeps what was ticked and typed`() async throws {
        let queue = try await Queue(3)
        let answer = try await queue.post("return", [queue.key(0), queue.key(2)], ["comment": " "])
        #expect(answer.status == 422)
        #expect(answer.text.contains("<a href=\"#comment\">Write a comment; the student reads it.</a>"))
        #expect(answer.text.matches(of: /name="item" value="[0-9-]+" checked/).count == 2)
        let one = try await queue.post("waive \(queue.key(1))", [], ["comment": "not here"])
        #expect(one.status == 422)
        #expect(one.text.contains("<a href=\"#comment-\(queue.place(1))\">Write a comment; the student reads it.</a>"))
        #expect(one.text.contains("id=\"comment-\(queue.place(1))-error\""))
        #expect(one.text.matches(of: /<details open>/).count == 1, "where something is typed")
        #expect(try await queue.states() == ["submitted", "submitted", "submitted"])
        #expect(try await queue.post("complete", []).status == 422)
        #expect(try await queue.post("complete", (1...201).map { "1-\($0)-1" }).status == 422)
    }

    @Test(arguments: ["submit", "withdraw", "reopen", "", "return 1-2 3", "frobnicate"])
    func `a step that is no answer is no page`(action: String) async throws {
        let queue = try await Queue(1)
        #expect(try await queue.post(action, [queue.key(0)], ["comment": "x"]).status == 404)
        #expect(try await queue.post("complete", ["1-2-3-4"]).status == 404)
        for item in ["x", "1", "0-1-1", "1-0-1", "1--1", "99999999999-1-1", "1-1-99999999999", "1-1-"] {
            #expect(try await queue.post("complete", [item]).status == 404, "\(item)")
        }
    }

    @Test func `a long queue says how much of it is shown, and stays small`() async throws {
        let note = String(repeating: "Met the advisor on Monday. ", count: 4)
        let queue = try await Queue(60, comment: note)
        let page = try await queue.browser.send(.get, "/queue")
        #expect(page.text.matches(of: /type="checkbox" form="answers"/).count == 40)
        #expect(page.text.contains("40 of 60 are shown"))
        #expect(page.text.contains("60 requests wait for an answer · 2 students in your scope"))
        #expect(page.bytes.count < 60 * 1024, "\(page.bytes.count) bytes")
    }

    /// The requests a page shows, and where its link to the next leads.
    private func read(_ page: TestClient.Answer) -> (keys: [String], next: String?) {
        let keys = page.text.matches(of: /name="item" value="([0-9-]+)"/).map { String($0.output.1) }
        return (keys, page.text.firstMatch(of: /href="([^"]*)" rel="next"/).map { String($0.output.1) })
    }

    @Test func `a long queue goes on page by page, each request once, also while some are answered`() async throws {
        let queue = try await Queue(120)
        let place = queue.it.place
        // every second is due, several on one day; several are sent at one moment, to the microsecond
        try await place.run(
            """
            update milestones set due_on = case when id % 2 = 0 then date '2030-01-01' + id % 5 end
             where id = any (\(queue.milestones))
            """)
        try await place.run(
            """
            update progress set updated_at = timestamptz '2026-01-01 00:00:00.123457Z' + milestone_id % 3 * interval '1 microsecond'
            """)
        let order = try await place.texts(
            """
            select p.milestone_id || '-' || p.student_id || '-' || p.version from progress p join milestones m on m.id = p.milestone_id
             order by m.due_on nulls last, p.milestone_id, p.updated_at, p.student_id
            """)
        let first = read(try await queue.browser.get("/queue"))
        #expect(first.keys == Array(order[..<40]))
        let second = try await queue.browser.get(try #require(first.next))
        #expect(read(second).keys == Array(order[40..<80]))
        #expect(second.text.contains("40 of 120 are shown; more urgent ones stand before them."))
        #expect(second.text.contains("<a href=\"/queue\">"))
        // a colleague answers two of the first page: the third stays what it was
        for key in order[..<2] {
            let ids = key.split(separator: "-")
            let path = "POST /milestones/\(ids[0])/progress/\(ids[1])/complete"
            #expect(try await queue.it.send(queue.it.admin, path).status == 200)
        }
        let third = read(try await queue.browser.get(try #require(read(second).next)))
        #expect(third.keys == Array(order[80...]) && third.next == nil)
    }

    @Test func `who answers on the second page stays there, and an emptied page leads to the first`() async throws {
        let queue = try await Queue(42)
        let next = try #require(read(try await queue.browser.get("/queue")).next)
        let second = try await queue.browser.get(next)
        let form = try #require(second.text.firstMatch(of: /<form id="answers"[^>]*>/)).output
        #expect(form.contains("method=\"post\" action=\"\(next)\""))
        let keys = read(second).keys
        #expect(keys.count == 2)
        let wrong = try await queue.browser.post(next, ["action": "return", "item": keys[0]])
        #expect(wrong.status == 422 && read(wrong).keys == keys)
        let answer = try await queue.browser.post(next, ["action": "complete", "item": keys[0]])
        #expect(answer.headers[.location]?.hasPrefix("\(next)&done=approved&what=") == true)
        #expect(read(try await queue.browser.get("\(next)&done=approved")).keys == [keys[1]])
        _ = try await queue.browser.post(next, ["action": "complete", "item": keys[1]])
        let emptied = try await queue.browser.get("\(next)&done=approved")
        #expect(emptied.status == 303 && emptied.headers[.location] == "/queue")
    }

    @Test(arguments: [
        "x", "W10", "WzFd", "WzEsMiwzXQ", "WyJhIiwxLDIsM10", "Wzk5OTk5OTk5OTk5OSwxLDIsM10",
        // moments that PostgreSQL does not have
        "W251bGwsMSwtOTAwMDAwMDAwMDAwMDAwMDAwLDFd", "WzAsMSw5MDAwMDAwMDAwMDAwMDAwMDAwLDFd",
    ])
    func `a cursor that is none of the queue's is refused`(cursor: String) async throws {
        let queue = try await Queue(1)
        #expect(try await queue.browser.get("/queue?cursor=\(cursor)").status == 422)
    }

    @Test func `the numbers above the queue are those of the caseload`() async throws {
        let world = try await CaseloadWorld.make()
        let expected = world.count([1, 2])
        let page = try await world.place.client().asBrowser(world.staff).send(.get, "/queue").text
        #expect(page.contains("<b>\(expected.waiting)</b>waiting for you"))
        #expect(page.contains("<b>\(expected.overdue.count)</b>students overdue"))
        #expect(page.contains("<b>\(expected.onTime * 100 / expected.past) %</b>done on time"))
        #expect(page.contains("\(expected.students.count) students in your scope"))
    }
}
