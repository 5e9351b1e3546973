import Testing

@testable import Postgres

/// The pool's decisions, without a server and with a clock of the test's own.
@Suite struct PoolStateTests {
    typealias State = PoolState

    static let start = ContinuousClock.now

    func at(_ seconds: Double) -> ContinuousClock.Instant { Self.start + .seconds(seconds) }

    func make(
        size: Int = 2, depth: Int = 2, maxWaiting: Int = 2, maxAffinities: Int = 3, oneEach: Bool = false,
        share: Int = .max, spare: Int = 0, slowAfter: Duration? = nil, jitter: Double = 0.5
    ) -> State {
        State(
            limits: State.Limits(
                size: size, depth: depth, maxWaiting: maxWaiting, waitTimeout: .seconds(2), connectTimeout: .seconds(5),
                maxLifetime: .seconds(100), maxAffinities: maxAffinities, oneEach: oneEach, share: share, spare: spare,
                slowAfter: slowAfter), jitter: { jitter })
    }

    /// The actions as short texts.
    func taken(_ state: inout State) -> [String] {
        state.takeActions().map { action in
            switch action {
            case .connect(let id): "connect \(id)"
            case .assign(let request, let id): "\(request.number) on \(id)"
            case .close(let id): "close \(id)"
            case .cut(let id): "cut \(id)"
            case .refuse(let request, let reason): "refuse \(request.number) \(reason)"
            }
        }
    }

    /// A state with so many open idle connections.
    func opened(_ count: Int, _ state: State) -> State {
        var state = state
        for request in 0..<count * state.limits.depth { state.submit(request, affinity: 0, now: at(0)) }
        for id in 1...count { state.connected(id, now: at(0)) }
        while let busy = state.slots.first(where: { $0.load > 0 }) { state.finished(busy.id, now: at(0)) }
        _ = state.takeActions()
        return state
    }

    @Test func `the first request opens a connection and goes on it`() {
        var state = make()
        state.submit(1, affinity: 7, now: at(0))
        #expect(taken(&state) == ["connect 1"])
        state.connected(1, now: at(0.1))
        #expect(taken(&state) == ["1 on 1", "connect 2"])
    }

    @Test func `requests share a connection up to its depth and then wait in order`() {
        var state = opened(1, make(size: 1))
        for request in 1...4 { state.submit(request, affinity: 0, now: at(1)) }
        #expect(taken(&state) == ["1 on 1", "2 on 1"])
        state.finished(1, now: at(1))
        state.finished(1, now: at(1))
        #expect(taken(&state) == ["3 on 1", "4 on 1"])
    }

    @Test func `one waiting too many is refused at once and a long wait ends`() {
        var state = opened(1, make(size: 1))
        for request in 1...5 { state.submit(request, affinity: 0, now: at(1)) }
        #expect(taken(&state) == ["1 on 1", "2 on 1", "refuse 5 tooManyWaiting"])
        #expect(state.nextDeadline == at(3))
        state.tick(now: at(2.9))
        #expect(taken(&state) == [])
        state.tick(now: at(3))
        #expect(taken(&state) == ["refuse 3 waitedTooLong", "refuse 4 waitedTooLong"])
    }

    @Test func `a withdrawn request is not served`() {
        var state = opened(1, make(size: 1, depth: 1))
        for request in 1...3 { state.submit(request, affinity: 0, now: at(1)) }
        #expect(state.withdraw { $0.number == 2 })
        #expect(!state.withdraw { $0.number == 2 })
        #expect(!state.withdraw { $0.number == 1 })
        state.finished(1, now: at(1))
        #expect(taken(&state) == ["1 on 1", "3 on 1"])
    }

    @Test func `while a connection is being made nobody looks for it again and again`() {
        var state = make(size: 2, depth: 1)
        state.submit(1, affinity: 0, now: at(0))
        state.connectFailed(1, now: at(0))
        state.tick(now: at(0.1))
        #expect(state.connecting == 1)
        #expect(state.nextDeadline == at(2))  // the end of the wait, not the retry that is under way
    }

    @Test func `a failed attempt does not keep the others from being made`() {
        var state = make(depth: 12)
        state.submit(1, affinity: 0, now: at(0))
        state.connected(1, now: at(0))
        state.connectFailed(2, now: at(0))
        _ = state.takeActions()
        state.tick(now: at(0.2))
        #expect(taken(&state) == ["connect 3"])
    }

    @Test func `a connection that comes after closing serves who was accepted`() {
        var state = make(size: 1)
        state.submit(1, affinity: 0, now: at(0))
        state.close(now: at(0))
        state.connected(1, now: at(0.1))
        #expect(taken(&state) == ["connect 1", "1 on 1"])
        state.finished(1, now: at(0.1))
        #expect(taken(&state) == ["close 1"])
        #expect(state.isDrained)
    }

    @Test func `a connection that served too many affinities is replaced`() {
        var state = opened(1, make(size: 1, maxAffinities: 2))
        for affinity in 1...2 {
            state.submit(affinity, affinity: affinity, now: at(1))
            state.finished(1, now: at(1))
        }
        #expect(taken(&state) == ["1 on 1", "2 on 1", "close 1"])
        state.submit(3, affinity: 3, now: at(2))
        #expect(taken(&state) == ["connect 2"])
    }

    @Test func `a connection's life is limited and spread by chance`() {
        for (jitter, seconds) in [(0.0, 80.0), (0.5, 100), (1, 120)] {
            var state = opened(1, make(size: 1, depth: 1, jitter: jitter))
            state.submit(1, affinity: 0, now: at(70))
            state.tick(now: at(seconds - 0.01))
            #expect(state.open == 1)
            state.tick(now: at(seconds + 0.01))
            #expect(state.open == 0)
            #expect(taken(&state) == ["1 on 1"])
            state.finished(1, now: at(seconds + 0.01))
            #expect(taken(&state) == ["close 1"])
        }
    }

    @Test func `a connection at the end of its life is replaced before it is done`() {
        var state = opened(1, make(size: 1))
        state.submit(1, affinity: 0, now: at(70))
        state.tick(now: at(101))
        #expect(taken(&state) == ["1 on 1", "connect 2"])
    }

    @Test func `service returns with the next connection`() {
        var state = make(size: 2, depth: 1)
        state.submit(1, affinity: 0, now: at(0))
        state.connectFailed(1, now: at(0))
        _ = state.takeActions()
        state.submit(2, affinity: 0, now: at(0.01))
        #expect(taken(&state) == [])
        state.tick(now: at(0.06))
        #expect(taken(&state) == ["connect 2"])
        state.connected(2, now: at(0.1))
        #expect(taken(&state) == ["1 on 2", "connect 3"])
    }

    @Test func `a connection attempt that hangs is given up`() {
        var state = make(size: 1)
        state.submit(1, affinity: 0, now: at(0))
        state.tick(now: at(5))
        #expect(taken(&state) == ["connect 1", "refuse 1 waitedTooLong", "cut 1"])
        #expect(state.slots.isEmpty)
    }

    @Test func `a lost connection's waiting requests move to another`() {
        var state = opened(2, make(depth: 1, maxWaiting: 9))
        for request in 1...3 { state.submit(request, affinity: 0, now: at(1)) }
        _ = state.takeActions()
        state.lost(1, now: at(1))
        #expect(taken(&state) == ["connect 3"])
        state.connected(3, now: at(1))
        #expect(taken(&state) == ["3 on 3"])
        state.resubmit(9, affinity: 0, now: at(1))
        state.submit(10, affinity: 0, now: at(1))
        state.finished(2, now: at(1))
        #expect(taken(&state) == ["9 on 2"])
    }

    @Test func `who waits gets a new connection for one that is given back to be closed`() {
        var state = opened(1, make(size: 1, depth: 1))
        state.submit(1, affinity: 0, now: at(1))
        state.submit(2, affinity: 0, now: at(1))
        state.retire(1)
        #expect(taken(&state) == ["1 on 1"])
        state.finished(1, now: at(1))
        #expect(taken(&state) == ["close 1", "connect 2"])
    }

    @Test func `closing serves what was accepted and refuses the rest`() {
        var state = opened(1, make(size: 1, depth: 1))
        state.submit(1, affinity: 0, now: at(1))
        state.submit(2, affinity: 0, now: at(1))
        state.close(now: at(1))
        state.submit(3, affinity: 0, now: at(1))
        #expect(taken(&state) == ["1 on 1", "refuse 3 closed"])
        state.finished(1, now: at(1))
        #expect(taken(&state) == ["2 on 1"])
        #expect(!state.isDrained)
        state.finished(1, now: at(1))
        #expect(taken(&state) == ["close 1"])
        #expect(state.isDrained)
    }
}

/// A request that is only a number.
final class NumberedRequest: PipelineRequest, @unchecked Sendable {
    let label: Int

    init(_ number: Int, affinity: Int, isSlow: Bool = false) {
        label = number
        super.init(affinity: affinity)
        self.isSlow = isSlow
    }
}

extension PipelineRequest {
    var number: Int { (self as? NumberedRequest)?.label ?? -1 }
}

extension PoolState {
    mutating func submit(_ number: Int, affinity: Int, now: Instant) {
        submit(NumberedRequest(number, affinity: affinity), affinity: affinity, now: now)
    }

    mutating func resubmit(_ number: Int, affinity: Int, isSlow: Bool = false, now: Instant) {
        resubmit(NumberedRequest(number, affinity: affinity, isSlow: isSlow), affinity: affinity, now: now)
    }
}

/// A random sequence that is the same in every run.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
