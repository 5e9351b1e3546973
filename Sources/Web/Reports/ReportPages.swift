import Casework
import Hummingbird
import Tenancy

/// The reports, for admins: what there is, each with its picture and its table, and the same as a file.
enum ReportPages {
    static let routes: [PageRoute] = [
        .get("/reports", .signedIn(.admin)) { visit in
            let (viewer, views) = try await visit.read(ReportRepository.views)
            return visit.page(title: visit.words[MenuText.reports], viewer: viewer, current: "/reports") {
                ReportListPage(words: visit.words, views: views).html
            }
        },
        .get("/reports/{report}", .signedIn(.admin)) { visit in
            do {
                return try await show(visit, try visit.call.query { ReportFilter(&$0) })
            } catch CaseworkError.invalid(let problems) {
                return try await show(visit.with(problems), ReportFilter())
            }
        },
        .get("/reports/{report}/csv", .signedIn(.admin)) { visit in
            let report = try visit.call.report
            let filter = try visit.call.query { ReportFilter(&$0) }
            let (_, lines) = try await visit.read(Reading(report.lines(filter, most: ReportAPI.most)))
            var file = CSVWriter()
            file.row(report.columns.map { visit.words.column($0) })
            for line in lines { file.row(line.values.map { $0 ?? "" }) }
            return .csv(file.drain(), name: "\(visit.words.title(of: report)).csv")
        },
    ]

    static func show(_ visit: Visit, _ filter: ReportFilter) async throws -> Response {
        let report = try visit.call.report
        let (viewer, lines, choices, mailed, admins) = try await visit.read(
            Reading(report.lines(filter, most: ReportPage.most + 1)), ReportRepository.choices,
            MailedReportRepository.list(of: report.name), MailedReportRepository.admins)
        let mails = MailedReportCard(
            visit: visit, report: report, filter: filter, mailed: mailed, admins: admins, timeZone: viewer.timeZone)
        let page = ReportPage(
            visit: visit, report: report, filter: filter, lines: lines, choices: choices, zone: viewer.timeZone,
            today: viewer.today, mails: visit.call.site.sendsMail ? mails.html : HTML())
        return visit.page(title: visit.words.title(of: report), viewer: viewer, current: "/reports") { page.html }
    }
}

/// Every report with the question it answers, and the views they are made of.
struct ReportListPage {
    let words: Catalogue
    let views: [ReportView]

    @HTMLBuilder var html: HTML {
        pageHead(words[MenuText.reports], text: words[ReportText.intro])
        section(.class("card"), .ariaLabel(words[MenuText.reports])) {
            dataTable(
                .ariaLabel(words[MenuText.reports]),
                [.name(words[ReportText.report]), .text(words[ReportText.question])],
                of: Report.bundled
            ) { report in
                a(.href("/reports/\(report.name)")) { words.title(of: report) }
                words.question(of: report)
            }
        }
        card("views", words[ReportText.views]) {
            p { words[ReportText.viewsText] }
            for view in views {
                details {
                    summary { code { view.name } }
                    p { bdi(.lang("en")) { view.text } }
                    dataTable(
                        .ariaLabel(view.name), [.name(words[ReportText.column]), .text(words[ReportText.meaning])],
                        of: zip(view.columns, view.meanings)
                    ) { column, meaning in
                        code { column }
                        bdi(.lang("en")) { meaning }
                    }
                }
            }
        }
    }
}
