import Casework

/// Where somebody chooses a password by a link. Looking at it changes nothing: programs that look into mail do so too.
struct InvitationPage {
    /// The link's own.
    let address: String
    let link: PasswordLink
    /// What was wrong with the password that was sent.
    let problem: String?
    let words: Catalogue

    var heading: SessionText { link.kind == .reset ? .reset : .invited }

    var html: HTML {
        section(.class("card")) {
            h1 { words[heading] }
            p(.class("quiet")) { bdi { link.owner.email ?? "" } }
            p(.class("hint"), .id("password-hint")) { words[SessionText.invitedText] }
            form(.class("form"), .post, .action(address)) {
                div(.class("field")) {
                    label(.for("password")) { words[SessionText.password] }
                    input(
                        .id("password"), .name("password"), .type("password"), .autocomplete("new-password"),
                        .minLength(PasswordRule.minLength), .required,
                        .describedBy(problem == nil ? "password-hint" : "password-hint password-error"),
                        .if(problem != nil, .invalid))
                    if let problem { fieldError("password", problem) }
                }
                actions { submitButton(words[SessionText.setPassword], .primary) }
            }
        }
    }
}
