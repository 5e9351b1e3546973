/// The id of a user or a group, of which no two of a provider are the same (RFC 7643, 3.1): `5` is a user, `g5` a group.
public enum SCIMID: Sendable, Hashable {
    case user(Int)
    case group(Int)

    /// Reads an id exactly as it is written; nil for what cannot be one.
    public init?(_ text: String) {
        let isGroup = text.utf8.first == UInt8(ascii: "g")
        guard let number = Int32(Substring(text.utf8.dropFirst(isGroup ? 1 : 0))), number > 0 else { return nil }
        self = isGroup ? .group(Int(number)) : .user(Int(number))
        // a sign or zeros before the number
        guard self.text.utf8.elementsEqual(text.utf8) else { return nil }
    }

    /// As it travels.
    public var text: String {
        switch self {
        case .user(let number): String(number)
        case .group(let number): "g\(number)"
        }
    }

    /// `User` or `Group`.
    public var type: String {
        switch self {
        case .user: "User"
        case .group: "Group"
        }
    }

    /// The number of the user; nil for a group.
    public var user: Int? { if case .user(let number) = self { number } else { nil } }

    /// The number of the group; nil for a user.
    public var group: Int? { if case .group(let number) = self { number } else { nil } }

    /// Where the resource is.
    /// - Parameter base: the address that places stand behind.
    public func location(below base: String) -> String { "\(base)/\(type)s/\(text)" }
}

extension Set<SCIMID> {
    /// Numbers of the users among them, in order.
    var users: [Int] { compactMap(\.user).sorted() }

    /// Numbers of the groups among them, in order.
    var groups: [Int] { compactMap(\.group).sorted() }
}
