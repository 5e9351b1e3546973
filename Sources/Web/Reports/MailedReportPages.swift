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

    /// What the form's report is about, as far as it can be read.
    private static func filter(of visit: Visit) -> ReportFilter {
        let names = ["categoryId", "cohortId", "groupId", "from", "to"]
        let fields = visit.form.fields.filter { names.contains($0.key) }
        return (try? Fields.read(form: fields) { ReportFilter(&$0) }) ?? ReportFilter()
    }
}

/// To whom a report goes each week, and the form for one more.
struct MailedReportCard {
    let visit: Visit
    let report: Report
    /// What the page shows, and what a new mail would be about.
    let filter: ReportFilter
    let mailed: [MailedReport]
    let admins: [ReportChoices.Choice]
    /// IANA name of the viewer's time zone.
    let timeZone: String

    private var words: Catalogue { visit.words }
    private var address: String { "/reports/\(report.name)" }

    var html: HTML {
        card("mails", words[ReportText.weekly]) {
            p { words[ReportText.weeklyText] }
            for one in mailed { row(one) }
            details(.if(!visit.form.fields.isEmpty, .open)) {
                summary { words[ReportText.weeklyNew] }
                visit.postForm(.class("form"), to: address) {
                    for field in filter.fields { hiddenField(field.name, field.value) }
                    fields
                    actions { submitButton(words[ReportText.weeklyAdd], .primary) }
                }
            }
        }
    }

    private func row(_ one: MailedReport) -> HTML {
        let day = Self.days.first { $0.number == one.weekday }.map { words[$0.text] } ?? ""
        let people = one.names.map { $0 ?? "–" }.joined(separator: ", ")
        return div(.class("stack")) {
            p {
                words[ReportText.weeklyOne, ["day": day, "hour": Self.hour(one.hour), "people": people]]
                " "
                words[ReportText.weeklyNext, ["date": words.instant(one.nextAt, zone: timeZone)]]
                if one.filter != filter {
                    " "
                    a(.href("\(address)\(one.filter.query)")) { words[ReportText.weeklyShow] }
                }
            }
            visit.removal(
                words[ReportText.weeklyEnd], of: people, words[ReportText.weeklyEndText],
                at: "\(address)/mails/\(one.id)/delete", version: one.version)
        }
    }

    @HTMLBuilder private var fields: HTML {
        visit.field(
            Input(
                name: "weekday", label: words[ReportText.weekday],
                kind: .choice(Self.days.map { (String($0.number), words[$0.text]) }), value: "1", isRequired: true))
        visit.field(
            Input(
                name: "hour", label: words[ReportText.hour],
                kind: .choice((0...23).map { (String($0), Self.hour($0)) }), value: "8", isRequired: true))
        let chosen = visit.form.fields["recipients"] ?? []
        let problem = visit.typed.problem(of: "recipients")
        fieldset(.id("recipients"), .class("field"), .describedBy(problem == nil ? nil : "recipients-error")) {
            legend { words[ReportText.recipients] }
            div(.class("choices")) {
                for admin in admins {
                    checkbox(
                        "recipients", String(admin.id), id: "recipient-\(admin.id)", admin.name,
                        isChecked: chosen.contains(String(admin.id)))
                }
            }
            if let problem { fieldError("recipients", problem) }
        }
    }

    private static func hour(_ hour: Int) -> String { hour < 10 ? "0\(hour):00" : "\(hour):00" }

    private static let days: [(number: Int, text: ReportText)] = [
        (1, .monday), (2, .tuesday), (3, .wednesday), (4, .thursday), (5, .friday), (6, .saturday), (7, .sunday),
    ]
}
