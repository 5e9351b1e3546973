import Casework

/// One group: its members, its details, and archiving or deleting it.
struct GroupPage {
    let visit: Visit
    let group: Group
    /// The name of the department it lies in.
    let department: String?
    /// Nil where they are not the viewer's to keep.
    let members: GroupMembers?
    let form: GroupForm

    private var words: Catalogue { visit.words }
    private var address: String { "/groups/\(group.id)" }

    /// Whether its details can be changed here.
    var hasForm: Bool { members != nil && group.isEditable && !group.isArchived }

    @HTMLBuilder var html: HTML {
        heading
        if group.isArchived { div(.class("notice warn")) { p { words[GroupText.archivedText] } } }
        if let members {
            members.html
            if group.isEditable {
                if hasForm { details }
                card("end", words[GroupText.end]) {
                    visit.archiving(
                        words[group.isArchived ? GroupText.restore : .archive],
                        words[group.isArchived ? GroupText.restoreText : .archiveText], isArchived: group.isArchived,
                        at: address, version: group.version)
                    visit.removal(
                        words[GroupText.delete], words[GroupText.deleteText], at: "\(address)/delete",
                        version: group.version)
                }
            }
        } else {
            section(.class("card")) {
                p(.class("prose")) { group.description ?? "" }
                p(.class("quiet")) { words[GroupText.foreign] }
            }
        }
    }

    private var heading: HTML {
        pageHead(
            crumbs: breadcrumbs(words, [Crumb(text: words[GroupText.heading], address: "/groups")])
        ) {
            h1 { bdi { group.name } }
            p {
                department ?? words[GroupText.noDepartment]
                if group.isArchived {
                    " "
                    tag(Tag(text: words[GroupText.archivedTag]))
                }
            }
        }
    }

    private var details: HTML {
        card("details", words[GroupText.details]) {
            visit.postForm(.class("form"), .data("keep"), to: address, version: group.version) {
                form.fields(of: group)
                actions { submitButton(words[ShellText.save], .primary) }
            }
        }
    }
}
