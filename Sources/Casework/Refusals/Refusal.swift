import Dates

/// Why something was refused: a code, and what a sentence about it has to tell. The sentences stand in catalogues.
public struct Refusal: Error, Hashable, Sendable {
    /// What fills a gap of the sentence.
    public enum Argument: Hashable, Sendable {
        /// A limit, a line, how many there are.
        case number(Int)
        /// What somebody else wrote, or a name of the API: the same in every language.
        case text(String)
        /// A day.
        case date(CalendarDate)
        /// Names of the API.
        case list([String])
        /// A word that has its own text in each language.
        case term(Term)
        /// Steps of the set-up checklist, by their keys.
        case setupSteps([String])
    }

    /// What kind of refusal it is. Programs may rely on it.
    public let code: Code
    /// By the name of the gap in the sentence.
    public let arguments: [String: Argument]

    /// - Parameter arguments: one for each gap that the code's sentence has.
    public init(_ code: Code, _ arguments: [String: Argument] = [:]) {
        self.code = code
        self.arguments = arguments
    }
}

extension Refusal {
    /// A number outside of what is allowed, or no number at all.
    static func outOfRange(_ range: ClosedRange<Int>) -> Refusal {
        range.upperBound == .max
            ? Refusal(.belowLeast, ["least": .number(range.lowerBound)])
            : Refusal(.outOfRange, ["least": .number(range.lowerBound), "most": .number(range.upperBound)])
    }

    /// A text of so many characters, where fewer are allowed.
    static func tooLong(_ length: Int, most: Int) -> Refusal {
        Refusal(.tooLong, ["length": .number(length), "most": .number(most)])
    }

    /// A text of fewer characters than it needs.
    static func tooShort(least: Int) -> Refusal { Refusal(.tooShort, ["least": .number(least)]) }

    /// A text, file or body beyond that many bytes, rows or pieces.
    public static func beyond(_ code: Code, most: Int) -> Refusal { Refusal(code, ["most": .number(most)]) }
}

/// Something wrong with one named field.
public struct FieldRefusal: Error, Hashable, Sendable {
    /// The name as the caller sent it; of a name longer than any of ours, the beginning. Empty for what concerns the whole.
    public let field: String
    /// What is wrong with it; never the value itself.
    public let refusal: Refusal

    /// What is wrong with the field of that name.
    public init(_ field: String, _ refusal: Refusal) {
        self.field = field.utf8.count > 100 ? String(field.unicodeScalars.prefix(100)) : field
        self.refusal = refusal
    }

    /// A refusal that has nothing to tell but its code.
    public init(_ field: String, _ code: Refusal.Code) { self.init(field, Refusal(code)) }
}
