import Casework
import Foundation

/// How cohorts and groups are doing, in numbers that lead to the students behind them.
struct OverviewPage {
    let visit: Visit
    let all: CaseloadSummary
    let cohorts: [CaseloadSummary]
    let groups: [CaseloadSummary]

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[ProgressText.overview], text: introduction)
        div(.class("stats")) {
            Web.statistic(words.number(all.students), words[ProgressText.statStudents], at: all.students { _ in })
            statistic(all.dueSoon, .statDueSoon) { $0.dueSoon = true }
            statistic(all.overdue, .statOverdue) { $0.overdue = true }
            statistic(all.waiting, .statWaitingShort) { $0.waiting = true }
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

    private func statistic(_ number: Int, _ text: ProgressText, _ choose: (inout StudentFilter) -> Void) -> HTML {
        Web.statistic(words.number(number), words[text], at: all.students(choose))
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
            numberLink(row.students, .students, row) { _ in }
            numberLink(row.dueSoon, .dueSoon, row) { $0.dueSoon = true }
            numberLink(row.overdue, .overdue, row) { $0.overdue = true }
            numberLink(row.waiting, .waitingShort, row) { $0.waiting = true }
            td(.data("label", words[ProgressText.oldest])) {
                row.oldest.map { words.age(of: $0, now: visit.call.now) } ?? "–"
            }
            td(.data("label", words[ProgressText.completedHead])) {
                "\(percent) %"
                progressBar(percent: percent)
            }
        }
    }

    private func numberLink(
        _ number: Int, _ text: ProgressText, _ row: CaseloadSummary, _ choose: (inout StudentFilter) -> Void
    ) -> HTML {
        td(.class("number"), .data("label", words[text])) {
            a(.if(text == .overdue && number > 0, .class("late")), .href(row.students(choose))) {
                words.number(number)
                visuallyHidden(" \(words[text]), \(row.name)")
            }
        }
    }
}

extension CaseloadSummary {
    /// The page behind its name.
    fileprivate var address: String {
        if case .cohort(let id) = caseload { "/cohorts/\(id)/progress" } else { students { _ in } }
    }

    /// The list of its students, or of some of them.
    fileprivate func students(_ choose: (inout StudentFilter) -> Void) -> String {
        var filter = StudentFilter()
        switch caseload {
        case .all: filter.enrolled = true
        case .cohort(let id): filter.cohortID = id
        case .group(let id): filter.groupID = id
        }
        choose(&filter)
        return filter.address
    }
}
