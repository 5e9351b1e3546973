import Postgres

/// A policy as the catalogue has it.
struct Policy: RowDecodable {
    let table: String
    let name: String
    let command: String
    let roles: [String]
    let using: String?
    let check: String?

    init(row: Row) throws {
        table = try row.get("table")
        name = try row.get("name")
        command = try row.get("command")
        roles = try row.get("roles")
        using = try row.get("using")
        check = try row.get("check")
    }

    static func all(_ stage: Stage) async throws -> [Policy] {
        let sql: SQL = """
            select tablename::text as table, policyname::text as name, cmd as command, roles::text[] as roles,
                   qual as using, with_check as check
            from pg_policies where schemaname = \(stage.schema) order by 1, 2
            """
        return try await stage.connection(sql.all(Policy.self))
    }

    /// The parts of a condition that are joined by AND at its top.
    static func conjuncts(_ condition: String) -> [String] {
        var text = Substring(condition)
        if text.first == "(", text.last == ")", closes(text) { text = text.dropFirst().dropLast() }
        var parts: [String] = []
        var depth = 0
        var start = text.startIndex
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" { depth -= 1 }
            if depth == 0, text[index...].hasPrefix(" AND ") {
                parts.append(String(text[start..<index]))
                index = text.index(index, offsetBy: 5)
                start = index
                continue
            }
            index = text.index(after: index)
        }
        parts.append(String(text[start...]))
        return parts
    }

    private static func closes(_ text: Substring) -> Bool {
        var depth = 0
        for (index, character) in zip(text.indices, text) {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if depth == 0 { return text.index(after: index) == text.endIndex }
        }
        return false
    }
}

/// One policy, spoilt in one way.
struct Mutant: Sendable, CustomStringConvertible {
    let policy: Policy
    let kind: String
    let ddl: String

    /// As `MutantTests.equivalent` names it.
    var description: String { "\(policy.table).\(policy.name) \(kind)" }

    /// Dropped; each condition widened as a whole and part by part; each role taken away; given to another role.
    static func all(of policy: Policy, in schema: String) -> [Mutant] {
        let place = "policy \(policy.name) on \(policy.table)"
        var mutants = [Mutant(policy: policy, kind: "dropped", ddl: "drop \(place)")]
        for (kind, condition, clause) in [("using", policy.using, "using"), ("check", policy.check, "with check")] {
            guard let condition, condition != "true" else { continue }
            mutants.append(Mutant(policy: policy, kind: "\(kind) true", ddl: "alter \(place) \(clause) (true)"))
            let parts = Policy.conjuncts(condition)
            for (number, part) in parts.enumerated() where parts.count > 1 {
                var rest = parts
                rest.remove(at: number)
                mutants.append(
                    Mutant(
                        policy: policy, kind: "\(kind) without \(part)",
                        ddl: "alter \(place) \(clause) (\(rest.joined(separator: " AND ")))"))
            }
        }
        for role in policy.roles where policy.roles.count > 1 {
            let rest = policy.roles.filter { $0 != role }.joined(separator: ", ")
            let short = role.split(separator: "_").last ?? ""
            mutants.append(Mutant(policy: policy, kind: "without \(short)", ddl: "alter \(place) to \(rest)"))
        }
        let other = "\(schema)_" + (policy.roles.contains("\(schema)_student") ? "staff" : "student")
        mutants.append(Mutant(policy: policy, kind: "to another", ddl: "alter \(place) to \(other)"))
        return mutants
    }
}
