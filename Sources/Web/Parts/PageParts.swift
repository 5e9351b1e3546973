import Casework

/// The head of a page: where one is, the one first heading, a sentence, and buttons at the right.
/// - Parameters:
///   - crumbs: see `breadcrumbs`.
///   - beside: at the right.
func pageHead(
    _ heading: String, text: String? = nil, crumbs: HTML = HTML(), @HTMLBuilder beside: Content = { HTML() }
) -> HTML {
    pageHead(crumbs: crumbs, beside: beside) {
        h1 { heading }
        if let text { p { text } }
    }
}

/// The same around a heading of several parts, such as a person's name.
func pageHead(
    crumbs: HTML = HTML(), @HTMLBuilder beside: Content = { HTML() }, @HTMLBuilder content: Content
) -> HTML {
    div(.class("page-head")) {
        div {
            crumbs
            content()
        }
        beside()
    }
}

/// One step of the way to a page; without an address it is only named.
struct Crumb {
    let text: String
    var address: String?
}

/// The way to a page.
func breadcrumbs(_ words: Catalogue, _ steps: [Crumb]) -> HTML {
    nav(.class("crumbs"), .ariaLabel(words[ShellText.crumbs])) {
        ol {
            for step in steps {
                li { if let address = step.address { a(.href(address)) { step.text } } else { step.text } }
            }
        }
    }
}

/// A link of `tabs` or `filters`.
struct Tab {
    let text: String
    let address: String
    var isCurrent = false
}

/// The parts of one thing, side by side.
func tabs(_ label: String, _ tabs: [Tab]) -> HTML {
    nav(.class("tabs"), .ariaLabel(label)) { ul { links(tabs) } }
}

/// What a list can be narrowed to.
func filters(_ label: String, _ tabs: [Tab]) -> HTML {
    nav(.class("filters"), .ariaLabel(label)) { ul(.class("row")) { links(tabs) } }
}

private func links(_ tabs: [Tab]) -> HTML {
    HTMLBuilder.buildArray(
        tabs.map { tab in li { a(.href(tab.address), .if(tab.isCurrent, .currentPage)) { tab.text } } })
}

/// A section in a frame, with its heading.
/// - Parameters:
///   - id: of the heading, which names the section.
///   - beside: at the right of the heading.
func card(
    _ id: String, _ heading: String, @HTMLBuilder beside: Content = { HTML() }, @HTMLBuilder content: Content
) -> HTML {
    let right = beside()
    return section(.class("card"), .labelledBy(id)) {
        if right.isEmpty {
            h2(.id(id)) { heading }
        } else {
            div(.class("card-head")) {
                h2(.id(id)) { heading }
                right
            }
        }
        content()
    }
}

/// What stands where there is nothing to show.
/// - Parameter level: of the heading: 2 where it is a section of its own, 3 in one.
func emptyState(_ heading: String, level: Int = 3, @HTMLBuilder content: Content = { HTML() }) -> HTML {
    div(.class("empty")) {
        if level == 2 { h2 { heading } } else { h3 { heading } }
        content()
    }
}

/// The same as a card.
func emptyCard(_ heading: String, @HTMLBuilder content: Content = { HTML() }) -> HTML {
    section(.class("card empty")) {
        h2 { heading }
        content()
    }
}

/// What is found by a search, and is drawn anew while somebody types (`data-live`).
func results(_ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML {
    HTML(element: "div", [.id("results"), .livePolite] + attributes, content())
}

/// The files of a milestone, for whoever works on it.
@HTMLBuilder func fileList(_ files: [Dashboard.File], _ words: Catalogue) -> HTML {
    if !files.isEmpty {
        ul(.class("stack")) {
            for file in files {
                li {
                    a(.href("/files/\(file.id)")) { file.name }
                    " "
                    small { words.size(file.size) }
                }
            }
        }
    }
}
