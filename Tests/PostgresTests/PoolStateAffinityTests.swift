import Testing

@testable import Postgres

/// Which connection serves whose request.
extension PoolStateTests {
    /// Two connections: the first knows affinity 0, the second 5 and 100 others of the 300 it may know.
    private func knowing() -> State {
        var state = opened(2, make(depth: 12, maxAffinities: 300))
        for affinity in [5] + Array(100..<200) {
            state.submit(0, affinity: affinity, now: at(1))
            for slot in state.slots where slot.load > 0 { state.finished(slot.id, now: at(1)) }
        }
        _ = state.takeActions()
        return state
    }

    @Test func `new affinities spread evenly over idle connections`() {
        #expect(knowing().slots.map(\.affinities.count).sorted() == [51, 51])
    }

    @Test
    func `a connection that knows the affinity is preferred while it is soon done`() {
        // Both know 51 of 300, so that one more costs 5 + 200 * 51/300 = 39 ms. Nothing is sent behind more than 25 ms, but
        // up to 39 ms it is better to wait for the one that knows.
        var state = knowing()
        let warm = state.slots.first { $0.affinities.contains(5) }?.id ?? 0
        for request in 1...12 { state.submit(request, affinity: 5, now: at(1)) }
        #expect(taken(&state) == (1...12).map { "\($0) on \(warm)" })
        for request in 1...12 { state.finished(warm, now: at(1 + Double(request) * 0.008)) }  // 8 ms each
        for request in 13...17 { state.submit(request, affinity: 5, now: at(2)) }
        #expect(taken(&state) == (13...16).map { "\($0) on \(warm)" })
        #expect(state.waitingCount == 1)
        state.tick(now: at(2.010))
        #expect(taken(&state) == ["17 on \(3 - warm)"], "4 * 8 + 10 ms are too long")
    }

    @Test func `an affinity much asked for soon has every connection, while there are places enough`() {
        var state = opened(2, make(depth: 12, maxAffinities: 300))
        state.submit(1, affinity: 5, now: at(1))
        state.submit(2, affinity: 5, now: at(1.006))
        #expect(taken(&state) == ["1 on 2", "2 on 1"])
    }

    @Test func `nobody is sent behind a request that takes long`() {
        var state = knowing()
        let warm = state.slots.first { $0.affinities.contains(5) }?.id ?? 0
        let other = 3 - warm
        state.submit(1, affinity: 5, now: at(1))
        state.submit(2, affinity: 5, now: at(1.01))
        state.submit(3, affinity: 6, now: at(1.06))
        #expect(taken(&state) == ["1 on \(warm)", "2 on \(warm)", "3 on \(other)"])
        state.submit(4, affinity: 7, now: at(1.2))
        #expect(taken(&state) == [])
        state.finished(warm, now: at(1.2))
        #expect(taken(&state) == ["4 on \(warm)"])
    }

    @Test func `one each: an affinity's second request waits and lets others pass`() {
        var state = make(depth: 1, maxWaiting: 9, oneEach: true)
        for affinity in 1...2 { state.submit(0, affinity: affinity, now: at(0)) }
        for id in 1...2 { state.connected(id, now: at(0)) }
        for id in 1...2 { state.finished(id, now: at(0)) }
        _ = state.takeActions()
        state.submit(1, affinity: 5, now: at(1))
        state.submit(2, affinity: 5, now: at(1))
        state.submit(3, affinity: 6, now: at(1))
        state.submit(4, affinity: 7, now: at(1))
        let places = taken(&state)
        #expect(places.map { $0.prefix(4) } == ["1 on", "3 on"])
        state.finished(places[1].hasSuffix("1") ? 1 : 2, now: at(1))
        #expect(taken(&state).map { $0.prefix(4) } == ["4 on"])
        state.finished(places[0].hasSuffix("1") ? 1 : 2, now: at(1))
        #expect(taken(&state).map { $0.prefix(4) } == ["2 on"])
    }

    @Test func `one each: a lost connection's affinity goes on with another`() {
        var state = make(depth: 1, maxWaiting: 9, oneEach: true)
        for affinity in 1...2 { state.submit(0, affinity: affinity, now: at(0)) }
        for id in 1...2 { state.connected(id, now: at(0)) }
        state.finished(2, now: at(0))
        _ = state.takeActions()
        state.submit(1, affinity: 1, now: at(1))
        #expect(taken(&state) == [])
        state.lost(1, now: at(1))
        #expect(taken(&state).first == "1 on 2")
    }
}
