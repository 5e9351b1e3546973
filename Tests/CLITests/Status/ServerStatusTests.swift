import Casework
import Foundation
import Postgres
import Synchronization
import Tenancy
import TestSupport
import Testing

/// What `waymark status` says of servers and of slow institutions: real ones, on a database of their own.
@Suite struct ServerStatusTests {
    /// Processes that end with the test.
    private final class Fleet: Sendable {
        let place: TestInstitution
        let certificate: TestCertificate
        let folder: TemporaryFolder
        private let processes = Mutex<[ChildProcess]>([])

        init(_ place: TestInstitution) throws {
            self.place = place
            certificate = try TestCertificate(names: ["\(place.institution.slug).localhost"])
            folder = try TemporaryFolder()
        }

        deinit {
            for process in processes.withLock({ $0 }) where process.isRunning {
                kill(process.processIdentifier, SIGKILL)
            }
            certificate.remove()
        }

        func start(_ command: String, port: Int = 0) throws -> ChildProcess {
            var environment = [
                "WAYMARK_DATABASE_URL": place.database.serviceURL, "WAYMARK_DATABASE_PASSWORD": TestDatabase.password,
            ]
            if command == "serve" {
                environment.merge([
                    "WAYMARK_PORT": "\(port)", "WAYMARK_METRICS_PORT": "0", "WAYMARK_WORKER": "false",
                    "WAYMARK_CERTIFICATE": certificate.certificatePath, "WAYMARK_KEY": certificate.keyPath,
                    "WAYMARK_ALLOW_OUTDATED_SERVER": "true",
                ]) { $1 }
            }
            let process = try WaymarkProgram(environment: environment).start([command], folder: folder)
            processes.withLock { $0.append(process) }
            return process
        }
    }

    private struct Document: Decodable {
        struct Server: Decodable {
            let program, host, version, state: String
            let pid, upSeconds, silentSeconds: Int
        }

        struct Slow: Decodable {
            let slug: String
            let requests, slow: Int
            let medianSeconds: Double?
        }

        let database: String
        let servers: [Server]
        let slowest: [Slow]

        /// By process id.
        var states: [Int: String] { Dictionary(servers.map { ($0.pid, $0.state) }) { $1 } }
    }

    private func status(_ ground: StatusGround) async throws -> Document {
        try JSONDecoder().decode(Document.self, from: Data(try await ground.run("status", "--json").utf8))
    }

    /// Asks until it is so.
    private func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        for _ in 0..<600 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("\(what): not within half a minute")
    }

    @Test func `each server and worker is shown from its start to its end, and what they found slow`() async throws {
        try await StatusGround.with { ground in
            #expect(try await ground.run("status").contains("none has said within an hour that it runs"))
            let place = try await TestInstitution.make(in: ground.database)
            let admin = try await place.person("admin")
            let fleet = try Fleet(place)
            let port = try FreePort.find()
            let first = try fleet.start("serve", port: port)
            let second = try fleet.start("serve", port: try FreePort.find())
            let worker = try fleet.start("work")
            let all = [first, second].map { (Int($0.processIdentifier), "serving") }
            let expected = Dictionary(all + [(Int(worker.processIdentifier), "working")]) { $1 }
            try await eventually("all are there") { try await status(ground).states == expected }
            let shown = try await status(ground)
            #expect(shown.servers.map(\.program) == ["serve", "serve", "work"])
            #expect(shown.servers.allSatisfy { !$0.host.isEmpty && $0.version == "1.0.0" && $0.upSeconds < 600 })
            #expect(shown.database.hasPrefix("PostgreSQL") && shown.slowest.isEmpty)

            try await SecureClient.with(
                port: port, certificate: fleet.certificate, hosts: ["\(place.institution.slug).localhost"]
            ) { clients in
                for _ in 0..<3 {
                    let me = try await clients[0].signedIn(as: admin).send("GET", "/me")
                    #expect(me.status == 200)
                }
            }
            // a request that is under way keeps the first one from ending
            let caller = try await RawClient.connect(to: port)
            await caller.send(
                """
                POST /api/v1/imports/students?dryRun=true HTTP/1.1\r\nHost: \(place.institution.slug).localhost:\(port)\r\n\
                Authorization: Bearer \(admin.token.text)\r\nContent-Type: text/csv\r\nContent-Length: 40\r\n\
                Expect: 100-continue\r\n\r\nemail,given
                """)
            try await eventually("it has begun") { !caller.bytes.isEmpty }
            kill(first.processIdentifier, SIGTERM)
            try await eventually("it finishes what it has begun") {
                try await status(ground).states[Int(first.processIdentifier)] == "draining"
            }
            let slow = try await status(ground).slowest
            #expect(slow.map(\.slug) == [place.institution.slug])
            #expect(slow.first?.requests == 3 && (slow.first?.medianSeconds ?? 0) > 0)
            #expect(
                try await ground.run("status").contains("slowest       \(place.institution.slug): 3 requests, half"))
            await caller.send("_name,family_name\na@b.edu,A,B")
            #expect(try await first.end() == 0, "\(fleet.folder.text("err"))")
            try await eventually("its last request is answered") {
                String(decoding: caller.bytes, as: UTF8.self).contains(" 200 OK")
            }
            #expect(try await status(ground).states[Int(first.processIdentifier)] == nil)

            // killed, it cannot say that it is gone
            kill(second.processIdentifier, SIGKILL)
            _ = try await second.end()
            let superuser = try await Connection.connect(conninfo: ground.database.superuser)
            try await superuser.execute(
                script: "update waymark.servers set seen_at = now() - interval '4 minutes' where program = 'serve'")
            #expect(try await status(ground).states[Int(second.processIdentifier)] == "silent")
            try await superuser.execute(
                script: "update waymark.servers set seen_at = now() - interval '61 minutes' where program = 'serve'")
            #expect(try await status(ground).states[Int(second.processIdentifier)] == nil)
            let third = try fleet.start("serve", port: try FreePort.find())
            try await eventually("the next one is there") {
                try await status(ground).states[Int(third.processIdentifier)] == "serving"
            }
            let rows = try await superuser.batch([Statement("select count(*)::int as n from waymark.servers")])
            let count: Int = try rows[0].only().get("n")
            #expect(count == 2, "it swept out what was killed")
            await superuser.close()
            for process in [worker, third] {
                kill(process.processIdentifier, SIGTERM)
                #expect(try await process.end() == 0)
            }
            #expect(try await status(ground).servers.isEmpty)
        }
    }

    @Test func `a service login keeps servers of its own, one that came later too`() async throws {
        try await StatusGround.with { ground in
            let insert: SQL = """
                insert into waymark.servers (id, program, host, pid, version, started_at, draining, slowest)
                values (gen_random_uuid(), 'serve', 'h', 1, '1', now(), false, '[]')
                """
            try await Cluster.prepare(
                superuser: ground.database.superuser, partitions: [1, 2],
                passwords: ["waymark_app_2": TestDatabase.password])
            let first = try await Connection.connect(conninfo: ground.database.serviceURL)
            let second = try await Connection.connect(
                conninfo: try TestDatabase.url(ground.database.superuser, user: "waymark_app_2"))
            for service in [first, second] { _ = try await service.batch([Statement(insert)]) }
            for refused: SQL in [
                "update waymark.servers set login = 'waymark_app_2'", "select slowest from waymark.servers",
                "insert into waymark.servers (id, login) values (gen_random_uuid(), 'waymark_app_2')",
            ] {
                await #expect(throws: PostgresError.self, "\(refused)") { try await first.batch([Statement(refused)]) }
            }
            let own = try await second.batch([Statement("delete from waymark.servers returning login")])
            #expect(try own[0].map { try $0.get("login") as String } == ["waymark_app_2"])
            #expect(try await status(ground).servers.count == 1)
            await first.close()
            await second.close()
        }
    }
}
