import Casework
import Foundation
import Hummingbird
import Tenancy

/// Having a report mailed each week, on the report's own page.
enum MailedReportPages {
    static let routes: [PageRoute] = [
        .post("/reports/{report}", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let report = try visit.call.report
                var fields = visit.form.fields
                fields["report"] = [report.name]
                let draft = try Fields.read(form: fields) { MailedReportDraft(&$0) }
                let made = try await MailedReportRepository(work: visit.call.work()).create(draft)
                return visit.redirect("/reports/\(report.name)\(made.filter.query)", done: .created)
            } again: {
                try await ReportPages.show($0, filter(of: $0))
            }
        },
        .get("/reports/{report}/mails/{id}", .signedIn(.adminInPerson)) { try await showMail($0) },
        .post("/reports/{report}/mails/{id}", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                var fields = visit.form.fields
                fields["report"] = [try visit.call.report.name]
                let patch = MailedReportPatch(try Fields.read(form: fields) { MailedReportDraft(&$0) })
                let changed = try await MailedReportRepository(work: visit.call.work())
                    .update(visit.call.id("id"), patch, ifMatch: visit.seenVersion)
                return visit.redirect("/reports/\(changed.report)\(changed.filter.query)", done: .saved)
            } again: {
                try await showMail($0)
            }
        },
        .post("/reports/{report}/mails/{id}/delete", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                try await MailedReportRepository(work: visit.call.work())
                    .remove(visit.call.id("id"), ifMatch: visit.seenVersion)
                return visit.redirect("/reports/\(try visit.call.report.name)", done: .deleted)
            } again: {
                try await ReportPages.show($0.untyped, ReportFilter())
            }
        },
    ]

    private static func showMail(_ visit: Visit) async throws -> Response {
        let report = try visit.call.report
        let (viewer, mail, admins) = try await visit.read(
            MailedReportRepository.find(visit.call.id("id")), MailedReportRepository.admins)
        guard mail.report == report.name else { throw CaseworkError.notFound }
        let page = MailedReportPage(visit: visit, report: report, mail: mail, admins: admins)
        return visit.page(title: visit.words[ReportText.weeklyChange], viewer: viewer, current: "/reports") {
            page.html
        }
    }

    /// What the form's report is about, as far as it can be read.
    private static func filter(of visit: Visit) -> ReportFilter {
        let names = ["categoryId", "cohortId", "groupId", "from", "to"]
        let fields = visit.form.fields.filter { names.contains($0.key) }
        return (try? Fields.read(form: fields) { ReportFilter(&$0) }) ?? ReportFilter()
    }
}
