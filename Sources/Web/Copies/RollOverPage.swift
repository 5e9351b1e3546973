import Casework
import Dates

/// The next term's cohort: what it is to be, and what would be made.
struct RollOverPage {
    let visit: Visit
    let cohort: Cohort
    let categories: [Casework.Category]
    let plan: RollOverPlan?
    let today: CalendarDate

    private var words: Catalogue { visit.words }
    private var address: String { "/cohorts/\(cohort.id)/roll-over" }

    @HTMLBuilder var html: HTML {
        card("roll-over", words[CopyText.rollOver]) {
            p(.class("hint")) { words[CopyText.rollOverText] }
            form(.class("form"), .get, .action(address)) {
                fields
                visit.shiftFields()
                actions { submitButton(words[CopyText.look], plan == nil ? .primary : .plain) }
            }
        }
        if let plan { card("preview", words[CopyText.preview]) { preview(plan) } }
    }

    @HTMLBuilder private var fields: HTML {
        visit.field(
            Input(
                name: "name", label: words[CohortText.name], hint: words[CohortText.nameHint], isRequired: true,
                limit: 200))
        visit.field(
            Input(
                name: "categoryId", label: words[CopyText.category],
                kind: .choice(categories.map { (String($0.id), $0.name) }), value: String(cohort.categoryID),
                isRequired: true))
        visit.field(
            Input(
                name: "groups", label: words[CopyText.groups],
                kind: .choice([("true", words[CopyText.groupsKept]), ("false", words[CopyText.groupsLeft])]),
                value: "true", isRequired: true))
        visit.field(
            Input(
                name: "students", label: words[CopyText.students], hint: words[CopyText.studentsHint],
                kind: .choice([
                    ("none", words[CopyText.studentsNone]), ("unfinished", words[CopyText.studentsUnfinished]),
                    ("all", words[CopyText.studentsAll]),
                ]), value: "none", isRequired: true))
    }

    @HTMLBuilder private func preview(_ plan: RollOverPlan) -> HTML {
        p(.class("hint")) { words[CopyText.previewText] }
        p {
            [
                words[CohortText.students, n: plan.students.count],
                plan.groups.isEmpty
                    ? words[CohortText.groups, n: 0]
                    : "\(words[CohortText.groups, n: plan.groups.count]): \(plan.groups.map(\.name).joined(separator: ", "))",
            ].joined(separator: " · ")
        }
        if plan.milestones.lines.isEmpty {
            p(.class("quiet")) { words[CohortText.noMilestones] }
        } else {
            copyTable(of: plan.milestones, words, today: today)
        }
        visit.postForm(to: address, version: plan.version) {
            for name in ["name", "categoryId", "groups", "students"] {
                if let value = visit.form[name] { hiddenField(name, value) }
            }
            visit.hiddenShift()
            actions {
                submitButton(words[CopyText.make], .primary)
                a(.class("button quiet"), .href("/cohorts/\(cohort.id)/details")) { words[ShellText.cancel] }
            }
        }
    }
}
