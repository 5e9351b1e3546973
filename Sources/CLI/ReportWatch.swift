import Casework
import Events
import Postgres
import ServiceLifecycle
import Tenancy
import Web

/// Ends what an institution's reporter keeps open for more than a minute: the login may set its own time limits, and does not
/// set this one. Several may run.
struct ReportWatch: Service {
    let database: Deployment.Configuration
    let observers: Observers

    func run() async throws {
        let deployment = Deployment.small(database, observers: observers)
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(10))) != nil { await look(at: deployment) }
        }
        await deployment.close()
    }

    /// Looks once.
    func look() async {
        let deployment = Deployment.small(database, observers: observers)
        await look(at: deployment)
        await deployment.close()
    }

    /// A failure is told.
    private func look(at deployment: Deployment) async {
        do {
            for institution in try await deployment.institutionsWithReporters() {
                let ended = try await deployment.system(of: institution)(SQL("select end_reports()").value(Int.self))
                if ended > 0 { observers.tell(ReportsEnded(institution: institution.slug, transactions: ended)) }
            }
        } catch {
            if !Task.isCancelled { observers.tell(ReportWatchFailed(error)) }
        }
    }
}

/// A reporter kept something open for too long, and its connection was ended.
struct ReportsEnded: Event {
    static let name = "reports_ended"
    let severity = Severity.notice
    let institution: String
    let transactions: Int

    var message: String { "A reporter's transaction was open for more than a minute, and its connection was ended." }
    var details: [String: String] { ["institution": institution, "transactions": String(transactions)] }
}

/// Reporters could not be watched.
struct ReportWatchFailed: Event {
    static let name = "report_watch_failed"
    let severity = Severity.error
    let cause: String
    let reason: String

    init(_ error: any Error) {
        cause = Unavailable.cause(of: error)
        reason = Failure.line(for: error)
    }

    var message: String { "Whether a reporter keeps something open for too long could not be seen: \(reason)." }
    var details: [String: String] { [:] }
}
