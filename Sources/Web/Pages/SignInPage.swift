/// Where somebody signs in, to go on with what they wanted.
struct SignInPage {
    /// What was typed into a form of an earlier session: it is taken along, and sent after signing in.
    struct Carried {
        /// Where the form was going.
        let address: String
        /// Tells whose form it is.
        let proof: String
        let text: TypedText

        /// Takes it along.
        @HTMLBuilder var fields: HTML {
            hiddenField("resume", address)
            hiddenField("proof", proof)
            for field in text.carried { hiddenField(field.name, field.value) }
        }
    }

    let words: Catalogue
    /// Whose students and staff sign in here.
    let institution: String
    /// Whether a link for another password can be had by mail.
    let resets: Bool
    /// What the way to the institution's identity provider is called; nil where there is none.
    var provider: String?
    /// Why one has to sign in once more.
    var reason: String?
    var email = ""
    /// The address to go on with, a path of this host; empty for the start page.
    var next = ""
    var carried: Carried?

    var html: HTML {
        section(.class("card")) {
            p(.class("quiet")) { bdi { institution } }
            h1 { words[SessionText.signIn] }
            if let reason { p(.class("notice warn"), .role("status")) { reason } }
            if let provider {
                p {
                    // nobody could take along there what is carried: it stays in this window
                    a(
                        .class("button primary"), .href("/sign-in/provider" + query),
                        .if(carried != nil, .otherWindow)
                    ) {
                        words[IdentityText.button, ["name": provider]]
                    }
                }
                if carried != nil { p(.class("quiet")) { words[IdentityText.otherWindow] } }
                p(.class("quiet")) { words[IdentityText.orPassword] }
            }
            form(.class("form"), .post, .action("/sign-in")) {
                if !next.isEmpty { hiddenField("next", next) }
                if let carried { carried.fields }
                div(.class("field")) {
                    label(.for("email")) { words[SessionText.email] }
                    input(
                        .id("email"), .name("email"), .type("email"), .autocomplete("username"), .required,
                        .value(email))
                }
                div(.class("field")) {
                    label(.for("password")) { words[SessionText.password] }
                    input(
                        .id("password"), .name("password"), .type("password"), .autocomplete("current-password"),
                        .required)
                }
                actions { submitButton(words[SessionText.signIn], .primary) }
            }
            if resets, carried == nil {
                p { a(.href("/forgot-password")) { words[SessionText.forgot] } }
            } else {
                details {
                    summary { words[SessionText.forgot] }
                    p { words[SessionText.forgotText, ["institution": institution]] }
                }
            }
            // another page would not have what is carried
            if reason == nil, carried == nil {
                languageSwitch(words, then: next.isEmpty ? "/sign-in" : next, csrf: "")
            }
        }
    }

    private var query: String { next.isEmpty ? "" : "?next=\(next.percentEncoded)" }
}
