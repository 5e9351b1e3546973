import Casework

/// The groups: those in use, or the archived ones.
struct GroupListPage {
    let visit: Visit
    let groups: Page<Group>
    let departments: [Department]
    let filter: GroupFilter
    /// Whether the viewer may add one.
    let mayAdd: Bool

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[GroupText.heading], text: words[GroupText.intro]) {
            if mayAdd { a(.class("button primary"), .href("/groups/new")) { words[GroupText.new] } }
        }
        tabs(
            words[GroupText.heading],
            [
                Tab(text: words[GroupText.inUse], address: "/groups", isCurrent: !filter.isArchived),
                Tab(
                    text: words[GroupText.archivedOnes], address: "/groups?archived=true",
                    isCurrent: filter.isArchived),
            ])
        section(.class("card"), .ariaLabel(words[GroupText.heading])) {
            SearchField(address: "/groups", label: words[GroupText.find], value: filter.search ?? "")
                .html(words, before: { if filter.isArchived { hiddenField("archived", "true") } })
            results {
                if groups.items.isEmpty { nothing } else { list }
                visit.pager(groups.next)
            }
        }
    }

    private var nothing: HTML {
        emptyState(words[GroupText.none], level: 2) {
            if mayAdd { p { a(.class("button"), .href("/groups/new")) { words[GroupText.new] } } }
        }
    }

    private var list: HTML {
        let columns: [Column] = [.name(words[GroupText.name]), .text(words[GroupText.department])]
        return dataTable(.ariaLabel(words[GroupText.heading]), columns, of: groups.items) { group in
            cell {
                a(.href("/groups/\(group.id)")) { bdi { group.name } }
                fact(group.description ?? "")
            }
            group.department(among: departments)?.name ?? ""
        }
    }
}

extension Group {
    /// Nil where it lies in none of them.
    func department(among departments: [Department]) -> Department? {
        departments.first { $0.id == departmentID }
    }
}
