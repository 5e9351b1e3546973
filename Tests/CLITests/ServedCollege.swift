import Casework
import Foundation
import Postgres
import PrivatePostgres
import Synchronization
import Tenancy
import TestSupport
import Testing

/// A database and `waymark serve`, each of its own, to be killed.
final class ServedCollege: Sendable {
    let college: TestInstitution
    let database: PrivateServer
    private let directory: String
    let certificate: TestCertificate
    let admin: TestInstitution.Person
    let port: Int
    let metricsPort: Int
    private let files: Int?
    private let environment: [String: String]
    private let folder: TemporaryFolder
    private let server = Mutex<ChildProcess?>(nil)

    /// - Parameters:
    ///   - files: file descriptors the server may have; nil for as many as this process.
    ///   - settings: of the server (`WAYMARK_*`), besides or in place of those it needs; asked for once the database is ready.
    static func start(
        files: Int? = nil, settings: (TestDatabase.Prepared) async throws -> [String: String] = { _ in [:] }
    ) async throws -> ServedCollege {
        // what was acknowledged must outlive the postmaster
        let (database, directory) = TestServer.make(options: ["synchronous_commit": "on"])
        do {
            let prepared = try await TestDatabase.prepare(server: try await database.start())
            let college = try await TestInstitution.make(in: prepared)
            let stage = ServedCollege(
                college: college, database: database, directory: directory,
                certificate: try TestCertificate(names: ["\(college.institution.slug).localhost"]),
                admin: try await college.person("admin"), port: try FreePort.find(),
                metricsPort: try FreePort.find(), files: files,
                environment: try await settings(prepared), folder: try TemporaryFolder())
            try stage.serve()
            return stage
        } catch {
            database.kill()
            throw error
        }
    }

    private init(
        college: TestInstitution, database: PrivateServer, directory: String, certificate: TestCertificate,
        admin: TestInstitution.Person, port: Int, metricsPort: Int, files: Int?,
        environment: [String: String], folder: TemporaryFolder
    ) {
        self.college = college
        self.database = database
        self.directory = directory
        self.certificate = certificate
        self.admin = admin
        self.port = port
        self.metricsPort = metricsPort
        self.files = files
        self.environment = environment
        self.folder = folder
    }

    deinit {
        if let server = server.withLock({ $0 }), server.isRunning { kill(server.processIdentifier, SIGKILL) }
        database.kill()
        certificate.remove()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Requests as the admin, once the server listens.
    /// - Parameter other: the port of a proxy before it.
    func withClient(through other: Int? = nil, _ body: (SecureClient) async throws -> Void) async throws {
        try await SecureClient.with(
            port: other ?? port, certificate: certificate, hosts: ["\(college.institution.slug).localhost"]
        ) { clients in
            let client = clients[0].signedIn(as: admin)
            while (try? await client.send("GET", "/me").status) != 200 { try await Task.sleep(for: .milliseconds(20)) }
            try await body(client)
        }
    }

    /// What the server wrote.
    var log: String { folder.text("out") + folder.text("err") }

    private func serve() throws {
        let own = [
            "WAYMARK_DATABASE_URL": college.database.serviceURL, "WAYMARK_DATABASE_PASSWORD": TestDatabase.password,
            "WAYMARK_PORT": "\(port)", "WAYMARK_METRICS_PORT": "\(metricsPort)",
            "WAYMARK_CERTIFICATE": certificate.certificatePath, "WAYMARK_KEY": certificate.keyPath,
            "WAYMARK_ALLOW_OUTDATED_SERVER": "true",
        ]
        let program = WaymarkProgram(environment: own.merging(environment) { $1 })
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

    /// Has somebody a password, who had none.
    func setPassword(_ password: String, of account: Int) async throws {
        let hash = try await PasswordHasher(cost: .weak).hash(password)
        try await college.run("update accounts set password_hash = \(hash) where id = \(account)")
    }

    /// A number that the superuser finds.
    func number(_ sql: SQL) async throws -> Int {
        try await ask(sql).first.map { try $0.get("count") } ?? 0
    }

    private func ask(_ sql: SQL) async throws -> Rows {
        let connection = try await Connection.connect(conninfo: college.database.superuser)
        let answers = try await connection.batch([Statement(sql)])
        await connection.close()
        return answers[0]
    }

    /// As a system does it; waits until the server has ended in order.
    func stopServer() async throws {
        guard let process = server.withLock({ $0 }) else { return }
        if process.isRunning { kill(process.processIdentifier, SIGTERM) }
        #expect(try await process.end() == 0, "\(folder.text("err").suffix(2_000))")
    }

    /// Ends both in order.
    func end() async throws {
        try await stopServer()
        await college.database.deployment.close()
        await college.database.migrator.close()
    }
}

/// A port nobody listens on just now, below those that the kernel gives to outgoing connections.
enum FreePort {
    static func find() throws -> Int {
        for port in (UInt16(20_000)..<32_000).shuffled().prefix(1_000) {
            let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(handle) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let isFree = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isFree { return Int(port) }
        }
        throw POSIXError(.EADDRNOTAVAIL)
    }
}
