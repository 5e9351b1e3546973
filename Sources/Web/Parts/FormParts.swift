/// A form that changes something, with the proof that it is ours.
/// - Parameters:
///   - attributes: `.class("form")` where it has fields; `.data("keep")` where what was typed outlives a closed tab.
///   - csrf: the session's proof.
func postForm(_ attributes: [Attribute] = [], to action: String, csrf: String, @HTMLBuilder content: Content) -> HTML {
    HTML(
        element: "form", attributes + [.post, .action(action)],
        HTMLBuilder.buildPartialBlock(accumulated: hiddenField("csrf", csrf), next: content()))
}

func hiddenField(_ name: String, _ value: String) -> HTML { input(.type("hidden"), .name(name), .value(value)) }

/// A box to tick, with its label behind it.
/// - Parameter value: what the form sends where it is ticked.
func checkbox(
    _ name: String, _ value: String, id: String, _ text: String, isChecked: Bool, describedBy: String? = nil
) -> HTML {
    span(.class("choice")) {
        input(
            .type("checkbox"), .id(id), .name(name), .value(value), .if(isChecked, .checked), .describedBy(describedBy))
        label(.for(id)) { text }
    }
}

/// What a button is for.
enum ButtonKind: String {
    case plain, primary, danger, quiet
}

/// A button that sends its form.
/// - Parameters:
///   - subject: what it is about, for who cannot see where it stands.
///   - attributes: `.name` and `.value`, where the form has several.
func submitButton(
    _ text: String, _ kind: ButtonKind = .plain, of subject: String? = nil, _ attributes: Attribute...
) -> HTML {
    let appearance: [Attribute] = kind == .plain ? [] : [.class(kind.rawValue)]
    var content = HTML(text)
    if let subject { content.append(visuallyHidden(": \(subject)")) }
    return HTML(element: "button", appearance + [.type("submit")] + attributes, content)
}

/// The row of buttons that ends a form.
func actions(@HTMLBuilder content: Content) -> HTML { div(.class("actions"), content: content) }

/// A change that is asked for twice: opened first, then done.
/// - Parameters:
///   - subject: what it is about, for who cannot see where it stands.
///   - text: what it brings about.
///   - isOpen: whether it is asked at once.
///   - form: what does it.
func confirmation(
    _ title: String, of subject: String? = nil, _ text: String, isOpen: Bool = false, @HTMLBuilder form: Content
) -> HTML {
    details(.if(isOpen, .open)) {
        summary {
            title
            if let subject { visuallyHidden(": \(subject)") }
        }
        div(.class("confirm")) {
            p { text }
            form()
        }
    }
}

/// A field for words to look for; the list below is drawn anew while they are typed.
struct SearchField {
    /// The page that answers; nil for this one.
    var address: String?
    let label: String
    /// What was looked for.
    let value: String?
    /// The id of the list that is drawn anew; nil where the answer is another page.
    var list: String? = "results"
    /// Whether the browser may offer what was typed before.
    var offersEarlier = true

    /// - Parameters:
    ///   - before: hidden fields.
    ///   - after: more to choose by.
    func html(
        _ words: Catalogue, @HTMLBuilder before: Content = { HTML() }, @HTMLBuilder after: Content = { HTML() }
    ) -> HTML {
        form(
            .class("search"), .get, .if(address != nil, .action(address ?? "")), .role("search"),
            .if(list != nil, .data("live", list))
        ) {
            before()
            Web.label(.class("visually-hidden"), .for("q")) { label }
            input(
                .id("q"), .name("q"), .type("search"), .if(value != nil, .value(value ?? "")), .placeholder(label),
                .autocomplete(offersEarlier ? nil : "off"))
            after()
            submitButton(words[ShellText.search])
        }
    }
}

/// How far a file has been sent; the script shows it.
func uploadProgress(_ words: Catalogue) -> HTML {
    div(
        .class("upload"), .hidden, .data("upload"), .data("sending", words[ImportText.sending]),
        .data("reading", words[ImportText.reading]), .data("lost", words[ImportText.lost])
    ) {
        progress(.max(1), .ariaLabel(words[ImportText.progress]))
        p(.role("status"))
    }
}

/// A file of the page's own in a script element.
func moduleScript(_ address: String) -> HTML { script(.type("module"), .src(address)) }
