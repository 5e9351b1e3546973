import Postgres
import Tenancy

/// Somebody who works here.
public struct DirectoryEntry: Sendable, RowDecodable, JSONEncodable {
    /// The account.
    public let id: Int
    /// What the person is called, as people write it.
    public let name: String
    /// Names of the groups the person belongs to.
    public let groups: [String]
    /// The card, if it is published.
    public let card: Card?

    /// Reads `id`, `name`, `groups`, `carded` and the card's columns.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        groups = try row.get("groups")
        card = try Card.published(in: row)
    }

    /// Writes the API's object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("groups", groups)
            $0.field("card", card)
        }
    }
}

/// Who works here and how to reach them: for everybody, to students only those with a published card.
public enum DirectoryRepository {
    /// People by name.
    /// - Parameter search: part of the name, or for those who work here of all that `search_text` holds.
    public static func list(search: String?, _ page: PageRequest) throws -> Reading<Page<DirectoryEntry>> {
        try Reading(
            ("""
            select d.id, d.name, lower(d.name) as sort_name,
                array(select m.group_name from memberships m where m.account_id = d.id
                    order by lower(m.group_name), m.group_id) as groups,
                d.carded, \(Card.columns)
            from directory d
            where \(SQL.search(search, inFolded: "d.search_name")) and \(page.following("lower(d.name)", "d.id"))
            order by lower(d.name), d.id limit \(page.fetch)
            """ as SQL).all(SortedRow<DirectoryEntry>.self)
        ) { page.page($0, id: \.id) }
    }

    /// The name of somebody who works here; nil for anybody else.
    public static func name(of account: Int) -> Reading<String?> {
        Reading(("select name from directory where id = \(account)" as SQL).optionalValue(String.self))
    }
}
