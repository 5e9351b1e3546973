import Casework
import Events
import Outgoing
import ServiceLifecycle
import Tenancy
import Web

/// What the configuration of `serve` and `work` says of background work.
struct BackgroundPlan: Sendable {
    let database: Deployment.Configuration
    let mail: MailPlan?
    let outgoing: HTTPSClient.Configuration
    let secretKeys: SecretKeys?
    let importFolder: String?
}

/// The background work of all institutions, which `serve` does beside serving, and `work` alone.
struct BackgroundWork: Sendable {
    let sweeper: Sweeper
    let reports: ReportWatch
    let rosters: RosterWorker
    let folders: FolderWorker?
    let mail: MailWorker?

    /// - Throws: where mail cannot be sent; see `MailPlan.worker`.
    init(_ plan: BackgroundPlan, observers: Observers) throws {
        let database = plan.database
        sweeper = Sweeper(database: database, observers: observers)
        reports = ReportWatch(database: database, observers: observers)
        rosters = RosterWorker(
            deployment: .small(database, observers: observers),
            .init(client: HTTPSClient(plan.outgoing), keys: plan.secretKeys), observers: observers)
        folders = plan.importFolder.map {
            FolderWorker(
                deployment: .small(database, observers: observers), .init(path: $0), observers: observers)
        }
        mail = try plan.mail.map { try $0.worker(database, observers: observers) }
    }

    /// To be run until the shutdown.
    var services: [any Service] {
        let all: [(any Service)?] = [sweeper, reports, rosters, folders, mail]
        return all.compactMap(\.self)
    }

    /// Does once what is due.
    /// - Throws: `PostgresError` where the institutions cannot be asked for.
    func once() async throws {
        try await sweeper.sweepAll()
        await reports.look()
        while await mail?.round() == .zero {}
        await mail?.close()
        await rosters.round()
        await rosters.close()
        // what has just been put there is ready in a moment
        if await folders?.round() == true {
            try await Task.sleep(for: .seconds(11))
            await folders?.round()
        }
        await folders?.close()
    }
}
