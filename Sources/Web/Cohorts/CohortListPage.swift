import Casework

/// The Cohorts tab: each category with its cohorts, and a form for another category.
struct CohortListPage {
    let visit: Visit
    let categories: [Casework.Category]
    let cohorts: [Cohort]
    /// What was looked for; nil for everything.
    let search: String?
    let next: Cursor?

    private var words: Catalogue { visit.words }

    /// A search leaves out the categories in which it found nothing, so that they do not look empty.
    private var shown: [(category: Casework.Category, cohorts: [Cohort])] {
        categories.map { category in (category, cohorts.filter { $0.categoryID == category.id }) }
            .filter { search == nil || !$0.cohorts.isEmpty }
    }

    @HTMLBuilder var html: HTML {
        pageHead(words[CohortText.title], text: words[CohortText.text])
        SearchField(address: "/cohorts", label: words[CohortText.search], value: search ?? "").html(words)
        results(.class("stack-5")) {
            if shown.isEmpty { nothing }
            for (category, cohorts) in shown { part(category, cohorts) }
            visit.pager(next)
        }
        card("new-category", words[CohortText.createCategory]) {
            visit.postForm(.class("form"), to: "/categories") {
                visit.field(
                    Input(
                        name: "name", label: words[CohortText.categoryName], hint: words[CohortText.categoryHint],
                        isRequired: true, limit: 200))
                actions { submitButton(words[CohortText.createCategory]) }
            }
        }
    }

    private var nothing: HTML {
        if search != nil {
            return emptyCard(words[CohortText.notFound]) {
                p { a(.href("/cohorts")) { words[CohortText.showAll] } }
            }
        }
        return emptyCard(words[CohortText.empty]) { p { words[CohortText.emptyText] } }
    }

    private func part(_ category: Casework.Category, _ cohorts: [Cohort]) -> HTML {
        let heading = "category-\(category.id)"
        return section(.class("card"), .labelledBy(heading)) {
            div(.class("card-head")) {
                h2(.id(heading)) { bdi { category.name } }
                a(.class("button"), .href("/categories/\(category.id)/cohorts/new")) {
                    words[CohortText.add]
                    visuallyHidden(": \(category.name)")
                }
            }
            if cohorts.isEmpty {
                p(.class("quiet")) { words[CohortText.noCohorts] }
                visit.removal(
                    words[CohortText.deleteCategory], words[CohortText.deleteCategoryText],
                    at: "/categories/\(category.id)/delete")
            } else {
                table(of: cohorts, heading)
            }
        }
    }

    private func table(of cohorts: [Cohort], _ heading: String) -> HTML {
        let numbers = [CohortText.tabStudents, .tabMilestones, .tabSupportGroups].map { words[$0] }
        return dataTable(.labelledBy(heading), [.text(words[CohortText.cohort])] + numbers.map(Column.number)) {
            for cohort in cohorts {
                tr {
                    td {
                        a(.href("/cohorts/\(cohort.id)/students")) { bdi { cohort.name } }
                        if let goal = cohort.goal { fact(goal) }
                    }
                    for (label, count) in zip(numbers, [cohort.students, cohort.milestones, cohort.groups]) {
                        numberCell(words.number(count), label: label)
                    }
                }
            }
        }
    }
}
