import Casework
import Events
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization
import Tenancy

/// Whether this server should get requests. The database is asked at a steady pace, whoever asks for `/readyz`: that
/// answers at once from what is known, also when the database does not, and costs nothing.
final class Readiness: Service, Sendable {
    /// How often the database is asked, and how long its word holds.
    struct Pace: Sendable {
        /// From one sign of life to the next.
        var ask = Duration.milliseconds(500)
        /// A sign of life must come within this, and holds for as long.
        var patience = Duration.milliseconds(1_500)
        /// From one look at the institutions' schemas to the next, until enough of them are current.
        var waiting = Duration.seconds(2)
        /// The same afterwards.
        var serving = Duration.seconds(60)
        /// How long that look may take.
        var lookWithin = Duration.seconds(20)
    }

    private struct Known {
        var answered: ContinuousClock.Instant?
        var problem: RefusalReason?
        var schemas: Deployment.SchemaStates?
        /// Enough schemas were current once. Later migrations are for newer servers, while this one serves on.
        var wasReady = false
        /// Both questions were asked once, however they were answered.
        var isFirst = (life: true, schemas: true)
    }

    private let deployment: Deployment
    private let observers: Observers
    private let pace: Pace
    private let known = Mutex(Known())

    init(deployment: Deployment, observers: Observers, pace: Pace = Pace()) {
        self.deployment = deployment
        self.observers = observers
        self.pace = pace
    }

    /// How the institutions' schemas stand; nil before that is known.
    var schemas: Deployment.SchemaStates? { known.withLock { $0.schemas } }

    /// The answer to `/readyz`: at once, save that a server just started is given the time of its first questions.
    /// - Throws: `Problem` with 503 where this server should get no requests.
    func answer() async throws -> Response {
        let end = ContinuousClock.now + pace.patience
        while known.withLock({ $0.isFirst.life || $0.isFirst.schemas }), ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(10))
        }
        let known = known.withLock { $0 }
        guard let answered = known.answered, .now - answered <= pace.patience else {
            throw refusal(
                Refusal(.databaseSilent),
                known.problem ?? RefusalReason(cause: "database_silent", text: "the database does not answer"))
        }
        let outdated = known.schemas?.outdated ?? 0
        let advice = Refusal(.schemasOutdated, ["outdated": .number(outdated)])
        guard known.wasReady else {
            throw refusal(
                known.schemas == nil ? Refusal(.schemasUnknown) : advice,
                RefusalReason(cause: "schemas_outdated", text: "\(outdated) institutions are not current"))
        }
        return .text(outdated == 0 ? "ok" : "ok, but \(Catalogue.english.refusal(advice))")
    }

    private func refusal(_ refusal: Refusal, _ reason: RefusalReason) -> Problem {
        var problem = Problem(.serviceUnavailable, refusal)
        problem.retryAfter = 2
        problem.reason = reason
        return problem
    }

    /// Asks until the shutdown.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    while !Task.isCancelled {
                        await self.askForLife()
                        try? await Task.sleep(for: self.pace.ask)
                    }
                }
                group.addTask {
                    while !Task.isCancelled {
                        await self.lookAtSchemas()
                        let isReady = self.known.withLock { $0.wasReady }
                        try? await Task.sleep(for: isReady ? self.pace.serving : self.pace.waiting)
                    }
                }
            }
        }
    }

    private func askForLife() async {
        defer { known.withLock { $0.isFirst.life = false } }
        do {
            try await within(pace.patience) { try await self.deployment.ping() }
            known.withLock {
                $0.answered = .now
                $0.problem = nil
            }
        } catch {
            guard !(error is CancellationError) else { return }
            known.withLock { $0.problem = RefusalReason(error) }
        }
    }

    private func lookAtSchemas() async {
        defer { known.withLock { $0.isFirst.schemas = false } }
        guard let schemas = try? await within(pace.lookWithin, { try await self.deployment.schemaStates() }) else {
            return
        }
        known.withLock {
            $0.schemas = schemas
            $0.wasReady = $0.wasReady || schemas.isQuorumCurrent
        }
        if schemas.outdated > 0 { observers.tell(SchemasOutdated(outdated: schemas.outdated)) }
    }

    /// Cancels what takes longer.
    private func within<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else { throw CancellationError() }
            return value
        }
    }
}

/// Institutions' schemas are not those of this program.
struct SchemasOutdated: Event {
    static let name = "schemas_outdated"
    let severity = Severity.warning
    let outdated: Int

    var message: String { "\(outdated) institutions are not current: run waymark migrate." }
}
