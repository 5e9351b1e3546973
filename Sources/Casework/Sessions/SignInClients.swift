import Events
import Synchronization

/// The clients that have attempts to sign in under way in this process, whatever the institution (`SignInTable`).
public final class SignInClients: Sendable {
    private let table: Mutex<SignInTable>
    private let pause: Duration
    let observers: Observers

    /// Knows no client yet.
    /// - Parameter observers: learn of every refusal.
    public convenience init(observers: Observers = .none) {
        self.init(limits: SignInTable.Limits(), observers: observers)
    }

    init(limits: SignInTable.Limits, observers: Observers = .none) {
        table = Mutex(SignInTable(limits: limits))
        pause = .seconds(limits.secondsOfPlace)
        self.observers = observers
    }

    /// How many attempts are under way.
    public var underWay: Int { table.withLock { $0.count } }

    /// Runs one attempt, and notes how it ended.
    ///
    /// A client with too many under way is told so only after a second: who hammers waits for each answer, and takes no
    /// processor time from anybody.
    /// - Throws: `CaseworkError.unavailable` where it may not begin; what `body` throws.
    func attempt<Value>(
        _ pair: SignInTable.Pair, _ body: () async throws -> Value
    ) async throws -> Value {
        let begun: SignInTable.Attempt
        do throws(SignInTable.Refusal) {
            begun = try table.withLock { (table) throws(SignInTable.Refusal) in try table.begin(pair, now: .now) }
        } catch {
            observers.tell(PasswordQueueFull(cause: error.rawValue))
            if error == .client { try await Task.sleep(for: pause) }
            throw CaseworkError.unavailable
        }
        do {
            let value = try await body()
            end(begun, .succeeded)
            return value
        } catch {
            end(begun, error as? CaseworkError == .unauthenticated ? .failed : .givenUp)
            throw error
        }
    }

    private func end(_ attempt: SignInTable.Attempt, _ outcome: SignInTable.Outcome) {
        table.withLock { $0.end(attempt, outcome, now: .now) }
    }
}
