import Events
import Postgres
import Tenancy

/// Asking for a link by which to choose another password.
///
/// All that is done is to note the address. Whether it is anybody's is found out by the background work (`Outbox`), so that
/// the answer and what it takes are the same for an address that nobody has.
public struct ResetRequest: Sendable {
    private let gate: UnitOfWork
    private let observers: Observers

    /// - Parameter gate: the institution's gate (`Deployment.gate(of:)`).
    public init(gate: UnitOfWork, observers: Observers) {
        self.gate = gate
        self.observers = observers
    }

    /// Notes that a link is wanted for an address. Each request counts like a failed sign-in, by counters of its own.
    /// - Parameter peer: the client's network address, for throttling.
    /// - Throws: `CaseworkError.throttled`.
    public func callAsFunction(email: EmailAddress, peer: String) async throws {
        let counters = SignInCounters(email: email.text, client: SignInCounters.client(of: peer), for: .reset)
        let lock = counters.lock
        let (_, _, verdict) = try await gate(lock[0], lock[1], counters.count)
        guard verdict.wait == 0 else {
            observers.tell(SignInsThrottled(cause: verdict.isEverywhere ? "client" : "counters"))
            throw CaseworkError.throttled(retryAfterSeconds: verdict.wait)
        }
        let note: SQL = "insert into reset_requests (address) values (lower(\(email.text))) on conflict do nothing"
        _ = try await gate(note.done(), ("select schedule_work()" as SQL).done())
    }
}
