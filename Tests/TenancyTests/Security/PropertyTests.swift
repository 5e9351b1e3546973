import Foundation
import Postgres
import Testing

/// Random institutions: what each person sees and may change is what the oracle says.
@Suite struct PropertyTests {
    static let casework = [
        ("cohorts", "id"), ("cohort_groups", "cohort_id || '/' || group_id"),
        ("enrollments", "cohort_id || '/' || student_id"), ("milestones", "id"), ("milestone_files", "id"),
        ("file_chunks", "file_id"), ("progress", "milestone_id || '/' || student_id || '/' || status"),
        ("progress_events", "milestone_id || '/' || student_id || '/' || to_status"),
        ("my_students", "cohort_id || '/' || id"), ("caseload", "id"),
        ("caseload_progress", "milestone_id || '/' || student_id || '/' || status"), ("my_cohorts", "id"),
        ("reasons", "cohort_id || '/' || student_id || '/' || group_id"),
        ("waiting", "milestone_id || '/' || student_id || '/submitted'"),
        ("assignments", "milestone_id || '/' || student_id || '/' || status"),
        ("my_assignments", "milestone_id || '/' || waymark.account_id() || '/' || status"),
        ("my_progress", "milestone_id || '/' || waymark.account_id() || '/' || status"),
        ("support_network", "cohort_id || '/' || group_id || '/' || account_id"),
        ("my_support_network", "group_id || '/' || account_id"),
    ]
    static let people = [
        ("accounts", "id"), ("cards", "account_id"), ("departments", "id"),
        ("department_directors", "department_id || '/' || account_id"), ("groups", "id"),
        ("group_members", "group_id || '/' || account_id"), ("cohort_categories", "id"), ("directory", "id"),
        ("memberships", "account_id || '/' || group_id"),
    ]

    /// A statement, and the answer the oracle expects: keys in any order, or a word.
    private struct Question {
        let statement: String
        let expected: String
    }

    @Test(arguments: 0..<2) func `visible rows are those of the oracle`(half: UInt64) async throws {
        let first = ProcessInfo.processInfo.environment["WAYMARK_SEED"].flatMap(UInt64.init)
        let stage = try await Stage.open()
        var cases = 0
        for number in 0..<UInt64(first == nil ? 30 : 1) {
            let seed = first ?? UInt64.random(in: 0...(.max))
            let world = World(seed: seed)
            try await stage.undone {
                try await stage.connection.execute(script: world.sql)
                for person in world.people {
                    let oracle = Oracle(world: world, me: person)
                    for audience in ["progress", person.role == "student" ? "any" : "staff"] {
                        try await compare(stage, oracle, audience, "WAYMARK_SEED=\(seed), \(person)")
                        cases += 1
                    }
                }
            }
            if number == 0, half == 0 { #expect(world.people.count >= 8) }
        }
        #expect(first != nil || cases > 300)
    }

    /// Asks the database all that the oracle knows of somebody, and compares.
    func compare(_ stage: Stage, _ oracle: Oracle, _ audience: String, _ label: String) async throws {
        let questions = audience == "progress" ? atWork(oracle) : amongPeople(oracle)
        let answers = try await stage.outcomes(
            of: questions.map(\.statement),
            entering: stage.entry(hash: Caller.hash(session: oracle.me.id), audience: audience))
        for (question, answer) in zip(questions, answers) {
            let expected = oracle.refusal(audience) ?? question.expected
            #expect(
                answer.split(separator: " ").sorted() == expected.split(separator: " ").sorted(),
                "\(label), \(audience): \(question.statement)")
        }
    }

    private func seen(_ oracle: Oracle, _ relations: [(String, String)]) -> [Question] {
        relations.map { relation, key in
            Question(
                statement: "select string_agg((\(key))::text, ' ') from \(relation)",
                expected: oracle.rows(relation)?.joined(separator: " ") ?? "denied")
        }
    }

    private func changed(_ oracle: Oracle, _ table: String, _ assignment: String) -> Question {
        Question(
            statement: "update \(table) set \(assignment)", expected: oracle.changes(table).map(String.init) ?? "denied"
        )
    }

    private func atWork(_ oracle: Oracle) -> [Question] {
        let status = oracle.me.role == "student" ? "submitted" : "waived"
        let additions = oracle.world.cohorts.map { cohort in
            let allowed = oracle.mayAddMilestone(to: cohort.id).map { $0 ? "1" : "policy" }
            return Question(
                statement: "insert into milestones (cohort_id, title) values (\(cohort.id), 'n')",
                expected: allowed ?? "denied")
        }
        return seen(oracle, Self.casework) + additions + [
            changed(oracle, "cohorts", "goal = 'x'"), changed(oracle, "milestones", "description = 'x'"),
            changed(oracle, "milestone_files", "name = 'x'"), changed(oracle, "progress", "status = '\(status)'"),
        ]
    }

    private func amongPeople(_ oracle: Oracle) -> [Question] {
        let hidden =
            oracle.me.role == "admin"
            ? []
            : Self.casework.filter { oracle.rows($0.0) != nil }.map { relation, _ in
                Question(statement: "select count(*) from \(relation)", expected: "0")
            }
        return seen(oracle, Self.people) + hidden + [
            changed(oracle, "groups", "description = 'x'"), changed(oracle, "cards", "title = 'x'"),
        ]
    }
}
