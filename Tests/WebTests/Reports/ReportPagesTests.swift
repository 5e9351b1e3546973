import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// The reports as pages, as files and by the API.
@Suite struct ReportPagesTests {
    @Test func `each report has its words in every language, those of its file in English`() throws {
        let reports = try Report.all()
        #expect(Set(reports.map(\.name)) == Set(ReportTitle.allCases.map(\.rawValue)))
        #expect(Set(reports.filter { !$0.note.isEmpty }.map(\.name)) == Set(ReportNote.allCases.map(\.rawValue)))
        #expect(Set(reports.flatMap(\.columns)) == Set(ReportColumn.allCases.map(\.rawValue)))
        for (language, words) in try PageKit().catalogues {
            for report in reports {
                let title = try #require(ReportTitle(rawValue: report.name))
                #expect(language != "en" || words[title] == report.title)
                #expect(language != "en" || words.note(of: report) ?? "" == report.note)
                #expect(!words.title(of: report).isEmpty && words.question(of: report).hasSuffix("."), "\(language)")
            }
        }
    }

    @Test func `a report is the same as a page, as a file and by the API`() async throws {
        let world = try await CaseloadWorld.make()
        let admin = world.place.client(world.admin)
        let query = "?groupId=\(world.groups[0])"
        let answer = try await admin.send(.get, "/api/v1/reports/progress-by-cohort\(query)")
        let rows = try answer.json()["rows"]?.elements ?? []
        #expect(rows.map { $0["cohort"]?.string } == ["Amber", "Blue"])
        let browser = try await world.place.browser(of: world.admin.id)
        let page = try await browser.get("/reports/progress-by-cohort\(query)").text
        for row in rows {
            let (name, done) = (row["cohort"]?.string ?? "", row["completed"]?.int ?? -1)
            #expect(page.contains("<bdi>\(name)</bdi>") && page.contains(">\(done)</td>"), "\(name) \(done)")
            #expect(page.contains(">\(name)</text>"), "in the picture")
        }
        #expect(page.contains(#"href="/reports/progress-by-cohort/csv\#(query)""#))
        let file = try await browser.get("/reports/progress-by-cohort/csv\(query)")
        #expect(file.headers[.contentDisposition]?.contains("Progress by cohort.csv") == true)
        let lines = file.text.split(separator: "\r\n")
        #expect(lines.count == 3 && lines[0].hasPrefix("Category,Cohort,Students,"))

        #expect(try await browser.get("/reports/progress_by_cohort").status == 404)
        let bad = try await browser.get("/reports/progress-by-cohort?from=yesterday")
        #expect(bad.status == 422 && bad.text.contains("aria-invalid"))
        #expect(try await admin.send(.get, "/api/v1/reports/staff-load?groupId=0").status == 422)
        for person in [world.director, world.staff] {
            #expect(try await world.place.browser(of: person.id).get("/reports/staff-load").status == 403)
        }
    }

    @Test func `a picture names what stands in something, and what that is, for eyes and ears`() async throws {
        let world = try await CaseloadWorld.make()
        let admin = world.place.client(world.admin)
        let browser = try await world.place.browser(of: world.admin.id)
        let rows = try await admin.send(.get, "/api/v1/reports/milestone-progress").json()["rows"]?.elements ?? []
        #expect(rows.count > 1)
        let page = try await browser.get("/reports/milestone-progress").text
        for (place, row) in rows.prefix(25).enumerated() {
            let (milestone, cohort) = (row["milestone"]?.string ?? "-", row["cohort"]?.string ?? "-")
            // a bar takes 62 pixels: two lines of words, and itself
            let lines =
                #"<text class="name" x="0" y="\#(place * 62 + 14)">\#(milestone)</text><text x="0" y="\#(place * 62 + 32)">\#(cohort)</text>"#
            #expect(page.contains(lines), "\(lines)")
            #expect(page.contains(place == 0 ? ">\(milestone), \(cohort): " : "; \(milestone), \(cohort): "))
        }
    }

    @Test func `the page tells of each view what its catalogue tells the analyst`() async throws {
        let world = try await CaseloadWorld.make()
        let login = try await Connection.connect(
            conninfo: world.place.openReporter(), connectTimeout: .seconds(10))
        let catalogue: SQL = """
            select report || ' ' || max(about) || ' ' || string_agg(column_name || ' ' || meaning, ' ' order by position)
              from waymark.report_catalog group by report order by report
            """
        let told = try await login(catalogue.values(String.self))
        await login.close()
        let page = try await world.place.browser(of: world.admin.id).get("/reports").text
        let shown = page.matches(of: /<details><summary>(.*?)<\/details>/.dotMatchesNewlines()).map { view in
            view.output.1.matches(of: /<(code|bdi)[^>]*>(.*?)<\/\1>/).map { String($0.output.2) }.joined(separator: " ")
                .replacing("&#39;", with: "'").replacing("&quot;", with: "\"").replacing("&amp;", with: "&")
        }
        #expect(shown == told)
        #expect(told.count == 12 && told.contains { $0.hasPrefix("report_requests One row for each time") })
    }

    @Test func `a file opens as text, whatever a cohort is called`() async throws {
        let world = try await CaseloadWorld.make()
        for (cohort, name) in zip(world.cohorts, ["=1+1", "+1", "-1", "@SUM(A1)"]) {
            try await world.place.run("update cohorts set name = \(name) where id = \(cohort)")
        }
        try await world.place.run("update accounts set family_name = '=2+2' where role = 'student'")
        let browser = try await world.place.browser(of: world.admin.id)
        for report in Report.bundled {
            let file = try await browser.get("/reports/\(report.name)/csv")
            #expect(file.status == 200)
            let cells = file.text.split(separator: "\r\n").dropFirst().flatMap { $0.split(separator: ",") }
            for cell in cells.map({ $0.drop { $0 == "\"" } }) where Double(cell) == nil {
                #expect(!["=", "+", "-", "@"].contains(cell.first), "\(report.name): \(cell)")
            }
        }
        let file = try await browser.get("/reports/progress-by-cohort/csv").text
        for name in ["'=1+1", "'+1", "'-1"] { #expect(file.contains(",\(name),"), "\(file)") }
        // programs and the page get the name as it is
        let rows = try await world.place.client(world.admin).send(.get, "/api/v1/reports/progress-by-cohort").json()[
            "rows"]
        #expect(rows?.elements.contains { $0["cohort"]?.string == "=1+1" } == true)
        #expect(try await browser.get("/reports/progress-by-cohort").text.contains("<bdi>=1+1</bdi>"))
    }

    @Test func `a number that is a name stays as it is`() async throws {
        let world = try await CaseloadWorld.make()
        try await world.place.run(
            "update accounts set student_number = '00' || id where role = 'student'")
        let browser = try await world.place.browser(of: world.admin.id)
        let page = try await browser.get("/reports/students-behind").text
        let behind = try #require(world.count([0, 1, 2, 3]).overdue.first)
        #expect(page.contains("<bdi>00\(behind)</bdi>"))
        let file = try await browser.get("/reports/students-behind/csv").text
        #expect(file.contains(",00\(behind),"))
    }
}
