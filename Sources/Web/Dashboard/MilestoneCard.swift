import Casework
import Dates

/// A milestone on the student's dashboard, with its next step.
struct MilestoneCard {
    let visit: Visit
    let item: Dashboard.Item
    let files: [Dashboard.File]
    /// What the student has sent with it.
    let submitted: [SubmittedFile]
    let cohort: String
    let today: CalendarDate
    /// The milestone that the eye goes to when this one has moved on.
    let then: Int?
    /// Whether it is one of the next.
    let isNext: Bool
    /// Whether it is the very next, whose button is the page's main one.
    let isFirst: Bool
    /// Whether its form was sent and comes again.
    let wasSent: Bool
    /// Whether the form of its extension was.
    let sentExtension: Bool
    let isPreview: Bool

    private var words: Catalogue { visit.words }

    var html: HTML {
        li(
            .class(item.isOverdue ? "card late" : isNext ? "card next" : "card"), .id("milestone-\(item.id)"),
            .tabIndex(-1)
        ) {
            div(.class("row")) {
                tag(item.tag(words, today: today))
                small { cohort }
            }
            h3 { item.title }
            if let description = item.description { p(.class("prose")) { linked(description) } }
            fileList(files, words)
            if item.status == .returned, let comment = item.comment {
                p(.class("notice warn")) {
                    b { words[DashboardText.returnedComment] }
                    " \(comment)"
                }
            }
            if !submitted.isEmpty, !item.takesNote {
                p(.class("small")) { words[DashboardText.sentFiles] }
                submittedFiles(submitted, words)
            }
            step
            OwnExtension(
                visit: visit, item: item, today: today, comesAgain: sentExtension && !visit.problems.isEmpty,
                isPreview: isPreview
            ).html
        }
    }

    /// What the student can do now.
    private var step: HTML {
        switch item.status {
        case .open, .returned:
            item.completion == .student ? form(for: .complete, .tick) : form(for: .submit, .tell)
        case .submitted: form(for: .withdraw, .withdraw)
        case .completed, .waived: HTML()
        }
    }

    private func form(for action: ProgressAction, _ label: DashboardText) -> HTML {
        visit.postForm(
            .class("form"), .if(item.takesNote, .multipart), to: "/milestones/\(item.id)/\(action.rawValue)"
        ) {
            hiddenField("version", String(item.version.number))
            if let then { hiddenField("then", String(then)) }
            if item.takesNote { note }
            actions {
                submitButton(words[label], isFirst ? .primary : .plain, .if(isPreview, .disabled))
            }
            if item.takesNote { uploadProgress(words) }
        }
    }

    private var comesAgain: Bool { wasSent && !visit.problems.isEmpty }

    /// The fields for a note and for files. After a refusal they hold what was typed; what was sent before stands open.
    private var note: HTML {
        let name = "comment-\(item.id)"
        let problem = visit.typed.problem(of: name)
        return details(.if(comesAgain || !submitted.isEmpty, .open)) {
            summary { words[DashboardText.addNote] }
            div(.class("field")) {
                label(.for(name)) { words[DashboardText.note] }
                if let problem { fieldError(name, problem) }
                textarea(
                    .id(name), .name("comment"), .rows(3), .maxLength(ProgressAction.commentLength.upperBound),
                    .if(problem != nil, .invalid), .describedBy(problem.map { _ in "\(name)-error" }),
                    .if(isPreview, .disabled), text: comesAgain ? visit.form["comment"] ?? "" : "")
            }
            if !submitted.isEmpty { earlier }
            chooser
        }
    }

    /// What was sent before, each with a tick to take it away.
    private var earlier: HTML {
        fieldset(.class("field")) {
            legend { words[DashboardText.earlierFiles] }
            ul(.class("rows")) {
                for file in submitted {
                    li(.class("row spread")) {
                        span { submittedFile(file, words) }
                        checkbox(
                            "removed", String(file.file.id), id: "removed-\(file.file.id)",
                            words[DashboardText.removeFile],
                            isChecked: comesAgain
                                && visit.form.fields["removed"]?.contains(String(file.file.id)) == true)
                    }
                }
            }
        }
    }

    private var chooser: HTML {
        let name = "files-\(item.id)"
        let problem = visit.typed.problem(of: name)
        return div(.class("field")) {
            label(.for(name)) { words[DashboardText.chooseFiles] }
            span(.class("hint"), .id("\(name)-hint")) {
                words[DashboardText.filesHint, ["most": String(StoredFile.mostOfSubmission)]]
            }
            if let problem { fieldError(name, problem) }
            input(
                .id(name), .name("files"), .type("file"), .multiple, .if(problem != nil, .invalid),
                .describedBy("\(name)-hint" + (problem == nil ? "" : " \(name)-error")), .if(isPreview, .disabled))
            if comesAgain, visit.form.files["files"] != nil {
                p(.class("field-warning")) { words[CohortText.chooseAgain] }
            }
        }
    }
}
