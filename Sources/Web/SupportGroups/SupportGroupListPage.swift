import Casework

/// A cohort's Student Support Groups tab: who helps.
struct SupportGroupListPage {
    let visit: Visit
    let cohort: Cohort
    let groups: Page<SupportGroup>

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        for group in groups.items { part(group) }
        if groups.items.isEmpty {
            emptyCard(words[CohortText.noGroups]) {
                if cohort.isEditable {
                    p { a(.class("button"), .href("/cohorts/\(cohort.id)/attach")) { words[CohortText.tabAttach] } }
                }
            }
        }
        visit.pager(groups.next)
    }

    private func part(_ group: SupportGroup) -> HTML {
        let heading = "group-\(group.id)"
        return section(.class("card"), .labelledBy(heading)) {
            div(.class("card-head")) {
                div {
                    h2(.id(heading)) { bdi { group.name } }
                    fact(words[CohortText.people, n: group.members.count])
                }
                if cohort.isEditable {
                    visit.removal(
                        words[CohortText.detach], of: group.name, words[CohortText.detachText],
                        at: "/cohorts/\(cohort.id)/detach"
                    ) {
                        hiddenField("group", String(group.id))
                    }
                }
            }
            if !group.members.isEmpty { ul(.class("rows")) { for member in group.members { row(member) } } }
        }
    }

    private func row(_ member: SupportGroupMember) -> HTML {
        let known = Person.line([member.card?.title, member.card?.office, member.card?.location]) ?? ""
        let facts = member.card == nil ? words[CohortText.noCard] : known
        return personRow(Person(name: member.name, facts: facts), words)
    }
}

/// A cohort's Attach Student Support Groups tab: the groups that can be attached, of which one is chosen.
struct AttachGroupPage {
    let visit: Visit
    let cohort: Int
    let groups: Page<SupportGroup>
    let search: String?

    private var words: Catalogue { visit.words }

    var html: HTML {
        card("available", words[CohortText.tabAttach]) {
            SearchField(label: words[CohortText.findGroup], value: search ?? "", offersEarlier: false).html(words)
            visit.postForm(.class("form"), to: "/cohorts/\(cohort)/attach") {
                fieldset(.class("stack")) {
                    legend { words[CohortText.available] }
                    results {
                        if groups.items.isEmpty { nothing } else { choices }
                        visit.pager(groups.next)
                    }
                }
                actions { submitButton(words[CohortText.attach], .primary) }
            }
        }
    }

    private var nothing: HTML {
        p(.class("empty")) {
            if search != nil {
                words[CohortText.noneFound]
            } else {
                "\(words[CohortText.noneAvailable]) "
                a(.href("/groups")) { words[MenuText.groups] }
            }
        }
    }

    private var choices: HTML {
        ul(.class("rows"), .id("group")) {
            for group in groups.items {
                li(.class("choice")) {
                    input(
                        .type("radio"), .id("group-\(group.id)"), .name("group"), .value(String(group.id)), .required)
                    label(.for("group-\(group.id)")) {
                        bdi { group.name }
                        fact(members(of: group))
                    }
                }
            }
        }
    }

    /// `5 people · Ann, Bo, Cy, …`
    private func members(of group: SupportGroup) -> String {
        let count = words[CohortText.people, n: group.members.count]
        if group.members.isEmpty { return count }
        let names = group.members.prefix(3).map(\.name) + (group.members.count > 3 ? ["…"] : [])
        return "\(count) · \(names.joined(separator: ", "))"
    }
}
