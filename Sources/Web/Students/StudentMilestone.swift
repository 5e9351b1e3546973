import Casework
import Foundation

/// A milestone on a student's record, with the steps staff can take.
struct StudentMilestone {
    let visit: Visit
    let viewer: Viewer
    let item: ProgressEntry
    let cohort: String
    let files: [Dashboard.File]
    /// What the student has sent, where the viewer answers.
    let submitted: [SubmittedFile]
    /// Whether the viewer takes steps in that cohort.
    let acts: Bool
    /// The later date that was asked for or granted.
    let extended: ExtensionEntry?
    /// Whether its form was sent and comes again.
    let wasSent: Bool
    /// Whether the form of its extension was.
    let sentExtension: Bool

    private var words: Catalogue { visit.words }
    private var tone: Tag.Tone { item.status.tone(isOverdue: item.isOverdue) }

    var html: HTML {
        let key = ProgressKey(milestone: item.milestoneID, student: item.student.id)
        return li(.if(tone != .plain, .class(tone.rawValue)), .id(key.anchor), .tabIndex(-1)) {
            div(.class("row spread")) {
                div {
                    h3 { item.title }
                    fact([date, cohort].compactMap(\.self).joined(separator: " · "))
                }
                span(.class("row")) { status }
            }
            if let comment = item.comment { p(.class("prose small")) { "“\(comment)”" } }
            submittedFiles(submitted, words)
            fileList(files, words)
            if let given = extended?.given, isToDo {
                ExtensionNote(
                    given: given, regular: extended?.regularDueOn, due: item.dueOn, today: viewer.today, words: words
                ).html
            }
            if !steps.isEmpty { form }
            if acts, item.canBeExtended { extending(key) }
        }
    }

    private var isToDo: Bool { item.status == .open || item.status == .returned }

    private func extending(_ key: ProgressKey) -> HTML {
        ExtensionForm(
            visit: visit, key: key, given: extended?.given, subject: item.title,
            address: "/students/\(key.student)/milestones/\(key.milestone)/extension",
            comesAgain: sentExtension && !visit.problems.isEmpty
        ).html
    }

    private var due: Tag { words.dueTag(item.dueOn, today: viewer.today) }

    /// When it is due; a day far away is said by the tag itself.
    private var date: String? {
        let date = item.dueOn.map { words.shortDate($0, today: viewer.today) }
        return isToDo && date == due.text ? nil : date
    }

    @HTMLBuilder private var status: HTML {
        tag(Tag(text: words[item.status.text], tone: tone))
        if isToDo {
            tag(due)
        } else if let moved = item.updatedAt {
            span(.class("small")) { words.instant(moved, zone: viewer.timeZone) }
        }
    }

    private var steps: [ProgressAction] {
        [ProgressAction.complete, .return, .waive, .reopen].filter {
            acts && $0.sources(asStudent: false).contains(item.status)
        }
    }

    private var form: HTML {
        let id = item.milestoneID
        let problem = visit.typed.problem(of: "comment-\(id)")
        let comesAgain = wasSent && !visit.problems.isEmpty
        return details(.if(comesAgain, .open)) {
            summary {
                words[StudentText.act]
                visuallyHidden(": \(item.title)")
            }
            visit.postForm(.class("confirm"), to: "/students/\(item.student.id)/milestones/\(id)") {
                hiddenField("version", String(item.version.number))
                div(.class("field")) {
                    label(.for("comment-\(id)")) { words[ProgressText.comment] }
                    span(.class("hint"), .id("hint-\(id)")) { words[StudentText.commentHint] }
                    if let problem { span(.class("field-error"), .id("error-\(id)")) { problem } }
                    textarea(
                        .id("comment-\(id)"), .name("comment"), .rows(2),
                        .describedBy("hint-\(id)" + (problem == nil ? "" : " error-\(id)")),
                        .if(problem != nil, .invalid), text: comesAgain ? visit.form["comment"] ?? "" : "")
                }
                actions { for step in steps { stepButton(step) } }
            }
        }
    }

    private func stepButton(_ step: ProgressAction) -> HTML {
        submitButton(
            words[step.text], step == .complete ? .primary : .plain, .name("action"), .value(step.rawValue))
    }
}

extension ProgressEntry {
    /// Whether there is a day to come, and somebody who has yet to do it.
    var canBeExtended: Bool { dueOn != nil && (status == .open || status == .returned) }
}

extension ProgressAction {
    /// What its button says to staff.
    fileprivate var text: ProgressText {
        switch self {
        case .complete, .submit: .doComplete
        case .return: .doReturn
        case .waive: .doWaive
        case .reopen, .withdraw: .doReopen
        }
    }
}
