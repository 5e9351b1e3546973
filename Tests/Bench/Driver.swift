import Casework
import Foundation
import Glibc
import Postgres
import Tenancy

/// What the driver costs by itself: no server, no TLS.
extension Bench {
    /// (e) `enter` and what a dashboard asks through the pool, by 16 tasks at once, against pgbench with the same SQL. pgbench
    /// reads no value of what it gets; our first line does not either, our second one makes a dashboard.
    static func driver(_ stage: Stage, time: Int) async throws -> [Line] {
        let baseline = try await pgbenchDashboard(stage, time: time)
        let unread = try await rounds(stage, seconds: time) { work in
            _ = try await work(SQL(unchecked: DashboardRepository.statement).done())
        }
        let kept = KeptContent()
        let read = try await rounds(stage, seconds: time) { work in
            _ = try await DashboardRepository.read(in: work, kept: kept)
        }
        return [("answers not read", unread), ("read into values", read)].map { name, ours in
            Line(
                what: "(e) driver, \(name) ÷ pgbench",
                ours: "\(rate(ours.perSecond)), \(String(format: "%.1f", ours.processor)) µs of CPU",
                baseline: rate(baseline), ratio: ours.perSecond / baseline, aim: "≥ 0.9")
        }
    }

    /// The dashboard's SQL by pgbench, the better of 4 and 16 clients.
    static func pgbenchDashboard(_ stage: Stage, time: Int) async throws -> Double {
        let script = pipeline([entering(stage.institution), DashboardRepository.statement])
        var best = 0.0
        for clients in [4, 16] {
            let found = try await pgbench(
                script, url: stage.service, clients: clients, seconds: time, searchPath: stage.institution.schema,
                directory: stage.directory)
            best = max(best, found)
        }
        return best
    }

    /// One of the sessions made for pgbench enters.
    static func entering(_ institution: Institution) -> String {
        "select \(institution.schema).enter(decode(lpad(to_hex(:i::int), 64, '0'), 'hex'), 'student', false)"
    }

    /// Rounds a second by 16 tasks, and this process's processor time for each, in microseconds.
    private static func rounds(
        _ stage: Stage, seconds: Int, _ round: @escaping @Sendable (UnitOfWork) async throws -> Void
    ) async throws -> (perSecond: Double, processor: Double) {
        func run(_ seconds: Int) async throws -> Int {
            let end = ContinuousClock.now + .seconds(seconds)
            return try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in 0..<16 {
                    group.addTask {
                        var count = 0
                        while .now < end {
                            let token = stage.tokens[(worker * 4 + count) % stage.tokens.count]
                            let work = try stage.deployment.work(
                                in: stage.institution, tokenHash: token.hash, audience: .student, writing: false)
                            try await round(work)
                            count += 1
                        }
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
        }
        _ = try await run(1)
        let before = processorTime()
        let count = try await run(seconds)
        return (Double(count) / Double(seconds), (processorTime() - before) * 1e6 / Double(count))
    }

    private static func processorTime() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }
}
