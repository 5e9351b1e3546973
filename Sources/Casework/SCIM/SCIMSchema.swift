/// The names that RFC 7643 and RFC 7644 give to what travels.
public enum SCIMSchema {
    /// A user.
    public static let user = "urn:ietf:params:scim:schemas:core:2.0:User"
    /// A group.
    public static let group = "urn:ietf:params:scim:schemas:core:2.0:Group"
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
    func has(_ name: String) -> Bool { only.isEmpty ? !without.contains(name) : only.contains(name) }
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

    /// Reads `startIndex`, `count` and `filter`. Less than the least counts as the least, as the standard says.
    public init(_ fields: inout Fields) throws {
        start = max(fields.value("startIndex", .int(Int.min...Int.max), default: 1), 1)
        count = min(max(fields.value("count", .int(Int.min...Int.max), default: 100), 0), Self.most)
        filter = try fields.optional("filter", .verbatim(maxBytes: 4_096)).map(SCIMFilter.init)
    }

    /// How many come before.
    var skipped: Int { start - 1 }
}

/// A page of a list of users or groups.
public struct SCIMList<Resource: Sendable>: Sendable {
    /// How many there are in all.
    public let total: Int
    /// Where the page begins, from 1.
    public let start: Int
    /// What is on it.
    public let resources: [Resource]
}

/// What both users and groups have (RFC 7643, 3.1).
public protocol SCIMResource: Sendable, Versioned {
    /// `Users` or `Groups`, as the address has it.
    static var place: String { get }
    /// Its number.
    var id: Int { get }
    /// Writes it.
    /// - Parameter base: the address that places stand behind.
    func write(to json: inout JSONWriter, below base: String, _ selection: SCIMSelection)
}
