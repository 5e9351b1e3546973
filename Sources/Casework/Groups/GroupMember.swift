import Postgres

/// Somebody who belongs to a group.
public struct GroupMember: Sendable, RowDecodable, JSONEncodable {
    /// The account.
    public let id: Int
    /// Given and family name.
    public let name: String
    /// Whether the person manages the group, as far as the person's role allows.
    public let isManager: Bool
    /// The card, if it is published.
    public let card: Card?
    /// Whether the caller may open and change the card.
    public let keepsCard: Bool

    /// Reads `account_id`, `name`, `manager`, `keeps_card`, `carded` and the card's columns.
    public init(row: Row) throws {
        id = try row.get("account_id")
        name = try row.get("name")
        isManager = try row.get("manager")
        card = try Card.published(in: row)
        keepsCard = try row.get("keeps_card")
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("manager", isManager)
            $0.field("card", card)
        }
    }
}

/// What a membership says beside that it exists.
public struct MembershipDraft: Sendable {
    /// Whether the member manages the group; nil leaves it, and is false for a new member.
    public let isManager: Bool?

    /// Reads `manager`.
    public init(_ fields: inout Fields) {
        isManager = fields.patch("manager", .bool)
    }

    /// - Parameter isManager: nil leaves it, and is false for a new member.
    public init(isManager: Bool? = nil) {
        self.isManager = isManager
    }
}
