import Postgres
import Tenancy

/// Somebody who works here.
public struct DirectoryEntry: Sendable, RowDecodable, JSONEncodable {
    /// The account.
    public let id: Int
    /// Given and family name.
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
public struct DirectoryRepository: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// People by name.
    /// - Parameter search: part of the name, or for those who work here of the e-mail address.
    public static func list(search: String?, _ page: PageRequest) throws -> Reading<Page<DirectoryEntry>> {
        try Reading(
            ("""
            select d.id, d.name, lower(d.name) as sort_name,
                array(select m.group_name from memberships m where m.account_id = d.id
                    order by lower(m.group_name), m.group_id) as groups,
                d.carded, \(Card.columns)
            from directory d
            where \(SQL.search(search, in: "d.search_name")) and \(page.following("lower(d.name)", "d.id"))
            order by lower(d.name), d.id limit \(page.fetch)
            """ as SQL).all(SortedRow<DirectoryEntry>.self)
        ) { page.page($0, id: \.id) }
    }

    /// The same, at once.
    public func list(search: String?, _ page: PageRequest) async throws -> Page<DirectoryEntry> {
        try await work.read(try Self.list(search: search, page))
    }

    /// The name of somebody who works here; nil for anybody else.
    public static func name(of account: Int) -> Reading<String?> {
        Reading(("select name from directory where id = \(account)" as SQL).optionalValue(String.self))
    }

    /// The same, at once.
    public func name(of account: Int) async throws -> String? {
        try await work.read(Self.name(of: account))
    }
}
