import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// An analyst's SQL login counts what the pages show.
@Suite struct ReportedFigureTests {
    private struct Figures: RowDecodable, Equatable {
        let students, total, completed, waiting, overdue: Int

        init(row: Row) throws {
            students = try row.get("students")
            total = try row.get("total")
            completed = try row.get("completed")
            waiting = try row.get("waiting")
            overdue = try row.get("overdue")
        }
    }

    @Test func `the report views give the overview's figures, cohort by cohort`() async throws {
        let world = try await CaseloadWorld.make()
        let overview = try await world.place.client(world.admin).send(.get, "/api/v1/overview").json()
        let login = try await Connection.connect(
            conninfo: world.place.openReporter(), connectTimeout: .seconds(10))
        var total = 0
        for cohort in world.cohorts {
            let query: SQL = """
                select (select count(*)::int from report_enrollments where cohort_id = \(cohort) and left_on is null) as students,
                       count(*) filter (where status <> 'waived')::int as total,
                       count(*) filter (where status = 'completed')::int as completed,
                       count(*) filter (where status = 'submitted')::int as waiting,
                       count(distinct student_id) filter (where overdue)::int as overdue
                  from report_progress where cohort_id = \(cohort)
                """
            let counted = try await login(query.one(Figures.self))
            let shown = overview["cohorts"]?.elements.first { $0["id"]?.int == cohort }
            #expect(shown?["students"]?.int == counted.students)
            #expect(shown?["total"]?.int == counted.total)
            #expect(shown?["completed"]?.int == counted.completed)
            #expect(shown?["waiting"]?.int == counted.waiting)
            #expect(shown?["overdue"]?.int == counted.overdue)
            total += counted.total
        }
        #expect(total == world.count([0, 1, 2, 3]).total)
        await login.close()
    }
}
