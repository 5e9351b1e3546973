import Postgres
import Tenancy

/// A list's filters and order under a name of somebody's own.
public struct SavedView: Sendable, Hashable, RowDecodable, JSONEncodable {
    /// Its identifier.
    public let id: Int
    /// What its owner calls it.
    public let name: String
    /// The list's parameters, as its address has them.
    public let query: String

    /// Reads `id`, `name` and `query`.
    public init(row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        query = try row.get("query")
    }

    /// Writes the three.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", name)
            $0.field("query", query)
        }
    }
}

/// The caller's own saved views. They are bookmarks: nobody else sees them, and the audit does not tell of them.
public struct SavedViewRepository: Sendable {
    private let work: UnitOfWork

    /// How many somebody may have.
    public static let most = 50

    /// - Parameter work: as the caller.
    public init(work: UnitOfWork) {
        self.work = work
    }

    /// All of them, by name.
    public static var list: Reading<[SavedView]> {
        Reading(
            ("""
            select id, name, query from saved_views where account_id = waymark.account_id() order by lower(name), id
            """ as SQL).all(SavedView.self))
    }

    /// Keeps a view; one of the same name is replaced.
    /// - Parameter query: as the program writes it for an address, see the constraint on `saved_views`.
    /// - Throws: `CaseworkError.invalid` where the caller has `most` others.
    public func save(_ name: String, query: String) async throws -> SavedView {
        let sql: SQL = """
            insert into saved_views as v (name, query)
            select \(name), \(query)
             where (select count(*) from saved_views where lower(name) <> lower(\(name))) < \(Self.most)::int
            on conflict (account_id, lower(name)) do update set query = excluded.query
            returning v.id, v.name, v.query
            """
        let view = try await work(sql.optional(SavedView.self))
        guard let view else {
            throw CaseworkError.invalid("name", .beyond(.tooManyViews, most: Self.most))
        }
        return view
    }

    /// Forgets a view.
    /// - Throws: `CaseworkError.notFound`, also for somebody else's.
    public func delete(_ id: Int) async throws {
        let sql: SQL = "delete from saved_views where id = \(id)"
        guard try await work(sql.affected()) == 1 else { throw CaseworkError.notFound }
    }
}
