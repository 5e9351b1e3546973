import Casework
import Foundation
import Tenancy

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
                    MailedReportFields(visit: visit, admins: admins, stored: nil).html
                    actions { submitButton(words[ReportText.weeklyAdd], .primary) }
                }
            }
        }
    }

    private func row(_ one: MailedReport) -> HTML {
        let sentence = MailedReportFields.sentence(one, words)
        return div(.class("stack")) {
            p {
                sentence
                " "
                words[ReportText.weeklyNext, ["date": words.instant(one.nextAt, zone: timeZone)]]
                if one.filter != filter {
                    " "
                    a(.href("\(address)\(one.filter.query)")) { words[ReportText.weeklyShow] }
                }
                " "
                a(.href("\(address)/mails/\(one.id)")) {
                    words[ReportText.weeklyChange]
                    visuallyHidden(": \(sentence)")
                }
            }
            visit.removal(
                words[ReportText.weeklyEnd], of: sentence, words[ReportText.weeklyEndText],
                at: "\(address)/mails/\(one.id)/delete", version: one.version)
        }
    }
}

/// Changes when a report is mailed, and to whom. What it is about stays.
struct MailedReportPage {
    let visit: Visit
    let report: Report
    let mail: MailedReport
    let admins: [ReportChoices.Choice]

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        let back = "/reports/\(report.name)\(mail.filter.query)"
        pageHead(
            words[ReportText.weeklyChange], text: MailedReportFields.sentence(mail, words),
            crumbs: breadcrumbs(
                words,
                [
                    Crumb(text: words[MenuText.reports], address: "/reports"),
                    Crumb(text: words.title(of: report), address: back),
                ]))
        section(.class("card"), .ariaLabel(words[ReportText.weeklyChange])) {
            visit.postForm(.class("form"), to: "/reports/\(report.name)/mails/\(mail.id)", version: mail.version) {
                MailedReportFields(visit: visit, admins: admins, stored: mail).html
                actions {
                    submitButton(words[ShellText.save], .primary)
                    a(.class("button quiet"), .href(back)) { words[ShellText.cancel] }
                }
            }
        }
    }
}

/// When a report is mailed, and to whom: what both forms ask.
struct MailedReportFields {
    let visit: Visit
    let admins: [ReportChoices.Choice]
    /// What is stored; nil for a new one.
    let stored: MailedReport?

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        visit.field(
            Input(
                name: "weekday", label: words[ReportText.weekday],
                kind: .choice(Self.days.map { (String($0.number), words[$0.text]) }),
                value: String(stored?.weekday ?? 1), isRequired: true))
        visit.field(
            Input(
                name: "hour", label: words[ReportText.hour],
                kind: .choice((0...23).map { (String($0), Self.hour($0)) }), value: String(stored?.hour ?? 8),
                isRequired: true))
        recipients
    }

    /// Admins who are here. Somebody stored who is none any more gets nothing, and is not offered.
    private var recipients: HTML {
        let before = stored.map { $0.recipients.map(String.init) } ?? []
        let chosen = visit.form.fields.isEmpty ? before : visit.form.fields["recipients"] ?? []
        let problem = visit.typed.problem(of: "recipients")
        let isOutdated = stored != nil && visit.problems.isOutdated && Set(chosen) != Set(before)
        let notes = [problem == nil ? nil : "recipients-error", isOutdated ? "recipients-stored" : nil]
            .compactMap { $0 }
        return fieldset(
            .id("recipients"), .class("field"),
            .describedBy(notes.isEmpty ? nil : notes.joined(separator: " "))
        ) {
            legend { words[ReportText.recipients] }
            div(.class("choices")) {
                for admin in admins {
                    checkbox(
                        "recipients", String(admin.id), id: "recipient-\(admin.id)", admin.name,
                        isChecked: chosen.contains(String(admin.id)))
                }
            }
            if let problem { fieldError("recipients", problem) }
            if isOutdated, let stored { storedNote("recipients", Self.people(stored), words) }
        }
    }

    /// `Monday, 08:00, to Ada Lovelace.`
    static func sentence(_ mail: MailedReport, _ words: Catalogue) -> String {
        let day = days.first { $0.number == mail.weekday }.map { words[$0.text] } ?? ""
        return words[ReportText.weeklyOne, ["day": day, "hour": hour(mail.hour), "people": people(mail)]]
    }

    static func people(_ mail: MailedReport) -> String { mail.names.map { $0 ?? "–" }.joined(separator: ", ") }

    private static func hour(_ hour: Int) -> String { hour < 10 ? "0\(hour):00" : "\(hour):00" }

    private static let days: [(number: Int, text: ReportText)] = [
        (1, .monday), (2, .tuesday), (3, .wednesday), (4, .thursday), (5, .friday), (6, .saturday), (7, .sunday),
    ]
}
