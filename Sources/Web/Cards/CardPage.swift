import Casework

/// A card: how it looks in the directory, and the form that changes it.
struct CardPage {
    let visit: Visit
    let card: Card
    /// Of the card.
    let version: Version
    /// Whose it is.
    let name: String
    let heading: String
    /// Of the page and of its form.
    let address: String
    /// The address of the account, offered to who writes the card first; nil where the viewer does not know it.
    let accountEmail: String?
    /// The list the page was reached from; nil for one's own card.
    let origin: Crumb?

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        pageHead(
            heading, text: words[CardText.intro],
            crumbs: origin.map { breadcrumbs(words, [$0]) } ?? HTML()
        ) {
            tag(
                card.isPublished
                    ? Tag(text: words[CardText.isPublished], tone: .ok)
                    : Tag(text: words[CardText.isHidden], tone: .warn))
        }
        Web.card("preview", words[CardText.preview]) {
            ul(.class("rows")) { personRow(Person(name: name, card: card, words: words), words) }
        }
        Web.card("edit", words[CardText.edit]) {
            visit.postForm(.class("form"), .data("keep"), to: address, version: version) {
                fields
                actions { submitButton(words[ShellText.save], .primary) }
            }
        }
    }

    @HTMLBuilder private var fields: HTML {
        line("title", .role, hint: .roleHint, card.title, limit: 200)
        line("office", .office, card.office, limit: 200)
        line("email", .email, hint: .emailHint, type: "email", card.email ?? offered, limit: 254)
        line("phone", .phone, type: "tel", card.phone, limit: 100)
        line("location", .location, card.location, limit: 200)
        text("hours", .hours, card.hours, limit: 1_000)
        line("bookingURL", .booking, hint: .bookingHint, type: "url", card.bookingURL, limit: 2_000)
        text("biography", .biography, card.biography, limit: 10_000)
        visit.field(
            Input(
                name: "published", label: words[CardText.publish], hint: words[CardText.publishHint], kind: .check,
                value: card.isPublished ? "true" : "false"))
    }

    /// What stands in the field for mail at first, until the card tells some way to reach its person.
    private var offered: String? {
        visit.form.fields.isEmpty && !card.isReachable ? accountEmail : nil
    }

    private func line(
        _ name: String, _ label: CardText, hint: CardText? = nil, type: String = "text", _ value: String?, limit: Int
    ) -> HTML {
        visit.field(
            Input(
                name: name, label: words[label], hint: hint.map { words[$0] }, kind: .line(type: type), value: value,
                limit: limit))
    }

    private func text(_ name: String, _ label: CardText, _ value: String?, limit: Int) -> HTML {
        visit.field(Input(name: name, label: words[label], kind: .text, value: value, limit: limit))
    }
}
