import Casework
import Events
import Mail

/// A mail has left.
struct MailSent: JobEnd {
    static let name = "mail_sent"
    let severity = Severity.info
    let message = "A mail has left."
    let job: Job?

    init(since start: ContinuousClock.Instant) { job = Job(.mail, succeeded: true, since: start) }
}

/// A mail did not leave.
struct MailFailed: JobEnd {
    static let name = "mail_failed"
    let severity = Severity.warning
    let cause: String
    let institution: String
    let job: Job?

    init(_ failure: DeliveryFailure, institution: String, since start: ContinuousClock.Instant) {
        cause = "\(failure.kind)"
        self.institution = institution
        job = Job(.mail, succeeded: false, since: start)
    }

    /// The reason names people, so it stands in the admins' list and not in the log.
    var message: String {
        switch cause {
        case "refused": "The mail server refused a mail; the institution's admins see which and why."
        case "deferred": "The mail server wants a mail later; it is tried again."
        default:
            "No mail can leave: the mail server is away, stalls, or refuses the login. It is tried again; see mailServer."
        }
    }
    var details: [String: String] { ["institution": institution] }
}

/// Mail could not be planned or taken.
struct MailWorkFailed: Event {
    static let name = "mail_work_failed"
    let severity = Severity.error
    let cause: String
    /// The institution's slug; nil where none could be asked for.
    let institution: String?

    init(_ error: any Error, institution: String? = nil) {
        cause = Unavailable.cause(of: error)
        self.institution = institution
    }

    var message: String { "Sending mail failed in the database, and will be tried again." }
    var details: [String: String] { institution.map { ["institution": $0] } ?? [:] }
}

/// There has been something to do for an hour, and nobody does it.
public struct WorkNeglected: Event {
    /// `work_neglected`.
    public static let name = "work_neglected"
    /// A warning.
    public let severity = Severity.warning
    private let seconds: Int

    /// - Parameter seconds: for how long.
    public init(seconds: Int) { self.seconds = seconds }

    /// What to do about it.
    public var message: String {
        "Mail has been waiting for an hour: run waymark work or set worker, and see whether the mail server answers."
    }
    /// For how long.
    public var details: [String: String] { ["seconds": String(seconds)] }
}
