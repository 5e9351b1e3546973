import Events

/// Somebody was answered 429 because too many sign-ins had failed before.
public struct SignInsThrottled: Event {
    /// Counted and logged under this name.
    public static let name = "sign_ins_throttled"
    /// `counters`: of its client or account at that institution; `client`: of its client at all institutions of this process.
    public let cause: String
    /// Somebody was refused, and the service goes on.
    public var severity: Severity { .warning }
    /// What happened, by cause.
    public var message: String {
        cause == "client"
            ? "A sign-in was refused: too many of its client failed, at all institutions together."
            : "A sign-in was refused: too many of its client or account failed."
    }
}
