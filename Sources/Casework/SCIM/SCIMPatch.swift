/// One operation of a PATCH (RFC 7644, 3.5.2).
public struct SCIMOperation: Sendable, Hashable {
    /// What is done; Entra writes it with a capital.
    public enum Kind: String, Sendable, CaseIterable {
        case add, replace, remove
    }

    /// What is done.
    public let kind: Kind
    /// What it is done to; nil: to the attributes that the value names.
    public let path: SCIMPath?
    /// The value; null where there is none.
    public let value: JSONValue

    /// An attribute with its value, as a whole resource has it.
    init(_ kind: Kind, _ path: SCIMPath?, _ value: JSONValue) {
        self.kind = kind
        self.path = path
        self.value = value
    }
}

/// The body of a PATCH.
public enum SCIMPatch {
    /// The most operations of one request; more are told to come in several.
    static let most = 1_000

    /// Reads the operations of a body.
    /// - Throws: `CaseworkError.invalid`, which names the field: `Operations`, `op`, `path`.
    public static func operations(of body: JSONObject) throws(CaseworkError) -> [SCIMOperation] {
        guard case .array(let list)? = body.member("operations") else { throw .invalid("Operations", .required) }
        guard list.count <= most else { throw .invalid("Operations", .beyond(.scimTooManyOperations, most: most)) }
        var operations: [SCIMOperation] = []
        for entry in list {
            guard case .object(let object) = entry else { throw .invalid("Operations", .notAnObject) }
            guard case .string(let word)? = object.member("op"),
                let kind = SCIMOperation.Kind(rawValue: word.lowercased())
            else {
                let choices = Refusal.Argument.list(SCIMOperation.Kind.allCases.map(\.rawValue))
                throw .invalid("op", Refusal(.notAChoice, ["choices": choices]))
            }
            operations.append(SCIMOperation(kind, try path(object.member("path")), object.member("value") ?? .null))
        }
        return operations
    }

    private static func path(_ value: JSONValue?) throws(CaseworkError) -> SCIMPath? {
        switch value {
        case nil, .null, .string(""): return nil
        case .string(let text):
            guard text.utf8.count <= 1_024, let path = SCIMPath(text) else { throw .invalid("path", .notASCIMPath) }
            return path
        default: throw .invalid("path", .notASCIMPath)
        }
    }
}

/// A resource that operations change, attribute by attribute. What is not known is passed over, as RFC 7644, 3.3 lets it.
protocol SCIMPatchable {
    /// Does to one attribute what an operation says; the path is there.
    mutating func change(_ kind: SCIMOperation.Kind, _ path: SCIMPath, _ value: JSONValue) throws(FieldRefusal)
}

extension SCIMPatchable {
    /// Does what operations say, one after the other.
    /// - Throws: `CaseworkError.invalid`, which names the attribute; `path` where one says remove, and not what.
    mutating func apply(_ operations: [SCIMOperation]) throws(CaseworkError) {
        do throws(FieldRefusal) {
            for operation in operations {
                if let path = operation.path {
                    try change(operation.kind, path, operation.value)
                } else if operation.kind == .remove {
                    throw FieldRefusal("path", .required)
                } else if case .object(let members) = operation.value {
                    try take(members, operation.kind)
                } else {
                    throw FieldRefusal("value", .notAnObject)
                }
            }
        } catch {
            throw .invalid([error])
        }
    }

    /// Takes each member of an object. Its name may be a path, as Entra writes it: `name.givenName`,
    /// `emails[type eq "work"].value`.
    mutating func take(_ members: JSONObject, _ kind: SCIMOperation.Kind = .replace) throws(FieldRefusal) {
        for member in members where member.name.utf8.count <= 1_024 {
            guard let path = SCIMPath(member.name) else { continue }
            try change(kind, path, member.value)
        }
    }
}

extension JSONObject {
    /// The first member of that name, in lower case, whatever the case of its own (RFC 7643, 2.1).
    func member(_ name: String) -> JSONValue? { first { $0.name.lowercased() == name }?.value }
}

extension JSONValue {
    /// A single value, out of the list with one element that old programs put around it.
    var single: JSONValue {
        guard case .array(let values) = self, values.count == 1, case .object(let object)? = values.first,
            let value = object.member("value")
        else { return self }
        return value
    }

    /// Cleaned text of up to so many characters; nil for null and for text without a visible character.
    func text(_ most: Int, of field: String) throws(FieldRefusal) -> String? {
        switch single {
        case .null: return nil
        case .string(let text):
            if text.trimmed.isEmpty { return nil }
            do throws(Refusal) { return try Text.clean(text, length: 1...most) } catch {
                throw FieldRefusal(field, error)
            }
        default: throw FieldRefusal(field, .notAString)
        }
    }

    /// A boolean, also as text, as Entra sends it; nil for null.
    func flag(of field: String) throws(FieldRefusal) -> Bool? {
        switch single {
        case .null: return nil
        case .bool(let flag): return flag
        case .string(let text):
            switch text.trimmed.lowercased() {
            case "true": return true
            case "false": return false
            default: throw FieldRefusal(field, .notABoolean)
            }
        default: throw FieldRefusal(field, .notABoolean)
        }
    }
}
