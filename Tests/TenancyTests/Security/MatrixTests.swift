import Postgres
import Tenancy
import TestSupport
import Testing

/// Every cell of `sql/matrix.csv`, tried on the database itself.
@Suite struct MatrixTests {
    /// Those who come in through the service, as `waymark_app_1`.
    static let served: [Caller] = [.admin, .token, .director, .manager, .staff, .student, .gate, .system]

    @Test func `every table, view, function and role has its cells, and no others`() async throws {
        let matrix = try Matrix.read()
        let stage = try await Stage.open()
        let catalogue = try await Catalogue(stage)
        #expect(matrix.callers == Caller.allCases.map(\.rawValue))
        let roles = try await stage.values(
            "select rolname from pg_roles where rolname like 'inst\\_\(stage.id)\\_%' order by 1")
        #expect(Set(roles).isSubset(of: Caller.allCases.map { $0.role(in: stage.id) }))
        #expect(matrix.relations == Set(catalogue.relations + catalogue.functions.map { "\($0)()" }))
        for caller in Caller.allCases {
            for table in catalogue.tables {
                for command in Matrix.commands {
                    for scope in ["own", "other"] {
                        #expect(
                            matrix.expected(table, command, scope, caller, delegated: true) != nil,
                            "\(table),\(command),\(scope) has no cell for \(caller)")
                    }
                }
                #expect(Plots.own(table, caller) != nil, "Plots.own does not know \(table)")
            }
            for view in catalogue.views {
                #expect(matrix.expected(view, "select", "own", caller, delegated: true) != nil, "\(view) has no cell")
                #expect(Plots.own(view, caller) != nil, "Plots.own does not know \(view)")
            }
            for function in catalogue.functions {
                let allowed = try await stage.values(
                    """
                    select case when has_function_privilege('\(caller.role(in: stage.id))', oid, 'execute')
                      then 'yes' else '-' end
                    from pg_proc where pronamespace = '\(stage.schema)'::regnamespace and proname = '\(function)'
                    """)
                #expect(
                    allowed == [matrix.expected("\(function)()", "execute", "any", caller, delegated: true) ?? ""],
                    "\(function)() for \(caller)")
            }
        }
    }

    @Test func `columns are granted as the matrix lists them`() async throws {
        let matrix = try Matrix.read()
        let stage = try await Stage.open()
        for caller in Caller.allCases where caller != .owner {
            for (key, found) in try await Catalogue.grants(stage, caller) {
                let whole = matrix.expected(key.relation, key.command, "own", caller, delegated: true)
                let other = matrix.expected(key.relation, key.command, "other", caller, delegated: true)
                let listed = matrix.cells[key]?[caller] ?? (whole ?? "-" == "-" && other ?? "-" == "-" ? "-" : "all")
                #expect(found == listed, "\(key) for \(caller)")
            }
            let beyond = try await stage.values(
                """
                select relname || ' ' || p from pg_class, unnest(array['truncate', 'references', 'trigger']) p
                where relnamespace = '\(stage.schema)'::regnamespace and relkind in ('r', 'v', 'm', 'p', 'f')
                  and has_table_privilege('\(caller.role(in: stage.id))', oid, p)
                union all
                select relname from pg_class where relnamespace = '\(stage.schema)'::regnamespace and case when relkind = 'S'
                  then has_sequence_privilege('\(caller.role(in: stage.id))', oid, 'usage, select, update') end
                """)
            #expect(beyond.isEmpty, "\(caller): \(beyond)")
        }
    }

    @Test(arguments: [true, false]) func `own and other rows, after entering as the service does`(
        delegated: Bool
    ) async throws {
        let (run, relations) = try await Self.prepared(delegated: delegated)
        let place = run.stage.place
        let differences = try await run.differences(relations, callers: Self.served, delegated: delegated) {
            statements, caller, audience in
            let work =
                switch caller {
                case .gate: try place.database.deployment.gate(of: place.institution)
                case .system: try place.database.deployment.system(of: place.institution)
                default:
                    try place.database.deployment.work(
                        in: place.institution,
                        tokenHash: caller == .token ? Caller.bytes(token: 1) : Caller.bytes(session: caller.account),
                        audience: try #require(Audience(rawValue: audience)), writing: true)
                }
            return try await work(Probe.query(statements))
        }
        #expect(differences.isEmpty, "\(Self.list(differences))")
    }

    @Test func `own and other rows, for whoever else has a login`() async throws {
        let (run, relations) = try await Self.prepared(delegated: true)
        let differences = try await run.stage.undone {
            try await run.differences(relations, callers: [.owner, .reporter, .none])
        }
        #expect(differences.isEmpty, "\(Self.list(differences))")
    }

    @Test func `nothing of another institution`() async throws {
        let (run, relations) = try await Self.prepared(delegated: true)
        let other = try await TestInstitution.make()
        let tables = try await Catalogue(run.stage).tables
        for caller in Caller.allCases where caller != .owner {
            let differences = try await run.stage.undone {
                try await run.differences(relations, callers: [caller], in: other.institution.schema)
            }
            #expect(differences.isEmpty, "\(Self.list(differences))")
        }
        #expect(run.matrix.elsewhere(.owner) == "yes")
        let seen = try await run.stage.undone {
            try await run.stage.outcomes(
                of: tables.map { "select count(*) from \(other.institution.schema).\($0)" }, as: .owner, audience: "")
        }
        #expect(seen.allSatisfy { Int($0) != nil })
    }

    /// A filled institution and its relations.
    static func prepared(delegated: Bool) async throws -> (MatrixRun, [String]) {
        let stage = try await Stage.open()
        try await SecurityFixture.fill(stage)
        if !delegated { try await stage.script("update settings set cohort_delegation = false") }
        let relations = try await Catalogue(stage).relations
        return (try await MatrixRun(matrix: try Matrix.read(), stage: stage, relations: relations), relations)
    }

    static func list(_ differences: [MatrixRun.Difference]) -> String {
        "\n" + differences.map { "  \($0)" }.sorted().joined(separator: "\n")
    }
}
