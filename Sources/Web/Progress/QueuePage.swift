import Casework
import Dates
import Foundation

/// The staff's queue: completion requests by milestone, with a form that answers one or many.
struct QueuePage {
    /// What became of the answers that were just sent, where not all could be given.
    struct Report {
        let done: String
        let notDone: String
        let refused: [String]
    }

    let visit: Visit
    let today: CalendarDate
    let place: QueuePlace
    let items: [QueueItem]
    let next: Cursor?
    let contents: QueueContents
    let caseload: CaseloadSummary?
    /// How many requests for a later date wait.
    let extensions: Int
    var report: Report?
    /// What could not be answered; it stays ticked.
    var refused: [ProgressKey]?

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        if let report { box(report) }
        pageHead(words[ProgressText.queue], text: introduction) {
            SearchField(address: "/students", label: words[StudentText.find], value: nil, list: nil).html(words)
        }
        statistics
        section(.class("card"), .labelledBy("requests")) {
            div(.class("card-head")) {
                h2(.id("requests"), .tabIndex(-1)) { words[ProgressText.requests] }
                QueueKeys(words: words).html
            }
            if contents.waiting > 0 { QueueFilters(filter: place.filter, contents: contents, words: words).html }
            div(.class("stack"), .id("queue-list")) { requests }
        }
        moduleScript(visit.kit.assets[.queue])
    }

    private func box(_ report: Report) -> HTML {
        div(.class("notice warn"), .role("alert"), .tabIndex(-1), .data("focus")) {
            p { b { "\(report.done) \(report.notDone)" } }
            ul(.class("points")) { for sentence in report.refused { li { sentence } } }
        }
    }

    private var introduction: String {
        let waiting = words[ProgressText.waiting, n: contents.waiting]
        guard let caseload else { return waiting }
        return "\(waiting) · \(words[ProgressText.inScope, n: caseload.students])"
    }

    private var statistics: HTML {
        div(.class("stats")) {
            statistic(words.number(contents.waiting), words[ProgressText.waitingForYou], at: "/queue")
            statistic(
                words.number(contents.old), words[ProgressText.old], at: "/queue?age=\(QueueFilter.old)")
            if extensions > 0 {
                statistic(words.number(extensions), words[ExtensionText.waiting, n: extensions], at: "/extensions")
            }
            if let caseload {
                statistic(
                    words.number(caseload.overdue), words[ProgressText.studentsOverdue],
                    at: "/students?overdue=true")
                statistic(
                    caseload.past == 0 ? "–" : "\(caseload.onTime * 100 / caseload.past) %",
                    words[ProgressText.doneOnTime], at: "/overview")
            }
        }
    }

    @HTMLBuilder private var requests: HTML {
        if !items.isEmpty {
            answerForm
            list
            visit.pager(next)
        } else if place.filter.isEmpty {
            emptyState(words[ProgressText.none]) { p { words[ProgressText.noneText] } }
        } else {
            emptyState(words[ProgressText.noneAsked]) {
                p { a(.class("button"), .href("/queue")) { words[ProgressText.showWhole] } }
            }
        }
    }

    /// The form for all that are ticked; the controls of the rows belong to it too.
    private var answerForm: HTML {
        visit.postForm(.id("answers"), .data("selection"), to: place.address) {
            div(.class("row")) {
                manyButton(.complete, .approveSelected)
                details(.if(visit.isTyped("comment") || visit.typed.problem(of: "comment") != nil, .open)) {
                    summary { words[ProgressText.otherSelected] }
                    div(.class("confirm")) {
                        commentForAll
                        actions {
                            manyButton(.return, .returnSelected)
                            manyButton(.waive, .waiveSelected)
                        }
                    }
                }
                if contents.asked > items.count { p(.class("quiet")) { howMany } }
            }
        }
    }

    private var howMany: String {
        words[
            place.cursor == nil ? ProgressText.more : .moreLater,
            ["shown": words.number(items.count), "total": words.number(contents.asked)]]
    }

    private func manyButton(_ action: ProgressAction, _ key: ProgressText) -> HTML {
        submitButton(words[key], .plain, .name("action"), .value(action.rawValue), .data("selection-action"))
    }

    private var commentForAll: HTML {
        let problem = visit.typed.problem(of: "comment")
        return div(.class("field")) {
            label(.for("comment")) { words[ProgressText.commentForAll] }
            span(.class("hint"), .id("comment-hint")) { words[ProgressText.commentHint] }
            if let problem { fieldError("comment", problem) }
            textarea(
                .id("comment"), .name("comment"), .rows(3), .describedBy("comment-hint"),
                .if(problem != nil, .invalid), text: visit.form["comment"] ?? "")
        }
    }

    private var list: HTML {
        let ticked = Set(visit.form.fields["item"] ?? [])
        return div(.class("table-wrap")) {
            table(.class("queue"), .labelledBy("requests")) {
                thead { heads }
                for group in QueueGroup.all(of: items) {
                    group.html(visit, today: today) { item, next in
                        QueueRow(
                            visit: visit, item: item, next: next, place: place,
                            isTicked: refused?.contains(item.key) ?? ticked.contains(item.name)
                        ).html
                    }
                }
            }
        }
    }

    private var heads: HTML {
        tr {
            th(.scope("col")) {
                visuallyHidden(words[ProgressText.select])
                input(
                    .type("checkbox"), .data("select-all", "answers"), .ariaLabel(words[ProgressText.selectAll]),
                    .hidden)
            }
            for key in [ProgressText.student, .note, .sent] { th(.scope("col")) { words[key] } }
            th(.scope("col")) { visuallyHidden(words[ProgressText.answer]) }
        }
    }
}

/// A number with what it counts, which leads to it.
func statistic(_ number: String, _ text: String, at address: String) -> HTML {
    a(.class("stat"), .href(address)) {
        b { number }
        text
    }
}
