import Casework

/// The fields of a group, and the page of a new one.
struct GroupForm {
    let visit: Visit
    let viewer: Viewer
    /// Those in which the viewer may keep groups.
    let departments: [Department]

    private var words: Catalogue { visit.words }

    /// The page of a new group.
    var new: HTML {
        visit.newForm(
            words[GroupText.new], crumbs: [Crumb(text: words[GroupText.heading], address: "/groups")], to: "/groups",
            list: "/groups"
        ) {
            fields(of: nil)
        }
    }

    /// Directors must choose a department: only admins keep groups without one.
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
