import Casework

/// Where somebody invited chooses a password.
struct InvitationPage {
    /// The invitation's own.
    let address: String
    /// What was wrong with the password that was sent.
    let problem: String?
    let words: Catalogue

    var html: HTML {
        section(.class("card")) {
            h1 { words[SessionText.invited] }
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
