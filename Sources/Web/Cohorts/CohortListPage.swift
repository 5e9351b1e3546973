import Casework

/// The Cohorts tab: each category with its cohorts; those in use, or the archived ones.
struct CohortListPage {
    let visit: Visit
    let sections: Page<CategorySection>
    let filter: CohortFilter

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[CohortText.title], text: words[CohortText.text]) {
            a(.class("button primary"), .href("/categories/new")) { words[CohortText.createCategory] }
        }
        tabs(
            words[CohortText.title],
            [
                Tab(text: words[CohortText.inUse], address: "/cohorts", isCurrent: !filter.isArchived),
                Tab(
                    text: words[CohortText.archivedOnes], address: "/cohorts?archived=true",
                    isCurrent: filter.isArchived),
            ])
        SearchField(address: "/cohorts", label: words[CohortText.search], value: filter.search ?? "")
            .html(words, before: { if filter.isArchived { hiddenField("archived", "true") } })
        results(.class("stack-5")) {
            if sections.items.isEmpty { nothing }
            for section in sections.items { part(section) }
            visit.pager(sections.next)
        }
    }

    private var nothing: HTML {
        if filter.search != nil {
            return emptyCard(words[CohortText.notFound]) {
                p { a(.href(filter.isArchived ? "/cohorts?archived=true" : "/cohorts")) { words[CohortText.showAll] } }
            }
        }
        if filter.isArchived { return emptyCard(words[CohortText.noneArchived]) }
        return emptyCard(words[CohortText.empty]) { p { words[CohortText.emptyText] } }
    }

    private func part(_ category: CategorySection) -> HTML {
        let heading = "category-\(category.id)"
        return section(.class("card"), .labelledBy(heading)) {
            div(.class("card-head")) {
                h2(.id(heading)) { bdi { category.name } }
                div(.class("row")) {
                    a(.class("button quiet"), .href("/categories/\(category.id)")) {
                        words[CohortText.changeCategory]
                        visuallyHidden(": \(category.name)")
                    }
                    a(.class("button"), .href("/categories/\(category.id)/cohorts/new")) {
                        words[CohortText.add]
                        visuallyHidden(": \(category.name)")
                    }
                }
            }
            if category.cohorts.isEmpty {
                p(.class("quiet")) { words[CohortText.noCohorts] }
            } else {
                table(of: category.cohorts, heading)
            }
        }
    }

    private func table(of cohorts: [Cohort], _ heading: String) -> HTML {
        let columns: [Column] =
            [.name(words[CohortText.cohort])]
            + [CohortText.tabStudents, .tabMilestones, .tabSupportGroups].map { .number(words[$0]) }
        return dataTable(.labelledBy(heading), columns, of: cohorts) { cohort in
            cell {
                a(.href("/cohorts/\(cohort.id)")) { bdi { cohort.name } }
                if cohort.isArchived {
                    " "
                    tag(Tag(text: words[CohortText.archivedTag]))
                }
                if let goal = cohort.goal { fact(goal) }
            }
            for count in [cohort.students, cohort.milestones, cohort.groups] { words.number(count) }
        }
    }
}
