import Foundation
import Postgres
import PrivatePostgres
import TestSupport
import Testing

/// What happens when the server goes away; each on a server of its own.
@Suite struct OutageTests {
    func withServer(
        _ change: (inout Pool.Configuration) -> Void = { _ in },
        _ body: (PrivateServer, Pool) async throws -> Void
    ) async throws {
        let (server, directory) = TestServer.make()
        var configuration = Pool.Configuration(conninfo: try await server.start())
        configuration.statementTimeout = .seconds(5)
        change(&configuration)
        let pool = Pool(configuration)
        let result = await Result { try await body(server, pool) }
        await pool.close()
        server.kill()
        try? FileManager.default.removeItem(atPath: directory)
        try result.get()
    }

    @Test func `a killed server is an error at once and service returns with it`() async throws {
        try await withServer { server, pool in
            let port = server.port
            #expect(try await pool.read(SQL("select 1").value(Int.self)) == 1)
            async let interrupted = Result { try await pool.batch([Statement("select pg_sleep(20)")], affinity: 1) }
            try await Task.sleep(for: .milliseconds(100))
            server.kill()
            let lost = await interrupted.failure as? PostgresError
            #expect(lost?.kind == .connection)
            #expect(lost?.outcomeUnknown == true)
            try await eventually { if !(pool.statistics.shared.open == 0) { throw Canary() } }
            let clock = ContinuousClock()
            let wait = await clock.measure {
                let error = await #expect(throws: PostgresError.self) {
                    _ = try await pool.read(SQL("select 1").value(Int.self))
                }
                #expect(error?.kind == .connection)
                #expect(error?.isTransient == true)
                #expect(error?.outcomeUnknown == false)
            }
            #expect(wait < .seconds(5))
            _ = try await server.start()
            #expect(server.port == port)
            let back = try await clock.measure {
                while (try? await pool.read(SQL("select 1").value(Int.self))) == nil {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            #expect(back < .seconds(5))
        }
    }

    @Test func `a terminated session fails its batch and not those that wait`() async throws {
        try await withSchema({
            $0.size = 1; $0.depth = 1
        }) { pool, _ in
            let pid = try await pool.read(SQL("select pg_backend_pid()").value(Int.self))
            async let victim = Result { try await pool.batch([Statement("select pg_sleep(20)")], affinity: 1) }
            try await Task.sleep(for: .milliseconds(50))
            async let waiting = pool.read(SQL("select 4").value(Int.self))
            try await Task.sleep(for: .milliseconds(20))
            try await pool.exclusive { _ = try await $0(SQL("select pg_terminate_backend(\(pid))").value(Bool.self)) }
            let error = await victim.failure as? PostgresError
            #expect(error?.kind == .connection)
            #expect(error?.sqlState == .adminShutdown)
            #expect(try await waiting == 4)
        }
    }

    @Test func `an idle session that was terminated is replaced without an error`() async throws {
        try await withSchema({ $0.size = 1 }) { pool, _ in
            for _ in 0..<3 {
                let pid = try await pool.read(SQL("select pg_backend_pid()").value(Int.self))
                try await pool.exclusive {
                    _ = try await $0(SQL("select pg_terminate_backend(\(pid), 1000)").value(Bool.self))
                }
                try await Task.sleep(for: .milliseconds(20))
                #expect(try await pool.read(SQL("select pg_backend_pid()").value(Int.self)) != pid)
            }
        }
    }

    @Test func `a terminated transaction throws and its connection is not used again`() async throws {
        try await withSchema { pool, _ in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.transaction(affinity: 1) { transaction in
                    let pid = try await transaction(SQL("select pg_backend_pid()").value(Int.self))
                    _ = try await pool.read(SQL("select pg_terminate_backend(\(pid), 1000)").value(Bool.self))
                    _ = try await transaction.batch([Statement("select 1")])
                }
            }
            #expect(error?.kind == .connection)
            let two = try await pool.transaction(affinity: 1) { try await $0(SQL("select 2").value(Int.self)) }
            #expect(two == 2)
        }
    }

    @Test func `a stopped server costs no more than the deadline and service returns`() async throws {
        try await withServer({
            $0.statementTimeout = .milliseconds(500); $0.size = 2; $0.depth = 2
        }) { server, pool in
            #expect(try await pool.read(SQL("select 1").value(Int.self)) == 1)
            server.signal(SIGSTOP)
            let clock = ContinuousClock()
            let kinds = await withTaskGroup(of: (PostgresError.Kind?, Duration).self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        var kind: PostgresError.Kind?
                        let spent = await clock.measure {
                            kind =
                                (await Result { try await pool.read(SQL("select 1").value(Int.self)) }.failure
                                as? PostgresError)?.kind
                        }
                        return (kind, spent)
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(kinds.allSatisfy { [.timeout, .connection, .poolExhausted].contains($0.0) }, "\(kinds)")
            #expect(kinds.contains { $0.0 == .timeout })
            #expect(kinds.allSatisfy { $0.1 < .seconds(5) })
            server.signal(SIGCONT)
            let back = try await clock.measure {
                while (try? await pool.read(SQL("select 1").value(Int.self))) == nil {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            #expect(back < .seconds(5))
        }
    }

    @Test func `that a batch was cancelled does not hide that it may have been done`() async throws {
        try await withServer({ $0.size = 1 }) { server, pool in
            #expect(try await pool.read(SQL("select 1").value(Int.self)) == 1)
            server.signal(SIGSTOP)
            let running = Task { try await pool.read(SQL("select 2").value(Int.self)) }
            try await Task.sleep(for: .milliseconds(50))
            running.cancel()
            let error = await running.result.failure as? PostgresError
            #expect(error?.outcomeUnknown == true)
            server.signal(SIGCONT)
        }
    }

    @Test func `a server keeps its data over a stop and a kill`() async throws {
        try await withServer { server, pool in
            try await pool.exclusive { try await $0.execute(script: "create table kept as select 1 as n") }
            await server.stop()
            _ = try await server.start()
            server.kill()
            _ = try await server.start()
            var count: Int?
            while count == nil { count = try? await pool.read(SQL("select count(*) from kept").value(Int.self)) }
            #expect(count == 1)
        }
    }
}
