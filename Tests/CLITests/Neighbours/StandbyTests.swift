import Foundation
import Postgres
import PrivatePostgres
import Synchronization
import Tenancy
import TestSupport
import Testing

/// `waymark serve` with a connection string of two hosts, of which the second takes over.
@Suite(.serialized) struct StandbyTests {
    @Test(.timeLimit(.minutes(5))) func `nothing that was answered is lost when the standby is promoted`() async throws
    {
        let standby = Standby()
        let stage = try await ServedCollege.start { try await standby.follow($0) }
        try await stage.withClient { client in
            let changes = try await CountedChanges(to: stage.college, by: client)
            try await changes.make { book in
                try await book.waitForMore()
                stage.database.kill()
                try await standby.promote()
                // more answers: the service has found it
                try await book.waitForMore()
            }
            try await standby.withOwner(of: stage.college) { try await changes.expectOneEffectEach(in: $0) }
        }
        #expect(stage.log.contains(#""event":"database_connection_lost""#))
        try await stage.end()
    }
}

/// A server that follows another one, synchronously: what was answered is on both.
private final class Standby: Sendable {
    private let server: PrivateServer
    private let directory: String
    private let url = Mutex("")

    init() {
        (server, directory) = TestServer.make(options: ["hot_standby": "on"])
    }

    deinit {
        server.kill()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Becomes the one that is written to.
    func promote() async throws {
        let connection = try await Connection.connect(conninfo: url.withLock { $0 })
        let isPromoted = try await connection(SQL("select pg_promote(true, 60)").value(Bool.self))
        await connection.close()
        #expect(isPromoted)
    }

    /// Work as the owner of an institution, in this server.
    func withOwner(of college: TestInstitution, _ body: (UnitOfWork) async throws -> Void) async throws {
        let migrator = try Migrator(conninfo: TestDatabase.url(url.withLock { $0 }, user: "waymark_migrator"))
        try await body(migrator.work(in: college.institution))
        await migrator.close()
    }

    /// Begins to follow.
    /// - Returns: the settings of a server that goes to whichever of the two can be written to.
    func follow(_ database: TestDatabase.Prepared) async throws -> [String: String] {
        let primary = try #require(URLComponents(string: database.superuser))
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try #require(primary.password).write(toFile: directory + "/password", atomically: true, encoding: .utf8)
        let data = directory + "/data"
        let connection = try await Connection.connect(conninfo: database.superuser)
        let original = try await connection(SQL("select current_setting('data_directory')").value(String.self))
        for command in [
            ["/usr/bin/pg_basebackup", "-d", database.superuser, "-D", data, "-R", "-c", "fast", "-X", "stream"],
            // it runs as the account that the first one runs as
            ["/bin/chown", "-R", "--reference", original, data],
        ] {
            let done = try await ChildProcess.run(command)
            try #require(done.status == 0, "\(command): \(done.said)")
        }
        var place = try #require(URLComponents(string: try await server.start()))
        place.path = primary.path
        let text = try #require(place.string)
        url.withLock { $0 = text }
        try await connection.execute(script: "alter system set synchronous_standby_names = '*'")
        try await connection.execute(script: "select pg_reload_conf()")
        while try await !connection(
            SQL("select exists (select from pg_stat_replication where sync_state = 'sync')").value(Bool.self))
        {
            try await Task.sleep(for: .milliseconds(20))
        }
        await connection.close()
        let hosts = [primary.port, place.port].compactMap { $0.map { "127.0.0.1:\($0)" } }.joined(separator: ",")
        return [
            "WAYMARK_DATABASE_URL": "postgresql://\(hosts)\(primary.path)?target_session_attrs=read-write"
        ]
    }
}
