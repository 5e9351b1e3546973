import Postgres
import Testing

/// Every policy spoilt in every way the test knows, each in a transaction that is rolled back: the matrix or the steps
/// must notice. A mutant that changes nothing anybody could see is listed with its reason.
@Suite struct MutantTests {
    static let equivalent: [String: String] = [:]

    @Test(arguments: 0..<2) func `a spoilt policy is noticed`(half: Int) async throws {
        let (run, _) = try await MatrixTests.prepared(delegated: true)
        var survivors: [String] = []
        var count = 0
        for (number, policy) in try await Policy.all(run.stage).enumerated() where number % 2 == half {
            for mutant in Mutant.all(of: policy, in: run.stage.schema) {
                count += 1
                let noticed = try await run.stage.undone {
                    try await run.stage.connection.execute(script: mutant.ddl)
                    return try await Self.notices(mutant, run)
                }
                if !noticed { survivors.append(mutant.description) }
            }
        }
        #expect(count > 150)
        let unknown = Set(survivors).subtracting(Self.equivalent.keys)
        #expect(unknown.isEmpty, "not noticed:\n\(unknown.sorted().joined(separator: "\n"))")
    }

    private static func notices(_ mutant: Mutant, _ run: MatrixRun) async throws -> Bool {
        let relation = mutant.policy.table
        let callers = Caller.allCases.filter { $0 != .none && $0 != .reporter }.sorted { first, second in
            concerns(first, mutant, run) && !concerns(second, mutant, run)
        }
        for caller in callers {
            if !(try await run.differences([relation], callers: [caller])).isEmpty { return true }
            let steps = Step.all.filter { $0.relation == relation && $0.caller == caller }
            if !(try await StepTests.failures(of: steps, on: run.stage)).isEmpty { return true }
        }
        try await run.stage.connection.execute(script: "update settings set cohort_delegation = false")
        return !(try await run.differences([relation], callers: [.director, .manager], delegated: false)).isEmpty
    }

    private static func concerns(_ caller: Caller, _ mutant: Mutant, _ run: MatrixRun) -> Bool {
        mutant.policy.roles.contains(caller.role(in: run.stage.id))
    }
}
