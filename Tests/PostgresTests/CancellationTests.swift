import Postgres
import TestSupport
import Testing

@Suite struct CancellationTests {
    private static let sleep = Statement("select pg_sleep(20)")

    @Test func `a cancelled batch ends at once and its connection goes on`() async throws {
        try await withSchema({ $0.size = 1 }) { pool, _ in
            let pid = try await pool.read(SQL("select pg_backend_pid()").value(Int.self))
            let task = Task { try await pool.batch([Self.sleep], affinity: 1) }
            try await pool.untilAsleep()
            let clock = ContinuousClock()
            let spent = await clock.measure {
                task.cancel()
                await #expect(throws: CancellationError.self) { _ = try await task.value }
            }
            #expect(spent < .seconds(10))
            #expect(try await pool.read(SQL("select pg_backend_pid()").value(Int.self)) == pid)
        }
    }

    @Test func `a batch cancelled before it was sent is dropped`() async throws {
        try await withSchema({
            $0.size = 1; $0.depth = 1; $0.spare = 0
        }) { pool, schema in
            let table = SQL(unchecked: "\(schema).t")
            try await pool.exclusive { try await $0.execute(script: "create table \(schema).t (n int)") }
            let busy = Task { try await pool.batch([Self.sleep], affinity: 1) }
            try await pool.untilAsleep()
            let waiting = Task { try await pool.batch([Statement("insert into \(table) values (1)")], affinity: 1) }
            try await eventually { if pool.statistics.shared.waiting == 0 { throw Canary() } }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { _ = try await waiting.value }
            busy.cancel()
            await #expect(throws: CancellationError.self) { _ = try await busy.value }
            let cancelled = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await pool.batch([Statement("insert into \(table) values (1)")], affinity: 1)
            }
            await #expect(throws: CancellationError.self) { _ = try await cancelled.value }
            #expect(try await pool.read(SQL("select count(*) from \(table)").value(Int.self)) == 0)
        }
    }

    @Test func `a batch behind a cancelled one is answered`() async throws {
        try await withSchema({ $0.size = 1 }) { pool, _ in
            let task = Task { try await pool.batch([Self.sleep], affinity: 1) }
            try await pool.untilAsleep()
            async let behind = pool.read(SQL("select 12 from pg_sleep(0.02)").value(Int.self))
            for _ in 0..<500 where pool.statistics.shared.inFlight < 2 { try await Task.sleep(for: .milliseconds(1)) }
            task.cancel()
            #expect(try await behind == 12)
        }
    }

    @Test func `tasks cancelled at random moments disturb nobody`() async throws {
        try await withSchema { pool, schema in
            let table = SQL(unchecked: "\(schema).t")
            try await pool.exclusive { try await $0.execute(script: "create table \(schema).t (canary int, part int)") }
            var generator = Seeded(state: 7)
            let outcomes = await withTaskGroup(of: (Int, Bool, (any Error)?).self) { group in
                for canary in 0..<300 {
                    let victim = canary % 3 == 0
                    let delay = Int.random(in: 0...40, using: &generator)
                    group.addTask {
                        let task = Task {
                            let parts = try await pool.batch(
                                [
                                    Statement("insert into \(table) values (\(canary), 1)", preparedFor: "s"),
                                    Statement(
                                        "select pg_sleep(\(victim ? 0.02 : 0.001)), \(canary)::int as canary",
                                        preparedFor: "s"),
                                    Statement("insert into \(table) values (\(canary), 2)", preparedFor: "s"),
                                ], affinity: canary % 4)
                            #expect(try parts[1].only().get("canary") == canary)
                        }
                        if victim {
                            try? await Task.sleep(for: .milliseconds(delay))
                            task.cancel()
                        }
                        do {
                            try await task.value
                            return (canary, true, nil)
                        } catch {
                            return (canary, false, error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            struct Count: RowDecodable {
                let canary: Int, parts: Int
                init(row: Row) throws { (canary, parts) = (try row.get("canary"), try row.get("parts")) }
            }
            let counts = try await pool.read(
                SQL("select canary, count(*) as parts from \(table) group by 1").all(Count.self))
            #expect(counts.allSatisfy { $0.parts == 2 })
            let stored = Set(counts.map(\.canary))
            for (canary, done, error) in outcomes {
                #expect(done == stored.contains(canary), "canary \(canary): \(String(describing: error))")
                if canary % 3 != 0 { #expect(done, "\(String(describing: error))") }
                if !done { #expect(error is CancellationError) }
            }
            try await eventually { if !(pool.statistics.shared.inFlight == 0) { throw Canary() } }
        }
    }

    @Test func `a slow statement ends by the deadline and keeps its connection`() async throws {
        try await withSchema({
            $0.statementTimeout = .milliseconds(200); $0.size = 1
        }) { pool, _ in
            let pid = try await pool.read(SQL("select pg_backend_pid()").value(Int.self))
            let error = await #expect(throws: PostgresError.self) {
                _ = try await pool.batch([Self.sleep], affinity: 1)
            }
            #expect(error?.kind == .timeout)
            #expect(error?.isTransient == true)
            // Each statement is within the server's limit, all of them are not within the client's.
            let many = Array(repeating: Statement("select pg_sleep(0.15)"), count: 10)
            let sum = await #expect(throws: PostgresError.self) { _ = try await pool.batch(many, affinity: 1) }
            #expect(sum?.kind == .timeout)
            #expect(try await pool.read(SQL("select pg_backend_pid()").value(Int.self)) == pid)
        }
    }

    @Test func `a cancelled transaction is rolled back`() async throws {
        try await withSchema { pool, schema in
            let table = SQL(unchecked: "\(schema).t")
            try await pool.exclusive { try await $0.execute(script: "create table \(schema).t (n int)") }
            let task = Task {
                try await pool.transaction(affinity: 1) { transaction in
                    _ = try await transaction.batch([Statement("insert into \(table) values (1)")])
                    _ = try await transaction.batch([Self.sleep])
                }
            }
            try await pool.untilAsleep()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let quiet = Task {
                try await pool.transaction(affinity: 1) { transaction in
                    _ = try await transaction.batch([Statement("insert into \(table) values (1)")])
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            await #expect(throws: CancellationError.self) { try await quiet.value }
            #expect(try await pool.read(SQL("select count(*) from \(table)").value(Int.self)) == 0)
        }
    }
}
