import Casework
import Dates

/// The details of one milestone: its form, its files, and deleting it.
struct MilestoneForm {
    let visit: Visit
    let cohort: Int
    let milestone: Milestone
    let files: [MilestoneFile]

    private var words: Catalogue { visit.words }
    private var address: String { "/cohorts/\(cohort)/milestones/\(milestone.id)" }

    var html: HTML {
        card("milestone", words[CohortText.milestoneDetails]) {
            visit.postForm(.class("form"), .data("keep"), to: address, version: milestone.version) {
                fields
                reminders
                actions {
                    submitButton(words[CohortText.saveMilestone], .primary)
                    discarding
                }
            }
            h3 { words[CohortText.files] }
            if !files.isEmpty { ul(.class("rows")) { for file in files { row(file) } } }
            upload
            visit.removal(
                words[CohortText.deleteMilestone], words[CohortText.deleteMilestoneText], at: "\(address)/delete",
                version: milestone.version)
        }
    }

    @HTMLBuilder private var fields: HTML {
        visit.field(
            Input(
                name: "title", label: words[CohortText.milestoneTitle], value: milestone.title, isRequired: true,
                limit: 200))
        visit.field(
            Input(
                name: "dueOn", label: words[CohortText.dueDate], kind: .line(type: "date"),
                value: milestone.dueOn.map(\.description)))
        visit.field(
            Input(
                name: "description", label: words[CohortText.description], hint: words[CohortText.descriptionHint],
                kind: .text, value: milestone.description))
        visit.field(
            Input(
                name: "completion", label: words[CohortText.completion],
                kind: .choice([
                    ("staff", words[CohortText.completionStaff]), ("student", words[CohortText.completionStudent]),
                ]), value: milestone.completion.rawValue, isRequired: true))
    }

    private static let reminderTexts: [Int: CohortText] = [
        1: .reminder1, 2: .reminder2, 7: .reminder7, 14: .reminder14, 30: .reminder30,
    ]

    private var reminders: HTML {
        let stored = milestone.reminders.map(String.init)
        let chosen = visit.form.fields.isEmpty ? stored : visit.form.fields["reminders"] ?? []
        let isOutdated = visit.problems.isOutdated && Set(chosen) != Set(stored)
        return fieldset(.class("field"), .describedBy(isOutdated ? "reminders-stored" : nil)) {
            legend { words[CohortText.remind] }
            div(.class("choices")) {
                for days in Milestone.reminderDays {
                    span(.class("choice")) {
                        input(
                            .type("checkbox"), .id("reminder-\(days)"), .name("reminders"), .value(String(days)),
                            .if(chosen.contains(String(days)), .checked))
                        label(.for("reminder-\(days)")) { text(of: days) }
                    }
                }
            }
            if isOutdated {
                storedNote("reminders", milestone.reminders.map(text(of:)).joined(separator: ", "), words)
            }
        }
    }

    private func text(of days: Int) -> String { Self.reminderTexts[days].map { words[$0] } ?? "\(days)" }

    /// Of one that was never saved nothing is left.
    private var discarding: HTML {
        if milestone.saved {
            return a(.class("button quiet"), .href(address)) { words[CohortText.discard] }
        }
        return submitButton(
            words[CohortText.discard], .quiet, .formAction("\(address)/delete"), .formNoValidate)
    }

    private func row(_ file: MilestoneFile) -> HTML {
        li(.class("row spread")) {
            span {
                a(.href("/files/\(file.id)")) { bdi { file.name } }
                " "
                small { words.size(file.size) }
            }
            visit.postForm(to: "/cohorts/\(cohort)/files/\(file.id)/delete", version: file.version) {
                hiddenField("milestone", String(milestone.id))
                button(.class("quiet danger"), .type("submit")) {
                    words[CohortText.deleteFile]
                    visuallyHidden(": \(file.name)")
                }
            }
        }
    }

    private var upload: HTML {
        visit.postForm(.class("form"), .multipart, to: "\(address)/files") {
            visit.field(
                Input(name: "file", label: words[CohortText.attachFile], kind: .file(accept: nil), isRequired: true))
            actions { submitButton(words[CohortText.upload]) }
            uploadProgress(words)
        }
    }
}
