extension Visit {
    /// The page of something new: its form, with the way back to the list it will stand in.
    /// - Parameters:
    ///   - title: of the page and of the button.
    ///   - crumbs: see `breadcrumbs`.
    ///   - list: address of that list.
    func newForm(
        _ title: String, text: String? = nil, crumbs: [Crumb], to action: String, list: String,
        @HTMLBuilder fields: Content
    ) -> HTML {
        HTMLBuilder.buildArray([
            pageHead(title, text: text, crumbs: breadcrumbs(words, crumbs)),
            section(.class("card")) {
                postForm(.class("form"), .data("keep"), to: action) {
                    fields()
                    actions {
                        submitButton(title, .primary)
                        a(.class("button quiet"), .href(list)) { words[ShellText.cancel] }
                    }
                }
            },
        ])
    }
}
