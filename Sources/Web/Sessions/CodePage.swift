/// The second page of signing in: where a code is asked for.
struct CodePage {
    let visit: Visit
    let institution: String
    /// What the password was worth.
    let challenge: String
    /// The address to go on with; empty for the start page.
    let next: String
    let carried: SignInPage.Carried?

    private var words: Catalogue { visit.words }

    var html: HTML {
        section(.class("card")) {
            p(.class("quiet")) { bdi { institution } }
            h1 { words[SessionText.codeTitle] }
            p(.id("code-hint")) { words[SessionText.codeText] }
            form(.class("form"), .post, .action("/sign-in/code")) {
                hiddenField("challenge", challenge)
                if !next.isEmpty { hiddenField("next", next) }
                if let carried { carried.fields }
                codeField(visit, label: words[SessionText.code], hint: "code-hint")
                actions { submitButton(words[SessionText.signIn], .primary) }
            }
            p(.class("hint")) { words[SessionText.codeLost] }
            p { a(.href("/sign-in")) { words[SessionText.startOver] } }
        }
    }
}

/// Where a code is typed: not a field of numbers, because a code may begin with 0 or be a recovery code.
func codeField(_ visit: Visit, label text: String, hint: String) -> HTML {
    let problem = visit.typed.problem(of: "code")
    return div(.class("field")) {
        label(.for("code")) { text }
        input(
            .id("code"), .name("code"), .type("text"), .autocomplete("one-time-code"), .required,
            .describedBy(problem == nil ? hint : "\(hint) code-error"), .if(problem != nil, .invalid))
        if let problem { fieldError("code", problem) }
    }
}
