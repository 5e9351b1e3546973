import Casework
import Events
import Foundation
import ServiceLifecycle
import Synchronization
import Tenancy

/// Takes in the files that lie in the institutions' folders, until the shutdown.
///
/// A look costs a listing for each folder there is; the database is asked only where a file is ready, which it is once nothing has
/// changed about it for a while. Several may run, in as many processes and on as many servers with the same folder: each takes an
/// institution's folder in hand under a lease, which it makes longer for as long as it works.
public final class FolderWorker: Service {
    /// How it works.
    public struct Configuration: Sendable {
        /// The folder that holds one for each institution.
        public var path: String
        /// Seconds for which nothing may have changed about a file.
        public var patience = 10.0
        /// Seconds until a file is looked at again that stays where it is.
        public var rest = 30.0
        /// Institutions whose files are taken in at the same time.
        public var hands = 4
        /// Seconds for which a folder is taken in hand, and taken again while it is.
        public var lease = 120.0
        /// How long to wait between two looks.
        public var interval = Duration.seconds(5)
        /// What time it is.
        public var clock: @Sendable () -> Date = { Date() }

        /// - Parameter path: the folder that holds one for each institution.
        public init(path: String) { self.path = path }
    }

    /// Since when a file is as it is, and until when it is left alone.
    private struct Sight {
        let since: Date
        var restsUntil: Date?
        /// It stays where it is for a reason: it waits for an admin, or admins do not want what comes by the folder.
        var isLeft = false
    }

    private let deployment: Deployment
    private let configuration: Configuration
    private let observers: Observers
    private let watched: WatchedFolder
    /// What lies in each institution's folder. A file that changes is another entry.
    private let seen = Mutex<[String: [FolderEntry: Sight]]>([:])
    private let busy = Mutex<Set<String>>([])

    /// - Parameter deployment: its own, which it closes at its end: no request shares the connections.
    public init(deployment: Deployment, _ configuration: Configuration, observers: Observers = .none) {
        self.deployment = deployment
        self.configuration = configuration
        self.observers = observers
        watched = WatchedFolder(path: configuration.path)
    }

    /// Works until the shutdown.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                var hands = 0
                while !Task.isCancelled {
                    for slug in await self.look() where self.busy.withLock({ $0.insert(slug).inserted }) {
                        if hands == self.configuration.hands { await group.next() } else { hands += 1 }
                        group.addTask {
                            await self.visit(slug)
                            self.busy.withLock { _ = $0.remove(slug) }
                        }
                    }
                    try? await Task.sleep(for: self.configuration.interval)
                }
            }
        }
        await deployment.close()
    }

    /// Closes the connections, where it does not run.
    public func close() async { await deployment.close() }

    /// Takes in once what is ready.
    /// - Returns: whether there are files about which something has changed too lately.
    @discardableResult
    public func round() async -> Bool {
        for slug in await look() { await visit(slug) }
        let ripe = configuration.clock().addingTimeInterval(-configuration.patience)
        return seen.withLock { $0.values.contains { $0.values.contains { $0.since > ripe } } }
    }

    /// Files that lie there and are to be taken in, or cannot be just now, and for how many seconds the first of them has been
    /// there; zero where none is. What waits for an admin is not among them.
    public var waiting: (files: Int, seconds: Double) {
        let waiting = seen.withLock { $0.values.flatMap(\.values).filter { !$0.isLeft } }
        let first = waiting.map(\.since).min()
        return (waiting.count, first.map { max(0, configuration.clock().timeIntervalSince($0)) } ?? 0)
    }

    /// The institutions in whose folders a file is ready.
    private func look() async -> [String] {
        do {
            let slugs = Set(try await watched.slugs())
            seen.withLock { seen in seen = seen.filter { slugs.contains($0.key) } }
            var ready: [String] = []
            for slug in slugs.sorted() {
                do {
                    guard let folder = try await watched.folder(of: slug) else { continue }
                    if !(try await entries(of: slug, in: folder)).isEmpty { ready.append(slug) }
                } catch {
                    observers.tell(FolderWorkFailed(error, institution: slug))
                }
            }
            return ready
        } catch {
            observers.tell(FolderWorkFailed(error))
            return []
        }
    }

    /// The files that are ready, those first that others may be about.
    private func entries(of slug: String, in folder: InstitutionFolder) async throws -> [FolderEntry] {
        let entries = try await folder.entries()
        let now = configuration.clock()
        let ripe = now.addingTimeInterval(-configuration.patience)
        let ready = seen.withLock { seen in
            let known = seen[slug] ?? [:]
            var sights: [FolderEntry: Sight] = [:]
            for entry in entries { sights[entry] = known[entry] ?? Sight(since: now) }
            seen[slug] = sights.isEmpty ? nil : sights
            return sights.filter { $0.value.since <= ripe && $0.value.restsUntil.map { $0 <= now } ?? true }.map(\.key)
        }
        return ready.sorted {
            let (one, other) = (FolderKind($0.name)?.turn ?? 9, FolderKind($1.name)?.turn ?? 9)
            return one == other ? $0.name < $1.name : one < other
        }
    }

    /// Leaves files alone for a while, in case they stay.
    private func rest(_ entries: [FolderEntry], of slug: String) {
        let end = configuration.clock().addingTimeInterval(configuration.rest)
        seen.withLock { seen in
            for entry in entries { seen[slug]?[entry]?.restsUntil = end }
        }
    }

    /// Whether files stay where they are for a reason; those that could not be taken in do not.
    private func note(_ entries: [FolderEntry], of slug: String, areLeft: Bool) {
        seen.withLock { seen in
            for entry in entries { seen[slug]?[entry]?.isLeft = areLeft }
        }
    }

    /// Takes in what is ready there, if admins want that and another has it not in hand.
    private func visit(_ slug: String) async {
        var entries: [FolderEntry] = []
        do {
            guard let folder = try await watched.folder(of: slug) else { return }
            entries = try await self.entries(of: slug, in: folder)
            rest(entries, of: slug)
            guard let institution = try await deployment.institution(slug: slug), institution.state == "active" else {
                return note(entries, of: slug, areLeft: true)
            }
            try await take(entries, in: folder, of: institution)
        } catch EntryRefusal.suspended {
            note(entries, of: slug, areLeft: true)
        } catch  where !Task.isCancelled && !(error is FolderLost) {
            note(entries, of: slug, areLeft: false)
            observers.tell(FolderWorkFailed(error, institution: slug))
        } catch {}
    }

    private func take(
        _ entries: [FolderEntry], in folder: InstitutionFolder, of institution: Institution
    ) async throws {
        let system = try deployment.system(of: institution)
        let work = FolderWork(work: system)
        guard let order = try await work.begin(at: configuration.clock(), lease: configuration.lease) else {
            return note(entries, of: institution.slug, areLeft: true)
        }
        let intake = FolderIntake(
            admin: try deployment.folder(of: institution, lease: order.lease), system: system, order, says: \.inReport)
        let hand = FolderHand(
            folder: folder, institution: institution, work: work, intake: intake, clock: configuration.clock,
            observers: observers)
        do {
            try await keeping(order, work) {
                for entry in entries {
                    try Task.checkCancellation()
                    do {
                        try await hand.take(entry)
                        self.note([entry], of: institution.slug, areLeft: true)
                    } catch let failure as FolderFailure {
                        // of this file alone
                        self.note([entry], of: institution.slug, areLeft: false)
                        self.observers.tell(FolderWorkFailed(failure, institution: institution.slug))
                    }
                }
            }
            try await work.end(order)
        } catch {
            try? await work.end(order, after: error)
            throw error
        }
    }

    /// Works while the lease is kept.
    private func keeping(
        _ order: FolderWork.Order, _ work: FolderWork, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask { [configuration] in
                while true {
                    try await Task.sleep(for: .seconds(configuration.lease / 3))
                    // where the database is away the lease may end, which is for the next to find
                    let isOurs = try? await work.extend(order, at: configuration.clock(), lease: configuration.lease)
                    if isOurs == false { throw FolderLost() }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
