import Postgres

/// What is asked of an institution in one round trip: statements, and what their answers come to.
///
/// Readings combine, so that a page asks for its viewer, its cohort and a list of students at once.
public struct Reading<Output: Sendable>: Sendable {
    let statements: [SQL]
    /// Takes the answers of these statements off the front.
    let decode: @Sendable (inout ArraySlice<Rows>) throws -> Output

    private init(statements: [SQL], decode: @escaping @Sendable (inout ArraySlice<Rows>) throws -> Output) {
        self.statements = statements
        self.decode = decode
    }

    /// One query's answer as it is.
    public init(_ query: Query<Output>) {
        self.init(statements: [query.sql]) { try query.decode($0.removeFirst()) }
    }

    /// Several queries, and what their answers come to together.
    /// - Parameter output: throws where an answer says that there is no such thing, or not for the caller.
    public init<each Answer: Sendable>(
        _ query: repeat Query<each Answer>, output: @escaping @Sendable (repeat each Answer) throws -> Output
    ) {
        var statements: [SQL] = []
        for query in repeat each query { statements.append(query.sql) }
        self.init(statements: statements) { rows in
            func next() -> Rows { rows.removeFirst() }
            let answers = (repeat try (each query).decode(next()))
            return try output(repeat each answers)
        }
    }

    /// Several readings as one.
    public static func all<each Part: Sendable>(_ part: repeat Reading<each Part>) -> Reading
    where Output == (repeat each Part) {
        var statements: [SQL] = []
        for part in repeat each part { statements += part.statements }
        return Reading(statements: statements) { (repeat try (each part).decode(&$0)) }
    }

    /// The same reading with its output changed.
    public func map<Mapped: Sendable>(_ transform: @escaping @Sendable (Output) throws -> Mapped) -> Reading<Mapped> {
        let decode = decode
        return Reading<Mapped>(statements: statements) { try transform(decode(&$0)) }
    }
}

extension UnitOfWork {
    /// Asks all of it in one round trip. The first reading whose output throws decides what is thrown.
    /// - Throws: `EntryRefusal`, `PostgresError`, what the readings throw.
    public func read<each Output: Sendable>(
        _ reading: repeat Reading<each Output>
    ) async throws -> (repeat each Output) {
        var statements: [SQL] = []
        for reading in repeat each reading { statements += reading.statements }
        var answers = try await answers(to: statements)
        return (repeat try (each reading).decode(&answers))
    }
}
