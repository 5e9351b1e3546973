import Postgres

/// Which callers a route is for. The words are those of `who` in `sql/institution/definitions`, which is the judge.
public enum Audience: String, Sendable, CaseIterable {
    /// Whoever is signed in.
    case any
    /// The same, and admins who have yet to set up the authenticator that their institution demands.
    case own
    /// Admins, by API token too.
    case admin
    /// Admins signed in themselves: no API token.
    case adminInPerson = "admin-in-person"
    /// API tokens for SCIM, which open nothing else; they act as an admin.
    case scim
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
    /// The same, for holders of a calendar's secret address, and for nobody else.
    case calendar
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
    /// The institution demands an authenticator of its admins, and this one has none.
    case codesNeeded
    /// The institution is suspended.
    case suspended
}

/// A transaction that begins by entering an institution as somebody: who asks, and where.
///
/// Every statement runs under the caller's database role, so row security decides what it sees.
///
/// It may also be a step of a transaction that is open already: then a savepoint stands in the place of BEGIN, and whoever
/// works with it need not know.
public struct UnitOfWork: Sendable {
    /// Where the work happens.
    public let institution: Institution
    private let pool: Pool
    /// The transaction it is a step of; nil where it makes its own.
    private var whole: Transaction?
    private let entry: [Statement]
    private let preparedFor: String

    private init(institution: Institution, pool: Pool, entry: [SQL], preparedFor: String) {
        self.institution = institution
        self.pool = pool
        self.entry = entry.map { Statement($0, preparedFor: "entry") }
        self.preparedFor = "\(institution.id)/\(preparedFor)"
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
            preparedFor: audience.rawValue)
    }

    /// Work before anyone is known (sign-in, invitations), or in the background.
    /// - Parameter door: `enter_gate` or `enter_system`.
    init(institution: Institution, pool: Pool, door: String) {
        self.init(
            institution: institution, pool: pool,
            entry: [SQL(unchecked: "select 0 as account from \(institution.schema).\(door)()")], preparedFor: door)
    }

    /// Work that takes in what the background work has at hand under a lease.
    /// - Parameter door: `enter_roster` or `enter_folder`.
    init(institution: Institution, pool: Pool, door: String, lease: String) {
        self.init(
            institution: institution, pool: pool,
            entry: [
                SQL(unchecked: "select 0 as account from \(institution.schema).\(door)(") + "\(lease)::text::uuid"
                    + SQL(unchecked: ")")
            ], preparedFor: door)
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
            ], preparedFor: "operator")
    }

    /// The same work as a step of an open transaction of the same institution. A step that fails is undone alone.
    public func within(_ transaction: Transaction) -> UnitOfWork {
        var step = self
        step.whole = transaction
        return step
    }

    /// The same work as a step of the transaction that `other` is a step of, if there is one.
    public func joining(_ other: UnitOfWork?) -> UnitOfWork {
        var step = self
        step.whole = other?.whole
        return step
    }

    /// The same work in transactions of its own.
    public var apart: UnitOfWork { joining(nil) }

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
        try await read(repeat Reading(each query))
    }

    /// Enters, and the answers to what comes after it.
    func answers(to statements: [SQL]) async throws -> ArraySlice<Rows> {
        try await send(entry + statements.map { Statement($0, preparedFor: preparedFor) }).dropFirst(entry.count)
    }

    /// Runs a query also where the caller's task is cancelled already: what is put right after a failure must not fail by it.
    /// - Throws: `EntryRefusal`, `PostgresError`.
    public func evenIfCancelled<Output: Sendable>(_ query: Query<Output>) async throws -> Output {
        try await withoutCancellation { try await self(query) }
    }

    /// Runs `body` in one transaction on a connection of its own, for work whose later statements need earlier answers.
    /// - Parameter isLong: it may take seconds and more. It waits its turn for up to a minute, because an institution does one
    ///   such work at a time, on all servers together, and keeps nobody else's short one waiting.
    /// - Throws: `EntryRefusal`, `PostgresError`, whatever `body` throws (after a rollback).
    public func transaction<T: Sendable>(
        isLong: Bool = false, _ body: (Transaction) async throws -> T
    ) async throws -> T {
        if let whole {
            return try await step(of: whole) {
                _ = try await whole.batch(Self.stepBegins + uncached(entry))
                let value = try await body(whole)
                _ = try await whole.batch([Self.stepEnds])
                return value
            }
        }
        let first = entry + [Statement(lockLimit)] + (isLong ? [Self.turn] : [])
        let patience = ContinuousClock.now + .seconds(60)
        var pauses = Self.pauses[...]
        while true {
            var hasEntered = false
            do {
                return try await pool.transaction(affinity: institution.id, isLong: isLong, first: first) {
                    hasEntered = true
                    return try await body($0)
                }
            } catch let error as PostgresError {
                if hasEntered { throw EntryRefusal(error) ?? error }
                // Another server has the turn. The connection was given back, so that other institutions' work passes.
                if isLong, error.sqlState == .lockNotAvailable, .now < patience { continue }
                guard error.refusesRole, let pause = pauses.popFirst() else { throw EntryRefusal(error) ?? error }
                try await Task.sleep(for: pause)
            }
        }
    }

    /// Lets the statements behind it, within a transaction, wait for a lock as long as a batch may.
    public var lockLimit: SQL {
        let limit = pool.lockTimeout.components
        let milliseconds = limit.seconds * 1_000 + limit.attoseconds / 1_000_000_000_000_000
        return SQL(unchecked: "set local lock_timeout = \(max(milliseconds, 1))")
    }

    private static let turn = Statement("select take_turn()")

    /// How long to wait before another connection is tried, where one does not know the institution's roles (see
    /// `PostgresError.refusesRole`): while many institutions are made, several may not, and the next grant mends them.
    private static let pauses: [Duration] = [.milliseconds(10), .milliseconds(50), .milliseconds(200)]

    // MARK: As a step

    private static let stepBegins = [Statement("savepoint step"), Statement("set local role none")]
    private static let stepEnds = Statement("release savepoint step")
    private static let stepUndone = Statement("rollback to savepoint step")

    /// Undoes what `body` did in the transaction where it fails.
    private func step<T>(of whole: Transaction, _ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch {
            // Where this fails too the transaction is beyond help, and its end will say so.
            _ = try? await whole.batch([Self.stepUndone])
            guard let error = error as? PostgresError else { throw error }
            throw EntryRefusal(error) ?? error
        }
    }

    /// A prepared statement that is out of date would fail the whole transaction; only a batch can be sent again.
    private func uncached(_ statements: [Statement]) -> [Statement] {
        statements.map { Statement($0.sql) }
    }

    private func send(_ statements: [Statement]) async throws -> [Rows] {
        if let whole {
            let all = Self.stepBegins + uncached(statements) + [Self.stepEnds]
            let answers = try await step(of: whole) { try await whole.batch(all) }
            return Array(answers.dropFirst(Self.stepBegins.count).dropLast())
        }
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
        case "WM405": self = .codesNeeded
        case "WM409":
            self = .notSetUp(
                missing: error.message.split(separator: ",").map { $0.trimmingPrefix(" ") }.map(String.init))
        case "WM503": self = .suspended
        default: return nil
        }
    }
}
