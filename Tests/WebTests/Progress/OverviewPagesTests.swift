import Casework
import Foundation
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// The overview: whose cohorts and groups it shows, and that every number leads to those it counts.
@Suite struct OverviewPagesTests {
    private func browser(_ world: CaseloadWorld, _ who: TestInstitution.Person) -> Browser {
        world.place.client().asBrowser(who)
    }

    @Test func `every number leads to a list of exactly those`() async throws {
        let world = try await CaseloadWorld.make()
        for who in [world.director, world.staff, world.admin] {
            let overview = try await browser(world, who).send(.get, "/overview").text
            let numbers = overview.matches(of: /href="(\/[^"]+)">(?:<b>)?([0-9,]+)</)
            #expect(numbers.count >= 12)
            for number in numbers {
                let (address, count) = (String(number.1), Int(number.2))
                var rows = 0, next: String? = address
                while let page = next {
                    let list = try await browser(world, who).send(.get, page)
                    #expect(list.status == 200, "\(page)")
                    let asked =
                        address.contains("status=submitted")
                        ? "<li>M <span class=\"tag info\">" : "<tr role=\"row\"><th scope=\"row\""
                    let table = list.text.components(separatedBy: "aria-labelledby=\"progress\"").dropFirst(2).joined()
                    rows += table.components(separatedBy: asked).count - 1
                    next = list.text.firstMatch(of: /<a href="([^"]+)" rel="next">/).map {
                        String($0.1).replacing("&amp;", with: "&")
                    }
                }
                #expect(rows == count, "\(address)")
            }
        }
    }

    @Test func `a director sees the own groups, and no others`() async throws {
        let world = try await CaseloadWorld.make()
        let director = browser(world, world.director)
        let overview = try await director.send(.get, "/overview").text
        #expect(overview.contains("/groups/\(world.groups[0])/progress"))
        #expect(overview.contains("/cohorts/\(world.cohorts[1])/progress"))
        for group in world.groups[1...] { #expect(!overview.contains("/groups/\(group)/")) }
        for cohort in world.cohorts[2...] { #expect(!overview.contains("/cohorts/\(cohort)/")) }
        #expect(
            try await director.send(.get, "/groups/\(world.groups[0])/progress").text.contains("<bdi>Advising</bdi>"))
        for path in [
            "/groups/\(world.groups[1])/progress", "/groups/\(world.groups[2])/progress", "/groups/999999/progress",
            "/groups/x/progress", "/cohorts/\(world.cohorts[2])/progress", "/cohorts/999999/progress",
        ] {
            #expect(try await director.send(.get, path).status == 404, "\(path)")
        }
    }

    @Test func `another institution's ids are nothing here`() async throws {
        let (here, there) = (try await CaseloadWorld.make(), try await TestInstitution.make())
        try await there.run("insert into groups (id, name) overriding system value values (777000, 'Theirs')")
        try await there.run(
            "insert into cohort_categories (id, name) overriding system value values (777000, 'Theirs')")
        try await there.run(
            "insert into cohorts (id, category_id, name) overriding system value values (777000, 777000, 'Theirs')")
        for who in [here.admin, here.director, here.staff] {
            for path in ["/groups/777000/progress", "/cohorts/777000/progress"] {
                let answer = try await browser(here, who).send(.get, path)
                #expect(answer.status == 404)
                #expect(!answer.text.contains("Theirs"))
            }
        }
    }

    @Test func `a group without a department stands directly below the overview`() async throws {
        let world = try await CaseloadWorld.make()
        let admin = browser(world, world.admin)
        let page = try await admin.send(.get, "/groups/\(world.groups[2])/progress").text
        #expect(page.contains(#"<ol><li><a href="/overview">Overview</a></li></ol>"#))
        let other = try await admin.send(.get, "/groups/\(world.groups[0])/progress").text
        #expect(other.contains(#"<a href="/overview">Overview</a></li><li>"#))
    }

    @Test func `students have no overview`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.student)
        for path in ["/overview", "/overview/students", "/groups/\(it.group)/progress", "/cohorts/\(it.id)/progress"] {
            #expect(try await browser.send(.get, path).status == 403, "\(path)")
        }
    }

    @Test func `pictures have words and a table beside them, and no style of their own`() async throws {
        let world = try await CaseloadWorld.make()
        let overview = try await browser(world, world.admin).send(.get, "/overview").text
        let bars = world.count([0, 1])
        #expect(overview.contains("<svg class=\"chart\" role=\"img\" aria-labelledby=\"overdue-title overdue-text\""))
        #expect(
            overview.contains("Advising: \(bars.overdue.count) of \(bars.students.count) students overdue"))
        let cohort = try await browser(world, world.admin).send(.get, "/cohorts/\(world.cohorts[0])/progress").text
        let count = world.count([0])
        #expect(cohort.contains("By today \(count.completed) of \(count.total) milestones are done"))
        #expect(cohort.contains("Done: \(count.completed) of \(count.total)"))
        #expect(cohort.contains(">\(count.completed)</td></tr>"))
        for page in [overview, cohort] {
            #expect(!page.contains("style="))
            #expect(!page.contains("NaN") && !page.contains("inf%"))
        }
        let filtered = try await browser(world, world.admin)
            .send(.get, "/cohorts/\(world.cohorts[0])/progress?overdue=true").text
        #expect(!filtered.contains("role=\"img\""))
    }

    @Test func `a filter that is none is refused, and names are text`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.staff)
        for query in ["dueWithin=soon", "dueWithin=-1", "overdue=maybe", "status=late", "cursor=x"] {
            #expect(try await browser.send(.get, "/cohorts/\(it.id)/progress?\(query)").status == 422, "\(query)")
            #expect(try await it.send(it.staff, "GET /cohorts/\(it.id)/progress?\(query)").status == 422, "\(query)")
        }
        try await it.place.run("update groups set name = '<script>g'")
        try await it.place.run("update cohorts set name = '<script>c' where id = \(it.id)")
        try await it.place.run("update accounts set given_name = '<script>s' where id = \(it.student.id)")
        try await it.place.run("update milestones set title = '<script>m', due_on = '2020-01-01'")
        try await it.place.run(
            """
            insert into progress (milestone_id, student_id, cohort_id, completion, status, comment)
            values (\(it.milestone), \(it.other.id), \(it.id), 'staff', 'submitted', '<script>n')
            """)
        for path in [
            "/overview", "/overview/students?overdue=true", "/groups/\(it.group)/progress",
            "/cohorts/\(it.id)/progress",
            "/queue", "/students/\(it.student.id)",
        ] {
            let page = try await browser.send(.get, path)
            #expect(page.status == 200, "\(path)")
            #expect(page.text.contains("&lt;script&gt;"), "\(path)")
            #expect(!page.text.contains("<script>"), "\(path)")
        }
    }

    @Test func `the API knows what is due within days`() async throws {
        let world = try await CaseloadWorld.make()
        let answer = try await world.place.client(world.staff)
            .send(.get, "/api/v1/cohorts/\(world.cohorts[1])/progress?dueWithin=7&limit=200").json()
        let students = answer["items"]?.elements.compactMap { $0["student"]?["id"]?.int } ?? []
        #expect(Set(students) == world.count([1]).dueSoon)
    }
}
