import Casework
import Foundation

/// How cohorts and groups are doing, in numbers that lead to the students behind them.
struct OverviewPage {
    let visit: Visit
    let all: CaseloadSummary
    let cohorts: [CaseloadSummary]
    let groups: [CaseloadSummary]

    private typealias Filter = CaseloadList.Filter

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[ProgressText.overview], text: introduction)
        div(.class("stats")) {
            Web.statistic(words.number(all.students), words[ProgressText.statStudents], at: "/overview/students")
            statistic(all.dueSoon, .statDueSoon, .dueSoon)
            statistic(all.overdue, .statOverdue, .overdue)
            statistic(all.waiting, .statWaitingShort, .submitted)
        }
        card("cohorts", words[ProgressText.cohorts]) {
            if cohorts.isEmpty {
                emptyState(words[ProgressText.noCohorts])
            } else {
                summaryTable("cohorts", .cohort, cohorts)
            }
        }
        if !groups.isEmpty {
            card("groups", words[ProgressText.groups]) {
                if let chart = OverdueChart(groups) { chart.html(words) }
                summaryTable("groups", .group, groups)
            }
        }
    }

    private var introduction: String {
        let text = words[ProgressText.overviewText]
        guard all.past > 0 else { return text }
        let numbers = [
            "percent": String(all.onTime * 100 / all.past), "done": words.number(all.onTime),
            "past": words.number(all.past),
        ]
        return "\(text) \(words[ProgressText.onTime, numbers])"
    }

    private func statistic(_ number: Int, _ text: ProgressText, _ filter: Filter) -> HTML {
        Web.statistic(words.number(number), words[text], at: "/overview/students?\(filter.query)")
    }

    private func summaryTable(_ heading: String, _ what: ProgressText, _ rows: [CaseloadSummary]) -> HTML {
        let numbers = [ProgressText.students, .dueSoon, .overdue, .waitingShort].map { Column.number(words[$0]) }
        let first = Column.text(words[what])
        let last = [ProgressText.oldest, .completedHead].map { Column.text(words[$0]) }
        return dataTable(.labelledBy(heading), [first] + numbers + last, isSummary: true) {
            for row in rows { summaryRow(row) }
        }
    }

    private func summaryRow(_ row: CaseloadSummary) -> HTML {
        let percent = row.total == 0 ? 0 : row.completed * 100 / row.total
        return tr {
            th(.scope("row")) {
                a(.href(row.address)) { bdi { row.name } }
                fact(row.within)
            }
            numberLink(row.students, .students, .all, row)
            numberLink(row.dueSoon, .dueSoon, .dueSoon, row)
            numberLink(row.overdue, .overdue, .overdue, row)
            numberLink(row.waiting, .waitingShort, .submitted, row)
            td(.data("label", words[ProgressText.oldest])) {
                row.oldest.map { words.age(of: $0, now: visit.call.now) } ?? "–"
            }
            td(.data("label", words[ProgressText.completedHead])) {
                "\(percent) %"
                progressBar(percent: percent)
            }
        }
    }

    private func numberLink(_ number: Int, _ text: ProgressText, _ filter: Filter, _ row: CaseloadSummary) -> HTML {
        td(.class("number"), .data("label", words[text])) {
            a(
                .if(filter == .overdue && number > 0, .class("late")),
                .href(filter == .all ? row.address : "\(row.address)?\(filter.query)")
            ) {
                words.number(number)
                visuallyHidden(" \(words[text]), \(row.name)")
            }
        }
    }
}

extension CaseloadSummary {
    /// The page of its students.
    fileprivate var address: String {
        switch caseload {
        case .all: "/overview/students"
        case .cohort(let id): "/cohorts/\(id)/progress"
        case .group(let id): "/groups/\(id)/progress"
        }
    }
}
