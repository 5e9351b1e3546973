import Casework

/// The fields of an account, and the page of a new one.
struct AccountForm {
    let visit: Visit

    private var words: Catalogue { visit.words }

    /// The page of a new account.
    var new: HTML {
        visit.newForm(
            words[AccountText.new], text: words[AccountText.newText],
            crumbs: [Crumb(text: words[AccountText.heading], address: "/accounts")], to: "/accounts", list: "/accounts"
        ) {
            fields(of: nil)
            if visit.call.site.sendsMail {
                visit.field(
                    Input(
                        name: "invite", label: words[AccountText.inviteNow], kind: .check, value: "false"))
            }
        }
    }

    @HTMLBuilder func fields(of account: Account?) -> HTML {
        visit.field(
            Input(
                name: "givenName", label: words[AccountText.givenName], value: account?.givenName, limit: 200))
        visit.field(
            Input(name: "familyName", label: words[AccountText.familyName], value: account?.familyName, limit: 200))
        visit.field(
            Input(
                name: "preferredName", label: words[AccountText.preferredName],
                hint: words[AccountText.preferredNameHint],
                value: account?.preferredName, limit: 100))
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
