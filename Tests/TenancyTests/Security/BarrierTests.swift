import Postgres
import Testing

/// A condition of the caller's own runs on no row that row security or a view hides, whatever plan is made: what divides by
/// zero, or writes down what it is given, would tell of it.
@Suite struct BarrierTests {
    /// Ways to make the planner choose; with the keys that `SecurityFixture` takes away, nothing forces it to an index.
    static let plans = [
        "", "set local enable_hashjoin = off; set local enable_mergejoin = off",
        "set local enable_nestloop = off; set local enable_mergejoin = off",
        "set local enable_nestloop = off; set local enable_hashjoin = off", "set local enable_seqscan = off",
    ]

    @Test func `a condition sees no row that is not shown`() async throws {
        let stage = try await Self.prepared()
        for isAnalyzed in [false, true] {
            if isAnalyzed { try await Self.analyze(stage) }
            try await stage.undone {
                for caller in Caller.allCases where ![.owner, .none, .reporter].contains(caller) {
                    for (relation, text) in try await Self.readable(caller, stage) {
                        for plan in Self.plans {
                            let answer = try await Self.seen(relation, text, caller, plan, stage)
                            #expect(answer == "0", "\(caller) \(relation), analyzed: \(isAnalyzed), \(plan)")
                        }
                    }
                }
            }
        }
    }

    @Test func `a view that is a bare union is found out`() async throws {
        let stage = try await Self.prepared()
        try await Self.analyze(stage)
        let answer = try await stage.undone {
            try await stage.connection.execute(
                script: """
                    set local role waymark_owner;
                    create view bare with (security_barrier) as
                      select a.id from enrollments e join accounts a on a.id = e.student_id
                       where e.cohort_id = any (waymark.cohort_ids())
                      union all
                      select a.id from enrollments e join accounts a on a.id = e.student_id where waymark.is_admin();
                    grant select on bare to \(stage.schema)_staff;
                    reset role;
                    """)
            return try await Self.seen("bare", "id::text", .staff, Self.plans[2], stage)
        }
        #expect(answer != "0" && Int(answer) != nil, "\(answer)")
    }

    private static func prepared() async throws -> Stage {
        let stage = try await Stage.open()
        try await SecurityFixture.fill(stage)
        return stage
    }

    /// Statistics decide the plan.
    private static func analyze(_ stage: Stage) async throws {
        let tables = try await stage.values(
            "select relname::text from pg_class where relnamespace = '\(stage.schema)'::regnamespace and relkind = 'r'")
        try await stage.script("analyze \(tables.joined(separator: ", "))")
    }

    /// Tables and views the caller may read, each with its readable columns as one text.
    private static func readable(_ caller: Caller, _ stage: Stage) async throws -> [(String, String)] {
        let names = try await stage.values(
            """
            select c.relname || ' ' || string_agg(quote_ident(a.attname), ', ' order by a.attnum)
            from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where c.relnamespace = '\(stage.schema)'::regnamespace and c.relkind in ('r', 'v')
              and has_column_privilege('\(caller.role(in: stage.id))', c.oid, a.attnum, 'select')
            group by c.relname order by c.relname
            """)
        return names.map { line in
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            return (parts[0], "concat_ws('/', \(parts[1]))")
        }
    }

    /// How many rows a condition was given that the relation does not show.
    private static func seen(
        _ relation: String, _ text: String, _ caller: Caller, _ plan: String, _ stage: Stage
    ) async throws -> String {
        let statement = """
            select count(*) from unnest(probe.given((select count(*) from \(relation) where probe.note(\(text))))) g (row)
            where g.row not in (select \(text) from \(relation))
            """
        return try await stage.outcomes(
            of: [statement],
            entering: "\(stage.entry(caller, audience: Plots.audience(relation, caller))) \(plan)")[0]
    }
}
