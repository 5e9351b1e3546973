import Casework
import Dates

/// The details of one milestone, its files among them: one form, saved at once. And deleting it.
struct MilestoneForm {
    let visit: Visit
    let cohort: Int
    let milestone: Milestone
    let files: [StoredFile]
    let today: CalendarDate
    /// The institution's time zone.
    let timeZone: String
    /// When they are reminded, and how many have another day.
    let reminded: MilestoneReminders
    /// Whether students have worked on it: then it is kept, and can be retired.
    let isWorkedOn: Bool
    /// With which cohorts it is shared.
    let sharing: [SharedPlace]
    /// Whether the viewer may share it, or end that.
    let mayShare: Bool

    private var words: Catalogue { visit.words }
    private var address: String { "/cohorts/\(cohort)/milestones/\(milestone.id)" }

    var html: HTML {
        card("milestone", words[CohortText.milestoneDetails]) {
            if milestone.isArchived { retired } else { form }
        }
    }

    /// What was retired is only read, until it is brought back.
    @HTMLBuilder private var retired: HTML {
        div(.class("notice warn")) { p { words[CohortText.retiredText] } }
        h3 { bdi { milestone.title } }
        if let description = milestone.description { p(.class("prose")) { linked(description) } }
        visit.archiving(
            words[CohortText.restoreMilestone], words[CohortText.restoreMilestoneText], isArchived: true, at: address,
            version: milestone.version)
    }

    @HTMLBuilder private var form: HTML {
        visit.postForm(
            .class("form"), .data("keep"), .data("today", today.description), .multipart, to: address,
            version: milestone.version
        ) {
            if !sharing.isEmpty { shared }
            fields
            reminders
            attachments
            actions {
                submitButton(words[CohortText.saveMilestone], .primary)
                discarding
            }
            uploadProgress(words)
        }
        if milestone.saved { ReminderList(reminders: reminded, today: today, words: words).html }
        if mayShare, milestone.saved { sharingActions }
        if isWorkedOn {
            visit.archiving(
                words[CohortText.retire], words[CohortText.retireText], isArchived: false, at: address,
                version: milestone.version)
        } else {
            visit.removal(
                words[CohortText.deleteMilestone], words[CohortText.deleteMilestoneText], at: "\(address)/delete",
                version: milestone.version)
        }
    }

    /// Where else it stands, and what that means for who changes it.
    private var shared: HTML {
        let names = sharing.compactMap(\.cohort?.name)
        let beyond = sharing.count - names.count
        let all = names + (beyond > 0 ? [words[CopyText.sharedBeyond, n: beyond]] : [])
        return div(.class("notice")) {
            p { words[CopyText.sharedWith, ["cohorts": all.joined(separator: ", ")]] }
            p(.class("small")) { words[CopyText.sharedText] }
        }
    }

    @HTMLBuilder private var sharingActions: HTML {
        p { a(.href("\(address)/share")) { words[CopyText.share] } }
        if milestone.sharedID != nil, !sharing.isEmpty {
            visit.confirmation(
                words[CopyText.unshare], of: milestone.title, words[CopyText.unshareText], at: "\(address)/unshare"
            ) {
                visit.postForm(to: "\(address)/unshare", version: milestone.version) {
                    submitButton(words[CopyText.unshare])
                }
            }
        }
    }

    @HTMLBuilder private var fields: HTML {
        visit.field(
            Input(
                name: "title", label: words[CohortText.milestoneTitle], value: milestone.title, isRequired: true,
                limit: 200))
        visit.field(
            Input(
                name: "dueOn", label: words[CohortText.dueDate],
                hint: words[CohortText.dueDateHint, ["zone": timeZone.zoneName]], kind: .line(type: "date"),
                value: milestone.dueOn.map(\.description)))
        visit.field(
            Input(
                name: "dueAfterDays", label: words[CohortText.dueAfterDays],
                hint: words[CohortText.dueAfterDaysHint], kind: .line(type: "number"),
                value: milestone.dueAfterDays.map(String.init)))
        div(.role("status")) {
            caution("past", words[CohortText.duePast], isShown: cautions.contains(.dueInThePast))
        }
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

    /// What is odd about the dates that the form shows.
    private var cautions: [DateCaution] {
        let day = CalendarDate(visit.typed.value(of: "dueOn", stored: milestone.dueOn?.description))
        let days = Int(visit.typed.value(of: "dueAfterDays", stored: milestone.dueAfterDays.map(String.init)))
        return DateCaution.all(
            dueOn: day, dueAfterDays: days,
            reminders: Milestone.reminderDays.filter { chosenReminders.contains(String($0)) }, today: today)
    }

    /// - Parameter name: by which the script finds it.
    private func caution(_ name: String, _ text: String, of days: [Int]? = nil, isShown: Bool) -> HTML {
        p(.class("field-warning"), .data("caution", name), .if(!isShown, .hidden)) {
            text
            if let days {
                " "
                span { days.map(text(of:)).joined(separator: ", ") }
            }
        }
    }

    private var storedReminders: [String] { milestone.reminders.map(String.init) }

    private var chosenReminders: [String] {
        visit.form.fields.isEmpty ? storedReminders : visit.form.fields["reminders"] ?? []
    }

    private var reminders: HTML {
        let chosen = chosenReminders
        let isOutdated = visit.problems.isOutdated && Set(chosen) != Set(storedReminders)
        var (late, early): ([Int], [Int]) = ([], [])
        for case .remindersInThePast(let days) in cautions { late = days }
        for case .remindersBeforeJoining(let days) in cautions { early = days }
        return fieldset(.class("field"), .describedBy(isOutdated ? "reminders-stored" : nil)) {
            legend { words[CohortText.remind] }
            div(.class("choices")) {
                for days in Milestone.reminderDays {
                    checkbox(
                        "reminders", String(days), id: "reminder-\(days)", text(of: days),
                        isChecked: chosen.contains(String(days)))
                }
            }
            div(.role("status")) {
                caution(
                    "none", words[CohortText.remindersNoDue], isShown: cautions.contains(.remindersWithoutDueDate))
                caution("late", words[CohortText.remindersPast], of: late, isShown: !late.isEmpty)
                caution("early", words[CohortText.remindersEarly], of: early, isShown: !early.isEmpty)
            }
            if isOutdated {
                storedNote("reminders", milestone.reminders.map(text(of:)).joined(separator: ", "), words)
            }
        }
    }

    private func text(of days: Int) -> String { ReminderList.text(days, words) }

    /// Of one that was never saved nothing is left.
    private var discarding: HTML {
        if milestone.saved {
            return a(.class("button quiet"), .href(address)) { words[CohortText.discard] }
        }
        return submitButton(
            words[CohortText.discard], .quiet, .formAction("\(address)/delete"), .formURLEncoded, .formNoValidate)
    }

    /// The files that are there, each with a tick to take it away, and the field for more.
    private var attachments: HTML {
        fieldset(.class("field")) {
            legend { words[CohortText.files] }
            if !files.isEmpty { ul(.class("rows")) { for file in files { row(file) } } }
            visit.field(
                Input(
                    name: "files", label: words[CohortText.attachFiles], hint: words[CohortText.attachHint],
                    kind: .file(accept: nil, many: true)))
            if !visit.problems.isEmpty, visit.form.files["files"] != nil {
                p(.class("field-warning")) { words[CohortText.chooseAgain] }
            }
        }
    }

    private func row(_ file: StoredFile) -> HTML {
        let id = "removed-\(file.id)"
        let isTicked = visit.form.fields["removed"]?.contains(String(file.id)) ?? false
        return li(.class("row spread")) {
            span {
                a(.href("/files/\(file.id)")) { bdi { file.name } }
                " "
                small { words.size(file.size) }
            }
            span(.class("choice")) {
                input(
                    .type("checkbox"), .id(id), .name("removed"), .value(String(file.id)), .if(isTicked, .checked))
                label(.for(id)) {
                    words[CohortText.removeOnSave]
                    visuallyHidden(": \(file.name)")
                }
            }
        }
    }
}
