import Dates
import FoundationEssentials
import Postgres
import Tenancy

/// An institution's runs as the background work sees them: begun when their time has come, kept under a lease, settled.
///
/// One is under way at most, on all servers together. A worker makes its lease longer for as long as it works. Whose lease ended
/// has died with its server: nothing of what it fetched was stored, or all of it, so the next run begins where the last good one
/// ended.
public struct RosterRuns: Sendable {
    private let work: UnitOfWork

    /// - Parameter work: the system's.
    public init(work: UnitOfWork) { self.work = work }

    /// A run that is this worker's, with what it goes by.
    public struct Order: Sendable, RowDecodable {
        /// Number of the run.
        public let id: Int
        /// A UUID, by which the roster is taken in.
        public let lease: String
        let baseURL: String
        let tokenURL: String
        let clientID: String
        let sealedSecret: String?
        let scope: String?
        let suspendsMissing: Bool
        let isPartial: Bool
        let isWholeWanted: Bool
        let mostSuspended: Int?
        /// From which moment changes are asked for; nil: all there is.
        let since: Date?
        let startedAt: Date
        let rulesVersion: Int

        /// Reads what `begin` returns.
        public init(row: Row) throws {
            id = try row.get("id")
            lease = try row.get("lease")
            baseURL = try row.get("base_url")
            tokenURL = try row.get("token_url")
            clientID = try row.get("client_id")
            sealedSecret = try row.get("sealed_secret")
            scope = try row.get("scope")
            suspendsMissing = try row.get("suspends_missing")
            isPartial = try row.get("partial")
            isWholeWanted = try row.get("whole")
            mostSuspended = try row.get("most_suspended")
            since = try row.get("since")
            startedAt = try row.get("started_at")
            rulesVersion = try row.get("rules_version")
        }
    }

    /// Gives up runs whose worker has died, adds one where it is time, and takes the one that waits.
    /// - Parameters:
    ///   - now: by the worker's clock.
    ///   - lease: seconds.
    /// - Returns: nil where nothing waits; and how many were given up.
    public func begin(at now: Date, lease: Double) async throws -> (order: Order?, lost: Int) {
        let dead: SQL = """
            update roster_runs set state = 'failed', fault = 'lost', ended_at = \(now), lease = null, lease_ends_at = null
            where state = 'running' and lease_ends_at < \(now)
            """
        // a run that is open then is the one that is due, and what nobody was there for is made up for by one
        let due: SQL = """
            with due as (
                update roster_sources s set done_at = \(now) from settings x
                where s.id = 1 and s.enabled and x.id = 1 and \(RosterSource.next) <= \(now)
                returning s.id)
            insert into roster_runs (whole)
            select false from due where not exists (select from roster_runs where state in ('waiting', 'running'))
            on conflict do nothing
            """
        // Servers forget what they have deleted, and what is left out changes with the rules: so all there is is fetched once a
        // week, and under new rules. Changes are asked for from an hour before the last that is known: whoever was slow to write
        // one has dated it before that.
        let taken: SQL = """
            update roster_runs r set state = 'running', started_at = \(now), lease = \(UUID().uuidString)::text::uuid,
                lease_ends_at = \(now.addingTimeInterval(lease))
            from roster_sources s, roster_rules u
            where r.state = 'waiting' and s.id = 1 and u.id = 1
            returning r.id, r.lease::text as lease, r.whole, r.most_suspended, r.started_at, coalesce(s.base_url, '') as base_url,
                coalesce(s.token_url, '') as token_url, coalesce(s.client_id, '') as client_id, s.sealed_secret, s.scope, s.suspends_missing, s.partial, u.version as rules_version,
                case when not r.whole and s.whole_at > \(now)::timestamptz - interval '7 days' and s.rules_version = u.version
                    then s.read_to - interval '1 hour' end as since
            """
        let (lost, _, order, _) = try await work(
            dead.affected(), due.affected(), taken.optional(Order.self), Self.scheduled)
        return (order, lost)
    }

    private static let scheduled: Query<Void> = ("select schedule_roster()" as SQL).done()

    /// Makes the lease longer.
    /// - Returns: false where the run is no longer this worker's.
    public func extend(_ order: Order, at now: Date, lease: Double) async throws -> Bool {
        let sql: SQL = """
            update roster_runs set lease_ends_at = \(now.addingTimeInterval(lease))
            where id = \(order.id) and lease = \(order.lease)::text::uuid
            """
        let (count, _) = try await work(sql.affected(), Self.scheduled)
        return count == 1
    }

    /// What came of a run.
    public enum Outcome: Sendable {
        /// It is stored.
        case done(RosterIntake)
        /// Nothing is stored.
        case failed(RosterFault, RosterIntake?)
        /// Its worker was stopped: the next begins it again.
        case givenBack
    }

    /// Writes down what came of it, also where the caller is being stopped: else the run would wait for the end of its lease. What a
    /// run could not take in is asked for again by the next.
    public func settle(_ order: Order, _ outcome: Outcome, at now: Date) async throws {
        let mine: SQL = "where r.id = \(order.id) and r.lease = \(order.lease)::text::uuid"
        let free: SQL = "lease = null, lease_ends_at = null"
        let run: SQL
        var source: SQL = "select"
        switch outcome {
        case .givenBack:
            run = "update roster_runs r set state = 'waiting', started_at = null, \(free) \(mine)"
        case .failed(let fault, let intake):
            run = """
                update roster_runs r set state = 'failed', ended_at = \(now), \(free), fault = \(fault.kind.rawValue),
                    detail = \(fault.detail), fault_count = \(fault.count), fault_most = \(fault.most), \(Self.counts(intake)) \(mine)
                """
        case .done(let intake):
            run = "update roster_runs r set state = 'done', ended_at = \(now), \(free), \(Self.counts(intake)) \(mine)"
            source = """
                update roster_sources set
                    read_to = case when \(intake.failed == 0 || intake.isWhole) then greatest(read_to, \(intake.newest(order))) else read_to end,
                    whole_at = case when \(intake.isWhole) then \(order.startedAt) else whole_at end,
                    rules_version = case when \(intake.isWhole) then \(order.rulesVersion)::int else rules_version end
                where id = 1 and base_url = \(order.baseURL)
                """
        }
        let (settled, noted) = (run, source)
        try await withoutCancellation {
            _ = try await work(settled.affected(), noted.done(), Self.scheduled)
        }
    }

    private static func counts(_ intake: RosterIntake?) -> SQL {
        guard let intake else { return "records = 0" }
        return """
            whole = \(intake.isWhole), short = \(intake.isShort), records = \(intake.records), added = \(intake.added),
            updated = \(intake.updated), unchanged = \(intake.unchanged), failed = \(intake.failed), skipped = \(intake.skipped),
            suspended = \(intake.suspended), leaving = \(intake.leaving), problems = \(intake.problems)
            """
    }
}

/// What a run has fetched, and what became of it.
public struct RosterIntake: Sendable {
    /// Whether all there is was asked for.
    public let isWhole: Bool
    /// Whether the server gave less than it said there is.
    public let isShort: Bool
    /// How many records came.
    public let records: Int
    /// The newest change, by the server's clock.
    let newestChange: Date?
    /// What became of them, as in an import's report.
    public let added, updated, unchanged, failed, skipped: Int
    /// How many people were suspended, and how many students left their cohorts.
    public let suspended, leaving: Int
    let problems: [String]

    init(_ download: RosterDownload, _ report: ImportReport, says: (FieldRefusal) -> String) {
        isWhole = download.isWhole
        isShort = download.isShort
        records = download.records
        newestChange = download.newestChange
        added = report.added
        updated = report.updated
        unchanged = report.unchanged
        failed = report.failed
        skipped = report.skipped ?? 0
        suspended = report.suspended
        leaving = report.leaving
        problems = (report.failures + report.archived).prefix(50).map { failure in
            let said = failure.problem.map(says) ?? failure.result.rawValue
            let whom = [failure.file, failure.source ?? failure.email].compactMap(\.self).joined(separator: " ")
            return String("\(whom): \(said)".unicodeScalars.prefix(400))
        }
    }

    /// Up to when all changes are known: a clock that runs ahead must not hide what comes after it.
    func newest(_ order: RosterRuns.Order) -> Date? { newestChange.map { min($0, order.startedAt) } }
}
