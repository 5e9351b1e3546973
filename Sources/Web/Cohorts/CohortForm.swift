import Casework

/// The form of a new cohort, and a cohort's Details tab.
struct CohortForm {
    let visit: Visit

    private var words: Catalogue { visit.words }

    @HTMLBuilder func new(in category: Casework.Category) -> HTML {
        pageHead(
            words[CohortText.addTitle],
            crumbs: breadcrumbs(
                words[CohortText.crumbs],
                [Crumb(text: words[CohortText.title], address: "/cohorts"), Crumb(text: category.name)]))
        section(.class("card")) {
            visit.postForm(.class("form"), .data("keep"), to: "/categories/\(category.id)/cohorts") {
                fields(of: nil)
                actions {
                    submitButton(words[CohortText.addTitle], .primary)
                    a(.class("button quiet"), .href("/cohorts")) { words[ShellText.cancel] }
                }
            }
        }
    }

    @HTMLBuilder func details(of cohort: Cohort) -> HTML {
        card("details", words[CohortText.tabDetails]) {
            visit.postForm(
                .class("form"), .data("keep"), to: "/cohorts/\(cohort.id)/details", version: cohort.version
            ) {
                fields(of: cohort)
                actions { submitButton(words[ShellText.save], .primary) }
            }
        }
        card("end", words[CohortText.end]) {
            archiving(cohort)
            visit.removal(
                words[CohortText.delete], words[CohortText.deleteText], at: "/cohorts/\(cohort.id)/delete",
                version: cohort.version)
        }
    }

    private func archiving(_ cohort: Cohort) -> HTML {
        let title = words[cohort.isArchived ? CohortText.restore : .archive]
        let text = words[cohort.isArchived ? CohortText.restoreText : .archiveText]
        let address = "/cohorts/\(cohort.id)/details"
        return visit.confirmation(title, text, at: address) {
            visit.postForm(to: address, version: cohort.version) {
                hiddenField("archived", cohort.isArchived ? "false" : "true")
                submitButton(title)
            }
        }
    }

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
