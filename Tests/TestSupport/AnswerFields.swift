import Casework

extension TestClient.Answer {
    /// What stands at a path of names and positions: `answer["account", "email"]`, `answer["items", 0, "id"]`; nil where
    /// there is nothing, or no JSON.
    public subscript(_ path: any AnswerStep...) -> JSONValue? {
        var value = try? json()
        for step in path { value = value.flatMap(step.taken) }
        return value
    }

    /// The text at a path.
    public func text(_ path: any AnswerStep...) -> String? {
        var value = try? json()
        for step in path { value = value.flatMap(step.taken) }
        guard case .string(let text)? = value else { return nil }
        return text
    }

    /// The whole number at a path.
    public func number(_ path: any AnswerStep...) -> Int? {
        var value = try? json()
        for step in path { value = value.flatMap(step.taken) }
        guard case .number(let number)? = value else { return nil }
        return number.integer
    }

    /// What the items of a page have under a name.
    public func items(_ name: String) -> [JSONValue?] {
        guard case .array(let items)? = self["items"] else { return [] }
        return items.map { name.taken($0) }
    }

    /// The texts that the objects of a list have under a name: `answer.strings("rows", each: "result")`.
    public func strings(_ list: String, each name: String) -> [String] {
        guard case .array(let elements)? = self[list] else { return [] }
        return elements.map { if case .string(let text)? = name.taken($0) { text } else { "-" } }
    }

    /// The fields that `errors` of a refusal names.
    public var refusedFields: [String] {
        guard case .array(let errors)? = self["errors"] else { return [] }
        return errors.compactMap { if case .string(let name)? = "field".taken($0) { name } else { nil } }
    }
}

/// A name or a position in JSON.
public protocol AnswerStep {
    /// Where the step leads.
    func taken(_ value: JSONValue) -> JSONValue?
}

extension String: AnswerStep {
    /// The member of that name.
    public func taken(_ value: JSONValue) -> JSONValue? {
        guard case .object(let object) = value else { return nil }
        return object[self]
    }
}

extension Int: AnswerStep {
    /// The element at that place.
    public func taken(_ value: JSONValue) -> JSONValue? {
        guard case .array(let elements) = value, elements.indices.contains(self) else { return nil }
        return elements[self]
    }
}
