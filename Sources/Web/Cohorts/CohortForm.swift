import Casework

/// The form of a new cohort, and a cohort's Details tab.
struct CohortForm {
    let visit: Visit

    private var words: Catalogue { visit.words }

    func new(in category: Casework.Category) -> HTML {
        visit.newForm(
            words[CohortText.addTitle],
            crumbs: [Crumb(text: words[CohortText.title], address: "/cohorts"), Crumb(text: category.name)],
            to: "/categories/\(category.id)/cohorts", list: "/cohorts"
        ) {
            fields(of: nil)
        }
    }

    /// - Parameter rollsOver: whether the viewer makes next term's cohort of it.
    @HTMLBuilder func details(of cohort: Cohort, rollsOver: Bool) -> HTML {
        if !cohort.isArchived {
            card("details", words[CohortText.tabDetails]) {
                visit.postForm(.class("form"), .data("keep"), to: address(of: cohort), version: cohort.version) {
                    fields(of: cohort)
                    actions { submitButton(words[ShellText.save], .primary) }
                }
            }
        }
        if rollsOver {
            card("next-term", words[CohortText.nextTerm]) {
                p(.class("hint")) { words[CohortText.nextTermText] }
                p { a(.class("button"), .href("/cohorts/\(cohort.id)/roll-over")) { words[CopyText.rollOver] } }
            }
        }
        card("end", words[CohortText.end]) {
            visit.archiving(
                words[cohort.isArchived ? CohortText.restore : .archive],
                words[cohort.isArchived ? CohortText.restoreText : .archiveText], isArchived: cohort.isArchived,
                at: address(of: cohort), version: cohort.version)
            visit.removal(
                words[CohortText.delete], words[CohortText.deleteText], at: "/cohorts/\(cohort.id)/delete",
                version: cohort.version)
        }
    }

    private func address(of cohort: Cohort) -> String { CohortTab.details.address(in: cohort.id) }

    @HTMLBuilder private func fields(of cohort: Cohort?) -> HTML {
        visit.field(
            Input(
                name: "name", label: words[CohortText.name], hint: words[CohortText.nameHint], value: cohort?.name,
                isRequired: true, limit: 200))
        visit.field(
            Input(
                name: "goal", label: words[CohortText.goal], hint: words[CohortText.goalHint], kind: .text,
                value: cohort?.goal))
        visit.field(
            Input(
                name: "plannedMilestones", label: words[CohortText.planned], kind: .line(type: "number"),
                value: cohort?.plannedMilestones.map(String.init)))
    }
}
