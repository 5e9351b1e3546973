import Postgres

/// A group with the people in it, as a cohort's support network shows it.
public struct SupportGroup: Sendable, JSONEncodable {
    /// The group.
    public let id: Int
    /// The group's name.
    public let name: String
    /// Its active members, by name.
    public let members: [SupportGroupMember]

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("members", members)
        }
    }
}

/// Somebody of a support group.
public struct SupportGroupMember: Sendable, RowDecodable, JSONEncodable {
    /// The account.
    public let id: Int
    /// Given and family name.
    public let name: String
    /// The card, if it is published.
    public let card: Card?

    /// Reads `account_id`, `name`, `carded` and the card's columns.
    public init(row: Row) throws {
        id = try row.get("account_id")
        name = try row.get("name")
        card = try Card.published(in: row)
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("card", card)
        }
    }
}
