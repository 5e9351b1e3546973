import Casework
import Dates

/// The institution's API tokens, and a form for a new one, whose text is shown this once.
struct TokenListPage {
    let visit: Visit
    let viewer: Viewer
    let tokens: [APIToken]
    let next: Cursor?
    /// The token just made.
    let made: NewAPIToken?

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[TokenText.heading], text: words[TokenText.intro])
        if let made { secret(of: made) }
        section(.class("card"), .ariaLabel(words[TokenText.heading])) {
            if tokens.isEmpty {
                emptyState(words[TokenText.none], level: 2) { p { words[TokenText.noneText] } }
            } else {
                list
            }
            visit.pager(next)
        }
        card("new", words[TokenText.new]) {
            visit.postForm(.class("form"), to: "/tokens") {
                fields
                scopes
                actions { submitButton(words[TokenText.new], .primary) }
            }
        }
    }

    private func secret(of made: NewAPIToken) -> HTML {
        section(.class("notice"), .role("status"), .labelledBy("made")) {
            h2(.id("made")) {
                "\(words[TokenText.made]) "
                bdi { made.token.name }
            }
            p { words[TokenText.once] }
            div(.class("field")) {
                label(.for("secret")) { words[TokenText.token] }
                input(.id("secret"), .type("text"), .readOnly, .value(made.secret.text))
            }
        }
    }

    private var list: HTML {
        let columns: [Column] = [
            .name(words[TokenText.name]), .text(words[TokenText.may]), .text(words[TokenText.until]),
            .actions(words[TokenText.actions]),
        ]
        return dataTable(.ariaLabel(words[TokenText.heading]), columns, of: tokens) { token in
            cell {
                bdi { token.name }
                fact("\(words[TokenText.by]) \(token.makerName)")
            }
            token.scopes.map { words[$0.text] }.joined(separator: ", ")
            lastDay(of: token)
            visit.removal(
                words[TokenText.revoke], of: token.name, words[TokenText.revokeText],
                at: "/tokens/\(token.id)/revoke")
        }
    }

    @HTMLBuilder private func lastDay(of token: APIToken) -> HTML {
        time(.dateTime(token.expiresAt.machineText)) { words.instant(token.expiresAt, zone: viewer.timeZone) }
        if token.expiresAt <= visit.call.now {
            " "
            tag(Tag(text: words[TokenText.expired], tone: .warn))
        }
    }

    @HTMLBuilder private var fields: HTML {
        visit.field(
            Input(
                name: "name", label: words[TokenText.name], hint: words[TokenText.nameHint], isRequired: true,
                limit: 200))
        visit.field(
            Input(
                name: "expiresAt", label: words[TokenText.lastDay], hint: words[TokenText.lastDayHint],
                kind: .line(type: "date"), value: viewer.today.adding(days: 90).description, isRequired: true))
    }

    private var scopes: HTML {
        let problem = visit.typed.problem(of: "scopes")
        return fieldset(
            .class("field"), .id("scopes"), .tabIndex(-1), .describedBy(problem.map { _ in "scopes-error" })
        ) {
            legend { words[TokenText.may] }
            div(.class("choices")) { for scope in TokenScope.allCases { choice(of: scope) } }
            if let problem { fieldError("scopes", problem) }
        }
    }

    private func choice(of scope: TokenScope) -> HTML {
        let name = scope.rawValue
        let isChosen =
            visit.form.fields.isEmpty ? scope == .read : visit.form.fields["scopes"]?.contains(name) ?? false
        return checkbox("scopes", name, id: "scope-\(name)", words[scope.text], isChecked: isChosen)
    }
}

extension TokenScope {
    fileprivate var text: TokenText {
        switch self {
        case .read: .scopeRead
        case .write: .scopeWrite
        case .scim: .scopeScim
        }
    }
}
