import Postgres

/// Which callers a route is for. The words are those of `who` in `sql/institution/definitions`, which is the judge.
public enum Audience: String, Sendable, CaseIterable {
    /// Whoever is signed in.
    case any
    /// Admins, by API token too.
    case admin
    /// Admins signed in themselves: no API token.
    case adminInPerson = "admin-in-person"
    /// Who may edit cohorts: admins, and directors and managers where the institution delegates it.
    case editors
    /// Admin, director, manager, staff.
    case staff
    /// Admins and directors.
    case groups
    /// Admins, directors and managers.
    case members
    /// Staff and above, once the institution is set up.
    case casework
    /// Students, once Case Management is visible to them.
    case student
    /// Students while it is visible, and staff once it is set up.
    case progress
    /// The same, for files.
    case readers
}

/// Why a caller could not enter an institution.
public enum EntryRefusal: Error, Sendable, Equatable {
    /// The token is unknown, expired or its account no longer active.
    case notSignedIn
    /// The caller's role may never do this.
    case forbidden
    /// To this caller the thing does not exist (yet).
    case hidden
    /// Case Management is not set up; the keys of what is missing.
    case notSetUp(missing: [String])
    /// The institution is suspended.
    case suspended
}

/// A transaction that begins by entering an institution as somebody: who asks, and where.
///
/// Every statement runs under the caller's database role, so row security decides what it sees.
public struct UnitOfWork: Sendable {
    /// Where the work happens.
    public let institution: Institution
    private let pool: Pool
    private let entry: [Statement]
    private let scope: String

    private init(institution: Institution, pool: Pool, entry: [SQL], scope: String) {
        self.institution = institution
        self.pool = pool
        self.entry = entry.map { Statement($0, scope: "entry") }
        self.scope = "\(institution.id)/\(scope)"
    }

    /// Work as the holder of a token.
    /// - Parameters:
    ///   - tokenHash: SHA-256 of the token's secret, 32 bytes.
    ///   - writing: whether an API token needs the scope `write`.
    init(institution: Institution, pool: Pool, tokenHash: [UInt8], audience: Audience, writing: Bool) {
        let enter: SQL = "\(tokenHash), \(audience.rawValue), \(writing)"
        self.init(
            institution: institution, pool: pool,
            entry: [SQL(unchecked: "select \(institution.schema).enter(") + enter + SQL(unchecked: ") as account")],
            scope: audience.rawValue)
    }

    /// Work before anyone is known (sign-in, invitations), or in the background.
    /// - Parameter door: `enter_gate` or `enter_system`.
    init(institution: Institution, pool: Pool, door: String) {
        self.init(
            institution: institution, pool: pool,
            entry: [SQL(unchecked: "select 0 as account from \(institution.schema).\(door)()")], scope: door)
    }

    /// Work as the operator, who owns the schemas: provisioning, the command line, the demo's data.
    ///
    /// By `set_config`, which the migrator may call: at the head of a batch the server warns of SET LOCAL, because what
    /// comes with it has not arrived yet.
    /// - Parameter pool: connections of `waymark_migrator`, whose credential is never near `serve`.
    public init(operating institution: Institution, pool: Pool) {
        self.init(
            institution: institution, pool: pool,
            entry: [
                """
                select 0 as account, set_config('role', 'waymark_owner', true),
                       set_config('search_path', \(institution.schema + ", pg_temp"), true)
                """
            ], scope: "operator")
    }

    /// Enters and does nothing else.
    /// - Returns: the caller's account id; 0 for whoever has none (gate, background, operator).
    /// - Throws: `EntryRefusal`, `PostgresError`.
    public func enter() async throws -> Int {
        let results = try await send(entry)
        guard let row = results.last?.first else { return 0 }
        return try row.get("account")
    }

    /// Runs the queries in one round trip and one transaction: all or nothing.
    /// - Throws: `EntryRefusal`, `PostgresError`.
    public func callAsFunction<each Output: Sendable>(
        _ query: repeat Query<each Output>
    ) async throws -> (repeat each Output) {
        var statements = entry
        for query in repeat each query {
            statements.append(Statement(query.sql, scope: scope))
        }
        var results = try await send(statements).dropFirst(entry.count)
        func next() throws -> Rows { results.removeFirst() }
        return (repeat try (each query).decode(next()))
    }

    /// Runs a query also where the caller's task is cancelled already: what is put right after a failure must not fail by it.
    /// - Throws: `EntryRefusal`, `PostgresError`.
    public func evenIfCancelled<Output: Sendable>(_ query: Query<Output>) async throws -> Output {
        try await withoutCancellation { try await self(query) }
    }

    /// Runs `body` in one transaction on a connection of its own, for work whose later statements need earlier answers.
    /// - Parameter isLong: it may take seconds and more, and waits its turn so that it keeps nobody else's short one waiting.
    /// - Throws: `EntryRefusal`, `PostgresError`, whatever `body` throws (after a rollback).
    public func transaction<T: Sendable>(
        isLong: Bool = false, _ body: (Transaction) async throws -> T
    ) async throws -> T {
        var pauses = Self.pauses[...]
        while true {
            var hasEntered = false
            do {
                return try await pool.transaction(affinity: institution.id, isLong: isLong, first: entry) {
                    hasEntered = true
                    return try await body($0)
                }
            } catch let error as PostgresError {
                guard error.refusesRole, !hasEntered, let pause = pauses.popFirst() else {
                    throw EntryRefusal(error) ?? error
                }
                try await Task.sleep(for: pause)
            }
        }
    }

    /// How long to wait before another connection is tried, where one does not know the institution's roles (see
    /// `PostgresError.refusesRole`): while many institutions are made, several may not, and the next grant mends them.
    private static let pauses: [Duration] = [.milliseconds(10), .milliseconds(50), .milliseconds(200)]

    private func send(_ statements: [Statement]) async throws -> [Rows] {
        var pauses = Self.pauses[...]
        while true {
            do {
                return try await pool.batch(statements, affinity: institution.id)
            } catch let error as PostgresError {
                guard error.refusesRole, let pause = pauses.popFirst() else { throw EntryRefusal(error) ?? error }
                try await Task.sleep(for: pause)
            }
        }
    }
}

extension EntryRefusal {
    /// Reads the SQLSTATEs of `enter`; nil where the error is another.
    init?(_ error: PostgresError) {
        switch error.sqlState?.rawValue {
        case "WM401", "WM402": self = .notSignedIn
        case "WM403": self = .forbidden
        case "WM404": self = .hidden
        case "WM409":
            self = .notSetUp(
                missing: error.message.split(separator: ",").map { $0.trimmingPrefix(" ") }.map(String.init))
        case "WM503": self = .suspended
        default: return nil
        }
    }
}
