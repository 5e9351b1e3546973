import Casework
import Foundation

/// A request in the queue, with the controls that answer it alone.
struct QueueRow {
    let visit: Visit
    let item: QueueItem
    /// The request that the eye goes to when this one is answered.
    let next: QueueItem?
    let place: QueuePlace
    let isTicked: Bool

    private var words: Catalogue { visit.words }
    private var subject: String { "\(item.student), \(item.title)" }
    private var field: String { QueueAnswer.field(item.key) }
    private var problem: String? { visit.typed.problem(of: field) }
    private var isOpen: Bool { place.answering == item.key || problem != nil || visit.isTyped(field) }

    @HTMLBuilder var html: HTML {
        tr(.id(item.key.anchor), .class("request"), .tabIndex(-1)) {
            td {
                input(
                    .type("checkbox"), .form("answers"), .name("item"), .value(item.name), .if(isTicked, .checked),
                    .ariaLabel("\(words[ProgressText.select]): \(subject)"))
            }
            th(.scope("row")) { a(.href("/students/\(item.studentID)")) { bdi { item.student } } }
            td(.class("note")) {
                if item.files.isEmpty {
                    if let comment = item.comment { note(comment) }
                } else {
                    // side by side, so that the row stays as low as the others
                    div(.class("row")) {
                        if let comment = item.comment { folded(comment) }
                        details {
                            summary { words[ProgressText.countFiles, n: item.files.count] }
                            submittedFiles(item.files, words)
                        }
                    }
                }
            }
            td(.class("age")) { words.age(of: item.sentAt, now: visit.call.now) }
            td(.class("actions-cell")) {
                div(.class("row")) {
                    answerButton(.complete, .doComplete, of: subject)
                    otherAnswer
                }
            }
        }
        if isOpen { tr(.class("answer")) { td(.columns(5)) { answer } } }
    }

    /// What the student wrote: a line of it, and the rest on demand.
    private func note(_ comment: String) -> HTML {
        if comment.count <= 60, !comment.contains("\n") { return fact("“\(comment)”") }
        return folded(comment)
    }

    private func folded(_ comment: String) -> HTML {
        details { summary { span(.class("fact")) { "“\(comment)”" } } }
    }

    /// Opens the field for a comment below the row.
    private var otherAnswer: HTML {
        a(
            .class("button quiet"), .href("\(place.address(answering: item.key))#\(field)"), .data("in-place"),
            .data("answer")
        ) {
            words[ProgressText.otherAnswer]
            visuallyHidden(": \(subject)")
        }
    }

    @HTMLBuilder private var answer: HTML {
        div(.class("field")) {
            label(.for(field)) {
                words[ProgressText.comment]
                visuallyHidden(": \(subject)")
            }
            if let problem { fieldError(field, problem) }
            textarea(
                .id(field), .form("answers"), .name(field), .rows(2), .if(problem != nil, .invalid),
                .describedBy(problem.map { _ in "\(field)-error" }), text: visit.form[field] ?? "")
        }
        actions {
            answerButton(.return, .doReturn)
            answerButton(.waive, .doWaive)
            a(
                .class("button quiet"), .href("\(place.address(answering: nil))#\(item.key.anchor)"),
                .data("in-place"), .data("cancel")
            ) {
                words[ShellText.cancel]
            }
        }
    }

    private func answerButton(_ action: ProgressAction, _ text: ProgressText, of subject: String? = nil) -> HTML {
        button(
            .form("answers"), .name("action"), .value("\(action.rawValue) \(item.name)\(QueueAnswer.then(next))")
        ) {
            words[text]
            if let subject { visuallyHidden(": \(subject)") }
        }
    }
}
