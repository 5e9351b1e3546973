import Casework
import Dates

/// Choosing a cohort, choosing of its milestones, looking at what would be made, making it: one below the other.
struct CopyPage {
    let visit: Visit
    let cohort: Int
    let sources: [CopySource]
    let offer: MilestoneOffer?
    let plan: MilestoneCopyPlan?
    let today: CalendarDate
    /// Whether the viewer may keep the copies shared.
    let mayShare: Bool

    private var words: Catalogue { visit.words }
    private var address: String { "/cohorts/\(cohort)/copy-milestones" }

    @HTMLBuilder var html: HTML {
        card("copy", words[CopyText.title]) {
            if sources.isEmpty {
                emptyState(words[CopyText.noSources]) { p { words[CopyText.noSourcesText] } }
            } else {
                p(.class("hint")) { words[CopyText.text] }
                choice
            }
        }
        if let offer { card("offered", words[CopyText.offered]) { which(offer) } }
        if let plan { card("preview", words[CopyText.preview]) { preview(plan) } }
    }

    private var choice: HTML {
        form(.class("form"), .get, .action(address)) {
            visit.field(
                Input(
                    name: "fromCohortId", label: words[CopyText.from],
                    kind: .choice(sources.map { (String($0.id), name(of: $0)) }), value: nil, isRequired: true))
            actions { submitButton(words[CopyText.show], offer == nil ? .primary : .plain) }
        }
    }

    private func name(of source: CopySource) -> String {
        let parts = [
            source.category, source.name, words[CohortText.milestones, n: source.milestones],
            source.isArchived ? words[CohortText.archivedTag] : nil,
        ]
        return parts.compactMap(\.self).joined(separator: " · ")
    }

    private func which(_ offer: MilestoneOffer) -> HTML {
        let chosen = visit.form.fields["milestoneIds"].map(Set.init)
        let problem = visit.typed.problem(of: "milestoneIds")
        return form(.class("form"), .get, .action(address)) {
            hiddenField("fromCohortId", String(offer.cohort))
            fieldset(.id("milestoneIds"), .class("field"), .describedBy(problem == nil ? nil : "milestoneIds-error")) {
                legend { words[CopyText.milestones] }
                for offered in offer.milestones {
                    let id = String(offered.milestone.id)
                    checkbox(
                        "milestoneIds", id, id: "milestone-\(id)", offered.milestone.title,
                        isChecked: chosen?.contains(id) ?? true)
                }
                if let problem { fieldError("milestoneIds", problem) }
            }
            visit.shiftFields()
            actions { submitButton(words[CopyText.look]) }
        }
    }

    @HTMLBuilder private func preview(_ plan: MilestoneCopyPlan) -> HTML {
        p(.class("hint")) { words[CopyText.previewText] }
        copyTable(of: plan, words, today: today)
        visit.postForm(to: address, version: plan.version) {
            hiddenField("fromCohortId", String(plan.cohort))
            for line in plan.lines { hiddenField("milestoneIds", String(line.original.id)) }
            visit.hiddenShift()
            if mayShare {
                checkbox(
                    "shared", "true", id: "shared", words[CopyText.keepShared], isChecked: visit.form["shared"] != nil,
                    describedBy: "shared-hint")
                p(.class("hint"), .id("shared-hint")) { words[CopyText.keepSharedHint] }
            }
            actions {
                submitButton(words[CopyText.copy, n: plan.lines.count], .primary)
                a(.class("button quiet"), .href("/cohorts/\(cohort)/milestones")) { words[ShellText.cancel] }
            }
        }
    }
}

/// What a copy makes, milestone by milestone.
func copyTable(of plan: MilestoneCopyPlan, _ words: Catalogue, today: CalendarDate) -> HTML {
    let columns: [Column] = [
        .name(words[CohortText.milestoneTitle]), .text(words[CopyText.dueNow]), .text(words[CopyText.dueThen]),
    ]
    return dataTable(.labelledBy("preview"), columns, of: plan.lines) { line in
        cell {
            bdi { line.original.title }
            if line.files > 0 { fact(words[CopyText.files, n: line.files]) }
        }
        line.original.dueOn.map { words.shortDate($0, today: today) } ?? words.unfixedDue(of: line.original)
        cell {
            line.dueOn.map { words.shortDate($0, today: today) } ?? words.unfixedDue(of: line.original)
            if line.isOnWeekend {
                " "
                tag(Tag(text: words[CopyText.weekend], tone: .warn))
            }
            if line.isPast {
                " "
                tag(Tag(text: words[CopyText.past], tone: .warn))
            }
            if line.cautions.contains(where: { if case .remindersInThePast = $0 { true } else { false } }) {
                fact(words[CopyText.remindersPast])
            }
        }
    }
}

extension Catalogue {
    /// When a milestone without a fixed date is due.
    fileprivate func unfixedDue(of milestone: Milestone) -> String {
        milestone.dueAfterDays.map { self[CohortText.dueAfter, n: $0] } ?? self[CohortText.noDue]
    }
}
