/// Tries every cell of some relations on a stage, and says what the database makes of it.
struct MatrixRun: Sendable {
    /// A cell that is not as the matrix says.
    struct Difference: Sendable, CustomStringConvertible {
        let key: Matrix.Key
        let caller: Caller
        let expected: String
        let found: String

        var description: String { "\(key) \(caller): expected \(expected), found \(found)" }
    }

    let matrix: Matrix
    let stage: Stage
    /// Numbers of own and other rows, by relation, condition and universe.
    let counts: [String: (own: Int, other: Int)]

    /// Counts as superuser, before anything is tried.
    init(matrix: Matrix, stage: Stage, relations: [String]) async throws {
        var counts: [String: (own: Int, other: Int)] = [:]
        for relation in relations {
            let source = Plots.universe(relation) ?? relation
            for condition in Set(Caller.allCases.compactMap { Plots.own(relation, $0) }) {
                let all = try await stage.values(
                    """
                    select count(*) filter (where \(condition)) || ' ' || count(*) filter (where not (\(condition)))
                    from \(source) x
                    """)
                let parts = all[0].split(separator: " ").compactMap { Int($0) }
                counts["\(relation) \(condition)"] = (parts[0], parts[1])
            }
        }
        self.matrix = matrix
        self.stage = stage
        self.counts = counts
    }

    /// One statement and what to make of its answer.
    struct Attempt: Sendable {
        let key: Matrix.Key
        let statement: String
        let reading: Reading
    }

    enum Reading: Sendable {
        /// The number of rows seen, of so many.
        case seen(of: Int)
        /// One row written, or not.
        case written
        /// Rows changed without a condition: own and other ones together.
        case changed(own: Int, other: Int)
    }

    /// What a caller tries on a relation in this institution, or in another's schema.
    func attempts(_ relation: String, _ caller: Caller, in schema: String?) -> [Attempt] {
        let name = schema.map { "\($0).\(relation)" } ?? relation
        guard let condition = Plots.own(relation, caller), let count = counts["\(relation) \(condition)"] else {
            return []
        }
        func key(_ command: String, _ scope: String) -> Matrix.Key {
            Matrix.Key(relation: relation, command: command, scope: scope)
        }
        var attempts: [Attempt] = []
        for (scope, part, rows) in [("own", condition, count.own), ("other", "not (\(condition))", count.other)]
        where scope == "own" || condition != "true" {
            attempts.append(
                Attempt(
                    key: key("select", scope), statement: "select count(*) from \(name) where \(part)",
                    reading: .seen(of: rows)))
        }
        for scope in ["own", "other"] {
            guard let row = Plots.row(relation, caller, own: scope == "own") else { continue }
            attempts.append(
                Attempt(key: key("insert", scope), statement: "insert into \(name) \(row)", reading: .written))
        }
        if let assignment = Plots.assignment(relation, caller) {
            let reading = Reading.changed(own: count.own, other: count.other)
            attempts.append(
                Attempt(
                    key: key("update", "both"), statement: "update \(name) set \(assignment)", reading: reading))
            attempts.append(Attempt(key: key("delete", "both"), statement: "delete from \(name)", reading: reading))
        }
        return attempts
    }

    /// What the answers mean, by scope.
    private static func cells(_ attempt: Attempt, _ answer: String) -> [(scope: String, cell: String)] {
        if answer == "denied" { return scopes(attempt).map { ($0, "-") } }
        if answer == "policy" { return scopes(attempt).map { ($0, "no") } }
        guard let rows = Int(answer) else { return scopes(attempt).map { ($0, answer) } }
        switch attempt.reading {
        case .seen(let all):
            return [(attempt.key.scope, rows == 0 ? "no" : rows == all ? "yes" : rows < all ? "some" : "more")]
        case .written:
            return [(attempt.key.scope, rows == 1 ? "yes" : "no")]
        case .changed(let own, let other):
            if other == 0 { return [("own", rows == 0 ? "no" : rows == own ? "yes" : "some")] }
            if rows == 0 { return [("own", "no"), ("other", "no")] }
            if rows == own { return [("own", "yes"), ("other", "no")] }
            if rows == own + other { return [("own", "yes"), ("other", "yes")] }
            return rows < own ? [("own", "some"), ("other", "no")] : [("own", "yes"), ("other", "some")]
        }
    }

    private static func scopes(_ attempt: Attempt) -> [String] {
        if case .changed(_, let other) = attempt.reading { return other == 0 ? ["own"] : ["own", "other"] }
        return [attempt.key.scope]
    }

    /// Answers to statements run as somebody for an audience.
    typealias Ask = (_ statements: [String], _ caller: Caller, _ audience: String) async throws -> [String]

    /// What callers found on relations, compared with the matrix; on the stage unless `ask` says how.
    func differences(
        _ relations: [String], callers: [Caller] = Caller.allCases, delegated: Bool = true, in schema: String? = nil,
        ask: Ask? = nil
    ) async throws -> [Difference] {
        var differences: [Difference] = []
        for caller in callers {
            for (audience, group) in Dictionary(grouping: relations, by: { Plots.audience($0, caller) }) {
                let attempts = group.flatMap { self.attempts($0, caller, in: schema) }
                let statements = attempts.map(\.statement)
                let answers =
                    if let ask {
                        try await ask(statements, caller, audience)
                    } else {
                        try await stage.outcomes(of: statements, as: caller, audience: audience)
                    }
                differences += compare(attempts, answers, caller, delegated: delegated, elsewhere: schema != nil)
            }
        }
        return differences
    }

    private func compare(
        _ attempts: [Attempt], _ answers: [String], _ caller: Caller, delegated: Bool, elsewhere: Bool
    ) -> [Difference] {
        zip(attempts, answers).flatMap { attempt, answer in
            Self.cells(attempt, answer).compactMap { scope, found in
                let key = Matrix.Key(relation: attempt.key.relation, command: attempt.key.command, scope: scope)
                let expected =
                    elsewhere
                    ? matrix.elsewhere(caller)
                    : matrix.expected(key.relation, key.command, scope, caller, delegated: delegated)
                guard found != expected else { return nil }
                return Difference(key: key, caller: caller, expected: expected ?? "(no cell)", found: found)
            }
        }
    }
}
