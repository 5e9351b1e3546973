import Casework

/// What a page says above its content: what was done, what is wrong with the form, and what was typed.
struct Messages {
    let notice: Notice?
    /// The page's own, without the notice.
    let address: String
    let csrf: String
    let problems: [FieldProblem]
    let givenBack: GivenBack?
    let words: Catalogue

    @HTMLBuilder var html: HTML {
        if let notice { box(notice) }
        if problems.isOutdated {
            outdated
        } else if !problems.isEmpty {
            summaryOfProblems
        }
        if let givenBack { texts(givenBack) }
    }

    /// Somebody was faster: nobody made a mistake.
    private var outdated: HTML {
        div(.class("notice warn"), .role("alert"), .tabIndex(-1), .data("focus")) {
            p { b { words[ShellText.changed] } }
            p { words[ShellText.changedText] }
        }
    }

    private func box(_ notice: Notice) -> HTML {
        let text = words[notice.done, n: notice.count, about: notice.subject]
        if notice.undo.isEmpty { return div(.class("notice"), .role("status")) { text } }
        return div(.class("notice toast"), .id("notice")) {
            p(.role("status")) { text }
            postForm(to: "/undo", csrf: csrf) {
                hiddenField("to", address)
                for step in notice.undo { hiddenField("item", step) }
                submitButton(words[ShellText.undo], .quiet, of: notice.subject)
            }
        }
    }

    private var summaryOfProblems: HTML {
        div(
            .class("error-summary"), .role("alert"), .tabIndex(-1), .id("problems"), .labelledBy("problems-title"),
            .data("focus")
        ) {
            h2(.id("problems-title")) {
                words[problems.contains(where: \.isMendable) ? ShellText.problems : .notPossible]
            }
            ul {
                for problem in problems {
                    li {
                        if problem.field.isEmpty {
                            problem.detail
                        } else {
                            a(.href("#\(problem.field)")) { problem.detail }
                        }
                    }
                }
            }
        }
    }

    private func texts(_ givenBack: GivenBack) -> HTML {
        section(.class("notice warn stack"), .labelledBy("given-back")) {
            p { b(.id("given-back")) { words[ShellText.givenBack] } }
            for (number, text) in givenBack.texts.enumerated() {
                div(.class("field")) {
                    label(.for("given-back-\(number)")) { text.label }
                    textarea(.id("given-back-\(number)"), .rows(3), .readOnly, text: text.value)
                }
            }
            if !givenBack.isWhole { p { words[ShellText.givenBackCut] } }
        }
    }
}
