import Events
import ServiceLifecycle
import Synchronization
import Tenancy
import Web

/// Asks the database how background work stands, whoever does it: for the metrics, and to warn where mail has been due for an
/// hour and nobody sends it.
final class JobWatch: Service {
    private let database: Deployment.Configuration
    private let observers: Observers
    /// Whether mail is to be sent at all: else it waits for ever.
    let sendsMail: Bool
    private let interval: Duration
    private let last = Mutex<BackgroundFigures?>(nil)

    /// - Parameters:
    ///   - database: a connection is opened for each look, and not kept.
    ///   - sendsMail: whether mail is to be sent at all.
    init(
        database: Deployment.Configuration, observers: Observers, sendsMail: Bool, interval: Duration = .seconds(15)
    ) {
        self.database = database
        self.observers = observers
        self.sendsMail = sendsMail
        self.interval = interval
    }

    /// What the last look found; nil before the first, and while the database does not answer.
    var figures: BackgroundFigures? { last.withLock { $0 } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var warning = ContinuousClock.now + .seconds(600)
            while !Task.isCancelled {
                await self.look()
                if .now >= warning {
                    self.warn()
                    warning = .now + .seconds(600)
                }
                try? await Task.sleep(for: self.interval)
            }
        }
    }

    /// Looks once.
    func look() async {
        let deployment = Deployment.small(database, observers: observers)
        let figures = try? await deployment.backgroundFigures()
        await deployment.close()
        last.withLock { $0 = figures }
    }

    /// Tells where mail waits by the last look.
    func warn() {
        guard sendsMail, let seconds = figures?.mailSeconds, seconds >= 3_600 else { return }
        observers.tell(WorkNeglected(seconds: Int(min(seconds, 1e9))))
    }
}
