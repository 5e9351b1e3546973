import Casework
import Foundation

/// How cohorts and groups are doing against what was due, in numbers that lead to the students behind them.
struct OverviewPage {
    let visit: Visit
    let address: OverviewAddress
    let all: CaseloadSummary
    let cohorts: [CaseloadSummary]
    let groups: [CaseloadSummary]
    let categories: [QueueContents.Group]

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[ProgressText.overview], text: introduction) {
            a(.class("button"), .href(address.file)) { words[StudentText.file] }
        }
        address.tabs(words, isCourse: false)
        OverviewChoices(address: address, categories: categories, words: words).html
        div(.class("stats")) {
            Web.statistic(words.number(all.students), words[ProgressText.statStudents], at: students(all) { _ in })
            statistic(all.dueSoon, .statDueSoon) { $0.dueSoon = true }
            statistic(all.overdue, .statOverdue) { $0.overdue = true }
            statistic(all.waiting, .statWaitingShort) { $0.waiting = true }
        }
        card("cohorts", words[ProgressText.cohorts]) {
            if cohorts.isEmpty {
                emptyState(words[ProgressText.noCohorts])
            } else {
                table("cohorts", .cohort, cohorts, sum: cohorts.count > 1 ? all : nil)
            }
        }
        if !groups.isEmpty {
            card("groups", words[ProgressText.groups]) { table("groups", .group, groups) }
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
        Web.statistic(words.number(number), words[text], at: students(all, choose))
    }

    // MARK: Tables

    private func table(
        _ heading: String, _ what: ProgressText, _ rows: [CaseloadSummary], sum: CaseloadSummary? = nil
    ) -> HTML {
        dataTable(.labelledBy(heading), isSummary: true) {
            for summary in address.order?.sorted(rows) ?? rows { row(summary, name: summary.name) }
            if let sum { row(sum, name: words[ProgressText.sum]) }
        } heads: {
            for column in OverviewColumn.allCases { head(column, column == .name ? what : column.text) }
        }
    }

    private func head(_ column: OverviewColumn, _ text: ProgressText) -> HTML {
        let current = (address.order ?? .first).column == column ? address.order ?? .first : nil
        let next = OverviewOrder(
            column: column, isDescending: current.map { !$0.isDescending } ?? column.startsDescending)
        return th(
            .scope("col"), .if(column.isNumber, .class("number")),
            .if(current != nil, .ariaSort(current?.isDescending ?? false))
        ) {
            a(.class("sort"), .href(address.sorted(next))) {
                words[text]
                if let current { span(.ariaHidden) { current.isDescending ? " ↓" : " ↑" } }
            }
        }
    }

    private func row(_ row: CaseloadSummary, name: String) -> HTML {
        tr {
            th(.scope("row")) {
                a(.href(place(of: row))) { bdi { name } }
                if !row.within.isEmpty { fact(row.within) }
            }
            number(row.students, .students, row, name) { _ in }
            cell(.plan) { plan(of: row) }
            cell(.change) { row.change.map { HTML(OverviewPage.signed($0)) } ?? HTML("–") }
            number(row.overdue, .overdue, row, name) { $0.overdue = true }
            cell(.share) { row.overduePercent.map { HTML("\($0) %") } ?? HTML("–") }
            number(row.waiting, .waiting, row, name) { $0.waiting = true }
            cell(.oldest) { HTML(row.oldest.map { words.age(of: $0, now: visit.call.now) } ?? "–") }
            cell(.done) {
                if let percent = row.completedPercent {
                    "\(percent) %"
                    progressBar(percent: percent)
                } else {
                    "–"
                }
            }
        }
    }

    /// `+3`, `−2`, `0`: in points.
    static func signed(_ points: Int) -> String {
        points < 0 ? "−\(points.magnitude)" : points > 0 ? "+\(points)" : "0"
    }

    @HTMLBuilder private func plan(of row: CaseloadSummary) -> HTML {
        if let percent = row.planPercent {
            let isOnPlan = percent >= CaseloadSummary.plan
            tag(Tag(text: words[isOnPlan ? ProgressText.onPlan : .behind], tone: isOnPlan ? .ok : .warn))
            fact(
                words[
                    ProgressText.ofDue,
                    [
                        "percent": String(percent), "done": words.number(row.pastDone),
                        "past": words.number(row.past),
                    ]])
        } else {
            fact(words[ProgressText.nothingDue])
        }
    }

    private func cell(_ column: OverviewColumn, @HTMLBuilder content: Content) -> HTML {
        td(.if(column.isNumber, .class("number")), .data("label", words[column.text]), content: content)
    }

    private func number(
        _ number: Int, _ column: OverviewColumn, _ row: CaseloadSummary, _ name: String,
        _ choose: (inout StudentFilter) -> Void
    ) -> HTML {
        cell(column) {
            a(.if(column == .overdue && number > 0, .class("late")), .href(students(row, choose))) {
                words.number(number)
                visuallyHidden(" \(words[column.text]), \(name)")
            }
        }
    }

    // MARK: Where numbers lead

    /// The page behind a name.
    private func place(of row: CaseloadSummary) -> String {
        if case .cohort(let id) = row.caseload { "/cohorts/\(id)/progress" } else { students(row) { _ in } }
    }

    /// The list of a row's students, or of some of them.
    private func students(_ row: CaseloadSummary, _ choose: (inout StudentFilter) -> Void) -> String {
        var filter = StudentFilter()
        switch row.caseload {
        case .all: (filter.categoryID, filter.enrolled) = (address.filter.categoryID, true)
        case .cohort(let id): filter.cohortID = id
        case .group(let id): (filter.groupID, filter.categoryID) = (id, address.filter.categoryID)
        }
        choose(&filter)
        return filter.address
    }
}

extension OverviewColumn {
    fileprivate var isNumber: Bool {
        switch self {
        case .students, .change, .overdue, .share, .waiting: true
        case .name, .plan, .oldest, .done: false
        }
    }
}
