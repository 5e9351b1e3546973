import Postgres
import PrivatePostgres
import TestSupport
import Testing

@Suite struct PoolTests {
    @Test func `queries are answered each by its own type`() async throws {
        try await withSchema { pool, _ in
            let (number, text, none, _) = try await pool.run(
                first: [Statement("select 1")], preparedFor: "a", affinity: 1,
                SQL("select 40 + \(2)::int").value(Int.self),
                SQL("select \("x")::text || 'y'").value(String.self).map { $0 + "!" },
                SQL("select 1 where false").optionalValue(Int.self),
                SQL("select").done())
            #expect(number == 42)
            #expect(text == "xy!")
            #expect(none == nil)
        }
    }

    @Test func `too many waiting are refused at once and the others wait for a bounded time`() async throws {
        try await withPool({
            $0.size = 1; $0.depth = 1; $0.spare = 0; $0.maxWaiting = 3; $0.waitTimeout = .milliseconds(500)
        }) { pool in
            try await eventually { _ = try await pool.batch([], affinity: 1) }
            let busy = Task { try await pool.batch([Statement("select pg_sleep(20)")], affinity: 1) }
            for _ in 0..<500 where pool.statistics.shared.inFlight == 0 { try await Task.sleep(for: .milliseconds(1)) }
            let errors = await withTaskGroup(of: PostgresError?.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        await #expect(throws: PostgresError.self) {
                            _ = try await pool.batch([Statement("select 1")], affinity: 1)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(errors.allSatisfy { $0?.kind == .poolExhausted && $0?.isTransient == true })
            #expect(errors.count { $0?.message.hasPrefix("too many") == true } == 7)
            busy.cancel()
            await #expect(throws: CancellationError.self) { _ = try await busy.value }
        }
    }

    @Test func `transactions are bounded too`() async throws {
        try await withPool({
            $0.exclusive = 2; $0.waitTimeout = .milliseconds(200)
        }) { pool in
            try await eventually {
                try await pool.transaction(affinity: 1) { _ in try await pool.transaction(affinity: 1) { _ in } }
            }
            try await pool.transaction(affinity: 1) { _ in
                try await pool.transaction(affinity: 1) { _ in
                    let error = await #expect(throws: PostgresError.self) {
                        try await pool.transaction(affinity: 1) { _ in }
                    }
                    #expect(error?.kind == .poolExhausted)
                    #expect(pool.statistics.exclusive.busy == 2)
                }
            }
            try await eventually { if !(pool.statistics.exclusive.inFlight == 0) { throw Canary() } }
        }
    }

    @Test func `long transactions wait longer, and leave the others their connections`() async throws {
        try await withPool({
            $0.exclusive = 1; $0.long = 1; $0.waitTimeout = .milliseconds(200); $0.longWaitTimeout = .seconds(30)
        }) { pool in
            try await eventually { try await pool.transaction(affinity: 1) { _ in } }
            let second = try await pool.transaction(affinity: 1, isLong: true) { _ in
                let second = Task { try await pool.transaction(affinity: 2, isLong: true) { _ in true } }
                for _ in 0..<500 where pool.statistics.long.waiting == 0 { try await Task.sleep(for: .milliseconds(1)) }
                try await pool.transaction(affinity: 1) { _ in }
                try await Task.sleep(for: .milliseconds(300))
                #expect(pool.statistics.long.waiting == 1)
                return second
            }
            #expect(try await second.value)
        }
    }

    @Test func `a closed pool finishes what it accepted and refuses the rest`() async throws {
        let pool = Pool(Pool.Configuration(conninfo: try await TestServer.url()))
        try await eventually { _ = try await pool.batch([], affinity: 1) }
        let accepted = Task { try await pool.read(SQL("select 6 from pg_sleep(0.5)").value(Int.self)) }
        for _ in 0..<500 where pool.statistics.shared.inFlight == 0 { try await Task.sleep(for: .milliseconds(1)) }
        await pool.close()
        #expect(try await accepted.value == 6)
        let error = await #expect(throws: PostgresError.self) { _ = try await pool.batch([], affinity: 1) }
        #expect(error?.kind == .connection)
        #expect(pool.statistics.open == 0)
    }

    @Test func `closing cuts what takes longer than its limit`() async throws {
        let pool = Pool(Pool.Configuration(conninfo: try await TestServer.url()))
        try await eventually { _ = try await pool.batch([], affinity: 1) }
        let slow = Task { try await pool.batch([Statement("select pg_sleep(20)")], affinity: 1) }
        for _ in 0..<500 where pool.statistics.shared.inFlight == 0 { try await Task.sleep(for: .milliseconds(1)) }
        let spent = await ContinuousClock().measure { await pool.close(within: .milliseconds(100)) }
        #expect(spent < .seconds(5))
        let error = await #expect(throws: PostgresError.self) { _ = try await slow.value }
        #expect(error?.outcomeUnknown == true)
    }

    @Test func `a connection is replaced at the end of its life`() async throws {
        try await withSchema({
            $0.size = 1; $0.maxLifetime = .milliseconds(200)
        }) { pool, _ in
            let first = try await pool.read(SQL("select pg_backend_pid()").value(Int.self))
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await pool.read(SQL("select pg_backend_pid()").value(Int.self)) != first)
        }
    }

    @Test func `login, name and limit are ours and the rest the connection string's`() async throws {
        let url = try await TestServer.url() + "?options=-c%20work_mem%3D3MB"
        try await withSchema({
            $0.conninfo = url; $0.applicationName = "waymark test"; $0.statementTimeout = .seconds(9)
        }) { pool, _ in
            let (name, limit, memory) = try await pool.run(
                first: [], preparedFor: nil, affinity: 1, SQL("show application_name").value(String.self),
                SQL("show statement_timeout").value(String.self), SQL("show work_mem").value(String.self))
            #expect((name, limit, memory) == ("waymark test", "9s", "3MB"))
            #expect(try await pool.read(SQL("show lock_timeout").value(String.self)) == "2s")
            let idle = try await pool.exclusive { connection in
                try await connection.batch([Statement("show idle_in_transaction_session_timeout")])[0][0]
                    .get("idle_in_transaction_session_timeout") as String
            }
            #expect(idle == "1min")
        }
        let user = "u\(UInt32.random(in: 0...UInt32.max))"
        try await withSchema { pool, _ in
            try await pool.exclusive { try await $0.execute(script: "create role \(user) login password 'x'") }
            var configuration = Pool.Configuration(conninfo: try await TestServer.url() + "?password=x", user: user)
            configuration.size = 1
            let other = Pool(configuration)
            #expect(try await other.read(SQL("select session_user::text").value(String.self)) == user)
            await other.close()
            try await pool.exclusive { try await $0.execute(script: "drop role \(user)") }
        }
    }
}
