import Casework
import Foundation

extension Catalogue {
    /// What the API and the command line speak.
    static let english = bundled[.english] ?? Catalogue(empty: "en")

    /// The same in each language, for what is written to somebody else than the caller.
    static let bundled = Dictionary(
        uniqueKeysWithValues: Language.allCases.map { ($0, Catalogue(bundled: $0.rawValue)) })

    /// The program's own texts. If their files are missing the keys stand in for them; `PageKit` says so at the start.
    private init(bundled language: String) {
        let directory = Bundle.module.bundleURL.appendingPathComponent("Texts")
        self = (try? Catalogue(language: language, directory: directory)) ?? Catalogue(empty: language)
    }

    /// Why something was refused, in this language: `Texts/refusals` has a sentence for each code.
    func refusal(_ refusal: Refusal) -> String {
        self[refusal.code, gaps(refusal.arguments)]
    }

    /// The same, behind the field it is about: `email must not be empty`.
    func refusal(_ refusal: FieldRefusal) -> String {
        let said = self.refusal(refusal.refusal)
        if refusal.field.isEmpty { return said }
        return said.isPredicate ? "\(refusal.field) \(said)" : "\(refusal.field): \(said)"
    }

    /// What was said of a field, as a sentence of a page: `Due date must be a date such as 2026-12-01.`
    /// - Parameter field: its name; what is a sentence already stays as it is.
    func sentence(_ said: String, about field: String) -> String {
        guard said.isPredicate, !field.isEmpty else { return said }
        return self[ShellText.fieldSays, ["field": label(field), "what": said]]
    }

    /// What keeps something from being removed: `Texts/blockers` has a text for each kind.
    func blocker(_ blocker: Blocker) -> String {
        self[blocker.code, blocker.name.map { ["name": $0] } ?? [:], n: blocker.count]
    }

    /// A conflict as a sentence, and one on what stands in the way.
    func conflict(_ refusal: Refusal, at field: String, _ blockers: [Blocker]) -> String {
        let said = sentence(self.refusal(refusal), about: field)
        if blockers.isEmpty { return said }
        let things = blockers.map(blocker).joined(separator: ", ")
        return "\(said) \(self[ShellText.inTheWay, ["things": things]])"
    }

    private func gaps(_ arguments: [String: Refusal.Argument]) -> [String: String] {
        var filled: [String: String] = [:]
        for (gap, argument) in arguments {
            switch argument {
            case .number(let number): filled[gap] = String(number)
            case .text(let text): filled[gap] = text
            case .date(let date): filled[gap] = self.date(date)
            case .list(let names): filled[gap] = names.joined(separator: ", ")
            case .setupSteps(let steps):
                filled[gap] = steps.map { step in SetupText(rawValue: step).map { self[$0] } ?? step }
                    .joined(separator: ", ")
            case .term: break
            }
        }
        // a word may have gaps too, of the same sentence
        for case (let gap, .term(let term)) in arguments { filled[gap] = self[term, filled] }
        return filled
    }
}

extension String {
    /// Whether it goes on behind a subject, which stands elsewhere: sentences begin with a capital, a number or a quote.
    var isPredicate: Bool { first?.isLowercase == true }
}

extension Refusal.Code: TextKey {
    static let feature = "refusals"
}

extension Refusal.Term: TextKey {
    static let feature = "terms"
}

extension Blocker.Code: TextKey {
    static let feature = "blockers"
}
