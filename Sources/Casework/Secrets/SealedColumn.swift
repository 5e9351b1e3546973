import Postgres
import Tenancy

/// A column of each institution's schema that holds sealed secrets. Each has its line in `SealedColumn.all`.
public struct SealedColumn: Sendable, Hashable {
    private let table: SQL
    private let row: SQL
    private let secret: SQL

    /// - Parameters:
    ///   - row: the primary key, an `int`.
    ///   - secret: of type `text`; null: no secret.
    init(table: SQL, row: SQL, secret: SQL) {
        self.table = table
        self.row = row
        self.secret = secret
    }

    /// Where the secret of a row lies.
    public func place(in institution: Institution, row: Int) -> SealedPlace {
        SealedPlace(institution: institution.id, column: "\(table.text).\(secret.text)", row: row)
    }

    fileprivate struct Stored: Sendable, RowDecodable {
        let row: Int
        let text: String

        init(row: Row) throws {
            self.row = try row.get("id")
            text = try row.get("sealed")
        }
    }

    fileprivate struct Count: Sendable, RowDecodable {
        let key: String
        let count: Int

        init(row: Row) throws {
            key = try row.get("key")
            count = try row.get("count")
        }
    }

    /// How many secrets are under which key.
    fileprivate var counts: Query<[Count]> {
        let sql: SQL = """
            select split_part(\(secret), '.', 2) as key, count(*)::int as count from \(table)
            where \(secret) is not null group by 1
            """
        return sql.all(Count.self)
    }

    /// Some that are under another key than the newest, in the order of their rows.
    fileprivate func outdated(newest: String, after row: Int) -> Query<[Stored]> {
        let sql: SQL = """
            select \(self.row) as id, \(secret) as sealed from \(table)
            where \(secret) is not null and split_part(\(secret), '.', 2) <> \(newest) and \(self.row) > \(row)
            order by \(self.row) limit 200
            """
        return sql.all(Stored.self)
    }

    /// Stores the new seal where the old one is still what is stored.
    fileprivate func replace(_ rows: [Int], _ old: [String], by new: [String]) -> Query<Int> {
        let sql: SQL = """
            update \(table) t set \(secret) = x.new from unnest(\(rows)::int[], \(old)::text[], \(new)::text[]) x (id, old, new)
            where t.\(row) = x.id and t.\(secret) = x.old
            """
        return sql.affected()
    }
}

/// An institution's sealed secrets brought under the newest key, some at a time. What is done is done: whoever begins again
/// finds what is left.
public struct SecretRenewal: Sendable {
    private let work: UnitOfWork
    private let columns: [SealedColumn]

    /// - Parameters:
    ///   - work: as the operator.
    ///   - columns: where secrets lie, all of them but in tests.
    public init(work: UnitOfWork, columns: [SealedColumn]) {
        self.work = work
        self.columns = columns
    }

    /// How many secrets are under which key, by its id.
    public func counts() async throws -> [String: Int] {
        var sum: [String: Int] = [:]
        for column in columns {
            let counts: [SealedColumn.Count] = try await work(column.counts)
            for one in counts { sum[one.key, default: 0] += one.count }
        }
        return sum
    }

    /// Seals anew what is under another key than the newest.
    /// - Parameter step: called for each secret that was looked at.
    /// - Returns: how many were sealed anew. What could not be opened stays as it is.
    public func callAsFunction(_ keys: SecretKeys, step: @Sendable () -> Void = {}) async throws -> Int {
        var renewed = 0
        for column in columns {
            var last = 0
            while true {
                let found: [SealedColumn.Stored] = try await work(column.outdated(newest: keys.newest, after: last))
                guard let end = found.last?.row else { break }
                last = end
                var (rows, old, new): ([Int], [String], [String]) = ([], [], [])
                for one in found {
                    step()
                    let place = column.place(in: work.institution, row: one.row)
                    guard let sealed = SealedSecret(one.text), let secret = try? keys.open(sealed, at: place) else {
                        continue
                    }
                    rows.append(one.row)
                    old.append(one.text)
                    new.append(try keys.seal(secret, at: place).text)
                }
                if !rows.isEmpty { renewed += try await work(column.replace(rows, old, by: new)) }
            }
        }
        return renewed
    }
}
