import Casework
import Foundation
import Logging
import Postgres
import PrivatePostgres
import Synchronization
import Tenancy
import TestSupport
import Testing
import Web

/// The database dies under a server that goes on, on a cluster of its own.
@Suite struct DatabaseOutageTests {
    @Test(.timeLimit(.minutes(1)))
    func `clients are told to come back, and served again soon after the database is`() async throws {
        let (database, directory) = TestServer.make()
        defer {
            database.kill()
            try? FileManager.default.removeItem(atPath: directory)
        }
        let prepared = try await TestDatabase.prepare(server: try await database.start())
        let (superuser, migrator) = (prepared.superuser, prepared.migrator)
        let college = try await migrator.create(slug: "college", name: "College", timeZone: "UTC")
        #expect(college.slug == "college")
        let deployment = Deployment(.init(pool: .init(conninfo: prepared.serviceURL)))  // as impatient as a real one
        try await age(in: superuser)
        try await RunningServer.with(deployment: deployment) { server in
            try await eventually { try await body("/readyz", server).contains("1 institutions are not current") }
            #expect(try await status("/readyz", server) == 503)
            _ = try await migrator.migrate()
            try await eventually { try await status("/readyz", server) == 200 }
            try await age(in: superuser)
            #expect(try await status("/readyz", server) == 200, "what serves goes on while a newer one migrates")
            #expect(try await status("/api/v1/me", server) == 401)
            let load = Load()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 { group.addTask { try await load.run(server) } }
                try await Task.sleep(for: .milliseconds(300))
                database.kill()
                let killed = ContinuousClock.now
                try await eventually { try await status("/readyz", server) == 503 }
                #expect(ContinuousClock.now - killed < .seconds(5))
                #expect(try await status("/healthz", server) == 200)
                try await Task.sleep(for: .milliseconds(300))
                _ = try await database.start()
                let back = ContinuousClock.now
                try await eventually { try await status("/readyz", server) == 200 }
                try await eventually { try await status("/api/v1/me", server) == 401 }
                #expect(ContinuousClock.now - back < .seconds(5))
                load.stop()
                try await group.waitForAll()
            }
            expectOneLineForEachCause(server, refusals: load.statuses[503] ?? 0)
            try await freeze(database, server)
            #expect(Set(load.statuses.keys) == [401, 503], "\(load.statuses)")
            #expect(load.withoutRetryAfter == 0)
            #expect(load.slowest < .seconds(5))
        }
        await deployment.close()
        await migrator.close()
    }

    /// The log tells each cause once in ten seconds, however many requests it refused; the metrics count every one.
    private func expectOneLineForEachCause(_ server: RunningServer, refusals: Int) {
        let told = server.log.lines.filter { $0.values["event"] == "request_refused" }
        let byCause = Dictionary(grouping: told) { $0.values["cause"] ?? "" }
        #expect(byCause.keys.contains { $0.hasPrefix("database_") })
        for (cause, lines) in byCause {
            #expect(lines.count <= 6, "\(cause) is told once in ten seconds, and this test has a minute")
            #expect(lines.first?.message.isEmpty == false)
        }
        let lines = server.metrics.text().split(separator: "\n")
        let counted = lines.filter { $0.hasPrefix(#"waymark_events_total{event="request_refused""#) }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
        #expect(counted >= refusals)
    }

    /// A database that hangs: the server says within its deadline that it is not ready, from the first time that it is asked,
    /// and whose requests are in flight is told within seconds.
    private func freeze(_ database: PrivateServer, _ server: RunningServer) async throws {
        var caught: [RawClient] = []
        for _ in 0..<24 { caught.append(try await RawClient.connect(to: server.port)) }
        let request = try Load.request()
        database.signal(SIGSTOP)
        defer { database.signal(SIGCONT) }
        let frozen = ContinuousClock.now
        for client in caught { await client.send(request) }
        var ready = 0
        repeat {
            let asked = ContinuousClock.now
            ready = try await status("/readyz", server)
            #expect(ContinuousClock.now - asked < .seconds(2), "a deadline of its own")
            try await Task.sleep(for: .milliseconds(20))
        } while ready != 503
        #expect(ContinuousClock.now - frozen < .seconds(4), "what it knew has held for 1.5 s at most")
        for client in caught {
            let answer = try await client.answer(within: .seconds(60))
            #expect(answer.status == 503 && answer.headers["retry-after"] != nil)
            await client.close()
        }
        #expect(ContinuousClock.now - frozen < .seconds(15), "a few seconds, and not until the database thaws")
        let asked = ContinuousClock.now
        for _ in 0..<5 { #expect(try await status("/readyz", server) == 503) }
        #expect(ContinuousClock.now - asked < .seconds(2), "asked five times, and the database not waited for")
        #expect(try await status("/healthz", server) == 200)
        database.signal(SIGCONT)
        try await eventually(.seconds(10)) { try await status("/readyz", server) == 200 }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a few institutions that are not current keep no server from being ready`() async throws {
        let (database, directory) = TestServer.make()
        defer {
            database.kill()
            try? FileManager.default.removeItem(atPath: directory)
        }
        let prepared = try await TestDatabase.prepare(server: try await database.start())
        let (superuser, migrator) = (prepared.superuser, prepared.migrator)
        for slug in ["one", "two", "three"] {
            _ = try await migrator.create(slug: slug, name: slug, timeZone: "UTC")
        }
        let deployment = Deployment(.init(pool: .init(conninfo: prepared.serviceURL)))  // as impatient as a real one
        #expect(try await deployment.schemaStates() == .init(current: 3, outdated: 0))
        try await age(in: superuser, but: 2)
        #expect(try await deployment.schemaStates() == .init(current: 2, outdated: 1))
        try await RunningServer.with(deployment: deployment) { server in
            try await eventually { try await status("/readyz", server) == 200 }
            #expect(try await body("/readyz", server).contains("1 institutions are not current"))
            #expect(server.log.lines.contains { $0.values["event"] == "schemas_outdated" && $0.level == .warning })
            #expect(server.metrics.text().contains(#"waymark_institutions{schema="outdated"} 1"#))
        }
        try await age(in: superuser, but: 1)
        #expect(try await deployment.schemaStates().isQuorumCurrent == false)
        await deployment.close()
        await migrator.close()
    }

    /// Gives institutions definitions of another version.
    /// - Parameter current: how many keep theirs.
    private func age(in superuser: String, but current: Int = 0) async throws {
        let connection = try await Connection.connect(conninfo: superuser)
        try await connection.execute(
            script: """
                update waymark.institution_changes set checksum = 'other' where version = 'definitions'
                   and institution_id > (select coalesce(max(id), 0) from (
                     select id from waymark.institutions order by id limit \(current)) x)
                """)
        await connection.close()
    }

    private func status(_ path: String, _ server: RunningServer) async throws -> Int {
        try await answer(path, server).status
    }

    private func body(_ path: String, _ server: RunningServer) async throws -> String {
        try await answer(path, server).body
    }

    private func answer(_ path: String, _ server: RunningServer) async throws -> HTTP1Answer {
        let client = try await RawClient.connect(to: server.port)
        await client.send("GET \(path) HTTP/1.1\r\nHost: college.localhost\r\nConnection: close\r\n\r\n")
        return try await client.answer(within: .seconds(10))
    }
}

/// Clients that ask again and again over connections they keep.
private final class Load: Sendable {
    private struct Seen {
        var statuses: [Int: Int] = [:]
        var withoutRetryAfter = 0
        var slowest = Duration.zero
        var stopped = false
    }

    private let seen = Mutex(Seen())

    var statuses: [Int: Int] { seen.withLock { $0.statuses } }
    var withoutRetryAfter: Int { seen.withLock { $0.withoutRetryAfter } }
    var slowest: Duration { seen.withLock { $0.slowest } }

    func stop() {
        seen.withLock { $0.stopped = true }
    }

    /// A token that enters nowhere still asks the database.
    static func request() throws -> String {
        let token = SessionToken(kind: .session, institution: 1, secret: try Secret.random()).text
        return "GET /api/v1/me HTTP/1.1\r\nHost: college.localhost\r\nAuthorization: Bearer \(token)\r\n\r\n"
    }

    func run(_ server: RunningServer) async throws {
        let request = try Self.request()
        let client = try await RawClient.connect(to: server.port)
        while !seen.withLock({ $0.stopped }) {
            let start = ContinuousClock.now
            await client.send(request)
            let answer = try await client.answer(within: .seconds(10))
            let time = ContinuousClock.now - start
            seen.withLock {
                $0.statuses[answer.status, default: 0] += 1
                if answer.status == 503, answer.headers["retry-after"] == nil { $0.withoutRetryAfter += 1 }
                $0.slowest = max($0.slowest, time)
            }
        }
    }
}
