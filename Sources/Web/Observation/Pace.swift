import Synchronization
import Tenancy

/// How long the requests of each institution took in the last half to whole hour. It keeps some 80 bytes for each institution
/// that had any, of 10,000 at most for each half hour: what comes beyond is not counted.
public final class Pace: Sendable {
    private struct Halves {
        var began: ContinuousClock.Instant
        var current: [Int: RequestTimes] = [:]
        var before: [Int: RequestTimes] = [:]
    }

    private let half: Duration
    private let most: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<Halves>

    /// - Parameters:
    ///   - most: institutions counted at most.
    ///   - now: replaced in tests.
    public init(
        half: Duration = .seconds(1_800), most: Int = 10_000,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.half = half
        self.most = most
        self.now = now
        state = Mutex(Halves(began: now()))
    }

    /// A request ended.
    /// - Parameter institution: its number, of an institution there is.
    public func add(_ duration: Duration, of institution: Int) {
        state.withLock { state in
            turn(&state)
            guard state.current.count < most || state.current[institution] != nil else { return }
            state.current[institution, default: RequestTimes()].add(duration)
        }
    }

    /// The slowest institutions, the slowest first.
    public func slowest(_ count: Int = 10) -> [InstitutionTimes] {
        let (current, before) = state.withLock { state in
            turn(&state)
            return (state.current, state.before)
        }
        return [current, before].joined().lazy.map { InstitutionTimes(institution: $0, times: $1) }.slowest(count)
    }

    /// Begins another half hour where this one is over.
    private func turn(_ state: inout Halves) {
        let age = now() - state.began
        guard age >= half else { return }
        state = Halves(began: now(), before: age < half * 2 ? state.current : [:])
    }
}
