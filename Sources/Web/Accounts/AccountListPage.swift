import Casework

/// People, found by name, role and status.
struct AccountListPage {
    let visit: Visit
    let accounts: Page<Account>
    let filter: AccountFilter

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[AccountText.heading], text: words[AccountText.intro]) {
            a(.class("button primary"), .href("/accounts/new")) { words[AccountText.new] }
        }
        section(.class("card"), .ariaLabel(words[AccountText.heading])) {
            search
            results {
                if accounts.items.isEmpty { nobody } else { list }
                visit.pager(accounts.next)
            }
        }
    }

    private var search: HTML {
        SearchField(address: "/accounts", label: words[AccountText.find], value: filter.text ?? "")
            .html(words, after: { choices })
    }

    @HTMLBuilder private var choices: HTML {
        choice(
            "role", .role, all: .roleAll, Role.allCases.map { ($0.rawValue, $0.text) }, filter.role?.rawValue)
        choice(
            "status", .status, all: .statusAll, AccountStatus.allCases.map { ($0.rawValue, $0.text) },
            filter.status?.rawValue)
    }

    @HTMLBuilder private func choice(
        _ name: String, _ label: AccountText, all: AccountText, _ options: [(value: String, text: AccountText)],
        _ chosen: String?
    ) -> HTML {
        Web.label(.class("visually-hidden"), .for(name)) { words[label] }
        select(.id(name), .name(name)) {
            option(.value("")) { words[all] }
            for choice in options {
                option(.value(choice.value), .if(choice.value == chosen, .selected)) { words[choice.text] }
            }
        }
    }

    private var nobody: HTML {
        emptyState(words[AccountText.none], level: 2) {
            p { words[AccountText.noneText] }
            p { a(.class("button"), .href("/accounts/new")) { words[AccountText.new] } }
        }
    }

    private var list: HTML {
        let columns: [Column] = [
            .name(words[AccountText.name]), .text(words[AccountText.role]), .text(words[AccountText.number]),
            .text(words[AccountText.status]),
        ]
        return dataTable(.ariaLabel(words[AccountText.heading]), columns, of: accounts.items) { account in
            cell {
                a(.href("/accounts/\(account.id)")) { bdi { account.name } }
                fact(account.email)
            }
            words[account.role.text]
            account.studentNumber ?? ""
            tag(account.status.tag(words))
        }
    }
}
