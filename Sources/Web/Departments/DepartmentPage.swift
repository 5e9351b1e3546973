import Casework

/// One department: who directs it, who could, its name, and deleting it.
struct DepartmentPage {
    let visit: Visit
    let department: Department
    let directors: Page<Director>
    /// What was looked for among those who could direct it; nil for everybody.
    let search: String?
    /// Who could direct it and does not.
    let others: [Account]

    private var words: Catalogue { visit.words }
    private var address: String { "/departments/\(department.id)" }

    @HTMLBuilder var html: HTML {
        pageHead(
            crumbs: breadcrumbs(words, [Crumb(text: words[DepartmentText.heading], address: "/departments")])
        ) {
            h1 { bdi { department.name } }
        }
        card("directors", words[DepartmentText.directors]) {
            if directors.items.isEmpty {
                p(.class("quiet")) { words[DepartmentText.noDirectors] }
            } else {
                ul(.class("rows")) { for director in directors.items { row(director) } }
            }
            visit.pager(directors.next)
        }
        card("add", words[DepartmentText.addDirector]) { adding }
        card("details", words[DepartmentText.rename]) { ending }
    }

    private func row(_ director: Director) -> HTML {
        li(.class("row spread")) {
            div {
                a(.href("/accounts/\(director.id)")) { bdi { director.name } }
                fact(director.email)
            }
            visit.removal(
                words[DepartmentText.remove], of: director.name, words[DepartmentText.removeText],
                at: "\(address)/directors/\(director.id)/remove")
        }
    }

    @HTMLBuilder private var adding: HTML {
        SearchField(
            address: address, label: words[DepartmentText.findDirector], value: search ?? "", offersEarlier: false
        ).html(words)
        results {
            if others.isEmpty {
                p(.class("quiet")) {
                    words[DepartmentText.noOthers]
                    " "
                    a(.href("/accounts")) { words[MenuText.accounts] }
                }
            } else {
                ul(.class("rows")) { for account in others { row(account) } }
            }
        }
    }

    private func row(_ account: Account) -> HTML {
        li(.class("row spread")) {
            div {
                b { bdi { account.name } }
                fact(account.email)
            }
            visit.postForm(to: "\(address)/directors") {
                hiddenField("accountId", String(account.id))
                submitButton(words[DepartmentText.add], of: account.name)
            }
        }
    }

    @HTMLBuilder private var ending: HTML {
        visit.postForm(.class("form"), to: address, version: department.version) {
            visit.departmentName(department.name)
            actions { submitButton(words[ShellText.save]) }
        }
        visit.removal(
            words[DepartmentText.delete], words[DepartmentText.deleteText], at: "\(address)/delete",
            version: department.version)
    }
}
