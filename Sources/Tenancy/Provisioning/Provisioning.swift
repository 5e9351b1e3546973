import Postgres
import Synchronization

extension Migrator {
    /// Creates an institution whole, or leaves nothing.
    /// - Parameters:
    ///   - slug: its host's first label.
    ///   - name: as people read it, 1 to 200 characters.
    ///   - timeZone: IANA name; due dates and reminders follow it.
    ///   - partition: nil puts it into the partition with the fewest institutions.
    /// - Throws: `ProvisioningError` for a bad or taken slug, a bad name or time zone, a partition that is full or has no
    ///   login; `PostgresError`.
    public func create(
        slug: String, name: String, timeZone: String = "UTC", partition: Int? = nil
    ) async throws -> Institution {
        let slug = try Slug(slug)
        let name = name.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard (1...200).contains(name.unicodeScalars.count), !name.unicodeScalars.contains(where: { $0.value < 0x20 })
        else { throw ProvisioningError(description: "name: must have 1 to 200 characters") }
        try await requireTimeZone(timeZone)
        let settings = """
            update settings set name = '\(name.replacing("'", with: "''"))', time_zone = '\(timeZone)';
            """
        return try await occupy(slug, partition: partition, state: "active") { institution, seat in
            try await pool.exclusive { connection in
                try await Migrator.execute(
                    self.files.creation(of: institution, seat: seat, settings: settings), over: connection)
            }
        }
    }

    /// Makes an institution at a free seat of a partition.
    /// - Parameter make: makes all of it in one transaction; again where a creation at the same time took the seat.
    func occupy(
        _ slug: Slug, partition: Int?, state: String, _ make: (Institution, _ seat: Int) async throws -> Void
    ) async throws -> Institution {
        var attempt = 0
        while true {
            attempt += 1
            if try await institution(slug: slug.description) != nil { throw Self.taken(slug) }
            let (institution, seat) = try await reserve(
                slug: slug, partition: try await choose(partition), state: state)
            do {
                try await make(institution, seat)
                return institution
            } catch let error as PostgresError
                where error.constraint?.hasPrefix("institutions_") == true && error.sqlState == .uniqueViolation
                && attempt < 20
            {
                // Another creation was faster. It took the name, which the next round finds, or the seat.
            }
        }
    }

    /// All institutions by slug.
    /// - Throws: `PostgresError`.
    public func institutions() async throws -> [Institution] {
        try await asOwner("select id, slug, partition, state from waymark.institutions order by slug")
            .map(Institution.init(row:))
    }

    /// The institution of a slug; nil where there is none.
    /// - Throws: `PostgresError`.
    public func institution(slug: String) async throws -> Institution? {
        try await asOwner("select id, slug, partition, state from waymark.institutions where slug = \(slug)")
            .first.map(Institution.init(row:))
    }

    /// Refuses everyone from the next request on: the directory hides it, and `enter` fails.
    /// - Throws: `PostgresError`.
    public func suspend(_ institution: Institution) async throws {
        try await setState("suspended", of: institution)
    }

    /// Lets people in again.
    /// - Throws: `PostgresError`.
    public func resume(_ institution: Institution) async throws {
        try await setState("active", of: institution)
    }

    /// Refuses everyone, as `suspend`, and lets the institution be removed when its days of grace have passed; until then
    /// `resume` takes that back.
    /// - Throws: `PostgresError`.
    public func dismiss(_ institution: Institution, graceDays: Int) async throws {
        try await setState("removing", of: institution, until: graceDays)
    }

    /// Institutions whose days of grace have passed.
    /// - Throws: `PostgresError`.
    public func dismissed() async throws -> [Institution] {
        try await asOwner(
            "select id, slug, partition, state from waymark.institutions where remove_at <= now() order by slug"
        ).map(Institution.init(row:))
    }

    /// What all institutions have noted of themselves, by slug.
    /// - Throws: `PostgresError`.
    public func overview() async throws -> [InstitutionOverview] {
        try await asOwner(InstitutionOverview.all).map(InstitutionOverview.init(row:))
    }

    /// The processes that serve and work, as they said of themselves within the last hour.
    /// - Throws: `PostgresError`.
    public func servers() async throws -> [ServerOverview] {
        try await asOwner(ServerOverview.all).map(ServerOverview.init(row:))
    }

    /// Gives it another host name. The old one answers 404, so links and browsers' sign-ins of the old name end; tokens
    /// name the institution by its number and stay valid.
    /// - Throws: `ProvisioningError` for a bad or taken slug; `PostgresError`.
    public func rename(_ institution: Institution, to slug: String) async throws {
        let slug = try Slug(slug)
        do {
            _ = try await asOwner(
                "update waymark.institutions set slug = \(slug.description) where id = \(institution.id) returning id")
        } catch let error as PostgresError where error.sqlState == .uniqueViolation {
            throw Self.taken(slug)
        }
    }

    /// Removes an institution for good: schema, roles, directory.
    /// - Throws: `PostgresError`.
    public func delete(_ institution: Institution) async throws {
        try await pool.exclusive { connection in
            try await Migrator.endReports(of: institution, over: connection)
            try await Migrator.execute(self.files.removal(of: institution), over: connection)
        }
    }

    private static func taken(_ slug: Slug) -> ProvisioningError {
        ProvisioningError(description: "slug '\(slug)': is in use already")
    }

    private func requireTimeZone(_ name: String) async throws {
        guard !name.contains("\0") else { throw ProvisioningError(description: "time zone: is not valid") }
        guard try await timeZones().contains(name) else {
            throw ProvisioningError(
                description: "time zone '\(name)': is not known; use an IANA name such as Europe/Berlin")
        }
    }

    /// PostgreSQL reads a directory of files for this view (35 ms), so it is asked once.
    private func timeZones() async throws -> Set<String> {
        if let known = knownTimeZones.withLock({ $0 }) { return known }
        let names = try await asOwner("select name from pg_timezone_names").map { try $0.get("name", as: String.self) }
        knownTimeZones.withLock { $0 = Set(names) }
        return Set(names)
    }

    /// The partition a new institution goes into.
    /// - Parameter wanted: nil chooses the one with the fewest institutions.
    private func choose(_ wanted: Int?) async throws -> Int {
        let rows = try await asOwner(
            """
            select p.number, (select count(*) from waymark.institutions i where i.partition = p.number)::int as institutions
              from (select substring(rolname from '^waymark_app_([0-9]{1,9})$')::int as number from pg_roles
                     where rolname ~ '^waymark_app_[0-9]{1,9}$') p
             order by institutions, p.number
            """)
        let partitions = try rows.map { row in
            (number: try row.get("number", as: Int.self), institutions: try row.get("institutions", as: Int.self))
        }
        guard let found = wanted.map({ wanted in partitions.first { $0.number == wanted } }) ?? partitions.first else {
            let (which, number) = wanted.map { ("partition \($0)", $0) } ?? ("partition: there is none yet", 1)
            throw ProvisioningError(
                description: """
                    \(which): has no login waymark_app_\(number); make it by waymark migrate --superuser-url ... \
                    --partitions \(number)
                    """)
        }
        guard found.institutions < Self.partitionSize else {
            let next = (partitions.map(\.number).max() ?? 0) + 1
            throw ProvisioningError(
                description: """
                    partition \(found.number): has its \(Self.partitionSize) institutions; make another by waymark \
                    migrate --superuser-url ... --partitions \(next), and add it to the servers' partitions
                    """)
        }
        return found.number
    }

    /// Institutions in a partition: a connection's first SET ROLE reads all memberships of its login. The directory's
    /// column `seat` holds every creation to it, however many run at once.
    private static let partitionSize = 1_000

    /// An id, and a free seat in the partition: any, so that creations at the same time seldom choose the same.
    private func reserve(slug: Slug, partition: Int, state: String) async throws -> (Institution, seat: Int) {
        let rows = try await asOwner(
            """
            select nextval(pg_get_serial_sequence('waymark.institutions', 'id'))::int as id, \(slug.description)::text as slug,
                   \(partition)::int as partition, \(state)::text as state,
                   (select s from generate_series(1, \(Self.partitionSize)) s
                     where not exists (select from waymark.institutions i where i.partition = \(partition) and i.seat = s)
                     order by random() limit 1) as seat
            """)
        guard let row = rows.first, let seat = try row.get("seat", as: Int?.self) else {
            throw ProvisioningError(description: "partition \(partition): has its \(Self.partitionSize) institutions")
        }
        return (try Institution(row: row), seat)
    }

    /// - Parameter days: after which it may be removed; nil where it stays.
    private func setState(_ state: String, of institution: Institution, until days: Int? = nil) async throws {
        let schema = SQL(unchecked: institution.schema)
        let isOut = state != "active"
        let directory: SQL = """
            update waymark.institutions set state = \(state), remove_at = now() + make_interval(days => \(days)::int)
             where id = \(institution.id)
            """
        let settings: SQL = "update " + schema + ".settings set suspended = \(isOut)"
        _ = try await pool.batch(
            [Self.owner, Statement(directory), Statement(settings)], affinity: 0)
        try await pool.exclusive { connection in
            try await Migrator.limitReporter(of: institution, isOut: isOut, over: connection)
            if isOut { try await Migrator.endReports(of: institution, over: connection) }
        }
    }

    private func asOwner(_ sql: SQL) async throws -> Rows {
        try await pool.batch([Self.owner, Statement(sql)], affinity: 0)[1]
    }

    /// Begins a batch with the owner's rights, for that batch.
    static let owner = Statement("select set_config('role', 'waymark_owner', true)")
}
