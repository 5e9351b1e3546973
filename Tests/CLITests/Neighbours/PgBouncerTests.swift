import Foundation
import Postgres
import Synchronization
import Tenancy
import TestSupport
import Testing

/// `waymark serve` behind PgBouncer with the settings of `docker/pgbouncer.ini`.
@Suite(.serialized, .enabled(if: Neighbour.has(Bouncer.path))) struct PgBouncerTests {
    @Test(.timeLimit(.minutes(5))) func `institutions share its connections, and each sees its own`() async throws {
        let bouncer = try Bouncer()
        let stage = try await ServedCollege.start { try bouncer.start(before: $0) }
        let other = try await TestInstitution.make(in: stage.college.database)
        let places = [(stage.college, stage.admin), (other, try await other.person("admin"))]
        let hosts = places.map { "\($0.0.institution.slug).localhost" }
        try await stage.withClient { _ in
            try await SecureClient.with(port: stage.port, certificate: stage.certificate, hosts: hosts) { clients in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (place, client) in zip(places, clients) {
                        let client = client.signedIn(as: place.1)
                        let slug = place.0.institution.slug
                        for writer in 0..<6 {
                            group.addTask {
                                for number in 0..<12 {
                                    let made = try await client.send(
                                        "POST", "/categories",
                                        json: #"{"name":"\#(slug) \#(writer) \#(number)"}"#)
                                    #expect(made.status == 201, "\(made.text)")
                                    let found = try await client.send("GET", "/categories?limit=200")
                                    let names = found.text.matches(of: /"name":"([a-z0-9]+)\s/).map {
                                        String($0.output.1)
                                    }
                                    #expect(found.status == 200 && names.count > number)
                                    #expect(names.allSatisfy { $0 == slug }, "\(names)")
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
        for (place, _) in places {
            #expect(try await place.number("select count(*)::int from cohort_categories") == 72)
        }
        let open: SQL = "select count(*)::int as count from pg_stat_activity where usename = 'waymark_app_1'"
        let backends = try await stage.number(open)
        #expect((1...Bouncer.connections).contains(backends), "\(backends) of 12 clients at once")
        try await stage.end()
    }

    @Test(.timeLimit(.minutes(5))) func `every change has one effect, also where it dies`() async throws {
        let bouncer = try Bouncer()
        let stage = try await ServedCollege.start { try bouncer.start(before: $0) }
        try await stage.withClient { client in
            let changes = try await CountedChanges(to: stage.college, by: client)
            try await changes.make { book in
                for _ in 0..<3 {
                    try await book.waitForMore()
                    try await bouncer.crash()
                    try await book.waitForMore()
                    try await stage.killBackends()
                }
            }
            try await changes.expectOneEffectEach(in: stage.college.owner)
            let rows = (1...6_000).map { "s\($0)@x.edu,Given,Family,\($0)\n" }.joined()
            let imported = try await client.send(
                "POST", "/imports/students", body: "email,given_name,family_name,student_number\n" + rows)
            #expect(imported.status == 200 && imported.number("added") == 6_000, "\(imported.text.suffix(500))")
        }
        try await stage.end()
    }
}

/// PgBouncer before a prepared database.
private final class Bouncer: Sendable {
    static let path = "/usr/sbin/pgbouncer"
    /// To PostgreSQL, at most.
    static let connections = 10

    private let folder: TemporaryFolder
    private let port: Int
    private let running = Mutex<Neighbour?>(nil)

    init() throws {
        folder = try TemporaryFolder()
        port = try FreePort.find()
    }

    /// - Returns: the settings of a server that reaches its database through it.
    func start(before database: TestDatabase.Prepared) throws -> [String: String] {
        let place = try #require(URLComponents(string: database.superuser))
        let name = place.path.dropFirst()
        let users = try folder.write("\"waymark_app_1\" \"\(TestDatabase.password)\"\n", to: "userlist.txt")
        let settings = try Neighbour.sample("pgbouncer.ini").exchanging([
            "waymark = host=127.0.0.1 port=5432 dbname=waymark":
                "waymark = host=127.0.0.1 port=\(place.port ?? 0) dbname=\(name)",
            "listen_port = 6432": "listen_port = \(port)\nunix_socket_dir =",
            "/etc/pgbouncer/userlist.txt": users,
            "default_pool_size = 20": "default_pool_size = \(Self.connections)",
        ])
        try folder.write(settings, to: "pgbouncer.ini")
        try run()
        return [
            "WAYMARK_DATABASE_URL": "postgresql://127.0.0.1:\(port)/waymark", "WAYMARK_POOLER": "true",
            "WAYMARK_CONNECTIONS": "20",
        ]
    }

    /// It dies, and is started again.
    func crash() async throws {
        try await running.withLock { $0 }?.crash()
        try run()
    }

    var said: String { running.withLock { $0 }?.said ?? "" }

    private func run() throws {
        // it refuses to be root
        let user = getuid() == 0 ? ["-u", "postgres"] : []
        let neighbour = try Neighbour([Self.path] + user + [folder.path + "/pgbouncer.ini"], in: folder)
        running.withLock { $0 = neighbour }
    }
}
