import Casework

/// Somebody who can help: name, facts, the ways to get in touch, and a button for the best of them.
struct Person {
    /// A way to get in touch.
    struct Contact {
        let address: String
        let label: String
        /// Whether it leads to somebody else's site.
        var isOutside = false
    }

    let name: String
    /// Whether it is the student's personal contact.
    var isContact = false
    /// By which groups; nil where one is not among theirs.
    var groups: String?
    /// Office, hours and the like, in one line; nil where nothing is known.
    var facts: String?
    var biography: String?
    /// The best way.
    var contact: Contact?
    /// Telephone and mail, as they are written.
    var lines: [Contact] = []
}

extension Person {
    /// Somebody with their card. The best way is a booking link, before an e-mail address, before a telephone number.
    init(name: String, card: Card?, words: Catalogue) {
        self.init(name: name)
        guard let card else { return }
        facts = Self.line([card.title, card.office, card.location, card.hours])
        biography = card.biography
        if let phone = card.phone {
            let number = phone.filter { $0.isNumber || $0 == "+" }
            if !number.isEmpty {
                contact = Contact(address: "tel:\(number)", label: words[PersonText.call])
                lines.append(Contact(address: "tel:\(number)", label: phone))
            }
        }
        if let email = card.email {
            contact = Contact(address: email.mailAddress, label: words[PersonText.mail])
            lines.append(Contact(address: email.mailAddress, label: email))
        }
        if let booking = card.bookingURL, booking.hasPrefix("https://") {
            contact = Contact(address: booking, label: words[PersonText.book], isOutside: true)
        }
    }

    /// What is known of some facts, in one line; nil where nothing is.
    static func line(_ facts: [String?]) -> String? {
        let known = facts.compactMap(\.self)
        return known.isEmpty ? nil : known.joined(separator: " · ")
    }
}

/// Somebody as a row of `ul(.class("rows"))`.
func personRow(_ person: Person, _ words: Catalogue) -> HTML {
    li(.class("person")) {
        avatar(of: person.name)
        div {
            b { bdi { person.name } }
            if person.isContact {
                " "
                tag(Tag(text: words[PersonText.contact], tone: .info))
            }
            if let groups = person.groups { fact(groups) }
            if let facts = person.facts { fact(facts) }
            if !person.lines.isEmpty {
                span(.class("fact")) {
                    for (place, line) in person.lines.enumerated() {
                        if place > 0 { " · " }
                        a(.href(line.address)) { bdi { line.label } }
                    }
                }
            }
            if let biography = person.biography {
                details {
                    summary { words[PersonText.about] }
                    p(.class("prose")) { biography }
                }
            }
        }
        if let contact = person.contact {
            a(.class("button"), .href(contact.address), .if(contact.isOutside, .rel("noopener noreferrer"))) {
                contact.label
                visuallyHidden(": \(person.name)")
            }
        }
    }
}

/// The people of a support network, each once: first personal contacts and somebody of each of some groups, then the others, folded.
@HTMLBuilder func supportPeople(_ network: SupportNetwork, _ words: Catalogue) -> HTML {
    let people = network.people
    let first = network.first(3)
    ul(.class("rows")) { for person in people where first.contains(person.id) { supportRow(person, words) } }
    if people.count > first.count {
        details(.class("fold")) {
            summary { words[PersonText.everybody, n: people.count] }
            ul(.class("rows")) { for person in people where !first.contains(person.id) { supportRow(person, words) } }
        }
    }
}

private func supportRow(_ supporter: SupportNetwork.Supporter, _ words: Catalogue) -> HTML {
    var person = Person(name: supporter.name, card: supporter.card, words: words)
    person.isContact = supporter.isContact
    person.groups = supporter.groups.joined(separator: ", ")
    return personRow(person, words)
}

/// The initials in a circle; screen readers pass it over.
func avatar(of name: String) -> HTML {
    span(.class("avatar"), .ariaHidden) { name.initials }
}

extension String {
    /// `AO` for Amara Osei: the first letters of the first and last word.
    var initials: String {
        let words = split(separator: " ")
        return String([words.first, words.count > 1 ? words.last : nil].compactMap { $0?.first }).uppercased()
    }
}
