import Casework
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// The reporter's login as an analyst's programs use it: pandas, SQLAlchemy's inspector, ODBC.
@Suite struct AnalystTests {
    private struct View: Decodable {
        let view: String
        let comment: String?
        let columns, commented, pandas, odbc: Int
    }

    @Test(
        .enabled(
            if: TestPython.isAvailable("analyst") && Neighbour.has("/usr/bin/psql")
                && FileManager.default.fileExists(atPath: "/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so")))
    func `they find every view with its meaning, and read every row`() async throws {
        let world = try await CaseloadWorld.make()
        let place = world.place
        let reporter = try await place.openReporter()
        let asked = try await ChildProcess.run([
            TestPython.launcher, "analyst", "analyst.py", reporter, place.institution.schema,
        ])
        try #require(asked.status == 0, "\(asked.said)")
        let lines = asked.said.split(separator: "\n")
        let views = try lines.dropLast().map { try JSONDecoder().decode(View.self, from: Data($0.utf8)) }
        let expected = try await place.texts(
            "select viewname::text from pg_views where schemaname = \(place.institution.schema) and viewname like 'report\\_%'"
        )
        #expect(Set(views.map(\.view)) == Set(expected) && !expected.isEmpty)
        let login = try await Connection.connect(conninfo: reporter)
        for view in views {
            let counted = SQL(unchecked: "select count(*)::int from \(place.institution.schema).\(view.view)")
            let rows = try await login(counted.value(Int.self))
            #expect(view.pandas == rows && view.odbc == rows, "\(view.view)")
            #expect(view.comment?.isEmpty == false && view.commented == view.columns, "\(view.view)")
        }
        await login.close()
        #expect(views.contains { $0.pandas > 20 })
        // what they group is what the pages count
        let grouped = try #require(lines.last)
        let waiting = world.pairs.filter { $0.status == .submitted }.count
        let said = grouped.matches(of: /"submitted", ([0-9]+)\]/).compactMap { Int($0.output.1) }.reduce(0, +)
        #expect(said == waiting && waiting > 0, "\(grouped)")
    }
}
