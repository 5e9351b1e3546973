import Postgres

extension Migrator {
    /// Creates an institution whole, or leaves nothing.
    /// - Parameters:
    ///   - slug: its host's first label.
    ///   - name: as people read it, 1 to 200 characters.
    ///   - timeZone: IANA name; due dates and reminders follow it.
    ///   - partition: nil puts it into the partition with the fewest institutions.
    /// - Throws: `ProvisioningError` for a bad or taken slug, a bad name or time zone; `PostgresError`.
    public func create(
        slug: String, name: String, timeZone: String = "UTC", partition: Int? = nil
    ) async throws -> Institution {
        let slug = try Slug(slug)
        let name = name.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard (1...200).contains(name.unicodeScalars.count), !name.unicodeScalars.contains(where: { $0.value < 0x20 })
        else { throw ProvisioningError(description: "name: must have 1 to 200 characters") }
        try await requireTimeZone(timeZone)
        if try await institution(slug: slug.description) != nil { throw Self.taken(slug) }
        let institution = try await reserve(slug: slug, partition: partition)
        let settings = """
            update settings set name = '\(name.replacing("'", with: "''"))', time_zone = '\(timeZone)';
            """
        do {
            try await pool.exclusive { connection in
                try await Migrator.execute(
                    self.files.creation(of: institution, settings: settings), over: connection)
            }
        } catch let error as PostgresError where error.sqlState == .uniqueViolation {
            throw Self.taken(slug)
        }
        return institution
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

    /// Gives it another host name; tokens and links of the old one end.
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
            try await Migrator.execute(self.files.removal(of: institution), over: connection)
        }
    }

    private static func taken(_ slug: Slug) -> ProvisioningError {
        ProvisioningError(description: "slug '\(slug)': is in use already")
    }

    private func requireTimeZone(_ name: String) async throws {
        guard !name.contains("\0") else { throw ProvisioningError(description: "time zone: is not valid") }
        let known = try await asOwner("select 1 as one from pg_timezone_names where name = \(name)")
        guard !known.isEmpty else {
            throw ProvisioningError(
                description: "time zone '\(name)': is not known; use an IANA name such as Europe/Berlin")
        }
    }

    private func reserve(slug: Slug, partition: Int?) async throws -> Institution {
        let rows = try await asOwner(
            """
            select nextval(pg_get_serial_sequence('waymark.institutions', 'id'))::int as id, \(slug.description)::text as slug,
                   coalesce(\(partition)::int, (
                       select p.number from (
                           select substring(rolname from '^waymark_app_([0-9]+)$')::int as number from pg_roles
                           where rolname ~ '^waymark_app_[0-9]+$') p
                       order by (select count(*) from waymark.institutions i where i.partition = p.number), p.number
                       limit 1)) as partition,
                   'active'::text as state
            """)
        return try Institution(row: rows.only())
    }

    private func setState(_ state: String, of institution: Institution) async throws {
        let schema = SQL(unchecked: institution.schema)
        let directory: SQL = "update waymark.institutions set state = \(state) where id = \(institution.id)"
        let settings: SQL = "update " + schema + ".settings set suspended = \(state == "suspended")"
        _ = try await pool.batch(
            [Self.owner, Statement(directory, scope: nil), Statement(settings, scope: nil)], affinity: 0)
    }

    private func asOwner(_ sql: SQL) async throws -> Rows {
        try await pool.batch([Self.owner, Statement(sql, scope: nil)], affinity: 0)[1]
    }

    /// Begins a batch with the owner's rights, for that batch.
    static let owner = Statement("select set_config('role', 'waymark_owner', true)", scope: nil)
}
