import Casework
import Dates

/// How the students in scope came to where they are: what was due and what was done, day by day.
struct CoursePage {
    let visit: Visit
    let address: OverviewAddress
    let course: BurnUp
    let categories: [QueueContents.Group]
    let today: CalendarDate

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[ProgressText.overview], text: words[ProgressText.courseText])
        address.tabs(words, isCourse: true)
        OverviewChoices(address: address, categories: categories, isCourse: true, words: words).html
        if let chart = BurnUpChart(course, today: today) {
            chart.html(words)
        } else {
            card("course", words[ProgressText.burnUp]) { emptyState(words[ProgressText.noCourse]) }
        }
    }
}

/// Which cohorts the overview is about, and since when it tells changes.
struct OverviewChoices {
    let address: OverviewAddress
    let categories: [QueueContents.Group]
    var isCourse = false
    let words: Catalogue

    @HTMLBuilder var html: HTML {
        let hasCategories = categories.count > 1 || address.filter.categoryID != nil
        if hasCategories || !isCourse {
            form(
                .class("search"), .get, .action(isCourse ? "/overview/course" : "/overview"),
                .ariaLabel(words[ProgressText.narrowOverview])
            ) {
                if let sort = address.order?.text { hiddenField("sort", sort) }
                if hasCategories {
                    choice(
                        "categoryId", .category,
                        [("", words[ProgressText.everyCategory])] + categories.map { (String($0.id), $0.name) },
                        address.filter.categoryID.map(String.init) ?? "")
                }
                if !isCourse {
                    choice(
                        "days", .period,
                        OverviewFilter.periods.map { (String($0), words[ProgressText.sinceDays, n: $0]) },
                        String(address.filter.days))
                }
                submitButton(words[ProgressText.show])
            }
        }
    }

    /// What is chosen and not offered is offered still, or the form would ask for something else.
    @HTMLBuilder private func choice(
        _ name: String, _ text: ProgressText, _ offered: [(String, String)], _ chosen: String
    ) -> HTML {
        label(.class("visually-hidden"), .for(name)) { words[text] }
        select(.id(name), .name(name)) {
            if !offered.contains(where: { $0.0 == chosen }) {
                option(.value(chosen), .selected) { words[ProgressText.chosen] }
            }
            for (value, text) in offered { option(.value(value), .if(value == chosen, .selected)) { text } }
        }
    }
}
