import Testing

@testable import Postgres

/// What is decided when the database is away, hangs, or seems to.
extension PoolStateTests {
    @Test func `while the first attempt is under way requests wait, and after the second failure all are refused`() {
        var state = make(maxWaiting: 9)
        for request in 1...2 { state.submit(request, affinity: 0, now: at(0)) }
        state.connectFailed(1, now: at(0.01))
        state.submit(3, affinity: 1, now: at(0.02))
        #expect(taken(&state) == ["connect 1"])
        state.tick(now: at(0.1))
        state.connectFailed(2, now: at(0.1))
        #expect(taken(&state) == ["connect 2", "refuse 1 away", "refuse 2 away", "refuse 3 away"])
        state.submit(4, affinity: 0, now: at(0.11))
        #expect(taken(&state) == ["refuse 4 away"])
    }

    @Test func `while the database is away one attempt follows another, at most a second apart, though nobody waits`() {
        var state = make(size: 3, maxWaiting: 9)
        state.submit(1, affinity: 0, now: at(0))
        state.connectFailed(1, now: at(0))
        _ = state.takeActions()
        var moments = [at(0)]
        for number in 2...12 {
            guard let next = state.nextDeadline else { break }
            state.tick(now: next)
            #expect(taken(&state).contains("connect \(number)"))
            state.connectFailed(number, now: next)
            _ = state.takeActions()
            moments.append(next)
        }
        let pauses = zip(moments.dropFirst(), moments).map { $0 - $1 }
        #expect(pauses.count == 11)
        #expect(pauses.allSatisfy { $0 > .milliseconds(30) && $0 <= .seconds(1) })
        guard let next = state.nextDeadline else { return }
        state.tick(now: next)
        state.connected(13, now: next)
        state.submit(2, affinity: 0, now: next)
        #expect(taken(&state) == ["connect 13", "2 on 13", "connect 14"])
    }

    @Test func `an attempt that hangs is as good as failed, and its successor hangs too until it does not`() {
        var state = make(maxWaiting: 9)
        state.submit(1, affinity: 0, now: at(0))
        state.submit(2, affinity: 0, now: at(1))
        state.tick(now: at(2))
        #expect(taken(&state) == ["connect 1", "refuse 1 waitedTooLong", "refuse 2 away"])
        state.tick(now: at(5))
        #expect(taken(&state) == ["cut 1"])
        state.submit(3, affinity: 0, now: at(5.01))
        #expect(taken(&state) == ["refuse 3 away"])
        state.tick(now: at(5.2))
        state.submit(4, affinity: 0, now: at(5.3))
        #expect(taken(&state) == ["connect 2", "refuse 4 away"])
        state.connected(2, now: at(5.4))
        state.submit(5, affinity: 0, now: at(5.5))
        #expect(taken(&state) == ["5 on 2", "connect 3"])
    }

    @Test func `failed attempts refuse nobody while a connection works`() {
        var state = opened(1, make(size: 2, maxWaiting: 9))
        for request in 1...3 { state.submit(request, affinity: 0, now: at(1)) }
        for number in 0..<5 {
            guard let attempt = state.slots.first(where: { $0.phase != .open }) else { break }
            state.connectFailed(attempt.id, now: at(1.5 + Double(number) * 0.05))
            if let next = state.nextDeadline { state.tick(now: min(next, at(1.9))) }
        }
        #expect(state.waitingCount == 1)
        state.finished(1, now: at(1.9))
        #expect(taken(&state).contains("3 on 1"))
    }

    /// Two connections; a request hangs on each.
    private func hanging() -> State {
        var state = opened(2, make(depth: 2, maxWaiting: 9, spare: 1, slowAfter: .milliseconds(250)))
        state.submit(1, affinity: 1, now: at(1))
        state.submit(2, affinity: 2, now: at(1))
        #expect(Set(state.slots.map(\.load)) == [1])
        _ = state.takeActions()
        return state
    }

    @Test func `a frozen server: no answer anywhere and no new connection, so what waits for it is given up`() {
        var state = hanging()
        for id in 1...2 { state.stalled(id, now: at(4)) }
        #expect(taken(&state) == ["connect 3"])
        state.submit(3, affinity: 3, now: at(4.1))
        #expect(taken(&state) == [])
        state.tick(now: at(6))
        #expect(taken(&state) == ["cut 1", "cut 2", "refuse 3 away"])
        state.submit(4, affinity: 3, now: at(6.1))
        #expect(taken(&state) == ["refuse 4 away"])
        state.connected(3, now: at(7))
        state.submit(5, affinity: 3, now: at(7))
        #expect(taken(&state).contains("5 on 3"))
    }

    @Test func `one request that hangs on a frozen server is enough to find out`() {
        var state = opened(2, make(depth: 2, maxWaiting: 9, spare: 1, slowAfter: .milliseconds(250)))
        state.submit(1, affinity: 1, now: at(1))
        let busy = state.slots.first { $0.load > 0 }?.id ?? 0
        _ = state.takeActions()
        state.stalled(busy, now: at(4))
        #expect(taken(&state) == ["connect 3"])
        state.tick(now: at(6))
        #expect(Set(taken(&state)) == ["cut \(busy)", "close \(3 - busy)"])
    }

    @Test func `slow statements are cut by nobody: a new connection is the proof, and takes who waits`() {
        var state = hanging()
        state.submit(3, affinity: 3, now: at(1.1))
        #expect(taken(&state) == [])
        state.tick(now: at(1.25))
        #expect(taken(&state) == ["connect 3"])
        state.connected(3, now: at(1.3))
        #expect(taken(&state) == ["3 on 3"])
        for id in 1...2 { state.stalled(id, now: at(4)) }
        #expect(taken(&state) == [])  // there are as many connections as there may be
        state.finished(3, now: at(4.1))
        for second in 5..<14 { state.tick(now: at(Double(second))) }
        #expect(taken(&state) == [])
        #expect(state.slots.count == 3)
        for id in 1...2 {
            state.recovered(id, now: at(14))
            state.finished(id, now: at(14))
        }
        state.tick(now: at(14.2))
        #expect(taken(&state) == ["close 3"])  // one too many, and idle for 10 s
    }

    @Test func `a stalled connection gets nothing to do until it answers`() {
        var state = hanging()
        state.stalled(1, now: at(4))
        state.finished(2, now: at(4))
        _ = state.takeActions()
        for request in 3...5 { state.submit(request, affinity: 2, now: at(4.01)) }
        #expect(taken(&state).filter { $0.hasSuffix("on 1") }.isEmpty)
        state.recovered(1, now: at(4.02))
        state.finished(1, now: at(4.02))
        state.submit(6, affinity: 7, now: at(4.03))
        #expect(taken(&state).contains { $0.hasSuffix("on 1") })
    }

    @Test func `while others answer no attempt is made for one that does not`() {
        var state = hanging()
        state.finished(2, now: at(3.9))
        _ = state.takeActions()
        state.stalled(1, now: at(4))
        #expect(taken(&state) == [])
    }

    @Test func `all connections stalled and none to be had: refused at once, and nothing is cut`() {
        var state = hanging()
        for id in 1...2 { state.stalled(id, now: at(4)) }
        state.connectFailed(3, now: at(4))
        state.tick(now: at(4.1))
        state.connectFailed(4, now: at(4.1))  // the server answers: it has no connection left
        _ = state.takeActions()
        state.submit(3, affinity: 3, now: at(4.11))
        #expect(taken(&state) == ["refuse 3 away"])
        state.recovered(1, now: at(4.2))
        state.finished(1, now: at(4.2))
        state.submit(4, affinity: 3, now: at(4.21))
        #expect(taken(&state).contains("4 on 1"))
    }
}
