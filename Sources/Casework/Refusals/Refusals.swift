import Postgres

/// What a feature tells its callers when a constraint of the database refuses a change: one table for each feature.
struct Refusals: Sendable, ExpressibleByDictionaryLiteral {
    private let byConstraint: [String: CaseworkError]

    init(dictionaryLiteral elements: (String, CaseworkError)...) {
        byConstraint = Dictionary(elements) { $1 }
    }

    /// Does the change; a violation of a constraint in the table is thrown as what it stands for.
    func callAsFunction<Value: Sendable>(_ change: () async throws -> Value) async throws -> Value {
        do {
            return try await change()
        } catch let error as PostgresError {
            if let constraint = error.constraint, let refusal = byConstraint[constraint] { throw refusal }
            throw error
        }
    }
}
