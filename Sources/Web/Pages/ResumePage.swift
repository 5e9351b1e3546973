/// Asks whether a form of an earlier session shall be sent now.
struct ResumePage {
    let heading: String
    let text: String
    /// Where the form was going.
    let address: String
    let typed: TypedText
    /// The proof of the present session.
    let csrf: String
    let words: Catalogue

    var html: HTML {
        section(.class("card")) {
            h1 { heading }
            p { text }
            postForm([.class("form")], to: address, csrf: csrf) {
                for field in typed.hidden { hiddenField(field.name, field.value) }
                actions {
                    submitButton(words[SessionText.resumeSend], .primary)
                    " "
                    a(.class("button quiet"), .href("/")) { words[ShellText.cancel] }
                }
            }
        }
    }
}
