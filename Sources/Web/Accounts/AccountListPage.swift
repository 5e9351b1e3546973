import Casework

/// People, found by name, role and status.
struct AccountListPage {
    let visit: Visit
    let people: Page<InvitedAccount>
    let filter: AccountFilter
    /// IANA name of the viewer's time zone.
    let timeZone: String

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[AccountText.heading], text: words[AccountText.intro]) {
            a(.class("button"), .href("/invitations")) { words[AccountText.invitations] }
            a(.class("button primary"), .href("/accounts/new")) { words[AccountText.new] }
        }
        section(.class("card"), .ariaLabel(words[AccountText.heading])) {
            search
            results {
                if people.items.isEmpty {
                    nobody
                } else {
                    if visit.call.site.sendsMail { chosen }
                    list
                }
                visit.pager(people.next)
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
        choice(
            "invitation", .invitation, all: .invitationAll,
            InvitationState.Step.allCases.map { ($0.rawValue, $0.text) }, filter.invitation?.rawValue)
    }

    /// What is done with those that are ticked.
    private var chosen: HTML {
        visit.postForm(.id("chosen"), .data("selection"), to: "/invitations") {
            submitButton(words[AccountText.inviteMail], .plain, .data("selection-action"))
        }
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
            .text(words[AccountText.status]), .text(words[AccountText.invitation]),
        ]
        return dataTable(.ariaLabel(words[AccountText.heading]), columns, of: people.items) { person in
            cell {
                if visit.call.site.sendsMail, person.account.status == .active { box(person.account) }
                a(.href("/accounts/\(person.account.id)")) { bdi { person.account.name } }
                fact(person.account.email)
            }
            words[person.account.role.text]
            person.account.studentNumber ?? ""
            tag(person.account.status.tag(words))
            invitation(person.invitation, zone: timeZone, words)
        }
    }

    private func box(_ account: Account) -> HTML {
        HTMLBuilder.buildArray([
            input(
                .type("checkbox"), .form("chosen"), .name("accountIds"), .value(String(account.id)),
                .ariaLabel("\(words[ProgressText.select]): \(account.name)")),
            HTML(" "),
        ])
    }
}
