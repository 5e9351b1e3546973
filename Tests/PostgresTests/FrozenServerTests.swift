import Events
import Foundation
import PrivatePostgres
import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// Keeps what it is told.
final class EventCollector: Sendable {
    private let kept = Mutex<[any Event]>([])

    var observers: Observers { Observers([{ event in self.kept.withLock { $0.append(event) } }]) }

    func all<E: Event>(_ type: E.Type) -> [E] { kept.withLock { $0.compactMap { $0 as? E } } }
}

/// What a server that is away, or does not answer, does to requests, and what is said of it.
extension OutageTests {
    @Test func `while the server is away requests are refused at once, and the events say why and for how long`()
        async throws
    {
        let events = EventCollector()
        try await withServer({ $0.observers = events.observers }) { server, pool in
            #expect(try await pool.read(SQL("select 1").value(Int.self)) == 1)
            server.kill()
            try await eventually {
                if pool.figures.refusals[.away] == nil { _ = await refusal(of: pool); throw Canary() }
            }
            let clock = ContinuousClock()
            let spent = await clock.measure {
                for _ in 0..<200 {
                    let error = await refusal(of: pool)
                    #expect(error?.kind == .connection && error?.outcomeUnknown == false)
                    #expect(error?.message.contains("refused") == true, "\(error?.message ?? "")")
                }
            }
            #expect(spent < .seconds(5))  // each for itself would have waited 2 s
            _ = try await server.start()
            let back = try await clock.measure {
                try await eventually { _ = try await pool.read(SQL("select 1").value(Int.self)) }
            }
            #expect(back < .seconds(5))
            #expect(events.all(ConnectionLost.self).allSatisfy { $0.place == "127.0.0.1:\(server.port ?? 0)/postgres" })
            #expect(!events.all(ConnectionLost.self).isEmpty)
            #expect(events.all(ConnectingFailed.self).first?.cause == "unreachable")
            #expect(events.all(DatabaseRequestRefused.self).count { $0.reason == .away } >= 200)
            #expect(events.all(ConnectedAgain.self).first.map { $0.away > .zero } == true)
        }
    }

    @Test func `a wrong password is the cause that is told`() async throws {
        let events = EventCollector()
        let url = try await TestServer.url().replacing(/:[^:@\/]+@/) { _ in ":wrong@" }
        try await withPool({
            $0.conninfo = url; $0.observers = events.observers
        }) { pool in
            try await eventually {
                if pool.figures.refusals[.away] == nil { _ = await refusal(of: pool); throw Canary() }
            }
            #expect(events.all(ConnectingFailed.self).first?.cause == "28P01")
            #expect(await refusal(of: pool)?.sqlState == "28P01")
        }
    }

    @Test func `a frozen server is found out: what hangs fails, what comes is refused, and service returns`()
        async throws
    {
        let events = EventCollector()
        try await withServer({
            $0.observers = events.observers; $0.statementTimeout = .seconds(60); $0.patience = .seconds(1)
        }) { server, pool in
            #expect(try await pool.read(SQL("select 1").value(Int.self)) == 1)
            try await pool.transaction(affinity: 1) { _ in }
            server.signal(SIGSTOP)
            let clock = ContinuousClock()
            let spent = try await clock.measure {
                let errors = await withTaskGroup(of: PostgresError?.self) { group in
                    for _ in 0..<30 { group.addTask { await refusal(of: pool) } }
                    group.addTask {
                        await Result { try await pool.transaction(affinity: 1) { _ in } }.failure as? PostgresError
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(errors.allSatisfy { $0?.isTransient == true })
                #expect(errors.contains { $0?.outcomeUnknown == true })
                try await eventually {
                    if pool.figures.refusals[.away] == nil { _ = await refusal(of: pool); throw Canary() }
                }
            }
            #expect(spent < .seconds(15))  // and not a minute
            let refused = await clock.measure { for _ in 0..<100 { _ = await refusal(of: pool) } }
            #expect(refused < .seconds(5))
            #expect(!events.all(ConnectionStalled.self).isEmpty && !events.all(ServerFrozen.self).isEmpty)
            server.signal(SIGCONT)
            let back = try await clock.measure {
                try await eventually { _ = try await pool.read(SQL("select 1").value(Int.self)) }
            }
            #expect(back < .seconds(5))
            #expect(!events.all(ConnectedAgain.self).isEmpty)
        }
    }

    @Test func `a statement that is merely slow ends in its own time, and others go on beside it`() async throws {
        let events = EventCollector()
        try await withServer({
            $0.observers = events.observers; $0.statementTimeout = .seconds(60); $0.patience = .milliseconds(300)
            $0.size = 1; $0.exclusive = 1
        }) { server, pool in
            try await eventually { _ = try await pool.read(SQL("select 1").value(Int.self)) }
            async let slow = pool.read(SQL("select 7 from pg_sleep(4)").value(Int.self))
            async let transaction = pool.transaction(affinity: 1) {
                try await $0(SQL("select 8 from pg_sleep(4)").value(Int.self))
            }
            for _ in 0..<40 {
                #expect(
                    try await pool.run(first: [], preparedFor: nil, affinity: 2, SQL("select 1").value(Int.self)) == 1)
                try await Task.sleep(for: .milliseconds(50))
            }
            try await pool.transaction(affinity: 2) { _ in }
            #expect(try await slow == 7)
            #expect(try await transaction == 8)
            #expect(!events.all(ConnectionStalled.self).isEmpty)
            #expect(events.all(ConnectionLost.self).isEmpty && events.all(ServerFrozen.self).isEmpty)
        }
    }

    @Test func `a cancel that one backend cannot honour does not close its connection`() async throws {
        try await withServer({
            $0.statementTimeout = .seconds(60); $0.waitTimeout = .seconds(60); $0.size = 1; $0.spare = 0
        }) { server, pool in
            let pid = try await pool.read(SQL("select pg_backend_pid()").value(Int.self))
            let head = Task { try await pool.batch([Statement("select pg_sleep(60)")], affinity: 1) }
            try await pool.untilAsleep()
            kill(pid_t(pid), SIGSTOP)
            head.cancel()
            async let behind = pool.batch([Statement("select pg_backend_pid()")], affinity: 2)
            try await Task.sleep(for: .seconds(3))  // longer than a server that is gone is waited for
            kill(pid_t(pid), SIGCONT)
            #expect(try await behind[0].only().get(at: 0) == pid)
            await #expect(throws: CancellationError.self) { _ = try await head.value }
        }
    }

    @Test func `a slow batch gives way to those sent behind it, and is done in the end`() async throws {
        let events = EventCollector()
        try await withServer({
            $0.observers = events.observers; $0.statementTimeout = .seconds(60); $0.size = 1
        }) { server, pool in
            try await pool.exclusive { try await $0.execute(script: "create table notes (n int)") }
            try await eventually { _ = try await pool.read(SQL("select 1").value(Int.self)) }
            let slow = Task {
                try await pool.batch(
                    [Statement("insert into notes values (1)"), Statement("select pg_sleep(2)")], affinity: 1)
            }
            for _ in 0..<500 where pool.statistics.shared.inFlight == 0 { try await Task.sleep(for: .milliseconds(1)) }
            let quick = try await pool.run(
                first: [], preparedFor: nil, affinity: 2, SQL("select count(*) from notes").value(Int.self))
            #expect(quick == 0)
            #expect(try await slow.value.count == 2)
            #expect(try await pool.read(SQL("select count(*) from notes").value(Int.self)) == 1)
            #expect(events.all(BatchGaveWay.self).count <= 1 && pool.figures.gaveWay <= 1)
        }
    }

    @Test func `one institution's flood of slow statements does not stand before another's quick ones`() async throws {
        try await withServer { _, pool in
            try await eventually { _ = try await pool.read(SQL("select 1").value(Int.self)) }
            let clock = ContinuousClock()
            let waits = try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        while !Task.isCancelled {
                            _ = try await pool.batch([Statement("select pg_sleep(0.05)")], affinity: 1)
                        }
                    }
                }
                try await Task.sleep(for: .milliseconds(500))
                var waits: [Duration] = []
                for _ in 0..<100 {
                    waits.append(
                        try await clock.measure { _ = try await pool.batch([Statement("select 1")], affinity: 2) })
                }
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .failure(let error) = result { #expect(error is CancellationError, "\(error)") }
                }
                return waits.sorted()
            }
            // Behind the flood it would be ten times that: twelve statements of 50 ms on each connection.
            #expect(waits[50] < .milliseconds(50), "\(waits)")
        }
    }

    @Test func `a batch's time begins when it is its turn`() async throws {
        try await withServer({
            $0.statementTimeout = .seconds(5); $0.waitTimeout = .seconds(60); $0.size = 1; $0.spare = 0
        }) { _, pool in
            try await eventually { _ = try await pool.read(SQL("select 1").value(Int.self)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for affinity in 1...30 {
                    group.addTask { _ = try await pool.batch([Statement("select pg_sleep(0.2)")], affinity: affinity) }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `what took too long is told: a statement and a wait for a lock`() async throws {
        let events = EventCollector()
        try await withServer({
            $0.observers = events.observers; $0.statementTimeout = .seconds(1);
            $0.lockTimeout = .milliseconds(100)
        }) { _, pool in
            try await pool.exclusive { try await $0.execute(script: "create table held as select 1 as n") }
            try await eventually { _ = try await pool.read(SQL("select 1").value(Int.self)) }
            await #expect(throws: PostgresError.self) {
                try await pool.batch([Statement("select pg_sleep(20)")], affinity: 1)
            }
            try await pool.exclusive { connection in
                _ = try await connection.batch([Statement("begin"), Statement("lock table held")])
                await #expect(throws: PostgresError.self) {
                    try await pool.batch([Statement("select n from held")], affinity: 1)
                }
            }
            #expect(Set(events.all(StatementTimedOut.self).map(\.cause)) == ["57014", "55P03"])
            let figures = pool.figures
            #expect(figures.statementMisses > 0 && figures.preparedStatements > 0 && figures.loopLag >= .zero)
        }
    }
}

/// The error of a request that fails.
private func refusal(of pool: Pool) async -> PostgresError? {
    await Result { try await pool.read(SQL("select 1").value(Int.self)) }.failure as? PostgresError
}
