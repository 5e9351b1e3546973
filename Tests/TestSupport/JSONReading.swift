import Casework

extension TestClient.Answer {
    /// A value of the body, by names and places: `answer["items", 0, "name"]`; nil where there is none.
    public subscript(_ path: any Sendable...) -> JSONValue? {
        at(path)
    }

    /// The number there.
    public func int(_ path: any Sendable...) -> Int? {
        guard case .number(let number) = at(path) else { return nil }
        return number.integer
    }

    /// The text there.
    public func string(_ path: any Sendable...) -> String? {
        guard case .string(let text) = at(path) else { return nil }
        return text
    }

    /// The texts of one member of the objects of a list: `answer.strings("items", each: "name")`.
    public func strings(_ list: String, each member: String) -> [String] {
        guard case .array(let values) = at([list]) else { return [] }
        return values.map { value in
            if case .object(let object) = value, case .string(let text) = object[member] { return text }
            return "-"
        }
    }

    private func at(_ path: [any Sendable]) -> JSONValue? {
        var value = try? json()
        for step in path {
            switch (value, step) {
            case (.object(let object), let name as String): value = object[name]
            case (.array(let values), let index as Int): value = values.indices.contains(index) ? values[index] : nil
            default: return nil
            }
        }
        return value
    }
}
