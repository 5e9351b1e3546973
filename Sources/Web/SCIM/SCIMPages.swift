import Casework
import Dates
import Hummingbird
import Tenancy

/// SCIM for admins: how a provider is connected, and what its users and groups become.
enum SCIMPages {
    static let routes: [PageRoute] = [
        .get("/imports/scim", .signedIn(.adminInPerson)) { try await show($0) },
        .post("/imports/scim", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let (role, most) = try Fields.read(form: visit.form.fields) {
                    ($0.patchOptional("defaultRole", .choice(SCIMRole.Default.self)), mostLosing(&$0))
                }
                return try await asking(visit) {
                    _ = try await repository(visit).update(role, mostLosing: most, ifMatch: visit.seenVersion)
                }
            } again: {
                try await show($0)
            }
        },
        .get("/imports/scim/{id}", .signedIn(.adminInPerson)) { try await showGroup($0) },
        .post("/imports/scim/{id}", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let (rule, most) = try Fields.read(form: visit.form.fields) { fields -> (SCIMGroupRule?, Int) in
                    let chosen = ["role", "groupId"].map { fields.optional($0, .verbatim()) ?? "" }
                    return (chosen.allSatisfy(\.isEmpty) ? nil : SCIMGroupRule(&fields), mostLosing(&fields))
                }
                return try await asking(visit) {
                    _ = try await repository(visit)
                        .rule(try visit.call.id("id"), rule, mostLosing: most, ifMatch: visit.seenVersion)
                }
            } again: {
                try await showGroup($0)
            }
        },
    ]

    private static func repository(_ visit: Visit) throws -> SCIMRulesRepository {
        SCIMRulesRepository(work: try visit.call.work(), passwords: visit.call.site.passwords)
    }

    /// How many people may lose by the change: as many as the question named, nobody before it was asked.
    private static func mostLosing(_ fields: inout Fields) -> Int {
        fields.value("mostLosing", .int(0...1_000_000), default: 0)
    }

    /// Changes a rule. Where people lose by it, nothing is changed, and the page asks whether it is meant.
    private static func asking(_ visit: Visit, change: () async throws -> Void) async throws -> Response {
        do {
            try await change()
            return visit.redirect("/imports/scim", done: .saved)
        } catch CaseworkError.conflict(let refusal, _, _, _) where refusal.code == .tooManyLosing {
            guard case .number(let people) = refusal.arguments["people"] else { throw CaseworkError.unavailable }
            return question(visit, try await visit.viewer(), people: people)
        }
    }

    /// Asks whether it is meant that so many people lose by a change. It carries the whole form.
    private static func question(_ visit: Visit, _ viewer: Viewer, people: Int) -> Response {
        let words = visit.words
        let address = visit.call.request.uri.path
        return visit.page(title: words[SCIMText.question], viewer: viewer, current: "/imports") {
            pageHead(words[SCIMText.question], text: words[SCIMText.questionText, n: people])
            section(.class("card stack")) {
                visit.postForm(to: address, version: visit.seen) {
                    for field in visit.form.fields.sorted(by: { $0.key < $1.key }) where field.key != "mostLosing" {
                        for value in field.value { hiddenField(field.key, value) }
                    }
                    hiddenField("mostLosing", String(people))
                    actions {
                        submitButton(words[SCIMText.confirm], .danger)
                        a(.class("button quiet"), .href(address)) { words[ShellText.cancel] }
                    }
                }
            }
        }
    }

    private static func show(_ visit: Visit) async throws -> Response {
        let (viewer, rules, groups, problems) = try await visit.read(
            SCIMRulesRepository.find(), SCIMRulesRepository.groups(visit.call.page()),
            SCIMRulesRepository.problems(PageRequest(limit: 50)))
        let page = SCIMRulesPage(visit: visit, viewer: viewer, rules: rules, groups: groups, problems: problems.items)
        return visit.page(title: visit.words[SCIMText.title], viewer: viewer, current: "/imports") { page.html }
    }

    private static func showGroup(_ visit: Visit) async throws -> Response {
        let (viewer, group, groups) = try await visit.read(
            SCIMRulesRepository.group(visit.call.id("id")), GroupRepository.list(GroupFilter(), PageRequest(limit: 200))
        )
        let words = visit.words
        return visit.page(title: group.name, viewer: viewer, current: "/imports") {
            pageHead(group.name, text: words[SCIMText.ruleText])
            card("rule", words[SCIMText.rule]) {
                visit.postForm(.class("form"), to: "/imports/scim/\(group.id)", version: group.version) {
                    visit.field(
                        Input(
                            name: "role", label: words[SCIMText.become],
                            kind: .choice(
                                [("", words[SCIMText.nothing])]
                                    + SCIMRole.allCases.map { ($0.rawValue, words[$0.role.text]) }),
                            value: group.role?.rawValue ?? ""))
                    visit.field(
                        Input(
                            name: "groupId", label: words[SCIMText.belong],
                            kind: .choice(
                                [("", words[SCIMText.noGroup])] + groups.items.map { (String($0.id), $0.name) }),
                            value: group.groupID.map { String($0) } ?? ""))
                    actions {
                        submitButton(words[SCIMText.save], .primary)
                        a(.class("button quiet"), .href("/imports/scim")) { words[SCIMText.back] }
                    }
                }
            }
        }
    }
}

/// How a provider is connected, what users become, the groups, and whose accounts are behind.
private struct SCIMRulesPage {
    let visit: Visit
    let viewer: Viewer
    let rules: SCIMRules
    let groups: Page<RuledSCIMGroup>
    let problems: [SCIMProblem]

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[SCIMText.title], text: words[SCIMText.intro])
        ImportPages.tabs(words, at: "/imports/scim")
        if !problems.isEmpty { behind }
        card("groups", words[SCIMText.groups]) {
            p { words[SCIMText.groupsText] }
            if groups.items.isEmpty {
                emptyState(words[SCIMText.noGroups], level: 3) { p { words[SCIMText.noGroupsText] } }
            } else {
                list
            }
            visit.pager(groups.next)
        }
        card("others", words[SCIMText.others]) {
            p { words[SCIMText.othersText] }
            p {
                words[
                    SCIMText.counts,
                    ["users": words.number(rules.users), "accounts": words.number(rules.accounts)]]
            }
            visit.postForm(.class("form"), to: "/imports/scim", version: rules.version) {
                visit.field(
                    Input(
                        name: "defaultRole", label: words[SCIMText.othersRole],
                        kind: .choice([("", words[SCIMText.nothing]), ("student", words[Role.student.text])]),
                        value: rules.defaultRole?.rawValue ?? ""))
                actions { submitButton(words[SCIMText.save]) }
            }
        }
        card("connect", words[SCIMText.connect]) { connection }
    }

    private var behind: HTML {
        card("problems", words[SCIMText.problems]) {
            p { words[SCIMText.problemsText] }
            dataTable(
                .ariaLabel(words[SCIMText.problems]), [.name(words[SCIMText.user]), .text(words[SCIMText.why])],
                of: problems
            ) { problem in
                cell {
                    if let account = problem.accountID {
                        a(.href("/accounts/\(account)")) { bdi { problem.userName } }
                    } else {
                        bdi { problem.userName }
                    }
                }
                words.refusal(Refusal(problem.code))
            }
        }
    }

    private var list: HTML {
        let columns: [Column] = [
            .name(words[SCIMText.group]), .number(words[SCIMText.members]), .text(words[SCIMText.become]),
        ]
        return dataTable(.ariaLabel(words[SCIMText.groups]), columns, of: groups.items) { group in
            a(.href("/imports/scim/\(group.id)")) { bdi { group.name } }
            words.number(group.members)
            cell {
                group.role.map { words[$0.text] } ?? words[SCIMText.nothing]
                if let name = group.groupName { fact(name) }
            }
        }
    }

    @HTMLBuilder private var connection: HTML {
        p { words[SCIMText.connectText] }
        div(.class("field")) {
            label(.for("address")) { words[SCIMText.address] }
            input(.id("address"), .type("text"), .readOnly, .value(visit.call.scimBase))
        }
        visit.postForm(.class("form"), to: "/tokens") {
            hiddenField("scopes", TokenScope.scim.rawValue)
            visit.field(
                Input(name: "name", label: words[SCIMText.tokenName], value: "SCIM", isRequired: true, limit: 200))
            visit.field(
                Input(
                    name: "expiresAt", label: words[SCIMText.lastDay], hint: words[SCIMText.lastDayHint],
                    kind: .line(type: "date"), value: viewer.today.adding(days: 365).description, isRequired: true))
            actions { submitButton(words[SCIMText.make]) }
        }
    }
}

extension SCIMRole {
    fileprivate var role: Role {
        switch self {
        case .student: .student
        case .staff: .staff
        case .manager: .manager
        case .director: .director
        }
    }
}
