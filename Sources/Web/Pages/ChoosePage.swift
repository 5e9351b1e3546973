/// The page of the bare domain: somebody names their institution, and is sent to its own address.
struct ChoosePage {
    /// What was typed; no institution has that name.
    var slug = ""
    let words: Catalogue

    var html: HTML {
        section(.class("card")) {
            h1 { words[SessionText.choose] }
            form(.class("form"), .get, .action("/")) {
                div(.class("field")) {
                    label(.for("institution")) { words[SessionText.institution] }
                    span(.class("hint"), .id("institution-hint")) { words[SessionText.institutionHint] }
                    input(
                        .id("institution"), .name("institution"), .type("text"), .autocapitalize("none"),
                        .autocomplete("organization"), .spellcheck(false), .required,
                        .describedBy("institution-hint"), .value(slug))
                }
                actions { submitButton(words[SessionText.go], .primary) }
            }
        }
    }
}
