import Casework

/// The departments, and a form for another one.
struct DepartmentListPage {
    let visit: Visit
    let departments: Page<Department>
    /// What was looked for; nil for everything.
    let search: String?

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[DepartmentText.heading], text: words[DepartmentText.intro])
        section(.class("card"), .ariaLabel(words[DepartmentText.heading])) {
            SearchField(address: "/departments", label: words[DepartmentText.find], value: search ?? "").html(words)
            results {
                if departments.items.isEmpty {
                    emptyState(words[DepartmentText.none], level: 2) { p { words[DepartmentText.noneText] } }
                } else {
                    ul(.class("rows")) { for department in departments.items { row(department) } }
                }
                visit.pager(departments.next)
            }
        }
        card("new", words[DepartmentText.new]) {
            visit.postForm(.class("form"), to: "/departments") {
                visit.departmentName(nil)
                actions { submitButton(words[DepartmentText.new]) }
            }
        }
    }

    private func row(_ department: Department) -> HTML {
        li { a(.href("/departments/\(department.id)")) { bdi { department.name } } }
    }
}

extension Visit {
    /// The field of a department's name.
    func departmentName(_ name: String?) -> HTML {
        field(
            Input(
                name: "name", label: words[DepartmentText.name], hint: words[DepartmentText.nameHint], value: name,
                isRequired: true, limit: 200))
    }
}
