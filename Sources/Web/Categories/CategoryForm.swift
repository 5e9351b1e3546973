import Casework

/// The form of a new category, and a category's own page: its name, its place among the others, deleting it.
struct CategoryForm {
    let visit: Visit

    private var words: Catalogue { visit.words }

    @HTMLBuilder var new: HTML {
        head(words[CohortText.createCategory])
        section(.class("card")) {
            visit.postForm(.class("form"), to: "/categories") {
                name(nil)
                actions {
                    submitButton(words[CohortText.createCategory], .primary)
                    cancel
                }
            }
        }
    }

    /// - Parameter order: the names of all categories as they stand, this one's among them.
    @HTMLBuilder func change(of category: Casework.Category, among order: [Casework.Category]) -> HTML {
        let address = "/categories/\(category.id)"
        head(category.name)
        card("details", words[CohortText.categoryDetails]) {
            visit.postForm(.class("form"), to: address, version: category.version) {
                name(category.name)
                place(of: category, among: order)
                actions {
                    submitButton(words[ShellText.save], .primary)
                    cancel
                }
            }
        }
        card("end", words[CohortText.deleteCategory]) {
            visit.removal(
                words[CohortText.deleteCategory], words[CohortText.deleteCategoryText], at: "\(address)/delete",
                version: category.version)
        }
    }

    private func head(_ heading: String) -> HTML {
        pageHead(
            crumbs: breadcrumbs(
                words, [Crumb(text: words[CohortText.title], address: "/cohorts")])
        ) {
            h1 { bdi { heading } }
        }
    }

    private func name(_ name: String?) -> HTML {
        visit.field(
            Input(
                name: "name", label: words[CohortText.categoryName], hint: words[CohortText.categoryHint], value: name,
                isRequired: true, limit: 200))
    }

    /// Where it is, first, or behind one of the others. Only who chooses another place moves it: the one shown may not be its
    /// place any more.
    private func place(of category: Casework.Category, among order: [Casework.Category]) -> HTML {
        let others = order.filter { $0.id != category.id }
        let places =
            [("", words[CohortText.placeKept]), ("1", words[CohortText.placeFirst])]
            + zip(2..., others).map { ("\($0)", words[CohortText.placeAfter, ["name": $1.name]]) }
        return visit.field(
            Input(name: "position", label: words[CohortText.place], kind: .choice(places), isRequired: false))
    }

    private var cancel: HTML { a(.class("button quiet"), .href("/cohorts")) { words[ShellText.cancel] } }
}
