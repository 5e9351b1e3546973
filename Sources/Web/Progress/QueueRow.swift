import Casework
import Dates
import Foundation

/// A request in the queue, with the controls that answer it alone.
struct QueueRow {
    let visit: Visit
    let item: QueueItem
    let today: CalendarDate
    /// Whether the request of that key is chosen.
    let isTicked: (String) -> Bool

    private var words: Catalogue { visit.words }
    private var subject: String { "\(item.student), \(item.title)" }

    /// Names the request in an answer: milestone, student and the version that is shown.
    private var key: String { "\(item.milestoneID)-\(item.studentID)-\(item.version.number)" }

    var html: HTML {
        tr {
            td {
                input(
                    .type("checkbox"), .form("answers"), .name("item"), .value(key), .if(isTicked(key), .checked),
                    .ariaLabel("\(words[ProgressText.select]): \(subject)"))
            }
            th(.scope("row")) {
                a(.href("/students/\(item.studentID)")) { bdi { item.student } }
                fact(item.cohort)
            }
            td {
                item.title
                if let comment = item.comment { fact("“\(comment)”") }
            }
            td(.data("label", words[ProgressText.sent])) { words.age(of: item.sentAt, now: visit.call.now) }
            td { tag(words.dueTag(item.dueOn, today: today)) }
            td(.class("actions-cell")) { answers }
        }
    }

    @HTMLBuilder private var answers: HTML {
        let name = QueueAnswer.field(item.key)
        let problem = visit.typed.problem(of: name)
        answerButton(.complete, .doComplete, of: subject)
        details(.if(problem != nil || visit.isTyped(name), .open)) {
            summary {
                words[ProgressText.otherAnswer]
                visuallyHidden(": \(subject)")
            }
            div(.class("confirm")) {
                div(.class("field")) {
                    label(.for(name)) { words[ProgressText.comment] }
                    if let problem { fieldError(name, problem) }
                    textarea(
                        .id(name), .form("answers"), .name(name), .rows(3), .if(problem != nil, .invalid),
                        .describedBy(problem.map { _ in "\(name)-error" }), text: visit.form[name] ?? "")
                }
                actions {
                    answerButton(.return, .doReturn)
                    answerButton(.waive, .doWaive, .class("quiet"))
                }
            }
        }
    }

    private func answerButton(
        _ action: ProgressAction, _ text: ProgressText, of subject: String? = nil, _ attributes: Attribute...
    ) -> HTML {
        HTML(
            element: "button", attributes + [.form("answers"), .name("action"), .value("\(action.rawValue) \(key)")],
            HTMLBuilder.buildArray([HTML(words[text]), subject.map { visuallyHidden(": \($0)") } ?? HTML()]))
    }
}
