import Events
import Foundation
import ServiceLifecycle
import Tenancy
import Web

/// Warns where there has been something to do for an hour, and nobody does it: on every server, also one that leaves the
/// work to others.
struct NeglectWatch: Service {
    let database: Deployment.Configuration
    let observers: Observers

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(600))) != nil { await look() }
        }
    }

    /// Looks once.
    func look() async {
        let deployment = Deployment.small(database, observers: observers)
        let late = try? await deployment.institutions(dueBy: Date().addingTimeInterval(-3_600)).count
        await deployment.close()
        if let late, late > 0 { observers.tell(WorkNeglected(institutions: late)) }
    }
}
