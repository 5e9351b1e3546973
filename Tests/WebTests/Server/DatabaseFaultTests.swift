import Casework
import Foundation
import HTTPTypes
import Postgres
import PrivatePostgres
import Synchronization
import Tenancy
import TestSupport
import Testing
import Web

/// What can befall a database under writers, on a cluster of its own: the log says why, nobody waits long, nothing that was
/// acknowledged is lost, and service comes back by itself.
@Suite struct DatabaseFaultTests {
    /// What befalls it.
    enum Fault: String, CaseIterable {
        case stopped, paused, backendsKilled, passwordRotated, connectionsUsedUp

        /// An event of which one is told, with its cause where that is always the same.
        var told: [String] {
            switch self {
            case .stopped: ["database_connection_lost", "database_connecting_failed"]
            case .paused: ["database_frozen"]
            case .backendsKilled: ["database_connection_lost"]
            case .passwordRotated: ["database_connecting_failed 28P01"]
            case .connectionsUsedUp: ["database_connecting_failed 53300"]
            }
        }

        /// Nobody need notice that single backends went.
        var isOutage: Bool { self != .backendsKilled }
    }

    /// For how long it is paused: longer than a client waits, and than the breaker's pauses between two tries.
    private static let pause = Duration.seconds(15)

    @Test(.timeLimit(.minutes(2)), arguments: Fault.allCases)
    func `writers are told at once and lose nothing`(_ fault: Fault) async throws {
        // What was committed must be there afterwards, so these are as in production.
        let (database, directory) = TestServer.make(options: ["fsync": "on", "synchronous_commit": "on"])
        defer {
            database.kill()
            try? FileManager.default.removeItem(atPath: directory)
        }
        let prepared = try await TestDatabase.prepare(server: try await database.start())
        let place = try await TestInstitution.make(in: prepared)
        let admin = try await place.person("admin")
        let log = LogBook()
        let observation = Observation(logger: log.logger)
        var pool = Pool.Configuration(conninfo: prepared.serviceURL)
        pool.observers = observation.observers
        let deployment = Deployment(.init(pool: pool))
        let host = "\(place.institution.slug).localhost"
        let start = ContinuousClock.now
        let writers = Writers()
        try await RunningServer.with(deployment: deployment) { server in
            try await SecureClient.with(server, hosts: [host]) { clients in
                var client = try #require(clients.first)
                client.token = admin.token.text
                try await withThrowingTaskGroup(of: Void.self) { [client] group in
                    for number in 1...4 { group.addTask { try await writers.run(number, client) } }
                    try await until { writers.acknowledged.count >= 20 }
                    let befallen = ContinuousClock.now
                    try await inflict(fault, on: database, prepared)
                    try await until { fault.told.contains { told in log.events.contains { $0.hasPrefix(told) } } }
                    if fault.isOutage {
                        let before = writers.refusals.count
                        try await until { writers.refusals.count >= before + 40 }
                        let late = writers.refusals.suffix(20).sorted()
                        #expect(late[10] < .seconds(1), "refused at once, not after a wait: \(late)")
                    }
                    if fault == .paused { try await Task.sleep(until: befallen + Self.pause, clock: .continuous) }
                    try await repair(fault, on: database, prepared)
                    let repaired = ContinuousClock.now
                    let done = writers.acknowledged.count
                    try await until { writers.acknowledged.count > done }
                    let back = ContinuousClock.now - repaired
                    #expect(back < .seconds(5), "\(back) until somebody is served again")
                    try await until { writers.acknowledged.count >= done + 20 }
                    writers.stop()
                    try await group.waitForAll()
                }
            }
        }
        let stored = try await place.owner(("select name from cohort_categories" as SQL).values(String.self))
        #expect(Set(writers.acknowledged).subtracting(stored) == [], "acknowledged and lost")
        #expect(writers.unexpected == [])
        // One line for each kind and cause in ten seconds, however many requests it concerned.
        let intervals = Int((ContinuousClock.now - start) / .seconds(10)) + 1
        for (event, lines) in Dictionary(grouping: log.events, by: \.self) {
            #expect(lines.count <= intervals + 1, "\(event)")
        }
        let metrics = observation.metrics.text()
        for event in Set(log.lines.compactMap { $0.values["event"] }) {
            #expect(metrics.contains(#"waymark_events_total{event="\#(event)""#))
        }
        await deployment.close()
        await prepared.deployment.close()
        await prepared.migrator.close()
    }

    private func inflict(_ fault: Fault, on database: PrivateServer, _ prepared: TestDatabase.Prepared) async throws {
        // The change is committed before connections end: one that is made anew must meet it.
        func endConnections() async throws {
            try await run(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'waymark_app_1'", prepared)
        }
        switch fault {
        case .stopped: await database.stop()
        case .paused: database.signal(SIGSTOP)
        case .backendsKilled: try await endConnections()
        case .passwordRotated:
            try await run("alter role waymark_app_1 password 'another'", prepared)
            try await endConnections()
        case .connectionsUsedUp:
            try await run("alter role waymark_app_1 connection limit 0", prepared)
            try await endConnections()
        }
    }

    private func repair(_ fault: Fault, on database: PrivateServer, _ prepared: TestDatabase.Prepared) async throws {
        switch fault {
        case .stopped: _ = try await database.start()
        case .paused: database.signal(SIGCONT)
        case .backendsKilled: break
        case .passwordRotated:
            try await run("alter role waymark_app_1 password '\(TestDatabase.password)'", prepared)
        case .connectionsUsedUp: try await run("alter role waymark_app_1 connection limit -1", prepared)
        }
    }

    private func run(_ script: String, _ prepared: TestDatabase.Prepared) async throws {
        let connection = try await Connection.connect(conninfo: prepared.superuser)
        try await connection.execute(script: script)
        await connection.close()
    }

    /// The test's own time limit ends what never comes.
    private func until(_ holds: () -> Bool) async throws {
        while !holds() { try await Task.sleep(for: .milliseconds(10)) }
    }
}

extension LogBook {
    /// Name and cause of each event told.
    fileprivate var events: [String] {
        lines.compactMap { line in
            guard let event = line.values["event"] else { return nil }
            return line.values["cause"].map { "\(event) \($0)" } ?? event
        }
    }
}

/// Clients that make one category after another, and note what became of each.
private final class Writers: Sendable {
    private struct Seen {
        var acknowledged: [String] = []
        var refusals: [Duration] = []
        var unexpected: [String] = []
        var isStopped = false
    }

    private let seen = Mutex(Seen())

    var acknowledged: [String] { seen.withLock { $0.acknowledged } }
    /// How long each 503 took.
    var refusals: [Duration] { seen.withLock { $0.refusals } }
    /// Answers that are neither 201 nor 503 with `Retry-After`.
    var unexpected: [String] { seen.withLock { $0.unexpected } }

    func stop() {
        seen.withLock { $0.isStopped = true }
    }

    func run(_ writer: Int, _ client: SecureClient) async throws {
        for number in 1... {
            if seen.withLock({ $0.isStopped }) { return }
            let name = "\(writer)/\(number)"
            let start = ContinuousClock.now
            let answer = try await client.send("POST", "/categories", json: #"{"name":"\#(name)"}"#)
            let time = ContinuousClock.now - start
            seen.withLock { seen in
                switch answer.status {
                case 201: seen.acknowledged.append(name)
                case 503 where answer.headers[.retryAfter] != nil: seen.refusals.append(time)
                default: seen.unexpected.append("\(name): \(answer.status)")
                }
            }
        }
    }
}
