import Casework

/// Whose dashboard an admin wants to look at: a cohort first, then one of its students.
struct PreviewChoicePage {
    /// Something to choose.
    struct Choice {
        let name: String
        let address: String
        let fact: String
    }

    let visit: Visit
    let heading: String
    /// What can be looked for, as the search field says it.
    let searchLabel: String
    /// Said where there is nothing to choose.
    let nothing: String
    let choices: [Choice]
    let next: Cursor?
    let search: String?
    /// The cohort whose students stand here.
    var cohort: Int?

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[DashboardText.previewTitle], text: words[DashboardText.previewText])
        SearchField(address: "/preview", label: searchLabel, value: search ?? "", offersEarlier: false).html(
            words, before: { if let cohort { hiddenField("cohort", String(cohort)) } })
        section(.class("card"), .labelledBy("choices")) {
            div(.class("card-head")) {
                h2(.id("choices")) { bdi { heading } }
                if let cohort {
                    a(.class("button"), .href("/cohorts/\(cohort)/preview")) { words[DashboardText.previewNewcomer] }
                }
            }
            results {
                if choices.isEmpty { empty } else { list }
                visit.pager(next)
            }
        }
    }

    private var empty: HTML {
        p(.class("empty")) {
            "\(nothing) "
            a(.href("/cohorts")) { words[CohortText.title] }
        }
    }

    private var list: HTML {
        ul(.class("rows")) {
            for choice in choices {
                li(.class("row spread")) {
                    div {
                        a(.href(choice.address)) { bdi { choice.name } }
                        fact(choice.fact)
                    }
                }
            }
        }
    }
}
