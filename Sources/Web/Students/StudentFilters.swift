import Casework

/// The form that narrows the list of students; its choices stand in the address.
struct StudentFilters {
    let filter: StudentFilter
    let choices: StudentChoices
    /// Whether the viewer takes students into cohorts, and so sees those who are in none.
    let enrolls: Bool
    let words: Catalogue

    var html: HTML {
        SearchField(address: "/students", label: words[StudentText.find], value: filter.text ?? "").html(
            words,
            after: {
                // what only a link asks for
                if let id = filter.categoryID { hiddenField("categoryId", String(id)) }
                choice(
                    "cohortId", .cohort, all: words[ProgressText.everyCohort],
                    choices.cohorts.map { (String($0.id), $0.name) }, filter.cohortID.map(String.init))
                if choices.groups.count > 1 || filter.groupID != nil {
                    choice(
                        "groupId", .group, all: words[ProgressText.everyGroup],
                        choices.groups.map { (String($0.id), $0.name) }, filter.groupID.map(String.init))
                }
                choice("sort", .sortBy, orders, filter.order.text)
                div(.class("choices")) {
                    tick("overdue", .columnOverdue, filter.overdue == true)
                    tick("dueSoon", .dueSoon, filter.dueSoon == true)
                    tick("waiting", .columnWaiting, filter.waiting == true)
                    if enrolls || filter.enrolled == false {
                        checkbox(
                            "enrolled", "false", id: "filter-enrolled", words[StudentText.inNoCohort],
                            isChecked: filter.enrolled == false)
                    }
                    if !enrolls || filter.mine == true { tick("mine", .mine, filter.mine == true) }
                    checkbox(
                        "signedIn", "false", id: "filter-signedIn", words[StudentText.neverSignedIn],
                        isChecked: filter.signedIn == false)
                }
            })
    }

    private func tick(_ name: String, _ text: StudentText, _ isChecked: Bool) -> HTML {
        checkbox(name, "true", id: "filter-\(name)", words[text], isChecked: isChecked)
    }

    /// Each column the way people look at it first, and the way it is sorted now.
    private var orders: [(String, String)] {
        StudentOrder.Column.allCases.map { column in
            let order =
                filter.order.column == column
                ? filter.order : StudentOrder(column, descending: column.startsDescending)
            return (order.text, "\(words[column.text]) \(order.isDescending ? "↓" : "↑")")
        }
    }

    private func choice(
        _ name: String, _ label: ProgressText, all: String, _ offered: [(String, String)], _ chosen: String?
    ) -> HTML {
        choice(name, words[label], [("", all)] + offered, chosen ?? "")
    }

    private func choice(
        _ name: String, _ label: StudentText, _ offered: [(String, String)], _ chosen: String
    ) -> HTML {
        choice(name, words[label], offered, chosen)
    }

    /// What is chosen and no longer offered is offered still, or the form would ask for something else.
    @HTMLBuilder private func choice(
        _ name: String, _ label: String, _ offered: [(String, String)], _ chosen: String
    ) -> HTML {
        Web.label(.class("visually-hidden"), .for("filter-\(name)")) { label }
        select(.id("filter-\(name)"), .name(name)) {
            if !offered.contains(where: { $0.0 == chosen }) {
                option(.value(chosen), .selected) { words[ProgressText.chosen] }
            }
            for (value, text) in offered { option(.value(value), .if(value == chosen, .selected)) { text } }
        }
    }
}

/// The viewer's saved views, and a form that keeps the one that is shown.
struct SavedViewBar {
    let visit: Visit
    let filter: StudentFilter
    let views: [SavedView]

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        let query = filter.query
        div(.class("row")) {
            if !views.isEmpty {
                filters(
                    words[StudentText.views],
                    [Tab(text: words[StudentText.everybody], address: "/students", isCurrent: query.isEmpty)]
                        + views.map { view in
                            Tab(text: view.name, address: address(of: view), isCurrent: view.query == query)
                        })
            }
            if let shown = views.first(where: { $0.query == query }) {
                visit.removal(
                    words[StudentText.deleteView], of: shown.name, words[StudentText.deleteViewText],
                    at: "/students/views/\(shown.id)/delete")
            } else if !query.isEmpty {
                details(.if(visit.typed.problem(of: "name") != nil, .open)) {
                    summary { words[StudentText.saveView] }
                    visit.postForm(.class("confirm"), to: filter.address(of: "/students/views")) {
                        visit.field(
                            Input(name: "name", label: words[StudentText.viewName], isRequired: true, limit: 100))
                        actions { submitButton(words[ShellText.save], .primary) }
                    }
                }
            }
        }
    }

    private func address(of view: SavedView) -> String {
        view.query.isEmpty ? "/students" : "/students?\(view.query)"
    }
}
