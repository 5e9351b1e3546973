import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// The queue by milestone, and narrowed by what its address says.
@Suite struct QueueFilterTests {
    /// Two milestones of the staff member's cohort and one of a cohort that only admins answer for.
    private struct Queue {
        let it: TestCohort
        let first, second, far: Int

        init() async throws {
            it = try await TestCohort.make()
            first = try await it.milestone("First step")
            second = try await it.milestone("Second step")
            far = try await it.milestone("Far step", in: it.hidden)
            try await it.place.run(
                "insert into enrollments (cohort_id, student_id) values (\(it.hidden), \(it.student.id))")
            try await it.place.run(
                """
                insert into progress (milestone_id, student_id, cohort_id, completion, status, updated_at)
                values (\(first), \(it.student.id), \(it.id), 'staff', 'submitted', now() - interval '9 days'),
                       (\(first), \(it.other.id), \(it.id), 'staff', 'submitted', now() - interval '3 hours'),
                       (\(second), \(it.student.id), \(it.id), 'staff', 'submitted', now() - interval '3 days'),
                       (\(far), \(it.student.id), \(it.hidden), 'staff', 'submitted', now())
                """)
        }

        func key(_ milestone: Int, _ student: TestInstitution.Person) -> String { "\(milestone)-\(student.id)-1" }
        var all: [String] { [key(first, it.student), key(first, it.other), key(second, it.student)] }

        /// The requests that a page shows to somebody.
        func shown(_ who: TestInstitution.Person, _ query: String) async throws -> [String] {
            let page = try await it.place.client().asBrowser(who).get("/queue\(query)")
            #expect(page.status == 200, "\(query)")
            return page.text.matches(of: /name="item" value="([0-9-]+)"/).map { String($0.output.1) }
        }
    }

    @Test func `requests about one milestone stand together, and are approved together`() async throws {
        let queue = try await Queue()
        let browser = queue.it.place.client().asBrowser(queue.it.staff)
        let page = try await browser.get("/queue").text
        #expect(try await queue.shown(queue.it.staff, "") == queue.all)
        let value = "complete \(queue.all[0]) \(queue.all[1]) then \(queue.all[2])"
        #expect(page.contains("value=\"\(value)\">Approve 2<span class=\"visually-hidden\">: First step, Fall</span>"))
        #expect(page.matches(of: />Approve [0-9]/).count == 1, "one alone has its own button")
        #expect(page.matches(of: /scope="rowgroup"/).count == 2)
        let answer = try await browser.post("/queue", ["action": value, "comment": "Not for these"])
        let address = try #require(answer.headers[.location])
        #expect(address.hasPrefix("/queue?done=approved&n=2&undo="))
        #expect(address.hasSuffix("#progress-\(queue.second)-\(queue.it.student.id)"))
        #expect(
            try await queue.it.place.texts("select status from progress where milestone_id = \(queue.first)") == [
                "completed", "completed",
            ])
        #expect(try await queue.it.place.texts("select comment from progress where comment is not null").isEmpty)
    }

    @Test func `the address narrows it`() async throws {
        let queue = try await Queue()
        let (it, all) = (queue.it, queue.all)
        for (query, expected) in [
            ("?milestone=\(queue.first)", [all[0], all[1]]), ("?cohort=\(it.id)", all), ("?cohort=\(it.hidden)", []),
            ("?group=\(it.group)", all), ("?age=2", [all[0], all[2]]), ("?age=7", [all[0]]), ("?age=14", []),
            ("?milestone=\(queue.second)&age=7", []), ("?milestone=\(queue.far)", []),
            ("?milestone=&cohort=&group=&age=", all), ("?milestone=2147483647", []), ("?group=2147483647", []),
        ] {
            #expect(try await queue.shown(it.staff, query) == expected, "\(query)")
        }
        #expect(try await queue.shown(it.admin, "").count == 4)
        #expect(try await queue.shown(it.admin, "?cohort=\(it.hidden)") == [queue.key(queue.far, it.student)])
        #expect(try await queue.shown(it.admin, "?group=\(it.group)") == all)
        for wrong in ["milestone=x", "cohort=0", "group=-1", "age=1000", "answer=x", "milestone=99999999999"] {
            let answer = try await it.place.client().asBrowser(it.staff).get("/queue?\(wrong)")
            #expect(answer.status == 422 || answer.status == 404, "\(wrong)")
        }
    }

    @Test func `its numbers and choices are those of the whole, and an answer keeps the place`() async throws {
        let queue = try await Queue()
        let browser = queue.it.place.client().asBrowser(queue.it.staff)
        let page = try await browser.get("/queue?age=2&milestone=\(queue.first)")
        #expect(page.text.contains("href=\"/queue\"><b>3</b>waiting for you"))
        #expect(page.text.contains("href=\"/queue?age=2\"><b>2</b>older than 2 days"))
        #expect(page.text.contains("value=\"\(queue.first)\" selected>First step · Fall (2)"))
        #expect(page.text.contains("value=\"\(queue.second)\">Second step · Fall (1)"))
        #expect(page.text.contains("value=\"2\" selected>sent over 2 days ago"))
        #expect(!page.text.contains("Far step") && !page.text.contains("name=\"group\""), "one group is no choice")
        let here = "/queue?milestone=\(queue.first)&age=2"
        #expect(page.text.contains("action=\"\(here.replacing("&", with: "&amp;"))\""))
        let answer = try await browser.post(here, ["action": "complete \(queue.all[0])"])
        #expect(answer.headers[.location]?.hasPrefix("\(here)&done=approved") == true)
        let empty = try await browser.get(here)
        #expect(
            empty.text.contains("No such request waits") && empty.text.contains("href=\"/queue\">Show the whole queue"))
    }

    @Test func `the field for a comment opens below its row`() async throws {
        let queue = try await Queue()
        let browser = queue.it.place.client().asBrowser(queue.it.staff)
        let place = "\(queue.first)-\(queue.it.student.id)"
        let closed = try await browser.get("/queue").text
        #expect(
            closed.contains("href=\"/queue?answer=\(place)#comment-\(place)\"")
                && !closed.contains("id=\"comment-\(place)\""))
        let open = try await browser.get("/queue?answer=\(place)").text
        #expect(open.matches(of: /<tr class="answer"/).count == 1 && open.contains("id=\"comment-\(place)\""))
        #expect(open.contains("action=\"/queue?answer=\(place)\""), "an answer to another leaves it open")
        let returned = try await browser.post(
            "/queue?answer=\(place)",
            ["action": "return \(queue.all[0]) then \(queue.all[1])", "comment-\(place)": "Sign it"])
        #expect(
            returned.headers[.location]?.hasPrefix("/queue?done=returned&what=First%20step%2C%20Ada%20Lovelace")
                == true)
        #expect(try await queue.it.place.texts("select comment from progress where status = 'returned'") == ["Sign it"])
        #expect(try await browser.get("/queue?answer=\(place)").text.matches(of: /<tr class="answer"/).isEmpty)
    }
}
