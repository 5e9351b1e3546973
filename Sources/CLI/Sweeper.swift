import Casework
import Events
import Foundation
import Postgres
import ServiceLifecycle
import Synchronization
import Tenancy
import Web

/// Removes what has expired, institution by institution, every quarter of an hour, and notes the figures that the operator sees
/// of each. Row security lets the system role delete
/// exactly that and nothing else, so the statements need no condition of their own.
///
/// Several may run, also in as many processes: what one has deleted, the next does not find. Their rounds begin at random
/// moments, so that servers started together do not sweep together.
final class Sweeper: Service {
    private let database: Deployment.Configuration
    private let observers: Observers
    private let interval: Duration
    /// How many portions of one institution a round takes at most, so that the others have their turn.
    private let portions = 50
    private let lastRound = Mutex<Date?>(nil)

    /// - Parameters:
    ///   - database: its connections are opened for each round: between two of them a backend would keep the catalogs of
    ///     every institution in memory for nothing.
    ///   - interval: from one round to the next, give or take a fifth.
    init(database: Deployment.Configuration, observers: Observers, interval: Duration = .seconds(900)) {
        var database = database
        database.pool.size = 1
        database.pool.observers = observers
        self.database = database
        self.observers = observers
        self.interval = interval
    }

    /// When the last round over all institutions ended well.
    var lastRun: Date? { lastRound.withLock { $0 } }

    /// Sweeps until the shutdown.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            try? await Task.sleep(for: self.interval * Double.random(in: 0...0.1))
            while !Task.isCancelled {
                try? await self.sweepAll()
                try? await Task.sleep(for: self.interval * Double.random(in: 0.8...1.2))
            }
        }
    }

    /// One round over all institutions.
    /// - Throws: `PostgresError` where they cannot be asked for, after it was told. One institution's failure is told, and
    ///   the others have their turn.
    func sweepAll() async throws {
        let deployment = Deployment(database)
        let start = ContinuousClock.now
        do {
            try await sweep(deployment)
        } catch {
            let job = Job(.sweep, succeeded: false, since: start)
            if !Task.isCancelled { observers.tell(SweepFailed(error, ending: job)) }
            await deployment.close()
            throw error
        }
        await deployment.close()
    }

    private func sweep(_ deployment: Deployment) async throws {
        let start = ContinuousClock.now
        var rows = 0
        var failures = 0
        let institutions = try await deployment.institutions()
        for institution in institutions {
            do {
                rows += try await sweep(institution, deployment)
            } catch {
                try Task.checkCancellation()
                failures += 1
                observers.tell(SweepFailed(error, institution: institution.slug))
            }
        }
        if failures == 0 { lastRound.withLock { $0 = Date() } }
        observers.tell(
            SweepDone(
                institutions: institutions.count - failures, rows: rows,
                job: Job(.sweep, succeeded: failures == 0, since: start)))
    }

    /// What the institution keeps no longer, portion by portion, each in a transaction of its own; the rest in the next round.
    private func sweepRetained(_ work: UnitOfWork) async throws -> Int {
        var rows = 0
        for _ in 0..<portions {
            let portion = try await work.read(RetentionSweep.portion)
            guard portion > 0 else { break }
            rows += portion
        }
        return rows
    }

    private func sweep(_ institution: Institution, _ deployment: Deployment) async throws -> Int {
        // last what concerns all institutions, so that nobody's sign-in waits for the rest
        let work = try deployment.system(of: institution)
        let (
            sessions, challenges, invitations, keys, attempts, files, sent, reads, uploads, spent, runs, taken, clients,
            _
        ) =
            try await work(
                SQL("delete from sessions").affected(), SQL("delete from sign_in_challenges").affected(),
                SQL("delete from invitations").affected(),
                SQL("delete from idempotency_keys").affected(), SQL("delete from sign_in_attempts").affected(),
                SQL("delete from milestone_files").affected(),
                SQL("delete from submission_files where event_id is null").affected(),
                SQL("delete from inbox_reads").affected(),
                SQL("delete from uploads").affected(), SQL("delete from spent_sign_ins").affected(),
                SQL("delete from roster_runs").affected(), SQL("delete from folder_files").affected(),
                SQL("select sweep_sign_ins()").value(Int.self),
                SQL("select note_figures()").done())
        let expired =
            sessions + challenges + invitations + keys + attempts + files + sent + reads + uploads + spent + runs
            + taken + clients
        return try await expired + sweepRetained(work)
    }
}

/// What has expired was removed everywhere.
struct SweepDone: JobEnd {
    static let name = "sweep_done"
    let severity = Severity.info
    let institutions: Int
    let rows: Int
    let job: Job?

    var message: String { "What had expired was removed." }
    var details: [String: String] {
        [
            "institutions": String(institutions), "rows": String(rows),
            "seconds": ((job?.duration ?? .zero) / .seconds(1)).formatted(
                .number.precision(.fractionLength(2)).grouping(.never)),
        ]
    }
}

/// What has expired could not be removed.
struct SweepFailed: JobEnd {
    static let name = "sweep_failed"
    let severity = Severity.error
    let cause: String
    let reason: String
    /// The institution's slug; nil where none could be asked for.
    let institution: String?
    let job: Job?

    /// - Parameter job: the round, where it ends by this.
    init(_ error: any Error, institution: String? = nil, ending job: Job? = nil) {
        self.job = job
        cause = Unavailable.cause(of: error)
        reason = Failure.line(for: error)
        self.institution = institution
    }

    var message: String { "Removing what has expired failed, and will be tried again: \(reason)." }
    var details: [String: String] { institution.map { ["institution": $0] } ?? [:] }
}
