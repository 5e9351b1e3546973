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
            let numbers = overview.matches(of: /href="(\/students[^"]*)">(?:<b>)?([0-9,]+)</)
            #expect(numbers.count >= 12)
            for number in numbers {
                let address = String(number.1).replacing("&amp;", with: "&")
                let answer = try await world.place.client(who).send(
                    .get, "/api/v1\(address)\(address.contains("?") ? "&" : "?")limit=200")
                let items = try answer.json()["items"]?.elements ?? []
                let found =
                    address.contains("waiting") ? items.reduce(0) { $0 + ($1["waiting"]?.int ?? 0) } : items.count
                #expect(found == Int(number.2), "\(address)")
                #expect(try await browser(world, who).get(address).status == 200)
            }
        }
    }

    @Test func `a director sees the own groups, and no others`() async throws {
        let world = try await CaseloadWorld.make()
        let director = browser(world, world.director)
        let overview = try await director.send(.get, "/overview").text
        #expect(overview.contains("/students?groupId=\(world.groups[0])\""))
        #expect(overview.contains("/cohorts/\(world.cohorts[1])/progress"))
        for group in world.groups[1...] { #expect(!overview.contains("groupId=\(group)\"")) }
        for cohort in world.cohorts[2...] { #expect(!overview.contains("/cohorts/\(cohort)/")) }
        for path in [
            "/cohorts/\(world.cohorts[2])/progress", "/cohorts/999999/progress",
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
            let answer = try await browser(here, who).send(.get, "/cohorts/777000/progress")
            #expect(answer.status == 404 && !answer.text.contains("Theirs"))
            for filter in ["groupId", "cohortId"] {
                let list = try await browser(here, who).send(.get, "/students?\(filter)=777000")
                #expect(list.text.contains("No student found") && !list.text.contains("Theirs"))
            }
        }
    }

    @Test func `students have no overview`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.student)
        for path in ["/overview", "/overview/course", "/students", "/cohorts/\(it.id)/progress"] {
            #expect(try await browser.send(.get, path).status == 403, "\(path)")
        }
    }

    @Test func `pictures have words and a table beside them, and no style of their own`() async throws {
        let world = try await CaseloadWorld.make()
        let overview = try await browser(world, world.admin).send(.get, "/overview").text
        let cohort = try await browser(world, world.admin).send(.get, "/cohorts/\(world.cohorts[0])/progress").text
        let count = world.count([0])
        #expect(cohort.contains("By today \(count.completed) of \(count.total) milestones are done"))
        #expect(cohort.contains("Done: \(count.completed) of \(count.total)"))
        #expect(cohort.contains(">\(count.completed)</td></tr>"))
        for page in [overview, cohort] {
            #expect(!page.contains("style="))
            #expect(!page.contains("NaN") && !page.contains("inf%"))
        }
        let course = try await browser(world, world.admin).send(.get, "/overview/course").text
        let completed = (0..<3).reduce(0) { $0 + world.count([$1]).completed }
        #expect(course.contains("Done: \(completed) of ") && course.contains("role=\"img\""))
        #expect(!course.contains("style=") && !course.contains("NaN"))
        let nothing = try await browser(world, world.admin).send(.get, "/overview/course?categoryId=999999").text
        #expect(nothing.contains("Nothing has been due or done yet") && !nothing.contains("role=\"img\""))
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
            "/overview", "/students?sort=-overdue", "/cohorts/\(it.id)/progress", "/queue",
            "/students/\(it.student.id)",
        ] {
            let page = try await browser.send(.get, path)
            #expect(page.status == 200, "\(path)")
            #expect(page.text.contains("&lt;script&gt;"), "\(path)")
            #expect(!page.text.contains("<script>"), "\(path)")
        }
    }

    @Test func `a dean sorts by any column, sees who is behind, and takes it along as a file`() async throws {
        let world = try await CaseloadWorld.make()
        let admin = browser(world, world.admin)
        func names(_ address: String) async throws -> [String] {
            let page = try await admin.get(address).text
            let table = page.components(separatedBy: "aria-labelledby=\"cohorts\"").last ?? ""
            let rows = table.components(separatedBy: "</table>").first ?? ""
            return rows.matches(of: /<a href="\/cohorts\/\d+\/progress"><bdi>(\w+)<\/bdi>/).map { String($0.1) }
        }
        #expect(try await names("/overview") == ["Amber", "Blue", "Coral", "Dune"])
        #expect(try await names("/overview?sort=-name") == ["Dune", "Coral", "Blue", "Amber"])
        for column in ["students", "plan", "change", "overdue", "share", "waiting", "oldest", "done"] {
            let up = try await names("/overview?sort=\(column)")
            #expect(up.sorted() == ["Amber", "Blue", "Coral", "Dune"], "\(column)")
            let page = try await admin.get("/overview?sort=-\(column)&days=30").text
            #expect(page.contains("aria-sort=\"descending\""))
            #expect(page.contains("href=\"/overview?days=30&amp;sort=\(column)\""), "\(column)")
        }
        let late = [0, 1, 2, 3].sorted { world.count([$0]).overdue.count > world.count([$1]).overdue.count }
        #expect(
            try await names("/overview?sort=-overdue").first.map {
                ["Amber", "Blue", "Coral", "Dune"].firstIndex(of: $0)
            }
            .map { world.count([$0 ?? 9]).overdue.count } == world.count([late[0]]).overdue.count)
        #expect(try await admin.get("/overview").text.contains("behind"))
        for wrong in ["sort=height", "days=0", "categoryId=x"] {
            #expect(try await admin.get("/overview?\(wrong)").status == 422, "\(wrong)")
            #expect(try await admin.get("/overview.csv?\(wrong)").status == 422, "\(wrong)")
            #expect(try await admin.get("/overview/course?\(wrong)").status == 422, "\(wrong)")
        }
        try await world.place.run("update cohorts set name = '@SUM(1)' where id = \(world.cohorts[0])")
        let file = try await admin.get("/overview.csv")
        #expect(file.headers[.contentDisposition]?.hasPrefix("attachment; filename=\"Overview.csv\"") == true)
        #expect(file.text.hasPrefix("Kind,Name,Category or department,Students,"))
        #expect(file.text.contains("Cohort,'@SUM(1),") && file.text.contains("Group,Advising,Science,"))
        #expect(!(try await browser(world, world.staff).get("/overview.csv").text.contains("Dune")))
    }

    @Test func `the API knows what is due within days`() async throws {
        let world = try await CaseloadWorld.make()
        let answer = try await world.place.client(world.staff)
            .send(.get, "/api/v1/cohorts/\(world.cohorts[1])/progress?dueWithin=7&limit=200").json()
        let students = answer["items"]?.elements.compactMap { $0["student"]?["id"]?.int } ?? []
        #expect(Set(students) == world.count([1]).dueSoon)
    }
}
