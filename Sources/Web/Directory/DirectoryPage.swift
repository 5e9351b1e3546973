import Casework

/// The directory: everybody who works here, with a way to reach them.
struct DirectoryPage {
    let visit: Visit
    let people: Page<DirectoryEntry>
    /// What was looked for; nil for everybody.
    let search: String?

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(words[PersonText.directoryTitle], text: words[PersonText.directoryText])
        SearchField(address: "/directory", label: words[PersonText.find], value: search ?? "").html(words)
        section(.class("card"), .id("results"), .livePolite) {
            if people.items.isEmpty {
                emptyState(words[PersonText.none], level: 2) { p { words[PersonText.noneText] } }
            } else {
                ul(.class("rows")) {
                    for entry in people.items {
                        personRow(Person(name: entry.name, card: entry.card, words: words), words)
                    }
                }
            }
            visit.pager(people.next)
        }
    }
}
