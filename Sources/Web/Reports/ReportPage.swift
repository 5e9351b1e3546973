import Casework
import Dates
import Tenancy

/// A report: what it is about, its picture, its table, and the same as a file. The address keeps the filter, so that it can be
/// sent to somebody.
struct ReportPage {
    /// Rows of the table; the file has more.
    static let most = 500

    let visit: Visit
    let report: Report
    let filter: ReportFilter
    /// One more than `most` where there are more.
    let lines: [ReportLine]
    let choices: ReportChoices
    /// IANA name of the zone in which times are shown.
    let zone: String
    /// The day it is there.
    let today: CalendarDate
    /// To whom it goes by mail; empty where no mail leaves.
    let mails: HTML

    private var words: Catalogue { visit.words }
    private var title: String { words.title(of: report) }

    @HTMLBuilder var html: HTML {
        pageHead(
            title, text: words.question(of: report),
            crumbs: breadcrumbs(words, [Crumb(text: words[MenuText.reports], address: "/reports")])
        ) {
            if !lines.isEmpty {
                a(.class("button quiet"), .href("/reports/\(report.name)/csv\(query)")) { words[ReportText.file] }
            }
        }
        form(.class("form across"), .get, .action("/reports/\(report.name)"), .ariaLabel(words[ReportText.narrow])) {
            choice("categoryId", .category, .everyCategory, choices.categories, filter.categoryID)
            choice("cohortId", .cohort, .everyCohort, choices.cohorts, filter.cohortID)
            choice("groupId", .group, .everyGroup, choices.groups, filter.groupID)
            day("from", .from, filter.from)
            day("to", .to, filter.to)
            actions { submitButton(words[ProgressText.show]) }
        }
        if lines.isEmpty {
            emptyCard(words[ReportText.nothing]) {
                if !query.isEmpty {
                    p { a(.class("button"), .href("/reports/\(report.name)")) { words[ReportText.everything] } }
                }
            }
        } else {
            if let chart = ReportChart(report, lines, words: words) { chart.html }
            section(.class("card dense"), .ariaLabel(title)) {
                if let note = words.note(of: report) { p { note } }
                table
                if lines.count > Self.most { p { words[ReportText.first, n: Self.most] } }
            }
        }
        mails
    }

    private var query: String { filter.query }

    private var table: HTML {
        let rows = lines.prefix(Self.most).map(\.cells)
        let columns = report.columns.enumerated().map { place, name in
            if place == 0 { return Column.name(words.column(name)) }
            let isNumber = rows.contains { $0.dropFirst(place).first?.isNumber == true }
            return isNumber ? .number(words.column(name)) : .text(words.column(name))
        }
        return dataTable(.ariaLabel(title), columns, of: rows) { row in
            for (column, value) in zip(report.columns, row) { html(value, of: column) }
        }
    }

    @HTMLBuilder private func html(_ value: ReportCell, of column: String) -> HTML {
        switch value {
        case .nothing: "–"
        case .number(let number): words.decimal(number)
        case .day(let day): time(.dateTime(day.description)) { words.shortDate(day, today: today) }
        case .instant(let instant): time(.dateTime(instant.machineText)) { words.instant(instant, zone: zone) }
        case .text(let text): bdi { words.audited(text, of: column) }
        }
    }

    /// What is chosen and no longer offered is offered still, or the form would ask for something else.
    private func choice(
        _ name: String, _ text: ProgressText, _ all: ProgressText, _ offered: [ReportChoices.Choice], _ chosen: Int?
    ) -> HTML {
        let missing = chosen.flatMap { id in
            offered.contains { $0.id == id } ? nil : (String(id), words[ProgressText.chosen])
        }
        let choices = [("", words[all])] + [missing].compactMap(\.self) + offered.map { (String($0.id), $0.name) }
        return visit.field(
            Input(name: name, label: words[text], kind: .choice(choices), value: chosen.map(String.init) ?? ""))
    }

    private func day(_ name: String, _ text: ReportText, _ chosen: CalendarDate?) -> HTML {
        visit.field(Input(name: name, label: words[text], kind: .line(type: "date"), value: chosen?.description))
    }
}

extension ReportCell {
    fileprivate var isNumber: Bool { if case .number = self { true } else { false } }
}
