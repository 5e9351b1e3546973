import Casework
import Hummingbird
import Tenancy

/// Packages of OneRoster: where they are sent, and the rules that say what of them is taken in. What a package would bring is
/// shown by the page of imports, which knows a zip when it gets one.
enum RosterPages {
    static let routes: [PageRoute] = [
        .get("/imports/oneroster", .signedIn(.adminInPerson)) { try await show($0) },
        .post("/imports/oneroster", .signedIn(.adminInPerson)) { visit in
            try await visit.attempt {
                let patch = try Fields.read(form: visit.form.fields) { RosterRulesPatch(&$0) }
                _ = try await RosterRulesRepository(work: try visit.call.work())
                    .update(patch, ifMatch: visit.seenVersion)
                return visit.redirect("/imports/oneroster", done: .saved)
            } again: {
                try await show($0)
            }
        },
    ]

    private static func show(_ visit: Visit) async throws -> Response {
        let words = visit.words
        let (viewer, rules, categories) = try await visit.read(RosterRulesRepository.find(), CategoryRepository.order)
        let title = words[ImportText.rosterTitle]
        return visit.page(title: title, viewer: viewer, current: "/imports") {
            pageHead(title, text: words[ImportText.text])
            ImportPages.tabs(words, at: "/imports/oneroster")
            card("upload", words[ImportText.choose]) {
                ImportForm(visit: visit, fields: []).html(
                    to: "/imports", hint: words[ImportText.rosterHint], label: words[ImportText.rosterFile],
                    accept: ".zip,application/zip", .primary)
            }
            p { a(.href("/settings/roster-source")) { words[RosterSourceText.title] } }
            RosterRulesForm(visit: visit, rules: rules, categories: categories).html
            moduleScript(visit.kit.assets[.upload])
        }
    }
}

/// The rules, to be changed.
struct RosterRulesForm {
    let visit: Visit
    let rules: RosterRules
    let categories: [Casework.Category]

    private var words: Catalogue { visit.words }

    var html: HTML {
        card("rules", words[ImportText.rules]) {
            p { words[ImportText.rulesText] }
            visit.postForm(.class("form"), .data("keep"), to: "/imports/oneroster", version: rules.version) {
                for role in RosterRole.allCases {
                    choice(
                        role.rawValue, words[ImportText.become, ["role": words[role.text]]],
                        rules.roles[role]?.rawValue,
                        none: words[ImportText.leftOut], StaffRole.allCases.map { ($0.rawValue, words[Role($0).text]) })
                }
                choice(
                    "categoryId", words[ImportText.classCategory], rules.categoryID.map { String($0) },
                    none: words[ImportText.noCategory], categories.map { (String($0.id), $0.name) })
                choice(
                    "classType", words[ImportText.classType], rules.classType?.rawValue,
                    none: words[ImportText.allTypes],
                    RosterClassType.allCases.map {
                        ($0.rawValue, words[$0 == .homeroom ? ImportText.homeroom : .scheduled])
                    })
                visit.field(
                    Input(name: "classText", label: words[ImportText.classText], value: rules.classText, limit: 200))
                actions { submitButton(words[ImportText.saveRules]) }
            }
        }
    }

    private func choice(
        _ name: String, _ label: String, _ value: String?, none: String, _ options: [(value: String, label: String)]
    ) -> HTML {
        visit.field(Input(name: name, label: label, kind: .choice([("", none)] + options), value: value ?? ""))
    }
}

extension RosterRole {
    fileprivate var text: ImportText {
        switch self {
        case .teacher: .roleTeacher
        case .aide: .roleAide
        case .counselor: .roleCounselor
        case .proctor: .roleProctor
        case .principal: .rolePrincipal
        case .administrator: .roleAdministrator
        }
    }
}
