/// The names that RFC 7643 and RFC 7644 give to what travels.
public enum SCIMSchema {
    /// A user.
    public static let user = "urn:ietf:params:scim:schemas:core:2.0:User"
    /// A group.
    public static let group = "urn:ietf:params:scim:schemas:core:2.0:Group"
    /// What companies know of a user besides.
    public static let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    /// A page of a list.
    public static let list = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
    /// A refusal.
    public static let error = "urn:ietf:params:scim:api:messages:2.0:Error"
}

/// Which attributes an answer has (RFC 7644, 3.9): all, only some, or all but some; `id` is never left out.
public struct SCIMSelection: Sendable {
    private let only: Set<String>
    private let without: Set<String>

    /// All of them.
    public static let all = SCIMSelection(only: nil, without: nil)

    /// - Parameters: `attributes` and `excludedAttributes`, names with commas between them; what is no name is passed over.
    public init(only: String?, without: String?) {
        func names(_ list: String?) -> Set<String> {
            // a part of an attribute brings the whole
            Set((list ?? "").split(separator: ",").compactMap { SCIMPath($0.trimmed)?.attribute })
        }
        self.only = names(only)
        self.without = names(without)
    }

    /// Whether a group's members are wanted: there may be very many.
    public var hasMembers: Bool { has("members") }

    /// Whether the attribute of that name, in lower case, is wanted.
    /// - Parameter names: what it may be called, alone and as a part of what is named.
    func has(_ names: String...) -> Bool {
        only.isEmpty ? !names.contains(where: without.contains) : names.contains(where: only.contains)
    }
}

/// Which part of a list is asked for (RFC 7644, 3.4.2.4).
public struct SCIMPage: Sendable {
    /// Where it begins, from 1.
    public let start: Int
    /// How many at most; 0 asks for the total alone.
    public let count: Int
    /// What must hold.
    public let filter: SCIMFilter?

    /// The most that one answer has.
    public static let most = 200

    /// Reads `startIndex`, `count` and `filter` of a query or of a search. Less than the least counts as the least, as the standard says.
    public init(_ fields: inout Fields) throws {
        start = max(fields.value("startIndex", .int(Int.min...Int.max), default: 1), 1)
        count = min(max(fields.value("count", .int(Int.min...Int.max), default: 100), 0), Self.most)
        filter = try fields.optional("filter", .verbatim(maxBytes: 4_096)).map(SCIMFilter.init)
    }

    /// How many come before.
    var skipped: Int { start - 1 }
}

/// What the body of a search asks for: the same as the query of a list (RFC 7644, 3.4.3).
public struct SCIMSearch: Sendable {
    /// Which part of the list.
    public let page: SCIMPage
    /// Which attributes.
    public let selection: SCIMSelection

    /// Reads a body; names count without regard to case, and what is unknown is passed over.
    /// - Throws: `CaseworkError.invalid`, which names the field.
    public init(_ body: JSONObject) throws {
        var known = JSONObject()
        for name in ["startIndex", "count", "filter"] {
            if let value = body.member(name.lowercased()), value != .null { known.insert(value, for: name) }
        }
        page = try Fields.read(known) { try SCIMPage(&$0) }
        selection = SCIMSelection(
            only: try Self.names(body, "attributes"), without: try Self.names(body, "excludedAttributes"))
    }

    private static func names(_ body: JSONObject, _ field: String) throws(CaseworkError) -> String? {
        guard let value = body.member(field.lowercased()), value != .null else { return nil }
        // one name may come without a list around it
        let list = if case .array(let list) = value { list } else { [value] }
        var names: [String] = []
        for value in list {
            guard case .string(let name) = value else { throw .invalid(field, .notAString) }
            names.append(name)
        }
        return names.joined(separator: ",")
    }
}

/// A page of a list of users, groups, or both.
public struct SCIMList: Sendable {
    /// How many there are in all.
    public let total: Int
    /// Where the page begins, from 1.
    public let start: Int
    /// What is on it.
    public let resources: [any SCIMResource]
}

/// What both users and groups have (RFC 7643, 3.1).
public protocol SCIMResource: Sendable, Versioned {
    /// What it is known by.
    var id: SCIMID { get }
    /// Writes it.
    /// - Parameter base: the address that places stand behind.
    func write(to json: inout JSONWriter, below base: String, _ selection: SCIMSelection)
}
