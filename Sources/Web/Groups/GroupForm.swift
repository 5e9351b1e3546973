import Casework

/// What is filled in of a group, a new one or one there is.
struct GroupForm {
    let visit: Visit
    let viewer: Viewer
    /// Those in which the viewer may keep groups.
    let departments: [Department]

    private var words: Catalogue { visit.words }

    /// The page of a new group.
    @HTMLBuilder var new: HTML {
        pageHead(
            words[GroupText.new],
            crumbs: breadcrumbs(words[GroupText.crumbs], [Crumb(text: words[GroupText.heading], address: "/groups")]))
        section(.class("card")) {
            visit.postForm(.class("form"), .data("keep"), to: "/groups") {
                fields(of: nil)
                actions {
                    submitButton(words[GroupText.new], .primary)
                    a(.class("button quiet"), .href("/groups")) { words[ShellText.cancel] }
                }
            }
        }
    }

    /// Directors must choose a department: a group without one is the admins'.
    @HTMLBuilder func fields(of group: Group?) -> HTML {
        visit.field(
            Input(
                name: "name", label: words[GroupText.name], hint: words[GroupText.nameHint], value: group?.name,
                isRequired: true, limit: 200))
        visit.field(
            Input(
                name: "description", label: words[GroupText.does], kind: .text, value: group?.description,
                limit: 10_000))
        visit.field(
            Input(
                name: "departmentId", label: words[GroupText.department], hint: words[GroupText.departmentHint],
                kind: .choice([("", words[GroupText.noDepartment])] + departments.map { (String($0.id), $0.name) }),
                value: group?.departmentID.map(String.init), isRequired: viewer.role == "director"))
    }
}
