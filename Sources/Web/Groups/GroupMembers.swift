import Casework

/// The members of a group on its page, and who could be added.
struct GroupMembers {
    let visit: Visit
    let group: Group
    let members: Page<GroupMember>
    /// Who was looked for, to be added; nil where nobody was.
    let search: String?
    /// Who was found.
    let found: [DirectoryEntry]

    private var words: Catalogue { visit.words }
    private var address: String { "/groups/\(group.id)" }

    @HTMLBuilder var html: HTML {
        if members.items.contains(where: { $0.card == nil }) {
            div(.class("notice warn")) { p { words[GroupText.cardsMissing] } }
        }
        card(
            "members", words[GroupText.members],
            beside: { fact(words[GroupText.people, n: members.items.count]) },
            content: {
                if members.items.isEmpty {
                    emptyState(words[GroupText.noMembers]) { p { words[GroupText.noMembersText] } }
                } else {
                    list
                }
                visit.pager(members.next)
            })
        if !group.isArchived { card("add", words[GroupText.addMember]) { adding } }
    }

    private var list: HTML {
        var columns: [Column] = [
            .name(words[GroupText.member]), .text(words[GroupText.manages]), .text(words[GroupText.card]),
        ]
        if !group.isArchived { columns.append(.actions(words[GroupText.actions])) }
        return dataTable(.labelledBy("members"), columns, of: members.items) { member in
            cell {
                bdi { member.name }
                fact(member.card?.title ?? "")
            }
            member.isManager ? tag(Tag(text: words[GroupText.manager], tone: .info)) : HTML(words[ShellText.no])
            cell {
                if member.keepsCard {
                    a(.href("/accounts/\(member.id)/card")) { cardTag(of: member) }
                } else {
                    cardTag(of: member)
                }
            }
            if !group.isArchived { div(.class("row")) { changes(of: member) } }
        }
    }

    @HTMLBuilder private func cardTag(of member: GroupMember) -> HTML {
        switch member.card?.isReachable {
        case nil: tag(Tag(text: words[GroupText.missing], tone: .warn))
        case false?: tag(Tag(text: words[GroupText.unreachable], tone: .warn))
        case true?: tag(Tag(text: words[GroupText.published], tone: .ok))
        }
        visuallyHidden(": \(member.name)")
    }

    /// Only those who may edit the group name its managers. Managers can take out the other members.
    @HTMLBuilder private func changes(of member: GroupMember) -> HTML {
        let place = "\(address)/members/\(member.id)"
        if group.isEditable {
            visit.postForm(to: "\(place)/manager") {
                hiddenField("manager", member.isManager ? "false" : "true")
                submitButton(words[member.isManager ? GroupText.unmake : .make], .quiet, of: member.name)
            }
        }
        if group.isEditable || !member.isManager {
            visit.removal(
                words[GroupText.remove], of: member.name, words[GroupText.removeText], at: "\(place)/remove")
        }
    }

    @HTMLBuilder private var adding: HTML {
        form(.class("search"), .get, .action(address), .role("search"), .data("live", "matches")) {
            label(.for("q")) { words[GroupText.findPerson] }
            input(.id("q"), .name("q"), .type("search"), .value(search ?? ""), .autocomplete("off"))
            submitButton(words[ShellText.search])
        }
        div(.id("matches"), .livePolite) {
            if !found.isEmpty {
                ul(.class("rows")) { for person in found { row(person) } }
            } else if search != nil {
                p(.class("quiet")) { words[GroupText.noMatches] }
            }
        }
    }

    private func row(_ person: DirectoryEntry) -> HTML {
        li(.class("row spread")) {
            div {
                b { bdi { person.name } }
                fact(Person.line([person.card?.title] + person.groups) ?? "")
            }
            visit.postForm(to: "\(address)/members") {
                hiddenField("accountId", String(person.id))
                submitButton(words[GroupText.add], of: person.name)
            }
        }
    }
}
