import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

@Suite struct MilestoneOrderTests {
    private func order(_ it: TestCohort) async throws -> [Int] {
        try await it.send(it.admin, "GET /cohorts/\(it.id)/milestone-order").json()["milestoneIds"]?.elements
            .compactMap(\.int) ?? []
    }

    private func set(_ it: TestCohort, _ ids: [Int], as who: TestInstitution.Person? = nil) async throws
        -> TestClient.Answer
    {
        try await it.send(
            who ?? it.admin, "PUT /cohorts/\(it.id)/milestone-order", json: #"{"milestoneIds":\#(ids)}"#)
    }

    @Test func `milestones stand in the order they were made until somebody puts them in another`() async throws {
        let it = try await TestCohort.make()
        let beta = try await it.milestone("beta")
        let alpha = try await it.milestone("Alpha")
        #expect(try await order(it) == [it.milestone, beta, alpha])
        let tag = try await it.send(it.admin, "GET /milestones/\(beta)").headers[.eTag]
        let answer = try await set(it, [beta, alpha, it.milestone])
        #expect(answer.status == 200)
        #expect(answer.text == #"{"milestoneIds":[\#(beta),\#(alpha),\#(it.milestone)]}"#)
        #expect(try await order(it) == [beta, alpha, it.milestone])
        let new = try await it.send(it.admin, "POST /cohorts/\(it.id)/milestones").json()["id"]?.int
        #expect(try await order(it).last == new, "a new milestone comes last")
        let list = try await it.send(it.admin, "GET /cohorts/\(it.id)/milestones").json()
        #expect(
            list["items"]?.elements.compactMap { $0["title"]?.string } == ["Alpha", "beta", "Meet", "New Milestone"],
            "the list keeps its own order")
        #expect(
            try await it.send(it.admin, "GET /milestones/\(beta)").headers[.eTag] == tag, "the milestone is the same")
        let board = try await it.send(it.student, "GET /dashboard").json()
        #expect(board["milestones"]?.elements.compactMap { $0["id"]?.int } == [it.milestone, beta, alpha].sorted())
    }

    @Test func `an order names each milestone of the cohort once`() async throws {
        let it = try await TestCohort.make()
        let second = try await it.milestone("Second")
        let far = try await it.milestone("Far", in: it.hidden)
        for ids in [
            [], [second], [second, second], [second, it.milestone, it.milestone], [second, it.milestone, far],
            [second, far],
            [second, 0], [second, -it.milestone], [second, 4_000_000_000],
        ] {
            let answer = try await set(it, ids)
            #expect(answer.status == 422, "\(ids)")
            #expect(try answer.json()["errors"]?[0]?["field"]?.string == "milestoneIds", "\(ids)")
        }
        for body in [
            "{}", #"{"milestoneIds":null}"#, #"{"milestoneIds":"1"}"#, #"{"milestoneIds":[1.5]}"#, #"{"x":1}"#,
        ] {
            let answer = try await it.send(it.admin, "PUT /cohorts/\(it.id)/milestone-order", json: body)
            #expect(answer.status == 422, "\(body)")
        }
        #expect(try await order(it) == [it.milestone, second])
        #expect(try await it.place.number("select count(*) from audit where action = 'milestone.order'") == 0)
        let empty = try await TestCohort.make()
        try await empty.place.run("delete from milestones")
        #expect(try await set(empty, []).status == 200)
    }

    @Test func `an order that changes something is audited, the same again is not`() async throws {
        let it = try await TestCohort.make()
        let second = try await it.milestone("Second")
        for _ in 1...2 { #expect(try await set(it, [second, it.milestone]).status == 200) }
        let audit = try await it.send(it.admin, "GET /audit?subject=cohort/\(it.id)").json()
        #expect(audit["items"]?.elements.count == 1)
        let entry = audit["items"]?[0]
        #expect(entry?["action"]?.string == "milestone.order")
        #expect(entry?["before"]?["milestoneIds"]?.elements.compactMap(\.int) == [it.milestone, second])
        #expect(entry?["after"]?["milestoneIds"]?.elements.compactMap(\.int) == [second, it.milestone])
    }

    @Test func `who may edit the cohort orders, others do not`() async throws {
        let it = try await TestCohort.make()
        let second = try await it.milestone("Second")
        let manager = try await it.place.person("manager")
        try await it.place.run(
            """
            insert into group_members (group_id, account_id, account_role, manager)
            values (\(it.group), \(manager.id), 'manager', true)
            """)
        let wish = [second, it.milestone]
        for person in [it.staff, it.student, manager] {
            #expect(try await set(it, wish, as: person).status == 403)
        }
        #expect(try await it.send(it.staff, "GET /cohorts/\(it.id)/milestone-order").status == 200)
        #expect(try await it.send(it.staff, "GET /cohorts/\(it.hidden)/milestone-order").status == 404)
        #expect(try await it.send(it.student, "GET /cohorts/\(it.id)/milestone-order").status == 403)
        try await it.place.run("update settings set cohort_delegation = true")
        #expect(try await set(it, wish, as: manager).status == 200)
        let hidden = "PUT /cohorts/\(it.hidden)/milestone-order"
        #expect(try await it.send(manager, hidden, json: #"{"milestoneIds":[]}"#).status == 404)
        #expect(
            try await it.send(it.admin, "PUT /cohorts/999999/milestone-order", json: #"{"milestoneIds":[]}"#).status
                == 404)
        try await it.place.run("update cohorts set archived_at = now() where id = \(it.id)")
        #expect(try await set(it, [it.milestone, second]).status == 409)
        #expect(try await order(it) == wish)
    }

    @Test func `of two orders at once one stands whole`() async throws {
        let it = try await TestCohort.make()
        for number in 1...8 { _ = try await it.milestone("Step \(number)") }
        let forward = try await order(it)
        let backward = Array(forward.reversed())
        for _ in 1...10 {
            let answers = try await withThrowingTaskGroup(of: Int.self) { group in
                for ids in [forward, backward] { group.addTask { try await set(it, ids).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers == [200, 200])
            #expect([forward, backward].contains(try await order(it)))
        }
    }
}

@Suite struct MilestonePagesTests {
    private func titles(_ page: TestClient.Answer) -> [String] {
        page.text.matches(of: /data-id="\d+" data-title="([^"]*)"/).map { String($0.output.1) }
    }

    @Test func `the box moves milestones up and down without script`() async throws {
        let it = try await TestCohort.make()
        let second = try await it.milestone("Second")
        _ = try await it.milestone("Third")
        let browser = it.place.client().asBrowser(it.admin)
        let path = "/cohorts/\(it.id)/milestones"
        #expect(titles(try await browser.send(.get, path)) == ["Meet", "Second", "Third"])
        for (milestone, by, expected) in [
            (second, "-1", ["Second", "Meet", "Third"]), (second, "-1", ["Second", "Meet", "Third"]),
            (it.milestone, "1", ["Second", "Third", "Meet"]), (second, "1", ["Third", "Second", "Meet"]),
        ] {
            let moved = try await browser.post("\(path)/\(milestone)/move", ["by": by])
            #expect(moved.status == 303)
            #expect(moved.headers[.location]?.hasPrefix("\(path)/\(milestone)?done=moved&what=") == true)
            let page = try await browser.send(.get, path)
            #expect(titles(page) == expected)
            #expect(page.text.matches(of: #/ disabled>/#).count == 2, "the first does not go up, nor the last down")
        }
        #expect(try await browser.post("\(path)/\(second)/move", ["by": "7"]).status == 422)
        #expect(try await browser.post("\(path)/999999/move", ["by": "1"]).status != 500)
        #expect(
            try await it.place.client().asBrowser(it.staff).post("\(path)/\(second)/move", ["by": "1"]).status == 403)
    }

    @Test func `each line says when it is due and how many are done`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.admin)
        let path = "/cohorts/\(it.id)/milestones"
        #expect(try await browser.send(.get, path).text.contains("no due date · 0 of 2 done"))
        try await it.place.run("update milestones set due_on = '2020-10-01'")
        let step = "/milestones/\(it.milestone)/progress"
        #expect(try await it.send(it.staff, "POST \(step)/\(it.student.id)/complete").status == 200)
        var page = try await browser.send(.get, path).text
        #expect(page.contains("due Oct 1, 2020 · 1 of 2 done"))
        #expect(page.contains(#"<span class="tag warn">50 %</span>"#))
        let waive = try await it.send(
            it.staff, "POST \(step)/\(it.other.id)/waive", json: #"{"comment":"moved"}"#)
        #expect(waive.status == 200)
        page = try await browser.send(.get, path).text
        #expect(page.contains("1 of 1 done"))
        #expect(page.contains(#"<span class="tag ok">100 %</span>"#))
        try await it.place.run("update enrollments set left_at = now() where student_id = \(it.student.id)")
        #expect(try await browser.send(.get, path).text.contains("due Oct 1, 2020</span>"), "nobody is left to do it")
    }

    @Test func `a draft says so, and discarding it takes it away; of a saved one only what was typed goes`()
        async throws
    {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.admin)
        let made = try await browser.post("/cohorts/\(it.id)/milestones", [:])
        let draft = try #require(made.headers[.location])
        let page = try await browser.send(.get, draft).text
        #expect(page.contains(#"<span class="tag warn">draft</span>"#) && page.contains("not saved yet"))
        #expect(page.contains(#"formaction="\#(draft)/delete""#))
        let saved = "/cohorts/\(it.id)/milestones/\(it.milestone)"
        #expect(
            try await browser.send(.get, saved).text.contains(#"<a class="button quiet" href="\#(saved)">Discard</a>"#))
        // the button sends the whole form there
        let discarded = try await browser.post(
            "\(draft)/delete", ["version": "1", "title": "Typed", "dueOn": "", "completion": "staff"])
        #expect(discarded.status == 303)
        #expect(try await it.place.number("select count(*) from milestones") == 1)
    }
}
