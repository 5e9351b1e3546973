import Testing

@testable import Postgres

/// What one affinity's work does to the others'.
extension PoolStateTests {
    @Test func `who waits is served in turns by affinity`() {
        var state = opened(1, make(size: 1, depth: 1, maxWaiting: 9, maxAffinities: 9))
        for request in 1...4 { state.submit(request, affinity: 1, now: at(1)) }
        state.submit(5, affinity: 2, now: at(1))
        state.submit(6, affinity: 3, now: at(1))
        state.submit(7, affinity: 2, now: at(1))
        for _ in 0..<6 { state.finished(1, now: at(1)) }
        #expect(taken(&state) == [1, 2, 5, 6, 3, 7, 4].map { "\($0) on 1" })
    }

    @Test func `where all places to wait are taken, who has most of them gives one to who has fewer`() {
        var state = opened(1, make(size: 1, depth: 1, maxWaiting: 3))
        for request in 1...5 { state.submit(request, affinity: 1, now: at(1)) }
        state.submit(6, affinity: 2, now: at(1))
        state.submit(7, affinity: 2, now: at(1))
        #expect(
            taken(&state) == [
                "1 on 1", "refuse 5 tooManyWaiting", "refuse 4 tooManyWaiting", "refuse 7 tooManyWaiting",
            ])
    }

    @Test func `one affinity has only its share of a connection's places`() {
        var state = opened(1, make(size: 1, depth: 6, maxWaiting: 9, share: 2))
        for request in 1...3 { state.submit(request, affinity: 1, now: at(1)) }
        state.submit(4, affinity: 2, now: at(1))
        #expect(taken(&state) == ["1 on 1", "2 on 1", "4 on 1"])
        state.finished(1, affinity: 1, now: at(1))
        #expect(taken(&state) == ["3 on 1"])
    }

    @Test func `while others are active slow work leaves them a connection`() {
        var state = opened(3, make(size: 3, depth: 2, maxWaiting: 9, maxAffinities: 9))
        for _ in 0..<9 {  // 1 is slow
            state.submit(0, affinity: 1, now: at(1))
            if let busy = state.slots.first(where: { $0.load > 0 }) { state.finished(busy.id, now: at(1.2)) }
        }
        state.submit(0, affinity: 2, now: at(2))
        if let busy = state.slots.first(where: { $0.load > 0 }) { state.finished(busy.id, now: at(2)) }
        _ = state.takeActions()
        for request in 1...4 { state.submit(request, affinity: 1, now: at(3)) }
        #expect(taken(&state).count == 2)
        state.submit(5, affinity: 2, now: at(3))
        #expect(taken(&state).map { $0.prefix(4) } == ["5 on"])
        if let own = state.slots.first(where: { $0.work.first?.affinity == 2 }) { state.finished(own.id, now: at(3)) }
        #expect(taken(&state).isEmpty)
        state.submit(6, affinity: 1, now: at(8))  // 2 was not heard of for 5 s
        state.finished(state.slots[0].id, now: at(8))
        #expect(state.slots.allSatisfy { $0.load > 0 })
    }

    @Test func `nothing is sent behind a request known to be slow`() {
        var state = opened(1, make(size: 1, depth: 6, maxWaiting: 9, slowAfter: .milliseconds(250)))
        state.resubmit(1, affinity: 1, isSlow: true, now: at(1))
        state.submit(2, affinity: 2, now: at(1))
        #expect(taken(&state) == ["1 on 1"])
    }

    @Test func `a newcomer hardly notices an affinity that asks for all it can get`() {
        var world = World(
            make(
                size: 4, depth: 12, maxWaiting: 1000, maxAffinities: 300, share: 4, spare: 2,
                slowAfter: .milliseconds(250)))
        let alone = world.run(milliseconds: 2000, clients: [1: 40], takes: [1: 40])
        let both = world.run(milliseconds: 4000, clients: [1: 40, 2: 1], takes: [1: 40, 2: 2])
        #expect((alone[1]?.count ?? 0) > 180)  // of 200 that four connections can do
        #expect((both[1]?.count ?? 0) > 270)  // of 300 that three can do
        let waits = both[2] ?? []
        #expect(waits.count > 1000)
        #expect(waits.first.map { $0 <= 45 } == true, "\(waits.prefix(3))")
        #expect(waits.dropFirst().allSatisfy { $0 <= 5 }, "\(waits.max() ?? 0)")
    }

    @Test func `among several that ask for all they can get everybody has a turn`() {
        var world = World(
            make(
                size: 4, depth: 12, maxWaiting: 1000, maxAffinities: 300, share: 4, spare: 2,
                slowAfter: .milliseconds(250)))
        let all = world.run(
            milliseconds: 4000, clients: [1: 100, 2: 20, 3: 20, 4: 1], takes: [1: 40, 2: 40, 3: 40, 4: 2])
        #expect((all[4]?.dropFirst(5).max() ?? 1000) <= 85)
        let counts = (1...3).map { all[$0]?.count ?? 0 }
        #expect((counts.max() ?? 0) < (counts.min() ?? 0) * 3 / 2, "\(counts)")
    }

    /// A server of the imagination: each connection does one thing after another, each affinity's in its own time.
    private struct World {
        var state: State
        private var now = 1.0
        private var lastNumber = 0
        private var sent: [Int: [Int]] = [:]
        private var began: [Int: Double] = [:]
        private var asked: [Int: (affinity: Int, at: Double)] = [:]

        init(_ state: State) { self.state = state }

        /// So many clients of each affinity, each asking again when it was answered; their waits in milliseconds.
        mutating func run(milliseconds: Int, clients: [Int: Int], takes: [Int: Double]) -> [Int: [Double]] {
            var waits: [Int: [Double]] = [:]
            for _ in 0..<milliseconds {
                for (affinity, number) in clients {
                    for _ in 0..<number - asked.values.count(where: { $0.affinity == affinity }) { ask(affinity) }
                }
                now += 0.001
                for (id, requests) in sent {
                    guard let head = requests.first, let request = asked[head], let begin = began[id],
                        (now - begin) * 1000 >= (takes[request.affinity] ?? 1) - 0.01
                    else { continue }
                    asked[head] = nil
                    sent[id]?.removeFirst()
                    began[id] = now
                    waits[request.affinity, default: []].append(
                        ((now - request.at) * 1000).rounded() - (takes[request.affinity] ?? 1))
                    state.finished(id, affinity: request.affinity, now: moment)
                    perform()
                }
                if let next = state.nextDeadline, next <= moment { state.tick(now: moment) }
                perform()
            }
            return waits
        }

        private var moment: ContinuousClock.Instant { PoolStateTests.start + .seconds(now) }

        private mutating func ask(_ affinity: Int) {
            lastNumber += 1
            asked[lastNumber] = (affinity, now)
            state.submit(lastNumber, affinity: affinity, now: moment)
            perform()
        }

        private mutating func perform() {
            while !state.actions.isEmpty {
                for action in state.takeActions() {
                    switch action {
                    case .connect(let id): state.connected(id, now: moment)
                    case .assign(let request, let id):
                        if sent[id, default: []].isEmpty { began[id] = now }
                        sent[id, default: []].append(request.number)
                    case .refuse(let request, _): asked[request.number] = nil
                    case .close, .cut: break
                    }
                }
            }
        }
    }
}
