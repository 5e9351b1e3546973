import FoundationEssentials
import Postgres
import Synchronization

/// The running service's way to its institutions: one pool for each partition, and the directory of slugs.
public final class Deployment: Sendable {
    /// How `serve` and `work` reach the database.
    public struct Configuration: Sendable {
        /// Partitions this process serves, each by its own login.
        public var partitions: [Int] = [1]
        /// Pool settings for each partition; `user` is set to `waymark_app_<partition>`.
        public var pool: Pool.Configuration
        /// How long a slug's answer is remembered: a rename or a new institution is seen after this.
        public var directoryLifetime: Duration = .seconds(2)

        /// - Parameter pool: where the database is and how many connections to keep, for each partition.
        public init(pool: Pool.Configuration) {
            self.pool = pool
        }
    }

    private struct Answer: Sendable {
        let institution: Institution?
        let until: ContinuousClock.Instant
    }

    private let pools: [Int: Pool]
    private let partitions: [Int]
    private let lifetime: Duration
    private let directory = Mutex<[String: Answer]>([:])

    /// Connects nothing yet: connections open when first needed.
    public init(_ configuration: Configuration) {
        partitions = configuration.partitions
        lifetime = configuration.directoryLifetime
        var pools: [Int: Pool] = [:]
        for partition in configuration.partitions {
            var settings = configuration.pool
            settings.user = "waymark_app_\(partition)"
            pools[partition] = Pool(settings)
        }
        self.pools = pools
    }

    /// The institution of a slug, or nil where this deployment has none. A suspended one is returned: `enter` refuses it.
    /// - Throws: `PostgresError` where the database cannot be asked.
    public func institution(slug: String) async throws -> Institution? {
        try await institution(key: slug) { "slug = \(slug)" }
    }

    /// The institution a token names.
    /// - Throws: `PostgresError` where the database cannot be asked.
    public func institution(id: Int) async throws -> Institution? {
        guard id <= Int(Int32.max) else { return nil }
        return try await institution(key: "#\(id)") { "id = \(id)" }
    }

    /// Every active institution this process serves, for background work.
    /// - Throws: `PostgresError` where a partition's database cannot be asked.
    public func institutions() async throws -> [Institution] {
        try await institutions { "order by id" }
    }

    /// The active institutions this process serves for which there is something to do, the longest overdue first; one look
    /// into an index for each partition.
    /// - Parameter limit: so many of each partition at most.
    /// - Throws: `PostgresError` where a partition's database cannot be asked.
    public func institutions(dueBy moment: Date, limit: Int = 1_000) async throws -> [Institution] {
        try await institutions { "and work_at <= \(moment) order by work_at limit \(limit)" }
    }

    /// The active institutions this process serves whose roster somebody has to look after, the longest overdue first; one look
    /// into an index for each partition.
    /// - Parameter limit: so many of each partition at most.
    /// - Throws: `PostgresError` where a partition's database cannot be asked.
    public func institutions(withRosterDueBy moment: Date, limit: Int = 1_000) async throws -> [Institution] {
        try await institutions { "and roster_at <= \(moment) order by roster_at limit \(limit)" }
    }

    /// The active institutions this process serves whose reporter is connected.
    /// - Throws: `PostgresError` where a partition's database cannot be asked.
    public func institutionsWithReporters() async throws -> [Institution] {
        try await institutions {
            "and 'inst_' || id || '_reporter' in (select usename from pg_stat_activity) order by id"
        }
    }

    private func institutions(_ which: @Sendable () -> SQL) async throws -> [Institution] {
        let active: SQL = "select id, slug, partition, state from waymark.institutions where state = 'active' "
        let query = (active + which()).all(Institution.self)
        var found: [Institution] = []
        for partition in partitions {
            guard let pool = pools[partition] else { continue }
            found += try query.decode(
                try await pool.batch([Statement(query.sql, preparedFor: "directory")], affinity: 0)[0])
        }
        return found
    }

    /// Work as the holder of a token (see `UnitOfWork`).
    public func work(
        in institution: Institution, tokenHash: [UInt8], audience: Audience, writing: Bool
    ) throws -> UnitOfWork {
        UnitOfWork(
            institution: institution, pool: try pool(institution), tokenHash: tokenHash, audience: audience,
            writing: writing)
    }

    /// Work before anyone is known: sign-in, invitations.
    public func gate(of institution: Institution) throws -> UnitOfWork {
        UnitOfWork(institution: institution, pool: try pool(institution), door: "enter_gate")
    }

    /// Work in the background: reminders, scheduled imports.
    public func system(of institution: Institution) throws -> UnitOfWork {
        UnitOfWork(institution: institution, pool: try pool(institution), door: "enter_system")
    }

    /// Work that takes in the roster that a run has fetched: as an admin who is nobody.
    /// - Parameter lease: the run's, a UUID. Whose run was given up is refused as `forbidden`.
    public func roster(of institution: Institution, lease: String) throws -> UnitOfWork {
        UnitOfWork(institution: institution, pool: try pool(institution), door: "enter_roster", lease: lease)
    }

    /// Work that takes in a file of the institution's folder: as an admin who is nobody.
    /// - Parameter lease: the folder's, a UUID. Whose lease is another by now is refused as `forbidden`.
    public func folder(of institution: Institution, lease: String) throws -> UnitOfWork {
        UnitOfWork(institution: institution, pool: try pool(institution), door: "enter_folder", lease: lease)
    }

    /// Asks every partition's database for a sign of life.
    /// - Throws: `PostgresError` of the first that does not answer.
    public func ping() async throws {
        for pool in pools.values {
            _ = try await pool.batch([Statement("select 1")], affinity: 0)
        }
    }

    /// How many active institutions have the schema this program was made for.
    public struct SchemaStates: Sendable, Equatable {
        /// All numbered changes this program knows, and its definitions.
        public let current: Int
        /// The others.
        public let outdated: Int

        /// - Parameters:
        ///   - current: institutions with this program's schema.
        ///   - outdated: the others.
        public init(current: Int, outdated: Int) {
            self.current = current
            self.outdated = outdated
        }

        /// Whether at least half are current. So a few failed migrations keep no server from serving the others, and a
        /// server that starts before its migration does not call itself ready.
        public var isQuorumCurrent: Bool { current >= outdated }
    }

    /// How the institutions of all partitions stand. It reads the whole ledger: 10,000 institutions take the database
    /// a fifth of a second.
    /// - Throws: `PostgresError`, also where there is no platform schema; `SchemaFiles.Missing`.
    public func schemaStates() async throws -> SchemaStates {
        let files = try InstitutionFiles()
        let question: SQL = """
            select coalesce(sum(institutions) filter (where is_current), 0)::int as current,
                   coalesce(sum(institutions) filter (where not is_current), 0)::int as outdated
              from (select institutions, steps @> \(files.steps.map(\.name))
                           and definitions is not distinct from \(files.definitionsChecksum) as is_current
                      from waymark.schema_states) x
            """
        // every partition's login sees the states of all
        guard let pool = partitions.first.flatMap({ pools[$0] }) else { return SchemaStates(current: 0, outdated: 0) }
        let rows = try await pool.batch([Statement(question)], affinity: 0)
        guard let row = rows.first?.first else { return SchemaStates(current: 0, outdated: 0) }
        return SchemaStates(current: try row.get("current"), outdated: try row.get("outdated"))
    }

    /// How background work stands in all institutions together; nil where this process serves no partition.
    /// - Throws: `PostgresError`, also where the platform schema is that of the version before.
    public func backgroundFigures() async throws -> BackgroundFigures? {
        // every partition's login sees the figures of all
        guard let pool = partitions.first.flatMap({ pools[$0] }) else { return nil }
        let query = BackgroundFigures.now.optional(BackgroundFigures.self)
        return try query.decode(try await pool.batch([Statement(query.sql)], affinity: 0)[0])
    }

    /// Writes what a process says of itself, once a minute.
    /// - Throws: `PostgresError`.
    public func write(_ note: ServerNote, isDraining: Bool, slowest: [InstitutionTimes]) async throws {
        guard let pool = partitions.first.flatMap({ pools[$0] }) else { return }
        _ = try await pool.batch(try note.statements(isDraining: isDraining, slowest: slowest), affinity: 0)
    }

    /// Takes away what a process that ends has said of itself.
    /// - Throws: `PostgresError`.
    public func remove(_ note: ServerNote) async throws {
        guard let pool = partitions.first.flatMap({ pools[$0] }) else { return }
        _ = try await pool.batch([note.end], affinity: 0)
    }

    /// How many connections or requests of a partition are in a state.
    public struct Load: Sendable {
        /// The partition.
        public let partition: Int
        /// `open`, `idle`, `busy` for connections, `waiting` for requests without one.
        public let state: String
        /// How many.
        public let count: Int
    }

    /// What each partition's connections do, for metrics.
    public var load: [Load] {
        partitions.flatMap { partition -> [Load] in
            guard let now = pools[partition]?.statistics else { return [] }
            return [("open", now.open), ("idle", now.idle), ("busy", now.busy), ("waiting", now.waiting)].map {
                Load(partition: partition, state: $0, count: $1)
            }
        }
    }

    /// What a partition's pool has done since the start, and holds now.
    public struct PoolFigures: Sendable {
        /// The partition.
        public let partition: Int
        /// Statements that were prepared already when they were sent.
        public let preparedBefore: Int
        /// Statements that had to be prepared first.
        public let preparedAnew: Int
        /// Statements prepared on all connections now.
        public let prepared: Int
        /// Requests that got no connection, by reason.
        public let refusals: [String: Int]
        /// The longest turn of the driver's thread of late, in seconds; one thread serves all pools.
        public let loopLag: Double
    }

    /// What each partition's pool has done, for metrics.
    public var poolFigures: [PoolFigures] {
        partitions.compactMap { partition in
            guard let now = pools[partition]?.figures else { return nil }
            return PoolFigures(
                partition: partition, preparedBefore: now.statementHits, preparedAnew: now.statementMisses,
                prepared: now.preparedStatements,
                refusals: Dictionary(now.refusals.map { ($0.rawValue, $1) }, uniquingKeysWith: +),
                loopLag: now.loopLag / .seconds(1))
        }
    }

    /// Closes all connections; work in flight fails.
    public func close() async {
        for pool in pools.values { await pool.close() }
    }

    private func pool(_ institution: Institution) throws -> Pool {
        guard let pool = pools[institution.partition] else { throw EntryRefusal.suspended }
        return pool
    }

    private func institution(key: String, _ condition: @Sendable () -> SQL) async throws -> Institution? {
        let now = ContinuousClock.now
        if let answer = directory.withLock({ $0[key] }), answer.until > now { return answer.institution }
        var found: Institution?
        for partition in partitions where found == nil {
            let query = ("select id, slug, partition, state from waymark.institutions where " + condition())
                .optional(Institution.self)
            guard let pool = pools[partition] else { continue }
            found = try query.decode(
                try await pool.batch([Statement(query.sql, preparedFor: "directory")], affinity: 0)[0])
        }
        directory.withLock { entries in
            if entries.count > 20_000 { entries.removeAll() }  // made-up host names must not grow it without end
            entries[key] = Answer(institution: found, until: now + lifetime)
        }
        return found
    }
}
