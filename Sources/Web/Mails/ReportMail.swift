import Casework
import Foundation
import Tenancy

/// A report as a mail: its rows as text and as a table, and where the page and the file with all of them are.
///
/// It has no file attached: what people open of a mail is kept where nobody erases it, and the file is one click away for
/// who may see it.
struct ReportMail {
    let letter: ReportLetter
    /// Scheme, host and port of the institution.
    let origin: String
    let words: Catalogue

    private func line(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " ") }

    private var title: String { line(words.title(of: letter.report)) }
    private var address: String { "\(origin)/reports/\(letter.report.name)\(letter.filter.query)" }
    private var greeting: String { words[MailText.greeting, ["name": line(letter.recipient.name)]] }
    private var reason: String { words[MailText.reportReason, ["institution": line(letter.institution)]] }
    private var columns: [String] { letter.report.columns.map { line(words.column($0)) } }

    private var rows: [[String]] {
        letter.lines.prefix(ReportLetter.most).map { line in
            zip(letter.report.columns, line.cells).map { text(of: $1, in: $0) }
        }
    }

    private func text(of cell: ReportCell, in column: String) -> String {
        switch cell {
        case .nothing: "–"
        case .number(let number): words.decimal(number)
        case .day(let day): words.date(day)
        case .instant(let instant): words.instant(instant, zone: letter.timeZone)
        case .text(let text): line(words.audited(text, of: column))
        }
    }

    /// That there is nothing, or more than stands here.
    private var remark: String? {
        if letter.lines.isEmpty { return words[ReportText.nothing] }
        return letter.lines.count > ReportLetter.most ? words[MailText.reportFirst, n: ReportLetter.most] : nil
    }

    var subject: String {
        words[MailText.reportSubject, ["title": title, "date": words.date(letter.day)]]
    }

    var text: String {
        var lines = [greeting, "", title, line(words.question(of: letter.report)), ""]
        for row in rows {
            for (place, (column, value)) in zip(columns, row).enumerated() {
                lines.append("\(place == 0 ? "- " : "  ")\(column): \(value)")
            }
        }
        if let remark { lines += ["", remark] }
        lines += ["", words[MailText.reportPage], address, "", "-- ", reason]
        return lines.joined(separator: "\n") + "\n"
    }

    var page: String {
        let page = html(.lang(words.language)) {
            head {
                meta(.charset("utf-8"))
                Web.title { subject }
            }
            body {
                p { greeting }
                h1 { title }
                p { words.question(of: letter.report) }
                if !rows.isEmpty {
                    dataTable(.ariaLabel(title), columns.map { Column.text($0) }, of: rows) { row in
                        for value in row { bdi { value } }
                    }
                }
                if let remark { p { remark } }
                p { a(.href(address)) { words[MailText.reportPage] } }
                p { small { reason } }
            }
        }
        return "<!DOCTYPE html>\n" + String(decoding: page.bytes, as: UTF8.self) + "\n"
    }
}
