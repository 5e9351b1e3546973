import Casework

/// Text as somebody wrote it, in which addresses of the web and of mail can be followed. Nothing else of it changes.
func linked(_ text: String) -> HTML {
    guard text.contains("@") || text.contains("://") else { return HTML(text) }
    var html = HTML()
    var rest = text.unicodeScalars[...]
    while !rest.isEmpty {
        let gap = rest.prefix(while: endsAddress)
        html.append(String(gap))
        rest = rest[gap.endIndex...]
        let word = rest.prefix { !endsAddress($0) }
        rest = rest[word.endIndex...]
        guard let link = Link(in: word) else {
            html.append(String(word))
            continue
        }
        html.append(String(word[..<link.text.startIndex]))
        html.append(a(.href(link.address), .rel("noopener noreferrer")) { String(link.text) })
        html.append(String(word[link.text.endIndex...]))
    }
    return html
}

/// White space, and what stands around an address but never in one.
private func endsAddress(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || "<>\"“”„«»".unicodeScalars.contains(scalar)
}

/// An address within a word.
private struct Link {
    /// Where it leads: `http:`, `https:` or `mailto:`.
    let address: String
    /// What was written, without the marks around it.
    let text: Substring.UnicodeScalarView

    /// Nil where the word holds none.
    init?(in word: Substring.UnicodeScalarView) {
        if let page = Self.page(in: word) {
            self = page
        } else if let mailbox = Self.mailbox(in: word) {
            self = mailbox
        } else {
            return nil
        }
    }

    private init(_ address: String, _ text: Substring.UnicodeScalarView) {
        (self.address, self.text) = (address, text)
    }

    /// From `http://` or `https://` to the end of the word.
    private static func page(in word: Substring.UnicodeScalarView) -> Link? {
        for start in word.indices where start == word.startIndex || !isNameScalar(word[word.index(before: start)]) {
            for scheme in ["https://", "http://"] {
                let head = word[start...].prefix(scheme.count)
                guard String(head).lowercased() == scheme else { continue }
                let text = withoutEndMarks(word[start...])
                // the same rule as for booking links: a host, no user name, nothing that hides
                guard let address = try? WebAddress.https("https://" + String(text.dropFirst(scheme.count))) else {
                    return nil
                }
                return Link(scheme + address.dropFirst(8), text)
            }
        }
        return nil
    }

    /// The word itself, but for the marks around it. In a mailbox's name only characters that mean nothing in `mailto:`.
    private static func mailbox(in word: Substring.UnicodeScalarView) -> Link? {
        let text = withoutEndMarks(word.drop { "([{'‘’*_".unicodeScalars.contains($0) })
        guard text.allSatisfy({ isNameScalar($0) || "@.-_+".unicodeScalars.contains($0) }),
            let address = try? EmailAddress(String(text)).text
        else { return nil }
        return Link("mailto:" + address, text)
    }

    /// Without the marks that end a sentence, or a bracket that was opened before.
    private static func withoutEndMarks(_ word: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView {
        var word = word
        // counted once: a description may be a single bracket, twenty thousand times
        var counts: [Unicode.Scalar: Int] = [:]
        for scalar in word { counts[scalar, default: 0] += 1 }
        while let last = word.last {
            if let opening = brackets[last] {
                guard counts[last, default: 0] > counts[opening, default: 0] else { break }
            } else if !".,;:!?'‘’…*_".unicodeScalars.contains(last) {
                break
            }
            word.removeLast()
            counts[last, default: 0] -= 1
        }
        return word
    }

    private static let brackets: [Unicode.Scalar: Unicode.Scalar] = [")": "(", "]": "[", "}": "{"]

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
    }
}
