/// A text with gaps, as an admin writes it: `Hello {name},`. Two braces, `{{`, are one that is meant as such.
public struct TemplateText: Sendable, Hashable {
    /// What can stand in a gap.
    public enum Gap: String, Sendable, CaseIterable {
        /// What the person is called to whom the mail goes.
        case name
        /// What the institution is called.
        case institution
        /// How many milestones or requests the mail names.
        case count
        /// The title of the milestone that is due next, or of the one that the first request is about.
        case title
        /// The day on which it is due.
        case date
        /// What the student is called who waits the longest.
        case student
    }

    private enum Part: Sendable, Hashable {
        case text(String)
        case gap(Gap)
    }

    private let parts: [Part]

    /// Reads a text.
    /// - Parameter known: the gaps that it may have.
    /// - Throws: `Refusal` for a gap of another name, and for a brace that is not closed.
    public init(parsing text: String, known: [Gap]) throws(Refusal) {
        var parts: [Part] = []
        var unknown: [String] = []
        var literal = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            literal += rest[..<open]
            rest = rest[rest.index(after: open)...]
            if rest.first == "{" {
                literal += "{"
                rest = rest.dropFirst()
                continue
            }
            guard let end = rest.firstIndex(where: { $0 == "}" || $0 == "{" || $0.isNewline }), rest[end] == "}" else {
                throw Refusal(.openBrace)
            }
            let name = String(rest[..<end])
            rest = rest[rest.index(after: end)...]
            if let gap = Gap(rawValue: name), known.contains(gap) {
                if !literal.isEmpty { parts.append(.text(literal)) }
                literal = ""
                parts.append(.gap(gap))
            } else if !unknown.contains(name), unknown.count < 5 {
                unknown.append(String(name.prefix(50)))
            }
        }
        guard unknown.isEmpty else {
            throw Refusal(
                .unknownPlaceholders,
                ["names": .list(unknown.map { "{\($0)}" }), "known": .list(known.map { "{\($0.rawValue)}" })])
        }
        literal += rest
        if !literal.isEmpty { parts.append(.text(literal)) }
        self.parts = parts
    }

    /// The text with its gaps filled; one without a value stays as it was written.
    public func filled(_ values: [Gap: String]) -> String {
        parts.reduce(into: "") { text, part in
            switch part {
            case .text(let literal): text += literal
            case .gap(let gap): text += values[gap] ?? "{\(gap.rawValue)}"
            }
        }
    }

    /// What it was read from.
    public var source: String {
        parts.reduce(into: "") { text, part in
            switch part {
            case .text(let literal): text += literal.replacing("{", with: "{{")
            case .gap(let gap): text += "{\(gap.rawValue)}"
            }
        }
    }
}

extension FieldRule where Value == String {
    /// A text with gaps that are known.
    static func template(_ length: ClosedRange<Int>, of kind: MailKind, multiline: Bool = false) -> FieldRule {
        let text = FieldRule.text(length, multiline: multiline)
        return FieldRule(placeholder: "") { (given) throws(Refusal) in
            switch try text.value(fromText: [given]) {
            case .value(let checked):
                _ = try TemplateText(parsing: checked, known: kind.gaps)
                return checked
            case .null, .absent: throw Refusal(.empty)
            }
        }
    }
}
