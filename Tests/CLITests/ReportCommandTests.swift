import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// `waymark report` against a real database.
@Suite struct ReportCommandTests {
    @Test func `a report is printed as a table, as CSV that is no formula, and as JSON`() async throws {
        let college = try await TestInstitution.make()
        let cohort = try await college.cohort("=1+1").id
        let student = try await college.person("student")
        try await college.run("insert into milestones (cohort_id, title, saved) values (\(cohort), 'Meet', true)")
        try await college.enroll(student.id, in: cohort)
        let program = WaymarkProgram(environment: [
            "WAYMARK_DATABASE_URL": college.database.migratorURL,
            "WAYMARK_MIGRATOR_PASSWORD": TestDatabase.password,
        ])
        func report(_ more: String...) async throws -> String {
            let result = try await program.run(["report", college.institution.slug, "progress-by-cohort"] + more)
            #expect(result.status == 0, "\(result.errors)")
            return result.output
        }
        let table = try await report().split(separator: "\n")
        #expect(table.count == 2)
        #expect(
            table.last?.split(separator: " ").joined(separator: " ") == "Kind of =1+1 =1+1 1 1 0 0 0 0 0.0", "\(table)")
        #expect(try await report("--format", "table").split(separator: "\n") == table)
        #expect(
            try await report("--format", "csv")
                == """
                category,cohort,students,assignments,completed,submitted,returned,overdue,percent_completed\r
                Kind of =1+1,'=1+1,1,1,0,0,0,0,0.0\r

                """)
        struct Line: Decodable, Equatable {
            let cohort: String
            let students: Int
        }
        for option in [["--format", "json"], ["--json"]] {
            let result = try await program.run(["report", college.institution.slug, "progress-by-cohort"] + option)
            #expect(
                try JSONDecoder().decode([Line].self, from: Data(result.output.utf8))
                    == [Line(cohort: "=1+1", students: 1)])
        }
        let list = try await program.run("report", "--format", "csv")
        #expect(list.output.hasPrefix("report,what it answers\r\nanswers-by-month,"), "\(list.output)\(list.errors)")
        let unknown = try await program.run("report", college.institution.slug, "none", "--format", "csv")
        #expect(unknown.status == 1 && unknown.errors.contains("there is no report 'none'"), "\(unknown.errors)")
    }
}
