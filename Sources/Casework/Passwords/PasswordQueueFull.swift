import Events

/// Somebody was answered 503 because passwords are hashed elsewhere just now.
public struct PasswordQueueFull: Event {
    /// Counted and logged under this name.
    public static let name = "password_queue_full"
    /// `wait`, `late` and `full` say what the queue found; `client` and `institution` say who had too much under way already.
    public let cause: String
    /// Somebody was refused, and the service goes on.
    public var severity: Severity { .warning }
    /// What happened, by cause.
    public var message: String {
        switch cause {
        case "wait": "A password was not checked: its turn would have come too late. See passwordWorkers."
        case "late": "A password was not checked: its turn did not come in time, since others came in between."
        case "client": "A sign-in was refused: its client has too many under way."
        case "institution": "A sign-in was refused: its institution has too many under way."
        default: "A password was not checked: too many wait."
        }
    }
}
