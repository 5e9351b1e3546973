import Casework
import Events
import Foundation
import Outgoing
import ServiceLifecycle
import Tenancy

/// Fetches the rosters of all institutions whose hour has come, or whose admins want it now, until the shutdown.
///
/// Several may run, in as many processes and on as many servers: each takes a run for itself under a lease, which it makes longer
/// for as long as it works. A run that is stopped with its process is begun again by the next.
public final class RosterWorker: Service {
    /// How it works.
    public struct Configuration: Sendable {
        /// Asks the institutions' servers.
        public var client: HTTPSClient
        /// Open the secrets by which those know us.
        public var keys: SecretKeys?
        /// What a server may take and give.
        public var limits = RosterLimits()
        /// Rosters that are fetched at the same time: a slow server keeps few others waiting.
        public var hands = 4
        /// Seconds for which a run is taken, and taken again while it is under way.
        public var lease = 120.0
        /// How long to wait where nothing was due.
        public var interval = Duration.seconds(5)
        /// What time it is.
        public var clock: @Sendable () -> Date = { Date() }

        /// - Parameters:
        ///   - client: asks the institutions' servers.
        ///   - keys: open the secrets by which those know us.
        public init(client: HTTPSClient, keys: SecretKeys?) {
            self.client = client
            self.keys = keys
        }
    }

    private let deployment: Deployment
    private let configuration: Configuration
    private let observers: Observers

    /// - Parameter deployment: its own, which it closes at its end: no request shares the connections.
    public init(deployment: Deployment, _ configuration: Configuration, observers: Observers = .none) {
        self.deployment = deployment
        self.configuration = configuration
        self.observers = observers
    }

    /// Works until the shutdown.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<self.configuration.hands {
                    group.addTask {
                        while !Task.isCancelled {
                            await self.round()
                            try? await Task.sleep(for: self.configuration.interval)
                        }
                    }
                }
            }
        }
        await deployment.close()
    }

    /// Closes the connections, where it does not run.
    public func close() async { await deployment.close() }

    /// Looks once after each institution for which it is time.
    public func round() async {
        do {
            for institution in try await deployment.institutions(withRosterDueBy: configuration.clock()) {
                guard !Task.isCancelled else { return }
                do {
                    try await visit(institution)
                } catch EntryRefusal.suspended {
                    continue
                } catch  where !Task.isCancelled {
                    observers.tell(RosterWorkFailed(error, institution: institution.slug))
                }
            }
        } catch {
            if !Task.isCancelled { observers.tell(RosterWorkFailed(error)) }
        }
    }

    /// Does the run that is due there, if another has not taken it.
    package func visit(_ institution: Institution) async throws {
        let runs = RosterRuns(work: try deployment.system(of: institution))
        let (order, lost) = try await runs.begin(at: configuration.clock(), lease: configuration.lease)
        let start = ContinuousClock.now
        let slug = institution.slug
        if lost > 0 {
            let job = Job(.roster, succeeded: false, since: start)
            observers.tell(RosterRunFailed(institution: slug, fault: RosterFault(.lost), job: job))
        }
        guard let order else { return }
        let outcome = await outcome(of: order, runs, institution)
        try await runs.settle(order, outcome, at: configuration.clock())
        switch outcome {
        case .done(let intake):
            let job = Job(.roster, succeeded: true, since: start)
            observers.tell(RosterRunDone(institution: slug, intake: intake, job: job))
        case .failed(let fault, _):
            let job = Job(.roster, succeeded: false, since: start)
            observers.tell(RosterRunFailed(institution: slug, fault: fault, job: job))
        case .givenBack: break
        }
    }

    /// Does the run while its lease is kept.
    private func outcome(
        of order: RosterRuns.Order, _ runs: RosterRuns, _ institution: Institution
    ) async -> RosterRuns.Outcome {
        await withTaskGroup(of: RosterRuns.Outcome?.self) { group in
            group.addTask { [configuration, deployment] in
                do {
                    let work = try deployment.roster(of: institution, lease: order.lease)
                    let fetch = RosterFetch(
                        client: configuration.client, keys: configuration.keys, limits: configuration.limits)
                    return try await fetch.run(order, work: work, says: \.inReport)
                } catch {
                    if Task.isCancelled { return .givenBack }
                    return .failed(RosterFault(.program, Unavailable.cause(of: error)), nil)
                }
            }
            group.addTask { [configuration] in
                while (try? await Task.sleep(for: .seconds(configuration.lease / 3))) != nil {
                    // where the database is away the lease may end, which is for the next to find
                    let isOurs = try? await runs.extend(order, at: configuration.clock(), lease: configuration.lease)
                    if isOurs == false { return .failed(RosterFault(.lost), nil) }
                }
                return nil
            }
            var outcome: RosterRuns.Outcome?
            while outcome == nil, let result = await group.next() { outcome = result }
            group.cancelAll()
            return outcome ?? .givenBack
        }
    }
}
