import Casework
import Foundation

extension Catalogue {
    /// What the API and the command line speak.
    static let english = Catalogue(bundled: "en")

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
        return refusal.field.isEmpty ? said : "\(refusal.field) \(said)"
    }

    /// What keeps something from being removed: `Texts/blockers` has a text for each kind.
    func blocker(_ blocker: Blocker) -> String {
        self[blocker.code, blocker.name.map { ["name": $0] } ?? [:], n: blocker.count]
    }

    private func gaps(_ arguments: [String: Refusal.Argument]) -> [String: String] {
        var filled: [String: String] = [:]
        for (gap, argument) in arguments {
            switch argument {
            case .number(let number): filled[gap] = String(number)
            case .text(let text): filled[gap] = text
            case .list(let names): filled[gap] = names.joined(separator: ", ")
            case .setupStep(let step): filled[gap] = "\(SetupText(rawValue: step).map { self[$0] } ?? step) (\(step))"
            case .term: break
            }
        }
        // a word may have gaps too, of the same sentence
        for case (let gap, .term(let term)) in arguments { filled[gap] = self[term, filled] }
        return filled
    }
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
