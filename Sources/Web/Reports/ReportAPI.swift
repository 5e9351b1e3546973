import Casework
import HTTPTypes
import Hummingbird
import Tenancy

/// `/reports`: the reports of `sql/reports`, run for the institution.
enum ReportAPI {
    /// Rows of one answer: more than an institution has cohorts or milestones, fewer than would fill the memory.
    static let most = 50_000

    static let filter: [Route.Parameter] = [
        .init("categoryId", .id, "About this category's cohorts"), .init("cohortId", .id, "About this cohort"),
        .init("groupId", .id, "About cohorts that this group supports"),
        .init("from", .date, "About what is due, was asked, was answered, was sent or lasted from this day on"),
        .init("to", .date, "The last day of that time"),
    ]

    static let routes: [Route] = [
        Route(
            .get, "/reports", .signedIn(.admin), "Lists the reports and the columns of each",
            answer: .page(
                .object([
                    .field("name"), .field("title"), .field("note"), .field("columns", .array(.string())),
                ]))
        ) { call in
            _ = try await call.read(Viewer.reading)
            return call.answer(Page(items: Report.bundled))
        },
        Route(
            .get, "/reports/{report}", .signedIn(.admin),
            "Runs a report: an object for each row, of at most \(most) rows", query: filter,
            answer: .object([
                .field("name"), .field("columns", .array(.string())), .field("rows", .array(.object([]))),
            ]), problems: [404]
        ) { call in
            let filter = try call.query { ReportFilter(&$0) }
            let report = try call.report
            return call.answer(
                ReportAnswer(report: report, lines: try await call.read(Reading(report.lines(filter, most: most)))))
        },
    ]
}

extension Call {
    /// The report that the path names.
    /// - Throws: `CaseworkError.notFound`.
    var report: Report {
        get throws {
            let name = try word("report")
            guard let report = Report.bundled.first(where: { $0.name == name }) else { throw CaseworkError.notFound }
            return report
        }
    }
}

extension Report: JSONEncodable {
    /// Writes the API's object: what the report is, not its rows.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("name", name)
            $0.field("title", title)
            $0.field("note", note)
            $0.field("columns", columns)
        }
    }
}

/// A report with its rows.
private struct ReportAnswer: JSONEncodable {
    let report: Report
    let lines: [ReportLine]

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("name", report.name)
            $0.field("columns", report.columns)
            $0.array("rows", lines) { json, line in json.raw(line.json) }
        }
    }
}
