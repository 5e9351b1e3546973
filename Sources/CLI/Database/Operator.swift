import Postgres
import Tenancy

/// The operator's way to the database, as `waymark_migrator`.
enum Operator {
    /// Runs `body` with a migrator and closes it afterwards.
    /// - Throws: what `body` throws; `Failure` where the database is out of reach.
    static func run<Value: Sendable>(
        conninfo: String, size: Int = 2, _ body: (Migrator) async throws -> Value
    ) async throws -> Value {
        // The pool tries for ten minutes, which helps a long migration and nobody whose password is wrong.
        try await Connection.connect(conninfo: conninfo, connectTimeout: .seconds(10)).close()
        let migrator = try Migrator(conninfo: conninfo, size: size)
        do {
            let value = try await body(migrator)
            await migrator.close()
            return value
        } catch {
            await migrator.close()
            throw error
        }
    }

    /// Runs `body` with an institution that must exist.
    /// - Throws: as the other one; `Failure` where there is no such institution.
    static func run<Value: Sendable>(
        _ options: OperatorOptions, in slug: String, _ body: (Migrator, Institution) async throws -> Value
    ) async throws -> Value {
        try await run(conninfo: try await options.conninfo()) { migrator in
            guard let institution = try await migrator.institution(slug: slug) else {
                throw Failure("there is no institution '\(slug)'; waymark institution list names them")
            }
            return try await body(migrator, institution)
        }
    }
}
