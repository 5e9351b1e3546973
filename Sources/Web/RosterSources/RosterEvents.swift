import Casework
import Events

/// A roster was fetched and taken in.
struct RosterRunDone: JobEnd {
    static let name = "roster_run_done"
    let severity = Severity.info
    let message = "A roster was fetched and taken in."
    let institution: String
    let intake: RosterIntake
    let job: Job?

    var details: [String: String] {
        [
            "institution": institution, "records": String(intake.records), "added": String(intake.added),
            "updated": String(intake.updated), "failed": String(intake.failed),
            "suspended": String(intake.suspended),
        ]
    }
}

/// A roster was not fetched, or not taken in.
struct RosterRunFailed: JobEnd {
    static let name = "roster_run_failed"
    let severity = Severity.warning
    let institution: String
    let fault: RosterFault
    let job: Job?

    var cause: String { fault.kind.rawValue }
    let message = "An institution's roster was not taken in; its admins see why, and nothing was changed."
    var details: [String: String] { ["institution": institution, "reason": fault.detail] }
}

/// Runs could not be begun or written down.
struct RosterWorkFailed: Event {
    static let name = "roster_work_failed"
    let severity = Severity.error
    let cause: String
    /// The institution's slug; nil where none could be asked for.
    let institution: String?

    init(_ error: any Error, institution: String? = nil) {
        cause = Unavailable.cause(of: error)
        self.institution = institution
    }

    let message = "Fetching rosters failed in the database, and will be tried again."
    var details: [String: String] { institution.map { ["institution": $0] } ?? [:] }
}
