import Postgres
import Testing

@Suite struct StepTests {
    @Test func `row security keeps states, flags and columns`() async throws {
        let (run, _) = try await MatrixTests.prepared(delegated: true)
        let failures = try await run.stage.undone { try await Self.failures(of: Step.all, on: run.stage) }
        #expect(failures.isEmpty, "\(failures)")
    }

    /// Steps whose answer is another.
    static func failures(of steps: [Step], on stage: Stage) async throws -> [String] {
        var failures: [String] = []
        for (caller, mine) in Dictionary(grouping: steps, by: \.caller) {
            for (audience, group) in Dictionary(grouping: mine, by: { Plots.audience($0.relation, caller) }) {
                let answers = try await stage.outcomes(of: group.map(\.statement), as: caller, audience: audience)
                for (step, answer) in zip(group, answers) where step.answer != answer {
                    failures.append("\(step): expected \(step.answer), found \(answer)")
                }
            }
        }
        return failures
    }
}
