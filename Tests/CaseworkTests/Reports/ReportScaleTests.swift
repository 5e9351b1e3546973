import Casework
import Postgres
import Tenancy
import TestSupport
import Testing

/// Each report of `sql/reports` among 20,000 students, row by row and column by column, against a query of its own over the tables.
@Suite struct ReportScaleTests {
    @Test func `every report says what the tables say`() async throws {
        let (place, connection) = try await ReportGround.make()
        let reports = try Report.all()
        #expect(Set(reports.map(\.name)) == Set(ReportOracle.queries.keys))
        for report in reports {
            guard let query = ReportOracle.queries[report.name] else { continue }
            // one moment for both
            try await connection.execute(
                script: """
                    begin;
                    set local search_path = \(place.institution.schema), pg_temp;
                    set local time zone 'UTC';
                    """)
            let lines = try await connection(report.lines())
            let oracle = SQL(unchecked: "select row_to_json(q)::text from (\(query)) q").values(String.self)
            let expected = try await connection(oracle)
            try await connection.execute(script: "rollback")
            #expect(lines.count == expected.count, "\(report.name)")
            let other = zip(lines.map(\.json), expected).first { $0 != $1 }
            #expect(other == nil, "\(report.name): \(other?.0 ?? "") is \(other?.1 ?? "")")
            for (place, column) in report.columns.enumerated() {
                let values = Set(lines.compactMap { $0.values[place] })
                #expect(!values.isEmpty, "\(report.name): nothing is told by \(column)")
            }
        }
        await connection.close()
    }
}
