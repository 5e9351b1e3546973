import Casework
import Events
import Foundation
import Logging
import Postgres
import Synchronization
import Tenancy
import Web

/// The database all tests of a process share: roles and platform schema prepared once, institutions made by each test.
public actor TestDatabase {
    /// The one of this process.
    public static let shared = TestDatabase { try await TestServer.url() }

    /// One on a server of its own, for tests that sweep: a round goes over every institution there is, and takes away what
    /// other tests have just put there.
    public static let swept = TestDatabase { try await TestServer.start() }

    private let server: @Sendable () async throws -> String
    private var preparing: Task<Prepared, any Error>?

    /// The parts a test works with.
    public struct Prepared: Sendable {
        /// Superuser's connection string, to the prepared database.
        public let superuser: String
        /// Connection string of `waymark_migrator`.
        public let migratorURL: String
        /// Connection string without a user of its own: the service's.
        public let serviceURL: String
        /// Provisions institutions.
        public let migrator: Migrator
        /// The service's way in.
        public let deployment: Deployment

        /// The same database by connections of its own, for a test that cuts them.
        /// - Parameter lockTimeout: short, where whoever waits for a lock is to be found out.
        public func apart(lockTimeout: Duration = .seconds(30)) -> Prepared {
            Prepared(
                superuser: superuser, migratorURL: migratorURL, serviceURL: serviceURL, migrator: migrator,
                deployment: Self.deployment(serviceURL, lockTimeout: lockTimeout))
        }

        /// Lets one test at a time make institutions old and migrate, because `migrate` brings up every institution there
        /// is, and so another test's too.
        public func migrating<Value>(_ body: (Migrator) async throws -> Value) async throws -> Value {
            let turn = try await Connection.connect(conninfo: superuser, connectTimeout: .seconds(30))
            do {
                try await turn.execute(script: "select pg_advisory_lock(hashtext('one test migrates at a time'))")
                let value = try await body(migrator)
                await turn.close()
                return value
            } catch {
                await turn.close()
                throw error
            }
        }

        static func deployment(_ serviceURL: String, lockTimeout: Duration = .seconds(30)) -> Deployment {
            var pool = Pool.Configuration(conninfo: serviceURL)
            pool.waitTimeout = .seconds(120)
            pool.connectTimeout = .seconds(30)
            // hundreds of tests make their institutions meanwhile, and what is long waits for two cores
            pool.long = 4
            pool.longWaitTimeout = .seconds(300)
            pool.lockTimeout = lockTimeout
            return Deployment(.init(pool: pool))
        }
    }

    private init(on server: @escaping @Sendable () async throws -> String) {
        self.server = server
    }

    /// Prepares on first use.
    public func prepared() async throws -> Prepared {
        if let preparing { return try await preparing.value }
        let task = Task { [server] in try await Self.prepare(server: server()) }
        preparing = task
        return try await task.value
    }

    /// Logins' password in throwaway databases.
    public static let password = "only-for-tests"

    /// A database on a server, with roles and platform schema.
    /// - Parameter server: the superuser's connection string.
    public static func prepare(server: String) async throws -> Prepared {
        let name = "waymark_test_\(ProcessInfo.processInfo.processIdentifier)"
        let maintenance = try await Connection.connect(conninfo: server, connectTimeout: .seconds(10))
        try await maintenance.execute(script: "drop database if exists \(name) with (force)")
        try await maintenance.execute(script: "create database \(name)")
        await maintenance.close()
        let superuser = try url(server, database: name)
        try await Cluster.prepare(
            superuser: superuser, partitions: [1],
            passwords: ["waymark_migrator": password, "waymark_app_1": password])
        let migratorURL = try url(superuser, user: "waymark_migrator")
        let serviceURL = try url(superuser, user: "waymark_app_1")
        let migrator = try Migrator(conninfo: migratorURL)
        _ = try await migrator.migrate()
        return Prepared(
            superuser: superuser, migratorURL: migratorURL, serviceURL: serviceURL, migrator: migrator,
            deployment: Prepared.deployment(serviceURL))
    }

    /// The same server's URL with another database or login.
    public static func url(_ text: String, database: String? = nil, user: String? = nil) throws -> String {
        guard var parts = URLComponents(string: text) else { throw URLError(.badURL) }
        if let database { parts.path = "/" + database }
        if let user {
            parts.user = user
            parts.password = password
        }
        return parts.string ?? text
    }
}

/// An institution of one test, with people.
public struct TestInstitution: Sendable {
    /// The institution.
    public let institution: Institution
    /// The shared database.
    public let database: TestDatabase.Prepared
    /// A site with quick password hashing.
    public let site: Site
    private let visitor = Visitor()

    /// Somebody signed in.
    public struct Person: Sendable {
        /// Account id.
        public let id: Int
        /// E-mail address.
        public let email: String
        /// Bearer token.
        public let token: SessionToken
    }

    /// Makes an institution with a random slug.
    public static func make(
        name: String = "Test College", timeZone: String = "UTC", in database: TestDatabase.Prepared? = nil
    ) async throws -> TestInstitution {
        let database = if let database { database } else { try await TestDatabase.shared.prepared() }
        let slug = "t" + String(UInt64.random(in: 1...(.max)), radix: 36)
        let institution = try await database.migrator.create(slug: slug, name: name, timeZone: timeZone)
        return TestInstitution(institution: institution, database: database, site: Self.site(database.deployment))
    }

    /// Says what nobody foresaw, and nothing else.
    private static let logger: Logger = {
        var logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        return logger
    }()

    /// A site over the shared deployment.
    /// - Parameter observers: told of what happens, besides the log.
    public static func site(
        _ deployment: Deployment, observers: Observers = .none, clock: @escaping @Sendable () -> Date = { Date() }
    ) -> Site {
        let observation = Observation(logger: logger)
        var site = Site(
            deployment: deployment, passwords: PasswordHasher(cost: .weak), domain: "localhost", logger: logger,
            observers: Observers([{ observation.observers.tell($0) }, { observers.tell($0) }]), clock: clock)
        site.sendsMail = true
        site.secretKeys = (try? SecretKey.random()).flatMap { try? SecretKeys($0.text) }
        return site
    }

    /// Another institution of the same database and site.
    public func beside(_ institution: Institution) -> TestInstitution {
        TestInstitution(institution: institution, database: database, site: site)
    }

    /// Work as the schemas' owner: sees and may do all.
    public var owner: UnitOfWork { database.migrator.work(in: institution) }

    /// Adds an account.
    /// - Returns: its id.
    public func account(_ role: String, email: String, given: String = "Ada", family: String = "Lovelace") async throws
        -> Int
    {
        try await owner(
            ("""
            insert into accounts (email, given_name, family_name, role) values (\(email), \(given), \(family), \(role))
            returning id
            """ as SQL).value(Int.self))
    }

    /// Adds an account and signs it in, without a password.
    public func person(_ role: String, email: String? = nil) async throws -> Person {
        let email = email ?? "\(role)\(UInt32.random(in: 0...(.max)))@example.edu"
        let id = try await account(role, email: email)
        return Person(id: id, email: email, token: try await signIn(id))
    }

    /// A session for an account, valid for an hour.
    public func signIn(_ account: Int) async throws -> SessionToken {
        let token = SessionToken(kind: .session, institution: institution.id, secret: try Secret.random())
        try await owner(
            ("""
            insert into sessions (token_hash, account_id, expires_at)
            values (\(token.hash), \(account), now() + interval '1 hour')
            """ as SQL).done())
        return token
    }

    /// Work as somebody, for an audience.
    public func work(_ person: Person, _ audience: Audience = .any, writing: Bool = true) throws -> UnitOfWork {
        try database.deployment.work(
            in: institution, tokenHash: person.token.hash, audience: audience, writing: writing)
    }

    /// Requests to this institution's host.
    public func client(_ person: Person? = nil) -> TestClient {
        visitor.client(site, host: "\(institution.slug).localhost").signedIn(person?.token.text)
    }

    /// A client of nobody, made once: putting the routes together takes longer than most requests.
    private final class Visitor: Sendable {
        private let made = Mutex<TestClient?>(nil)

        func client(_ site: Site, host: String) -> TestClient {
            made.withLock { made in
                let client = made ?? TestClient(site: site, host: host)
                made = client
                return client
            }
        }
    }

    /// A browser of somebody whose account is there already.
    public func browser(of account: Int) async throws -> Browser {
        client().asBrowser(Person(id: account, email: "", token: try await signIn(account)))
    }

    /// Runs SQL as the owner.
    public func run(_ sql: SQL) async throws {
        try await owner(sql.done())
    }
}
