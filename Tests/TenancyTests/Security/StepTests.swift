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
        for mine in Dictionary(grouping: steps, by: { entry($0, stage) }) {
            let answers = try await stage.outcomes(of: mine.value.map(\.statement), entering: mine.key)
            for (step, answer) in zip(mine.value, answers) where step.answer != answer {
                failures.append("\(step): expected \(step.answer), found \(answer)")
            }
        }
        return failures
    }

    private static func entry(_ step: Step, _ stage: Stage) -> String {
        let audience = step.audience ?? Plots.audience(step.relation, step.caller)
        if let account = step.account { return stage.entry(hash: Caller.hash(session: account), audience: audience) }
        return stage.entry(step.caller, audience: audience)
    }
}
