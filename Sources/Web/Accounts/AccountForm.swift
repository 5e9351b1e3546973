import Casework

/// What is filled in of an account, a new one or one there is.
struct AccountForm {
    let visit: Visit

    private var words: Catalogue { visit.words }

    /// The page of a new account.
    @HTMLBuilder var new: HTML {
        pageHead(
            words[AccountText.new], text: words[AccountText.newText],
            crumbs: breadcrumbs(
                words[AccountText.crumbs], [Crumb(text: words[AccountText.heading], address: "/accounts")]))
        section(.class("card")) {
            visit.postForm(.class("form"), .data("keep"), to: "/accounts") {
                fields(of: nil)
                actions {
                    submitButton(words[AccountText.new], .primary)
                    a(.class("button quiet"), .href("/accounts")) { words[ShellText.cancel] }
                }
            }
        }
    }

    @HTMLBuilder func fields(of account: Account?) -> HTML {
        visit.field(
            Input(
                name: "givenName", label: words[AccountText.givenName], value: account?.givenName, isRequired: true,
                limit: 200))
        visit.field(
            Input(name: "familyName", label: words[AccountText.familyName], value: account?.familyName, limit: 200))
        visit.field(
            Input(
                name: "email", label: words[AccountText.email], hint: words[AccountText.emailHint],
                kind: .line(type: "email"), value: account?.email, isRequired: true, limit: 254))
        visit.field(
            Input(
                name: "role", label: words[AccountText.role], hint: words[AccountText.roleHint],
                kind: .choice(Role.allCases.reversed().map { ($0.rawValue, words[$0.text]) }),
                value: (account?.role ?? .student).rawValue, isRequired: true))
        visit.field(
            Input(
                name: "status", label: words[AccountText.status], hint: words[AccountText.statusHint],
                kind: .choice(AccountStatus.allCases.map { ($0.rawValue, words[$0.text]) }),
                value: (account?.status ?? .active).rawValue, isRequired: true))
        visit.field(
            Input(
                name: "studentNumber", label: words[AccountText.number], hint: words[AccountText.numberHint],
                value: account?.studentNumber, limit: 100))
    }
}

extension Role {
    var text: AccountText {
        switch self {
        case .admin: .roleAdmin
        case .director: .roleDirector
        case .manager: .roleManager
        case .staff: .roleStaff
        case .student: .roleStudent
        }
    }
}

extension AccountStatus {
    var text: AccountText {
        switch self {
        case .active: .statusActive
        case .suspended: .statusSuspended
        case .archived: .statusArchived
        }
    }

    func tag(_ words: Catalogue) -> Tag {
        let tone: Tag.Tone =
            switch self {
            case .active: .ok
            case .suspended: .warn
            case .archived: .plain
            }
        return Tag(text: words[text], tone: tone)
    }
}
