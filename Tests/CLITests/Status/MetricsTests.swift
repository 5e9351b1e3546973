import Events
import Foundation
import Postgres
import Synchronization
import Tenancy
import TestSupport
import Testing

@testable import CLI

/// What `serve` and `work` export, the programs themselves, on a database of their own.
@Suite struct MetricsTests {
    /// What one program exports: the lines of `/metrics`.
    private struct Exported {
        /// By name.
        var types: [String: String] = [:]
        var helps: [String: String] = [:]
        /// Names of labels, without `le`, by name.
        var labels: [String: [String]] = [:]
        /// By name and labels, as they stand there.
        var values: [String: Double] = [:]

        init(_ text: String) {
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ", maxSplits: 3).map(String.init)
                if line.hasPrefix("# TYPE "), words.count == 4 {
                    types[words[2]] = words[3]
                } else if line.hasPrefix("# HELP "), words.count == 4 {
                    helps[words[2]] = words[3]
                } else if let match = line.wholeMatch(of: /([a-z_]+)(?:\{(.*)\})? (\S+)/) {
                    let name = String(match.1)
                    let family = types[name] == nil ? name.replacing(/_(bucket|sum|count)$/, with: "") : name
                    let all = (match.2 ?? "").matches(of: /([a-z]+)="/).map { String($0.1) }
                    labels[family] = all.filter { $0 != "le" }
                    values[match.2.map { "\(name){\($0)}" } ?? name] = Double(match.3)
                }
            }
        }
    }

    /// A row of the handbook's table.
    private struct Row: Equatable {
        let type, labels, meaning: String
        let programs: Set<String>
    }

    /// The rows by name: series and labels, type, unit, who exports it, meaning.
    private func handbook() throws -> [String: Row] {
        let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let text = try String(contentsOf: root.appendingPathComponent("docker/README.md"), encoding: .utf8)
        var rows: [String: Row] = [:]
        for line in text.split(separator: "\n") {
            guard
                let match = line.wholeMatch(
                    of: /\| `([a-z_]+)(?:\{([a-z,]+)\})?` \| (.*?) \| (.*?) \| (.*?) \| (.*) \|/)
            else { continue }
            rows[String(match.1)] = Row(
                type: String(match.3), labels: String(match.2 ?? ""), meaning: String(match.6),
                programs: Set(match.5.split(separator: ", ").map(String.init)))
            let unit = String(match.4)
            let isSeconds = match.1.contains("_seconds"), isBytes = match.1.hasSuffix("_bytes")
            #expect(isSeconds == unit.hasPrefix("seconds") && isBytes == (unit == "bytes"), "\(line)")
        }
        return rows
    }

    private func get(_ path: String, _ port: Int) async throws -> (status: Int, body: String) {
        let client = try await RawClient.connect(to: port, tls: false)
        await client.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        let answer = try await client.answer()
        return (answer.status, answer.body)
    }

    /// Asks until it is so. A process has to start, a file to rest, and a loop to come round.
    private func eventually(
        _ what: String, _ port: Int, _ condition: (Exported) throws -> Bool
    ) async throws -> Exported {
        var last = Exported("")
        for _ in 0..<3_000 {
            if let answer = try? await get("/metrics", port) {
                last = Exported(answer.body)
                if try condition(last) { return last }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("\(what): not within five minutes: \(last.values.filter { $0.key.contains("job") })")
        return last
    }

    /// One mail failed and one waits, a reminder is to be sent, a roster has been due for twenty minutes, whose server nobody may
    /// ask, and a file lies in the folder.
    private func disorder(_ place: TestInstitution, _ folder: TemporaryFolder) async throws {
        _ = try await place.person("student")
        let cohort = try await place.cohort()
        try await place.run(
            """
            insert into enrollments (cohort_id, student_id, joined_at)
            select \(cohort.id), id, now() - interval '9 days' from accounts
            """)
        try await place.run(
            """
            insert into milestones (cohort_id, title, due_on, reminders, saved)
            values (\(cohort.id), 'Due', current_date + 1, '{1,2}', true)
            """)
        try await place.run("update settings set student_visibility = true, reminder_hour = 0")
        try await place.run(
            """
            insert into mails (account_id, kind, day, since, message_id, state, settled_at, due_at)
            select id, 'reminder', current_date - n, current_date - n - 1, 'm' || n, s, t, d from accounts,
              (values (30, 'failed', now(), null), (31, 'waiting', null, now() - interval '10 minutes')) x (n, s, t, d)
            """)
        try await place.run(
            """
            update roster_sources set enabled = true, base_url = 'https://127.0.0.1:1/x', token_url = 'https://127.0.0.1:1/t',
              client_id = 'c', done_at = now()
            """)
        try await place.run("insert into roster_runs (state) values ('waiting')")
        try await place.run("update import_folders set enabled = true")
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/import/\(place.institution.slug)", withIntermediateDirectories: true)
        try folder.write(
            "email,given_name,family_name\nb@x.edu,Bo,B\n", to: "import/\(place.institution.slug)/students.csv")
        try await Sweeper(
            database: .init(pool: .init(conninfo: place.database.serviceURL)), observers: .none
        ).sweepAll()
        try await place.run(
            """
            update waymark.institutions set work_at = now() - interval '10 minutes', roster_at = now() - interval '20 minutes'
            where id = \(place.institution.id)
            """)
    }

    @Test func `serve and work export what the handbook lists and no more, jobs among it`() async throws {
        try await StatusGround.with { ground in
            let place = try await TestInstitution.make(in: ground.database)
            let certificate = try TestCertificate(names: ["\(place.institution.slug).localhost"])
            defer { certificate.remove() }
            let folder = try TemporaryFolder()
            let fleet = Mutex<[ChildProcess]>([])
            defer {
                for process in fleet.withLock({ $0 }) where process.isRunning {
                    kill(process.processIdentifier, SIGKILL)
                }
            }
            // what a program writes lies in a folder of its own
            func start(
                _ command: String, _ settings: [String: String]
            ) throws -> (process: ChildProcess, output: TemporaryFolder) {
                let output = try TemporaryFolder()
                let own = [
                    "WAYMARK_DATABASE_URL": place.database.serviceURL,
                    "WAYMARK_DATABASE_PASSWORD": TestDatabase.password, "WAYMARK_ALLOW_OUTDATED_SERVER": "true",
                    "WAYMARK_CERTIFICATE": certificate.certificatePath, "WAYMARK_KEY": certificate.keyPath,
                    "WAYMARK_MAIL_SERVER": "file://\(folder.path)/mail", "WAYMARK_MAIL_SENDER": "r@example.edu",
                    "WAYMARK_IMPORT_FOLDER": "\(folder.path)/import",
                ]
                let process = try WaymarkProgram(environment: own.merging(settings) { $1 })
                    .start([command], folder: output)
                fleet.withLock { $0.append(process) }
                return (process, output)
            }
            try await disorder(place, folder)
            let ports = (serve: try FreePort.find(), metrics: try FreePort.find(), work: try FreePort.find())

            // a server that leaves the work to others sees what waits
            let server = try start(
                "serve",
                [
                    "WAYMARK_PORT": "\(ports.serve)", "WAYMARK_METRICS_PORT": "\(ports.metrics)",
                    "WAYMARK_WORKER": "false",
                ])
            var served = try await eventually("the first look", ports.metrics) {
                $0.values[#"waymark_jobs{kind="mail",state="failed"}"#] != nil
            }
            for (kind, state, count) in [
                ("mail", "waiting", 1.0), ("mail", "failed", 1), ("roster", "waiting", 1), ("roster", "failed", 0),
                ("folder", "failed", 0), ("sweep", "waiting", 0),
            ] {
                #expect(
                    served.values[#"waymark_jobs{kind="\#(kind)",state="\#(state)"}"#] == count, "\(kind) \(state)")
            }
            #expect(served.values[#"waymark_jobs{kind="folder",state="waiting"}"#] == nil, "no folder is watched here")
            func oldest(_ kind: String, _ exported: Exported) -> Double {
                exported.values[#"waymark_jobs_oldest_seconds{kind="\#(kind)"}"#] ?? -1
            }
            #expect((600.0..<3_000).contains(oldest("mail", served)), "\(oldest("mail", served))")
            #expect((1_200.0..<3_000).contains(oldest("roster", served)))
            #expect(oldest("sweep", served) == 0)

            // a worker does it, and says how long it took
            let worker = try start("work", ["WAYMARK_WORK_METRICS_PORT": "\(ports.work)"])
            func ended(_ kind: String, _ outcome: String, _ exported: Exported) -> Double {
                exported.values[#"waymark_job_seconds_count{kind="\#(kind)",outcome="\#(outcome)"}"#] ?? 0
            }
            let worked = try await eventually("all kinds have ended", ports.work) {
                ended("mail", "done", $0) == 1 && ended("roster", "failed", $0) == 1 && ended("folder", "done", $0) == 1
                    && ended("sweep", "done", $0) == 1 && oldest("mail", $0) == 0 && oldest("roster", $0) == 0
                    && $0.values[#"waymark_jobs{kind="folder",state="waiting"}"#] == 0
            }
            #expect(oldest("folder", worked) == 0)
            #expect((worked.values[#"waymark_job_seconds_sum{kind="folder",outcome="done"}"#] ?? 0) > 0)
            #expect((worked.values["waymark_sweep_last_run_seconds"] ?? 0) > Date().timeIntervalSince1970 - 3_600)
            let alive = try await get("/healthz", ports.work)
            #expect(alive.status == 200 && alive.body == "ok")
            #expect(try await get("/nothing", ports.work).status == 404)

            // a second one on the same port says so and ends
            let second = try start("work", ["WAYMARK_WORK_METRICS_PORT": "\(ports.work)"])
            #expect(try await second.process.end() == 1)
            let said = second.output.text("err")
            #expect(said.contains("port \(ports.work) on 127.0.0.1 is in use"), "\(said)")

            try await SecureClient.with(
                port: ports.serve, certificate: certificate, hosts: ["\(place.institution.slug).localhost"]
            ) { clients in
                let refused = try await clients[0].send("GET", "/me")
                #expect(refused.status == 401)
            }
            let listed = try handbook()
            func names(of program: String) -> Set<String> {
                Set(listed.filter { $0.value.programs.contains(program) }.keys)
            }
            served = try await eventually("serve exports all that the handbook lists", ports.metrics) {
                names(of: "serve").subtracting(names(of: "work")).isSubset(of: $0.types.keys)
            }
            for (program, exported) in [("serve", served), ("work", worked)] {
                #expect(Set(exported.types.keys).subtracting(names(of: program)) == [], "the handbook lacks these")
                for (name, type) in exported.types {
                    let row = listed[name]
                    #expect(row?.type == type, "\(name)")
                    #expect(row?.meaning == exported.helps[name], "\(name)")
                    if let labels = exported.labels[name] {
                        #expect(row?.labels == labels.joined(separator: ","), "\(name)")
                    }
                }
            }
            #expect(names(of: "work").subtracting(worked.types.keys) == [], "the handbook invents these")
            for (process, output) in [worker, server] {
                kill(process.processIdentifier, SIGTERM)
                #expect(try await process.end() == 0, "\(output.text("err"))")
            }
        }
    }
}
