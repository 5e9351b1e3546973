import Casework
import HTTPTypes
import TestSupport
import Testing

/// `GET /overview` and `GET /overview/course`: the same numbers as the pages, for the same people.
@Suite struct OverviewAPITests {
    @Test func `the numbers of the scope, its cohorts and groups are those of an independent count`() async throws {
        let world = try await CaseloadWorld.make()
        let scopes = [(world.admin, [0, 1, 2, 3]), (world.director, [0, 1]), (world.staff, [1, 2])]
        for (who, cohorts) in scopes {
            let client = world.place.client(who)
            let overview = try await client.send(.get, "/api/v1/overview?days=1").json()
            for (name, places, found) in [("all", cohorts, overview["all"])]
                + cohorts.map({ place in
                    let rows = overview["cohorts"]?.elements ?? []
                    return ("cohort \(place)", [place], rows.first { $0["id"]?.int == world.cohorts[place] })
                })
            {
                let expected = world.count(places)
                #expect(found?["students"]?.int == expected.students.count, "\(name)")
                #expect(found?["overdue"]?.int == expected.overdue.count, "\(name)")
                #expect(found?["dueSoon"]?.int == expected.dueSoon.count, "\(name)")
                #expect(found?["waiting"]?.int == expected.waiting, "\(name)")
                #expect(found?["total"]?.int == expected.total, "\(name)")
                #expect(found?["completed"]?.int == expected.completed, "\(name)")
                #expect(found?["pastDone"]?.int == expected.pastDone, "\(name)")
                #expect(found?["pastBefore"]?.int == world.before(1, places).past, "\(name)")
                #expect(found?["doneBefore"]?.int == world.before(1, places).done, "\(name)")
            }
            #expect(overview["cohorts"]?.elements.count == cohorts.count)
            let course = try await client.send(.get, "/api/v1/overview/course").json()
            #expect(course["total"]?.int == cohorts.reduce(0) { $0 + world.count([$1]).total })
            let done = cohorts.reduce(0) { $0 + world.count([$1]).completed }
            #expect(course["days"]?.elements.last?["completed"]?.int == done)
        }
    }

    @Test func `students have none, and what asks for nothing there is names the field`() async throws {
        let it = try await TestCohort.make()
        for path in ["/overview", "/overview/course"] {
            #expect(try await it.send(it.student, "GET \(path)").status == 403, "\(path)")
            let wrong = try await it.send(it.staff, "GET \(path)?categoryId=x")
            #expect(wrong.status == 422 && wrong.text.contains("categoryId"), "\(path)")
        }
    }
}
