import TestSupport
import Testing

@testable import Casework

/// Texts with gaps: what is read is filled and written as it was, and what is not known is named.
@Suite struct TemplateTextTests {
    fileprivate static let known = MailKind.reminder.gaps
    private static let values: [TemplateText.Gap: String] = [
        .name: "Ada {name}", .institution: "Northfield", .count: "2", .title: "Meet", .date: "May 1",
    ]

    @Test(arguments: [
        ("Hello {name},", "Hello Ada {name},"), ("{count}{title}", "2Meet"), ("no gap }", "no gap }"),
        ("{{name}}", "{name}}"), ("{{{name}", "{Ada {name}"), ("", ""), ("{institution}\n{date}", "Northfield\nMay 1"),
    ])
    func `gaps are filled, once, and a doubled brace is one`(source: String, filled: String) throws {
        #expect(try TemplateText(parsing: source, known: Self.known).filled(Self.values) == filled)
    }

    @Test(arguments: ["{", "Hello {name", "{na{me}", "{name\n}", "{count} {"])
    func `a brace that is not closed is refused`(source: String) {
        #expect(throws: Refusal(.openBrace)) { try TemplateText(parsing: source, known: Self.known) }
    }

    @Test func `placeholders that are not known are named, each once and not without end`() {
        let known = Refusal.Argument.list(["{name}", "{institution}", "{count}", "{title}", "{date}"])
        #expect(
            throws: Refusal(.unknownPlaceholders, ["names": .list(["{nmae}", "{}", "{student}"]), "known": known])
        ) {
            try TemplateText(parsing: "{nmae} {} {nmae} {name} {student}", known: Self.known)
        }
        let many = (0..<100).map { "{x\($0)}" }.joined()
        #expect(
            throws: Refusal(.unknownPlaceholders, ["names": .list((0..<5).map { "{x\($0)}" }), "known": known])
        ) { try TemplateText(parsing: many, known: Self.known) }
    }
}

@Suite struct TemplateTextFuzzTests {
    @Test func `what is read is written as a text that is read as the same, and filling leaves no gap open`() {
        let pieces = ["{name}", "{title}", "{", "}", "{{", "name", "{ name }", "{NAME}", " ", "\n", "é"]
        #expect(
            Fuzz.faultInText(samples: ["Hello {name},\n{{ {count} }}"], pieces: pieces) { source in
                let text: TemplateText
                do {
                    text = try TemplateText(parsing: source, known: TemplateTextTests.known)
                } catch is Refusal {
                    return true
                }
                guard try TemplateText(parsing: text.source, known: TemplateTextTests.known) == text else {
                    return false
                }
                let filled = text.filled(Dictionary(uniqueKeysWithValues: TemplateText.Gap.allCases.map { ($0, "") }))
                let braces = source.filter { $0 == "{" }.count
                return filled.count { $0 == "{" } <= braces && text.filled([:]).count <= source.count
            } == nil)
    }
}
