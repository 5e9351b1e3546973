/// A statement together with how its answer is read.
public struct Query<Output: Sendable>: Sendable {
    /// Text and values.
    public let sql: SQL
    /// Reads the answer; throws ``PostgresError`` of kind `.decoding` where it does not fit.
    public let decode: @Sendable (Rows) throws -> Output

    /// A query of one's own shape.
    public init(_ sql: SQL, decode: @escaping @Sendable (Rows) throws -> Output) {
        self.sql = sql
        self.decode = decode
    }

    /// The same query with its output changed.
    public func map<Mapped: Sendable>(_ transform: @escaping @Sendable (Output) throws -> Mapped) -> Query<Mapped> {
        let decode = decode
        return Query<Mapped>(sql) { try transform(decode($0)) }
    }
}

extension SQL {
    /// Every row.
    public func all<T: RowDecodable>(_ type: T.Type = T.self) -> Query<[T]> {
        Query(self) { rows in
            var values: [T] = []
            values.reserveCapacity(rows.count)
            for row in rows { values.append(try T(row: row)) }
            return values
        }
    }

    /// The only row; none or several throw.
    public func one<T: RowDecodable>(_ type: T.Type = T.self) -> Query<T> {
        Query(self) { try T(row: $0.only()) }
    }

    /// The only row or nil; several throw.
    public func optional<T: RowDecodable>(_ type: T.Type = T.self) -> Query<T?> {
        Query(self) { $0.isEmpty ? nil : try T(row: $0.only()) }
    }

    /// The first column of the only row.
    public func value<T: PostgresDecodable & Sendable>(_ type: T.Type = T.self) -> Query<T> {
        Query(self) { try $0.only().get(at: 0) }
    }

    /// The first column of the only row, or nil when there is no row.
    public func optionalValue<T: PostgresDecodable & Sendable>(_ type: T.Type = T.self) -> Query<T?> {
        Query(self) { $0.isEmpty ? nil : try $0.only().get(at: 0) as T }
    }

    /// The first column of every row.
    public func values<T: PostgresDecodable & Sendable>(_ type: T.Type = T.self) -> Query<[T]> {
        Query(self) { rows in try rows.map { try $0.get(at: 0) as T } }
    }

    /// How many rows were changed.
    public func affected() -> Query<Int> {
        Query(self) { $0.affected }
    }

    /// Only that it worked.
    public func done() -> Query<Void> {
        Query(self) { _ in }
    }
}
