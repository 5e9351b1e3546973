/// Reads typed values from a JSON object, an HTML form or a query string, and collects every problem on the way, so
/// that one answer names them all.
///
///     let draft = try Fields.read(object) { fields in
///         Draft(
///             name: fields.required("name", .text(1...200)),
///             goal: fields.optional("goal", .text(1...2000, multiline: true)))
///     }
///
/// A field with a problem yields a harmless stand-in; `read` throws before anybody can use it.
public struct Fields {
    private enum Source { case json, form, query }

    private let source: Source
    private let values: JSONObject
    private var known: Set<String> = []
    /// What is wrong so far, in the order in which the fields were read, up to the number that one answer tells.
    public private(set) var problems: [FieldRefusal] = []

    /// More than anybody mends at once.
    private static let mostProblems = 50

    private init(_ source: Source, _ values: JSONObject) {
        self.source = source
        self.values = values
    }

    /// Reads a JSON object; members that `body` did not ask for are problems. Throws `CaseworkError.invalid`.
    public static func read<Value>(_ object: JSONObject, _ body: (inout Fields) throws -> Value) throws -> Value {
        try read(Fields(.json, object), body)
    }

    /// Parses a JSON body and reads it; throws `.malformed` too.
    public static func read<Value>(json: [UInt8], _ body: (inout Fields) throws -> Value) throws -> Value {
        try read(JSONObject(parsing: json), body)
    }

    /// Reads a submitted form, where every value is text, blank means none, an absent checkbox is false and an absent
    /// set empty. Fields that `body` did not ask for are problems.
    public static func read<Value>(
        form: [String: [String]], _ body: (inout Fields) throws -> Value
    ) throws -> Value {
        try read(Fields(.form, object(form)), body)
    }

    /// Reads a form of single values.
    public static func read<Value>(form: [String: String], _ body: (inout Fields) throws -> Value) throws -> Value {
        try read(form: form.mapValues { [$0] }, body)
    }

    /// Reads the parameters of a URL: as a form, but parameters nobody asked for are ignored.
    public static func read<Value>(
        query: [String: [String]], _ body: (inout Fields) throws -> Value
    ) throws -> Value {
        try read(Fields(.query, object(query)), body)
    }

    private static func object(_ form: [String: [String]]) -> JSONObject {
        var object = JSONObject()
        for (name, values) in form.sorted(by: { $0.key < $1.key }) where !values.isEmpty {
            object.insert(values.count == 1 ? .string(values[0]) : .array(values.map(JSONValue.string)), for: name)
        }
        return object
    }

    private static func read<Value>(_ fields: Fields, _ body: (inout Fields) throws -> Value) throws -> Value {
        var fields = fields
        let value = try body(&fields)
        if fields.source != .query {
            for member in fields.values where !fields.known.contains(member.name) {
                fields.refuse(member.name, .unknownField)
                if fields.problems.count == mostProblems { break }
            }
        }
        if !fields.problems.isEmpty { throw CaseworkError.invalid(fields.problems) }
        return value
    }

    // MARK: Reading

    /// A value that must be there.
    public mutating func required<Value>(_ name: String, _ rule: FieldRule<Value>) -> Value {
        switch read(name, rule) {
        case .value(let value): return value
        case .null: refuse(name, isText ? .empty : .null)
        case .absent: refuse(name, .required)
        case nil: break
        }
        return rule.placeholder
    }

    /// A value that may be missing or null, both nil.
    public mutating func optional<Value>(_ name: String, _ rule: FieldRule<Value>) -> Value? {
        read(name, rule)?.value
    }

    /// A value with a default where it is missing; null is refused.
    public mutating func value<Value>(_ name: String, _ rule: FieldRule<Value>, default fallback: Value) -> Value {
        patch(name, rule) ?? fallback
    }

    /// The change of a field that always has a value: nil leaves it, null is refused. Goes into SQL as
    /// `coalesce(\(name), name)`.
    public mutating func patch<Value>(_ name: String, _ rule: FieldRule<Value>) -> Value? {
        switch read(name, rule) {
        case .value(let value): return value
        case .null: refuse(name, isText ? .empty : .null)
        case .absent, nil: break
        }
        return nil
    }

    /// The change of a field that may be empty.
    public mutating func patchOptional<Value>(_ name: String, _ rule: FieldRule<Value>) -> Patch<Value> {
        read(name, rule) ?? .absent
    }

    /// The objects of a list, each read by `body`; what is wrong with one is told of `columns[0].heading`.
    public mutating func objects<Value>(
        _ name: String, atMost most: Int, _ body: (inout Fields) throws -> Value
    ) throws -> [Value] {
        var values: [Value] = []
        for (index, object) in required(name, .objects(atMost: most)).enumerated() {
            do {
                values.append(try Self.read(object, body))
            } catch CaseworkError.invalid(let problems) {
                for problem in problems { refuse("\(name)[\(index)].\(problem.field)", problem.refusal) }
            }
        }
        return values
    }

    /// Whether the field was sent at all.
    public func has(_ name: String) -> Bool { values[name] != nil }

    /// Records a problem that only several fields together show.
    public mutating func refuse(_ name: String, _ code: Refusal.Code) { refuse(name, Refusal(code)) }

    /// The same, where the sentence has something to tell.
    public mutating func refuse(_ name: String, _ refusal: Refusal) {
        known.insert(name)
        guard problems.count < Self.mostProblems else { return }
        problems.append(FieldRefusal(name, refusal))
    }

    private var isText: Bool { source != .json }

    /// Nil where a problem was recorded.
    private mutating func read<Value>(_ name: String, _ rule: FieldRule<Value>) -> Patch<Value>? {
        known.insert(name)
        do {
            guard let given = values[name] else {
                if source == .form, let unchecked = rule.unchecked { return .value(try unchecked()) }
                return .absent
            }
            return try isText ? text(given, rule) : json(given, rule)
        } catch {
            refuse(name, error)
            return nil
        }
    }

    private func json<Value>(_ given: JSONValue, _ rule: FieldRule<Value>) throws(Refusal) -> Patch<Value> {
        if case .null = given { return .null }
        return try rule.value(from: given)
    }

    private func text<Value>(_ given: JSONValue, _ rule: FieldRule<Value>) throws(Refusal) -> Patch<Value> {
        var texts: [String] = []
        switch given {
        case .string(let text): texts = [text]
        case .array(let values): for case .string(let text) in values { texts.append(text) }
        default: break
        }
        if rule.isSet { return try rule.value(fromText: texts) }
        guard texts.count == 1 else { throw Refusal(.repeated) }
        if !rule.keepsBlank, texts[0].trimmed.isEmpty { return .null }
        return try rule.value(fromText: texts)
    }
}
