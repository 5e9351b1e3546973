import Dates
import FoundationEssentials
import Postgres

/// What a field's value must be: how to read it from JSON and from typed text, and what stands in for a bad one.
public struct FieldRule<Value> {
    /// Stands in for a value with a problem.
    let placeholder: Value
    /// What a form means by not sending the field: a checkbox that is not ticked.
    var unchecked: (@Sendable () throws(Refusal) -> Value)?
    /// Takes all values of the name.
    var isSet = false
    /// Blank text is a value, not the lack of one.
    var keepsBlank = false
    /// Blank JSON text means none too, since the value could not be blank.
    var blankIsNull = false
    private let fromJSON: (JSONValue) throws(Refusal) -> Value
    private let fromText: ([String]) throws(Refusal) -> Value

    init(
        placeholder: Value, json: @escaping (JSONValue) throws(Refusal) -> Value,
        text: @escaping ([String]) throws(Refusal) -> Value
    ) {
        self.placeholder = placeholder
        fromJSON = json
        fromText = text
    }

    /// A rule for a value that JSON too carries as a string.
    public init(placeholder: Value, _ read: @escaping (String) throws(Refusal) -> Value) {
        self.init(
            placeholder: placeholder,
            json: { (value) throws(Refusal) in
                guard case .string(let text) = value else { throw Refusal(.notAString) }
                return try read(text)
            },
            text: { (texts) throws(Refusal) in try read(texts.first ?? "") })
    }

    func value(from json: JSONValue) throws(Refusal) -> Patch<Value> {
        if blankIsNull, case .string(let text) = json, text.trimmed.isEmpty { return .null }
        return .value(try fromJSON(json))
    }

    func value(fromText texts: [String]) throws(Refusal) -> Patch<Value> { .value(try fromText(texts)) }
}

extension FieldRule where Value == String {
    /// Text by `Text.clean`; the length is in code points. Blank text counts as null, unless the length may be zero.
    /// In forms, the line ends CR LF that browsers send become LF.
    public static func text(_ length: ClosedRange<Int>, multiline: Bool = false) -> FieldRule {
        let clean: (String) throws(Refusal) -> String = { (raw) throws(Refusal) in
            try Text.clean(raw, length: length, multiline: multiline)
        }
        var rule = FieldRule(
            placeholder: "",
            json: { (value) throws(Refusal) in
                guard case .string(let text) = value else { throw Refusal(.notAString) }
                return try clean(text)
            },
            text: { (texts) throws(Refusal) in try clean((texts.first ?? "").withoutCarriageReturns) })
        rule.blankIsNull = length.lowerBound > 0
        return rule
    }

    /// Text exactly as it was sent, of at most that many bytes: passwords and secrets.
    public static func verbatim(maxBytes: Int = 1024) -> FieldRule {
        var rule = FieldRule(placeholder: "") { (text) throws(Refusal) in
            guard text.utf8.count <= maxBytes else { throw .beyond(.tooManyBytes, most: maxBytes) }
            guard !text.utf8.contains(0) else { throw Refusal(.nulCharacter) }
            return text
        }
        rule.keepsBlank = true
        return rule
    }

    /// An absolute `https` URL.
    public static var httpsURL: FieldRule {
        var rule = FieldRule(placeholder: "", WebAddress.https)
        rule.blankIsNull = true
        return rule
    }
}

extension FieldRule where Value == Int {
    /// A whole number within the range.
    public static func int(_ range: ClosedRange<Int>) -> FieldRule {
        let refusal = Refusal.outOfRange(range)
        let check: (Int?) throws(Refusal) -> Int = { (value) throws(Refusal) in
            guard let value, range.contains(value) else { throw refusal }
            return value
        }
        return FieldRule(
            placeholder: range.lowerBound,
            json: { (value) throws(Refusal) in try check(value.integer) },
            text: { (texts) throws(Refusal) in try check(Int(typed: texts.first ?? "")) })
    }

    /// One of these whole numbers.
    public static func int(of allowed: [Int]) -> FieldRule {
        let check: (Int?) throws(Refusal) -> Int = { (value) throws(Refusal) in
            guard let value, allowed.contains(value) else {
                throw Refusal(.notAChoice, ["choices": .list(allowed.map(String.init))])
            }
            return value
        }
        return FieldRule(
            placeholder: allowed.first ?? 0,
            json: { (value) throws(Refusal) in try check(value.integer) },
            text: { (texts) throws(Refusal) in try check(Int(typed: texts.first ?? "")) })
    }

    /// The id of an object: a positive `int` of PostgreSQL, of 32 bits.
    public static var id: FieldRule { .int(1...Int(Int32.max)) }
}

extension FieldRule where Value == Bool {
    /// True or false; in a form, a checkbox.
    public static var bool: FieldRule {
        var rule = FieldRule(
            placeholder: false,
            json: { (value) throws(Refusal) in
                guard case .bool(let flag) = value else { throw Refusal(.notABoolean) }
                return flag
            },
            text: { (texts) throws(Refusal) in
                switch texts.first?.trimmed.lowercased() {
                case "true", "on", "1": return true
                case "false", "off", "0": return false
                default: throw Refusal(.notABoolean)
                }
            })
        rule.unchecked = { false }
        return rule
    }
}

extension FieldRule where Value == EmailAddress {
    /// An e-mail address.
    public static var email: FieldRule {
        FieldRule(placeholder: .placeholder) { (text) throws(Refusal) in try EmailAddress(text) }
    }
}

extension FieldRule where Value == CalendarDate {
    /// A day, as `2026-12-01`.
    public static var date: FieldRule {
        FieldRule(placeholder: CalendarDate(daysSince1970: 0)!) { (text) throws(Refusal) in
            guard let date = CalendarDate(text.trimmed) else { throw Refusal(.notADate) }
            return date
        }
    }
}

extension FieldRule where Value == Date {
    /// An instant in RFC 3339 with an offset.
    public static var instant: FieldRule {
        FieldRule(placeholder: Date(timeIntervalSince1970: 0)) { (text) throws(Refusal) in
            guard let date = Instant.date(parsing: text.trimmed) else {
                throw Refusal(.notAnInstant)
            }
            return date
        }
    }
}

extension FieldRule where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the names of an enumeration.
    public static func choice(_: Value.Type = Value.self) -> FieldRule {
        FieldRule(placeholder: Value.allCases[Value.allCases.startIndex]) { (text) throws(Refusal) in
            if let value = Value(rawValue: text.trimmed) { return value }
            throw Refusal(.notAChoice, ["choices": .list(Value.allCases.map(\.rawValue))])
        }
    }
}

extension FieldRule {
    /// A set of whole numbers out of `allowed`, sorted; naming one twice does no harm.
    public static func ints(from allowed: [Int]) -> FieldRule where Value == [Int] {
        let refusal = Refusal(.notChoices, ["choices": .list(allowed.map(String.init))])
        return .set(refusal, read: { $0.integer }, typed: { Int(typed: $0) }) { (values) throws(Refusal) in
            guard values.allSatisfy(allowed.contains) else { throw refusal }
            return Set(values).sorted()
        }
    }

    /// Whole numbers within the range, in the order in which they stand.
    /// - Parameter none: what is said of an empty list; nil: it may be empty.
    public static func list(
        of range: ClosedRange<Int>, atMost most: Int = 10_000, none: Refusal.Code? = nil
    ) -> FieldRule where Value == [Int] {
        let refusal = Refusal(
            .numbersOutOfRange, ["least": .number(range.lowerBound), "most": .number(range.upperBound)])
        return .set(refusal, read: { $0.integer }, typed: { Int(typed: $0) }) { (values) throws(Refusal) in
            guard values.count <= most else { throw .beyond(.tooManyNumbers, most: most) }
            guard values.allSatisfy(range.contains) else { throw refusal }
            if values.isEmpty, let none { throw Refusal(none) }
            return values
        }
    }

    /// Texts of such a length, in the order in which they stand.
    public static func texts(atMost most: Int, _ length: ClosedRange<Int>) -> FieldRule where Value == [String] {
        let refusal = Refusal(.notAString)
        return .set(refusal, read: { $0.text }, typed: { $0 }) { (values) throws(Refusal) in
            guard values.count <= most else { throw .beyond(.tooManyChosen, most: most) }
            var texts: [String] = []
            for value in values { texts.append(try Text.clean(value, length: length, multiline: false)) }
            return texts
        }
    }

    /// Objects, in the order in which they stand; JSON alone has such.
    static func objects(atMost most: Int) -> FieldRule where Value == [JSONObject] {
        let refusal = Refusal(.notObjects)
        return FieldRule(
            placeholder: [],
            json: { (value) throws(Refusal) in
                guard case .array(let values) = value else { throw refusal }
                guard values.count <= most else { throw .beyond(.tooManyObjects, most: most) }
                let objects = values.compactMap { if case .object(let object) = $0 { object } else { nil } }
                guard objects.count == values.count else { throw refusal }
                return objects
            },
            text: { (_) throws(Refusal) in throw refusal })
    }

    /// A set of names of an enumeration, in its order.
    public static func choices<Choice>(_: Choice.Type = Choice.self, atLeast minimum: Int = 0) -> FieldRule
    where Value == [Choice], Choice: RawRepresentable & CaseIterable & Hashable, Choice.RawValue == String {
        let choices = Refusal.Argument.list(Choice.allCases.map(\.rawValue))
        let refusal =
            minimum > 0
            ? Refusal(.tooFewChoices, ["least": .number(minimum), "choices": choices])
            : Refusal(.notChoices, ["choices": choices])
        return .set(refusal, read: { $0.text.flatMap(Choice.init) }, typed: Choice.init) { (values) throws(Refusal) in
            let chosen = Choice.allCases.filter(Set(values).contains)
            guard chosen.count >= minimum else { throw refusal }
            return chosen
        }
    }

    private static func set<Element>(
        _ refusal: Refusal, read: @escaping (JSONValue) -> Element?, typed: @escaping (String) -> Element?,
        check: @escaping @Sendable ([Element]) throws(Refusal) -> Value
    ) -> FieldRule where Value == [Element] {
        var rule = FieldRule(
            placeholder: [],
            json: { (value) throws(Refusal) in
                guard case .array(let values) = value else { throw refusal }
                return try check(try collect(values.map(read), refusal))
            },
            text: { (texts) throws(Refusal) in try check(try collect(texts.map { typed($0.trimmed) }, refusal)) })
        rule.isSet = true
        rule.unchecked = { () throws(Refusal) in try check([]) }
        return rule
    }

    private static func collect<Element>(_ values: [Element?], _ refusal: Refusal) throws(Refusal) -> [Element] {
        let found = values.compactMap { $0 }
        guard found.count == values.count else { throw refusal }
        return found
    }
}

extension JSONValue {
    fileprivate var integer: Int? {
        if case .number(let number) = self { return number.integer }
        return nil
    }

    fileprivate var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }
}

extension Int {
    /// ASCII digits with an optional minus, trimmed; `+5` and `٥` are not what anybody types on purpose.
    fileprivate init?(typed text: String) {
        let text = text.trimmed
        guard text.utf8.first != UInt8(ascii: "+") else { return nil }
        self.init(text)
    }
}

extension String {
    fileprivate var withoutCarriageReturns: String {
        guard utf8.contains(UInt8(ascii: "\r")) else { return self }
        var result = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in unicodeScalars {
            if scalar == "\n", previous == "\r" { result.removeLast() }
            result.append(scalar)
            previous = scalar
        }
        return String(result)
    }
}
