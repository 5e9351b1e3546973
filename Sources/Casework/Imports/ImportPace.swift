import Postgres
import Tenancy

/// Lets an import give way to people: as long as somebody else is at work in the institution, it rests after each statement
/// that has stored something, for as long as that statement took.
///
/// A commit waits until all of the log before it is on disk, and an import writes 3 kB of log for each line that it changes. So
/// whoever saves something meanwhile waits for the import too (`DECISIONS.md`, 96). VACUUM keeps out of the way likewise, by
/// `vacuum_cost_delay`.
struct ImportPace: Sendable {
    /// How it rests; a test looks on instead.
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// Long enough for a slow disk, and well below the time after which PostgreSQL ends a transaction that does nothing.
    static let most = Duration.seconds(5)

    /// Rests, where somebody is at work.
    /// - Parameter work: how long the statement took.
    /// - Throws: `PostgresError`; `CancellationError`.
    func rest(after work: Duration, in transaction: Transaction) async throws {
        guard try await transaction(Self.isSomebodyAtWork) else { return }
        try await sleep(min(work, Self.most))
    }

    /// Whether anybody but the caller has come back to a session lately: `seen_at` is renewed once a minute. By the clock,
    /// because `now()` is when the import began.
    static let isSomebodyAtWork: Query<Bool> =
        ("""
    select exists (
      select from sessions
       where expires_at > clock_timestamp() and seen_at > clock_timestamp() - interval '2 minutes'
         and account_id is distinct from waymark.account_id())
    """ as SQL).value(Bool.self)
}
