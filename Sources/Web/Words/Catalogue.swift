import Dates
import Casework
import Foundation

/// All text of the pages in one language, and how dates and numbers are written in it.
///
/// Text stands in `Texts/<feature>/text.<language>.json`: `{"title": "Cohorts", "count": {"one": "{n} student",
/// "other": "{n} students"}}`; code asks for it by its key: `words[CohortText.title]`.
struct Catalogue: Sendable {
    /// BCP 47 language tag.
    let language: String
    /// By feature and name.
    private let texts: [String: [String: Wording]]
    private let locale: Locale

    /// Languages there are catalogues for; the first is the default.
    static let languages = Language.allCases.map(\.rawValue)

    /// What a language is called in that language: `Español`.
    static func name(of language: String) -> String {
        Locale(identifier: language).localizedString(forLanguageCode: language)?.localizedCapitalized ?? language
    }

    /// What a key says; where it counts something, in the singular too; where it can name what it is about, with its name.
    struct Wording {
        let one: String?
        let other: String
        let about: String?

        fileprivate init?(_ value: JSONValue) {
            switch value {
            case .string(let text): (one, other, about) = (nil, text, nil)
            case .object(let forms):
                guard case .string(let other)? = forms["other"] else { return nil }
                self.other = other
                if case .string(let one)? = forms["one"] { self.one = one } else { one = nil }
                if case .string(let about)? = forms["about"] { self.about = about } else { about = nil }
            default: return nil
            }
        }
    }

    struct Incomplete: Error, CustomStringConvertible {
        let description: String
    }

    /// Reads every feature's text of a language.
    init(language: String, directory: URL) throws {
        self.language = language
        locale = Locale(identifier: language == "en" ? "en_US" : language)
        var texts: [String: [String: Wording]] = [:]
        for feature in try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() {
            let file = directory.appendingPathComponent("\(feature)/text.\(language).json")
            guard let data = FileManager.default.contents(atPath: file.path) else { continue }
            guard case .object(let object) = try JSONValue(parsing: Array(data)) else {
                throw Incomplete(description: "\(feature)/text.\(language).json is not an object")
            }
            for entry in object {
                guard let wording = Wording(entry.value) else {
                    throw Incomplete(description: "\(feature)/text.\(language).json: \(entry.name) is no text")
                }
                texts[feature, default: [:]][entry.name] = wording
            }
        }
        self.texts = texts
    }

    /// Has no text: every key stands for itself.
    init(empty language: String) {
        self.language = language
        texts = [:]
        locale = Locale(identifier: language)
    }

    /// Every key, `<feature>.<name>`.
    var keys: Set<String> { Set(texts.flatMap { feature, texts in texts.keys.map { "\(feature).\($0)" } }) }

    /// What a key says, with its `{names}`; nil where it has no text.
    func wording<Key: TextKey>(of key: Key) -> Wording? { texts[Key.feature]?[key.rawValue] }

    /// The text of a key with its `{names}` filled in; `n` chooses between singular and plural.
    subscript<Key: TextKey>(key: Key, values: [String: String] = [:], n n: Int? = nil) -> String {
        guard let wording = wording(of: key) else { return "\(Key.feature).\(key.rawValue)" }
        let text = n == 1 ? wording.one ?? wording.other : wording.other
        guard n != nil || !values.isEmpty else { return text }
        return Self.fill(text) { name in name == "n" ? n.map(number) ?? values["n"] : values[name] }
    }

    /// The text of a key with markup in its `{names}`.
    func html(_ key: some TextKey, _ values: [String: HTML]) -> HTML {
        let text = self[key]
        var html = HTML()
        var rest = text[...]
        while let gap = rest.firstMatch(of: /\{(\w+)\}/) {
            html.append(HTML(String(rest[..<gap.range.lowerBound])))
            html.append(values[String(gap.output.1)] ?? HTML(String(gap.output.0)))
            rest = rest[gap.range.upperBound...]
        }
        html.append(HTML(String(rest)))
        return html
    }

    /// The form of a text that names what it is about, where it is about one thing of a name and has such a form.
    subscript<Key: TextKey>(key: Key, n n: Int, about subject: String?) -> String {
        guard n == 1, let subject, let text = texts[Key.feature]?[key.rawValue]?.about else { return self[key, n: n] }
        return Self.fill(text) { $0 == "about" ? subject : nil }
    }

    /// The text with each `{name}` that has a value replaced by it.
    private static func fill(_ text: String, _ value: (String) -> String?) -> String {
        var filled = ""
        var rest = text.utf8[...]
        while let open = rest.firstIndex(of: UInt8(ascii: "{")),
            let end = rest[open...].firstIndex(of: UInt8(ascii: "}"))
        {
            let name = String(decoding: rest[rest.index(after: open)..<end], as: UTF8.self)
            filled += String(decoding: rest[..<open], as: UTF8.self)
            filled += value(name) ?? "{\(name)}"
            rest = rest[rest.index(after: end)...]
        }
        return filled + String(decoding: rest, as: UTF8.self)
    }

    /// What a form's field is called; its own name where nobody said.
    func label(_ field: String) -> String {
        let name = String(field.prefix { $0 != "-" })  // `comment-3-7` is a comment
        return FieldText(rawValue: name).map { self[$0] } ?? field
    }

    /// 12,345 as the language writes it.
    func number(_ value: Int) -> String {
        (0..<1_000).contains(value) ? String(value) : value.formatted(.number.locale(locale))
    }

    /// 66.7 as the language writes it, with one digit after the point where it has any.
    func decimal(_ value: Double) -> String {
        value.formatted(.number.precision(.fractionLength(0...1)).locale(locale))
    }

    /// `December 1, 2026`.
    func date(_ date: CalendarDate) -> String {
        Date(timeIntervalSince1970: Double(date.daysSince1970) * 86_400)
            .formatted(style.day().month(.wide).year())
    }

    /// `Dec 1`, with the year where it is not this one.
    func shortDate(_ date: CalendarDate, today: CalendarDate) -> String {
        let moment = Date(timeIntervalSince1970: Double(date.daysSince1970) * 86_400)
        let style = self.style.day().month(.abbreviated)
        return moment.formatted(date.year == today.year ? style : style.year())
    }

    /// `in 4 days`, `today`, `3 days ago`.
    func relative(_ date: CalendarDate, today: CalendarDate) -> String {
        let days = date.daysSince1970 - today.daysSince1970
        switch days {
        case 0: return self[ShellText.today]
        case 1: return self[ShellText.tomorrow]
        case -1: return self[ShellText.yesterday]
        case 2...: return self[ShellText.inDays, n: days]
        default: return self[ShellText.daysAgo, n: -days]
        }
    }

    /// An instant in a zone: `Dec 1, 2026 at 3:04 PM`.
    func instant(_ instant: Date, zone: String) -> String {
        var style = Date.FormatStyle(date: .abbreviated, time: .shortened, locale: locale)
        style.timeZone = TimeZone(identifier: zone) ?? .gmt
        return instant.formatted(style)
    }

    private var style: Date.FormatStyle {
        var style = Date.FormatStyle(locale: locale)
        style.timeZone = .gmt
        return style
    }
}

extension Catalogue {
    /// `412 KB`: bytes in decimal units, one digit below ten.
    func size(_ bytes: Int) -> String {
        var value = Double(bytes)
        for unit in ["B", "KB", "MB"] {
            if value < 1_000 || unit == "MB" {
                let digits = unit != "B" && value < 10 ? 1 : 0
                return "\(value.formatted(.number.precision(.fractionLength(digits)))) \(unit)"
            }
            value /= 1_000
        }
        return "\(bytes) B"
    }
}
