import CLibPQ

/// Statements that travel together and end in one Sync, and the task that waits for their answers.
///
/// Safe to send: made on the caller's thread, then touched only on the event loop's.
final class Batch: PipelineRequest, @unchecked Sendable {
    /// What the answers must not show on a connection, by who uses it.
    enum Discipline {
        /// Several callers share the connection: nothing may outlive the batch.
        case shared
        /// Within an explicit transaction: nothing may outlive that.
        case transaction
        /// The connection is the caller's alone.
        case exclusive
    }

    enum Step {
        case prepare(PreparedStatement)
        case execute(PreparedStatement?)
    }

    let statements: [Statement]
    let discipline: Discipline
    let timeout: Duration?
    /// Called once, on the loop's thread.
    var completion: ((Result<[Rows], any Error>) -> Void)?

    // The state of one trip over a connection.
    var steps: [Step] = []
    var step = 0
    var stepAnswered = false
    var rows: [Rows] = []
    var error: PostgresError?
    var failedStatement: PreparedStatement?
    /// False once something in it may have ended a transaction: then it must not be sent a second time.
    var repeatable = true
    /// The command tag that breaks the discipline.
    var offence: String?

    // Across trips.
    var trips = 0
    var cancelled = false
    var deadline: ContinuousClock.Instant?
    var expired = false
    /// Was broken off once for the sake of those behind it.
    var hasGivenWay = false
    /// The pipeline's own, which no caller waits for.
    var isHousekeeping = false
    weak var pipeline: Pipeline?

    init(
        _ statements: [Statement], affinity: Int = 0, discipline: Discipline, timeout: Duration?,
        completion: @escaping (Result<[Rows], any Error>) -> Void
    ) {
        self.statements = statements
        self.discipline = discipline
        self.timeout = timeout
        self.completion = completion
        super.init(affinity: affinity)
    }

    override func begin(on pipeline: Pipeline) -> Bool { pipeline.send(self) }

    override func refuse(_ error: any Error) { finish(.failure(error)) }

    func prepareTrip() {
        trips += 1
        steps.removeAll(keepingCapacity: true)
        step = 0
        stepAnswered = false
        rows.removeAll(keepingCapacity: true)
        rows.reserveCapacity(statements.count)
        error = nil
        failedStatement = nil
        repeatable = true
        offence = nil
    }

    func finish(_ result: Result<[Rows], any Error>) {
        let completion = completion
        self.completion = nil
        completion?(result)
    }

    /// The statement answered at the current step.
    var statement: Statement? { rows.count < statements.count ? statements[rows.count] : nil }

    /// Notes what a command without rows did to the session.
    func note(tag: UnsafePointer<CChar>) {
        let tag = String(cString: tag)
        switch tag {
        case "SET":
            // The one tag that does not tell whether it ends with the transaction.
            let text = statement?.sql.text.drop(while: \.isWhitespace).lowercased() ?? ""
            if text.hasPrefix("set local ") || text.hasPrefix("set transaction ") { return }
            offence = tag
        case "RESET", "DISCARD ALL", "DISCARD PLANS", "DISCARD SEQUENCES", "DISCARD TEMP", "LISTEN", "UNLISTEN",
            "PREPARE", "DEALLOCATE", "DEALLOCATE ALL", "LOAD":
            offence = tag
        case "BEGIN", "START TRANSACTION", "COMMIT", "ROLLBACK", "PREPARE TRANSACTION":
            repeatable = false
            let text = statement?.sql.text.drop(while: \.isWhitespace).lowercased() ?? ""
            if tag == "ROLLBACK", discipline == .transaction, text.hasPrefix("rollback to ") { return }
            offence = tag
        case "CALL", "DO":
            repeatable = false
        default: break
        }
    }
}
