import Foundation
import Postgres
import PrivatePostgres
import Synchronization
import Tenancy
import TestSupport
import Testing

/// Changes with an `Idempotency-Key`, while the database's processes, the server and the whole database are killed: each
/// request is sent until it is answered, and has one effect.
@Suite(.serialized) struct CrashTests {
    @Test(.timeLimit(.minutes(5))) func `every change has one effect, whatever dies`() async throws {
        let stage = try await CrashStage.start()
        let (_, cohort) = try await stage.college.owner(
            SQL("insert into cohort_categories (name) values ('First-Year')").done(),
            SQL("insert into cohorts (category_id, name) select id, 'Fall' from cohort_categories returning id")
                .value(Int.self))
        // one for the files of each writer, since a milestone takes 50
        let milestones = try await stage.college.owner(
            SQL(
                """
                insert into milestones (cohort_id, title, saved)
                select \(cohort), 'Meet', true from generate_series(1, 8) returning id
                """
            ).values(Int.self))
        let book = Book()
        try await stage.withClient { client in
            let changes = Changes(client: client, cohort: cohort, milestones: milestones)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        for number in 0... {
                            if book.isOver { break }
                            let name = "w\(writer)-\(number)"
                            book.note(name, try await changes.answer(name))
                        }
                    }
                }
                for _ in 0..<2 {
                    for _ in 0..<3 {
                        try await book.waitForMore()
                        try await stage.killBackends()
                    }
                    try await book.waitForMore()
                    try await stage.killServer()
                    try await book.waitForMore()
                    try await stage.killDatabase()
                }
                try await book.waitForMore()
                book.close()
                try await group.waitForAll()
            }
            // Now that nothing runs any more every key has its answer, the one that was given.
            let answers = book.answers
            for (name, text) in answers {
                let again = try await changes.send(name)
                #expect(again.status == 201 && again.text == text, "\(name): \(again.status) \(again.text)")
            }
            let stored = try await stage.college.texts(
                """
                select title from milestones where title <> 'Meet'
                union all select name from milestone_files where complete
                """)
            #expect(stored.count == answers.count)
            #expect(Set(stored) == Set(answers.keys))
        }
        try await stage.end()
    }

    @Test(.timeLimit(.minutes(3))) func `an import that the server's death cut off is done when it is sent again`()
        async throws
    {
        let stage = try await CrashStage.start()
        let rows = (1...15_000).map { "s\($0)@x.edu,Given,Family,\($0)\n" }.joined()
        try await stage.withClient { client in
            @Sendable func send() async throws -> TestClient.Answer {
                try await client.send(
                    "POST", "/imports/students", body: "email,given_name,family_name,student_number\n" + rows,
                    headers: ["Idempotency-Key": "import"])
            }
            async let cut = try? send()
            try await stage.untilWriting()
            try await stage.killServer()
            _ = await cut
            var answer = try? await send()
            while answer?.status != 200 {
                if let answer { #expect([409, 503].contains(answer.status), "\(answer.text)") }
                try await Task.sleep(for: .milliseconds(20))
                answer = try? await send()
            }
            #expect(answer?.number("added") == 15_000)
            #expect(try await send().bytes == answer?.bytes)
        }
        #expect(try await stage.college.texts("select action from audit where action like 'import%'").count == 1)
        #expect(try await stage.college.texts("select id::text from accounts where role = 'student'").count == 15_000)
        try await stage.end()
    }
}

/// The process has no file descriptors left.
extension CrashTests {
    @Test(.timeLimit(.minutes(3)))
    func `out of file descriptors it serves whom it has, and others when there are some`()
        async throws
    {
        let stage = try await CrashStage.start(files: 128)
        let port = stage.port
        func status(over client: RawClient) async throws -> Int {
            await client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return try await client.answer().status
        }
        var first: RawClient?
        while first == nil {
            try await Task.sleep(for: .milliseconds(20))
            first = try? await RawClient.connect(to: port)
        }
        let kept = try #require(first)
        #expect(try await status(over: kept) == 200)
        // connections that say nothing; what the server cannot take waits in the system
        var silent: [RawClient] = []
        while !stage.log.contains(#""event":"accept_failed""#) {
            silent.append(try await RawClient.connect(to: port, tls: false))
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(stage.log.contains(#""cause":"errno 24""#))
        #expect(try await status(over: kept) == 200)
        for client in silent { await client.close() }
        let late = try await RawClient.connect(to: port)
        #expect(try await status(over: late) == 200)
        for client in [kept, late] { await client.close() }
        try await stage.end()
    }
}

/// What only the program itself sets up, not its parts.
extension CrashTests {
    @Test(.timeLimit(.minutes(3))) func `passwords are checked in memory that is kept`() async throws {
        let stage = try await CrashStage.start()
        try await stage.withClient { client in
            // unused memory is given back after a while, so each look follows a password
            var kept = false
            for attempt in 1...5 where !kept {
                _ = try await client.send(
                    "POST", "/session", json: #"{"email":"nobody\#(attempt)@x.edu","password":"four words and more"}"#)
                let collector = try await RawClient.connect(to: stage.metricsPort, tls: false)
                await collector.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
                let metrics = try await collector.answer().body.split(separator: "\n")
                await collector.close()
                kept = metrics.contains { $0.hasPrefix("waymark_password_memory_bytes ") && !$0.hasSuffix(" 0") }
            }
            #expect(kept)
        }
        try await stage.end()
    }
}

/// What was answered, by the name of the change.
private final class Book: Sendable {
    private let written = Mutex((answers: [String: String](), isOver: false))

    var answers: [String: String] { written.withLock { $0.answers } }
    var isOver: Bool { written.withLock { $0.isOver } }

    func note(_ name: String, _ text: String) { written.withLock { $0.answers[name] = text } }

    func close() { written.withLock { $0.isOver = true } }

    /// Work goes on between two deaths.
    func waitForMore() async throws {
        let enough = answers.count + 16
        while answers.count < enough { try await Task.sleep(for: .milliseconds(5)) }
    }
}

/// Changes that would show if they were made twice, each with its name as key: alternately a milestone, in one step, and a
/// file, in several.
private struct Changes: Sendable {
    let client: SecureClient
    let cohort: Int
    /// By writer.
    let milestones: [Int]

    func send(_ name: String) async throws -> TestClient.Answer {
        if let last = name.last?.wholeNumberValue, last % 2 == 1 {
            let milestone = milestones[name.dropFirst().first?.wholeNumberValue ?? 0]
            return try await client.send(
                "POST", "/milestones/\(milestone)/files", body: name, contentType: "text/plain",
                headers: ["Idempotency-Key": name, "Content-Disposition": "attachment; filename=\"\(name)\""])
        }
        return try await client.send(
            "POST", "/cohorts/\(cohort)/milestones", json: #"{"title":"\#(name)"}"#, headers: ["Idempotency-Key": name])
    }

    /// Sends until it is answered.
    func answer(_ name: String) async throws -> String {
        while true {
            let answer = try? await send(name)
            if let answer, answer.status == 201 { return answer.text }
            if let answer, answer.status != 503, answer.status != 409 || answer.text("state") != "running" {
                Issue.record("\(name): \(answer.status) \(answer.text)")
                return answer.text
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// A database and `waymark serve`, each of its own, to be killed.
private final class CrashStage: Sendable {
    let college: TestInstitution
    private let database: PrivateServer
    private let directory: String
    private let certificate: TestCertificate
    private let admin: TestInstitution.Person
    let port: Int
    let metricsPort: Int
    private let files: Int?
    private let folder: TemporaryFolder
    private let server = Mutex<ChildProcess?>(nil)

    /// - Parameter files: file descriptors the server may have; nil for as many as this process.
    static func start(files: Int? = nil) async throws -> CrashStage {
        // what was acknowledged must outlive the postmaster
        let (database, directory) = TestServer.make(options: ["synchronous_commit": "on"])
        do {
            let prepared = try await TestDatabase.prepare(server: try await database.start())
            let college = try await TestInstitution.make(in: prepared)
            let stage = CrashStage(
                college: college, database: database, directory: directory, certificate: try TestCertificate(),
                admin: try await college.person("admin"), port: try FreePort.find(),
                metricsPort: try FreePort.find(), files: files, folder: try TemporaryFolder())
            try stage.serve()
            return stage
        } catch {
            database.kill()
            throw error
        }
    }

    private init(
        college: TestInstitution, database: PrivateServer, directory: String, certificate: TestCertificate,
        admin: TestInstitution.Person, port: Int, metricsPort: Int, files: Int?, folder: TemporaryFolder
    ) {
        self.college = college
        self.database = database
        self.directory = directory
        self.certificate = certificate
        self.admin = admin
        self.port = port
        self.metricsPort = metricsPort
        self.files = files
        self.folder = folder
    }

    deinit {
        if let server = server.withLock({ $0 }), server.isRunning { kill(server.processIdentifier, SIGKILL) }
        database.kill()
        certificate.remove()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Requests as the admin, once the server listens.
    func withClient(_ body: (SecureClient) async throws -> Void) async throws {
        try await SecureClient.with(
            port: port, certificate: certificate, hosts: ["\(college.institution.slug).localhost"]
        ) { clients in
            let client = clients[0].signedIn(as: admin)
            while (try? await client.send("GET", "/me")) == nil { try await Task.sleep(for: .milliseconds(20)) }
            try await body(client)
        }
    }

    /// What the server wrote.
    var log: String { folder.text("out") + folder.text("err") }

    private func serve() throws {
        let program = WaymarkProgram(environment: [
            "WAYMARK_DATABASE_URL": college.database.serviceURL, "WAYMARK_DATABASE_PASSWORD": TestDatabase.password,
            "WAYMARK_PORT": "\(port)", "WAYMARK_METRICS_PORT": "\(metricsPort)",
            "WAYMARK_CERTIFICATE": certificate.certificatePath, "WAYMARK_KEY": certificate.keyPath,
            "WAYMARK_ALLOW_OUTDATED_SERVER": "true",
        ])
        let process = try program.start(["serve"], folder: folder, files: files)
        server.withLock { $0 = process }
    }

    /// Every connection of the service to the database.
    func killBackends() async throws {
        _ = try await ask("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'waymark_app_1'")
    }

    /// As the kernel does where memory runs out; another takes its place.
    func killServer() async throws {
        guard let process = server.withLock({ $0 }) else { return }
        kill(process.processIdentifier, SIGKILL)
        _ = try await process.end()
        try serve()
    }

    func killDatabase() async throws {
        database.kill()
        _ = try await database.start()
    }

    /// Waits until the service has written something it has not committed.
    func untilWriting() async throws {
        let writers: SQL =
            "select pid from pg_stat_activity where usename = 'waymark_app_1' and backend_xid is not null"
        while try await ask(writers).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    }

    private func ask(_ sql: SQL) async throws -> Rows {
        let connection = try await Connection.connect(conninfo: college.database.superuser)
        let answers = try await connection.batch([Statement(sql)])
        await connection.close()
        return answers[0]
    }

    /// Ends both in order.
    func end() async throws {
        guard let process = server.withLock({ $0 }) else { return }
        kill(process.processIdentifier, SIGTERM)
        #expect(try await process.end() == 0, "\(folder.text("err").suffix(2_000))")
        await college.database.deployment.close()
        await college.database.migrator.close()
    }
}

/// A port nobody listens on just now.
private enum FreePort {
    static func find() throws -> Int {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(handle) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(handle, $0, length) == 0 && getsockname(handle, $0, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
