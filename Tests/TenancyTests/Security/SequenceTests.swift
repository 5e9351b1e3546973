import Foundation
import Postgres
import Testing

/// Random institutions in which people do one thing after another. After each, what everybody sees and may change is what
/// the oracle says; and whatever somebody did has opened nothing to that person that the design does not give for it.
/// (Taking an admin into one's group once opened the admin's card.)
@Suite struct SequenceTests {
    /// What came of a walk: how many moves each role made, and what was not as it should be.
    struct Walk {
        var done: [String: Int] = [:]
        var findings: [String] = []
    }

    @Test(arguments: 0..<2) func `no chain of allowed steps leads out of one's scope`(half: UInt64) async throws {
        let first = ProcessInfo.processInfo.environment["WAYMARK_SEED"].flatMap(UInt64.init)
        let stage = try await Stage.open()
        var done: [String: Int] = [:]
        for _ in 0..<(first == nil ? 20 : 1) {
            let seed = first ?? UInt64.random(in: 0...(.max))
            let walk = try await stage.undone { try await Self.walk(stage, seed: seed, comparing: true) }
            #expect(walk.findings.isEmpty, "\(walk.findings.joined(separator: "\n"))")
            done.merge(walk.done, uniquingKeysWith: +)
        }
        guard first == nil else { return }
        for role in ["admin", "director", "manager"] { #expect(done[role, default: 0] > 0, "no \(role) did anything") }
    }

    @Test func `the walk finds that a membership opens an admin's card, where it does`() async throws {
        let stage = try await Stage.open()
        let old = "account_id = any (waymark.member_ids())"
        try await stage.script(
            """
            alter policy managers_see_cards_of_staff on cards using (\(old));
            alter policy managers_change_cards_of_staff on cards using (\(old)) with check (\(old));
            """)
        for seed in UInt64(0)..<100 {
            let walk = try await stage.undone { try await Self.walk(stage, seed: seed, comparing: false) }
            if walk.findings.contains(where: { $0.contains("opened [\"cards ") }) { return }
        }
        Issue.record("nothing found in 100 walks")
    }

    /// Twenty moves in one institution.
    /// - Parameter comparing: whether the oracle is asked after each what several people see and may change.
    static func walk(_ stage: Stage, seed: UInt64, comparing: Bool) async throws -> Walk {
        var world = World(seed: seed)
        var random = Seeded(seed: ~seed)
        var walk = Walk()
        var told = "WAYMARK_SEED=\(seed)"
        try await stage.connection.execute(script: world.sql)
        for _ in 0..<20 {
            let keepers = world.people.filter { ["director", "manager"].contains($0.role) && $0.status == "active" }
            let actors = keepers.isEmpty || random.chance(35) ? world.people : keepers
            guard let actor = actors.randomElement(using: &random), let move = world.move(by: actor, &random) else {
                continue
            }
            let oracle = Oracle(world: world, me: actor)
            let statement = move.statement(in: world)
            told += "\n\(actor.role) \(actor.id): \(statement)"
            let entry = stage.entry(hash: Caller.hash(session: actor.id), audience: move.audience)
            try await number(move, stage)
            let answer = try await stage.outcomes(of: [statement], entering: entry)
            let expected = oracle.answer(to: move)
            if answer != [expected] { walk.findings.append("\(told)\nanswered \(answer), expected \(expected)") }
            guard answer == ["1"] else { continue }
            let before = try await reach(actor, stage)
            try await number(move, stage)
            // the walk is one transaction, and what was made in this one is its maker's to see
            try await stage.connection.execute(
                script: """
                    \(entry)
                    \(statement);
                    \(Stage.leave)
                    update cohorts set created_at = now() - interval '1 day' where created_at = now();
                    """)
            world.apply(move, by: actor)
            walk.done[actor.role, default: 0] += 1
            let after = Oracle(world: world, me: actor)
            let opened = try await reach(actor, stage).subtracting(before).filter { !after.opens(move, $0) }
            // admins reach everything; and a move may be the last that was missing before anybody could work at all
            if actor.role != "admin", oracle.refusal("progress") == nil, !opened.isEmpty {
                walk.findings.append("\(told)\nopened \(opened.sorted())")
            }
            guard comparing else { continue }
            let others = world.people.shuffled(using: &random).prefix(2)
            for person in [actor] + others {
                let oracle = Oracle(world: world, me: person)
                for audience in ["progress", person.role == "student" ? "any" : "staff"] {
                    try await PropertyTests().compare(stage, oracle, audience, "\(told)\nseen by \(person)")
                }
            }
        }
        return walk
    }

    /// The next row of a table gets the number that the world gives it.
    private static func number(_ move: Move, _ stage: Stage) async throws {
        guard let (table, id) = move.numbered else { return }
        _ = try await stage.values(
            "select setval(pg_get_serial_sequence('\(stage.schema).\(table)', 'id'), \(id), false)::text")
    }

    /// What somebody sees of students and may change of anything, by the database: `cards 7`, `progress 1000011/5`.
    static func reach(_ person: World.Person, _ stage: Stage) async throws -> Set<String> {
        func changeable(_ table: String, _ assignment: String, _ key: String) -> (String, String) {
            let rows = "with c as (update \(table) set \(assignment) returning \(key) as key)"
            return (table, "\(rows) select string_agg(key::text, ' ') from c")
        }
        func visible(_ view: String, _ key: String) -> (String, String) {
            (view, "select string_agg((\(key))::text, ' ') from \(view)")
        }
        let status = person.role == "student" ? "submitted" : "waived"
        let asked = [
            "staff": [
                changeable("cards", "title = 'x'", "account_id"), changeable("groups", "description = 'x'", "id"),
            ],
            "progress": [
                changeable("cohorts", "goal = 'x'", "id"), changeable("milestones", "description = 'x'", "id"),
                changeable("milestone_files", "name = 'x'", "milestone_id"),
                changeable("progress", "status = '\(status)'", "milestone_id || '/' || student_id"),
                visible("my_students", "cohort_id || '/' || id"), visible("assignments", "milestone_id"),
            ],
        ]
        var reached: Set<String> = []
        for (audience, questions) in asked {
            let answers = try await stage.outcomes(
                of: questions.map(\.1),
                entering: stage.entry(hash: Caller.hash(session: person.id), audience: audience))
            for ((relation, _), answer) in zip(questions, answers) {
                guard answer != "denied", answer != "policy", !answer.hasPrefix("WM") else { continue }
                reached.formUnion(answer.split(separator: " ").map { "\(relation) \($0)" })
            }
        }
        return reached
    }
}
