import Postgres
import SchemaFiles
import Synchronization

/// Brings schemas up to date and provisions institutions, as `waymark_migrator`.
///
/// A ledger row for each applied change makes a run resumable: an institution already current costs one row of one
/// query. Session advisory locks keep two migrators from working on the same schema.
public final class Migrator: Sendable {
    /// Connections of the migrator's login.
    package let pool: Pool
    let files: InstitutionFiles
    /// The server's names of time zones, once asked for.
    let knownTimeZones = Mutex<Set<String>?>(nil)

    /// - Parameters:
    ///   - conninfo: connection string of `waymark_migrator`.
    ///   - size: connections at once, and so institutions migrated at once.
    /// - Throws: `SchemaFiles.Missing`.
    public init(conninfo: String, size: Int = 4) throws {
        var configuration = Pool.Configuration(conninfo: conninfo)
        configuration.size = 2
        configuration.exclusive = size + 1
        configuration.statementTimeout = .seconds(600)
        configuration.waitTimeout = .seconds(600)
        configuration.applicationName = "waymark migrate"
        pool = Pool(configuration)
        files = try InstitutionFiles()
    }

    /// Closes the connections.
    public func close() async {
        await pool.close()
    }

    /// Work inside an institution as its owner: every row, and audit rows without an actor.
    public func work(in institution: Institution) -> UnitOfWork {
        UnitOfWork(operating: institution, pool: pool)
    }

    /// Migrates the platform schema, then every institution that is not current.
    /// - Parameters:
    ///   - concurrency: institutions at once.
    ///   - progress: called as each ends, from any task.
    /// - Returns: what became of each institution that was not current; failures among them, the others having gone on.
    /// - Throws: where the platform schema itself cannot be migrated, or an applied file was edited.
    public func migrate(
        concurrency: Int = 4, progress: @escaping @Sendable (MigrationOutcome) -> Void = { _ in }
    ) async throws -> [MigrationOutcome] {
        try await migratePlatform()
        let pending = try await institutionsNotCurrent()
        return try await withThrowingTaskGroup(of: MigrationOutcome.self) { group in
            var waiting = pending.makeIterator()
            var outcomes: [MigrationOutcome] = []
            for _ in 0..<max(1, concurrency) {
                guard let next = waiting.next() else { break }
                group.addTask { await self.bringUp(next) }
            }
            while let outcome = try await group.next() {
                progress(outcome)
                outcomes.append(outcome)
                if let next = waiting.next() { group.addTask { await self.bringUp(next) } }
            }
            return outcomes
        }
    }

    /// How many institutions are not current.
    /// - Throws: `PostgresError`, also where the platform schema does not exist yet.
    public func pending() async throws -> Int {
        try await institutionsNotCurrent().count
    }

    // MARK: Platform

    private func migratePlatform() async throws {
        let steps = try SchemaFiles.files(in: "platform")
        try await pool.exclusive { connection in
            try await connection.execute(script: "select pg_advisory_lock(\(Self.lock))")
            try await connection.execute(script: "set role waymark_owner")
            let known = try await connection.batch([
                Statement("select to_regclass('waymark.platform_changes') is not null as known")
            ])
            var applied: [String: String] = [:]
            if try known[0].only().get("known") {
                let rows = try await connection.batch([
                    Statement("select version, checksum from waymark.platform_changes")
                ])
                for row in rows[0] { applied[try row.get("version")] = try row.get("checksum") }
            }
            for step in steps {
                if let checksum = applied[step.name] {
                    try Self.refuseEdited(step, checksum: checksum)
                    continue
                }
                try await Self.execute(
                    """
                    begin;
                    \(step.text)
                    insert into waymark.platform_changes (version, checksum) values ('\(step.name)', '\(step.checksum)');
                    commit;
                    """, over: connection)
            }
            try await connection.execute(script: "reset role; select pg_advisory_unlock(\(Self.lock))")
        }
    }

    // MARK: Institutions

    private func institutionsNotCurrent() async throws -> [Institution] {
        let query: SQL = """
            select i.id, i.slug, i.partition, i.state
            from waymark.institutions i left join waymark.institution_changes m on m.institution_id = i.id
            group by i.id, i.slug, i.partition, i.state
            having count(*) filter (where m.version = any (\(files.steps.map(\.name)))) < \(files.steps.count)
                or count(*) filter (where m.version = 'definitions' and m.checksum = \(files.definitionsChecksum)) = 0
            order by i.id
            """
        let rows = try await pool.batch([Self.owner, Statement(query)], affinity: 0)
        return try rows[1].map(Institution.init(row:))
    }

    private func bringUp(_ institution: Institution) async -> MigrationOutcome {
        do {
            let applied = try await pool.exclusive { connection in
                try await connection.execute(
                    script: "select pg_advisory_lock(\(Self.lock + institution.id))")
                let count = try await self.applyMissing(institution, over: connection)
                try await connection.execute(script: "select pg_advisory_unlock(\(Self.lock + institution.id))")
                return count
            }
            return MigrationOutcome(institution: institution.id, slug: institution.slug, applied: applied, failure: nil)
        } catch {
            return MigrationOutcome(
                institution: institution.id, slug: institution.slug, applied: 0, failure: "\(error)")
        }
    }

    private func applyMissing(_ institution: Institution, over connection: Connection) async throws -> Int {
        // Read again under the lock: another migrator may have been here.
        let rows = try await connection.batch([
            Self.owner,
            Statement(
                "select version, checksum from waymark.institution_changes where institution_id = \(institution.id)"),
        ])
        var ledger: [String: String] = [:]
        for row in rows[1] { ledger[try row.get("version")] = try row.get("checksum") }
        guard let applied = files.replaced.inPresentNames(ledger) else {
            throw MigrationRefusal(description: ReplacedChanges.refusal)
        }
        let known = Set(files.steps.map(\.name))
        if let newer = applied.keys.filter({ $0 != "definitions" && !known.contains($0) }).sorted().first {
            throw MigrationRefusal(
                description: "\(newer) was applied by a newer waymark: this one would put older definitions over it")
        }
        if applied != ledger {
            try await Self.execute(files.takingOver(institution), over: connection)
        }
        var count = 0
        for step in files.steps {
            if let checksum = applied[step.name] {
                try Self.refuseEdited(step, checksum: checksum)
                continue
            }
            try await execute(files.script(step, for: institution), of: institution, over: connection)
            count += 1
        }
        if applied["definitions"] != files.definitionsChecksum {
            let granted = try await Self.granted(of: institution, over: connection)
            try await execute(
                files.definitionsScript(for: institution, granted: granted), of: institution, over: connection)
            count += 1
        }
        return count
    }

    /// The relations on which somebody has rights, as SQL. What belongs to a schema stands under its id in `pg_depend`; by
    /// schema alone, `pg_class` can only be read whole.
    private static func granted(of institution: Institution, over connection: Connection) async throws -> [String] {
        let question: SQL = """
            select quote_ident(c.relname) as relation
              from pg_depend d join pg_class c on c.oid = d.objid and c.relkind in ('r', 'p', 'v', 'm', 'f')
             where d.refclassid = 'pg_namespace'::regclass and d.classid = 'pg_class'::regclass
               and d.refobjid = (select oid from pg_namespace where nspname = \(institution.schema))
               and (c.relacl is not null
                    or exists (select from pg_attribute a where a.attrelid = c.oid and a.attacl is not null))
             order by c.oid
            """
        return try await connection.batch([Statement(question)])[0].map { try $0.get("relation") }
    }

    // MARK: Running scripts

    /// The lock of the platform's migration; an institution's is this plus its id.
    static let lock = 7_201_400_000

    private static func refuseEdited(_ file: SchemaFiles.File, checksum: String) throws {
        guard checksum == file.checksum else {
            throw MigrationRefusal(
                description: "\(file.path) was applied and has been edited since: put changes into a new file")
        }
    }

    /// The same for one institution's schema. A reporter may hold a lock for a minute, and no migration waits for it.
    private func execute(_ script: String, of institution: Institution, over connection: Connection) async throws {
        try await Self.execute(script, over: connection) {
            try await Self.endReports(of: institution, over: connection)
        }
    }

    /// Runs a script that begins and commits, again where a lock could not be had in time.
    /// - Parameter prepare: goes before each attempt.
    static func execute(
        _ script: String, over connection: Connection, after prepare: () async throws -> Void = {}
    ) async throws {
        for attempt in 1... {
            do {
                try await prepare()
                return try await connection.execute(script: script)
            } catch let error as PostgresError {
                // Where the connection is lost this fails too; what the operator must read is why.
                try? await connection.execute(script: "rollback")
                guard error.sqlState == .lockNotAvailable || error.sqlState == .deadlockDetected, attempt < 50 else {
                    throw error
                }
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...200)))
            }
        }
    }
}

/// What one institution's migration came to.
public struct MigrationOutcome: Sendable {
    /// The institution's id.
    public let institution: Int
    /// Its slug.
    public let slug: String
    /// How many changes were applied now.
    public let applied: Int
    /// Why it failed; nil where it did not. The others go on.
    public let failure: String?
}

/// A migration that cannot go on, in one line for the operator.
public struct MigrationRefusal: Error, CustomStringConvertible, Sendable {
    /// What is wrong, and what to do.
    public let description: String
}
