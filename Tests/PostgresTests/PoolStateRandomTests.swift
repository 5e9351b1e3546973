import Testing

@testable import Postgres

/// Events at random, from a seed: whatever happens, every limit is kept and no request is lost.
extension PoolStateTests {
    @Test(arguments: [(false, 42), (false, 43), (false, 44), (true, 45), (true, 46)] as [(Bool, UInt64)])
    func `any sequence of events keeps every limit and loses no request`(oneEach: Bool, seed: UInt64) {
        var run = RandomRun(oneEach: oneEach, seed: seed)
        for number in 0..<20_000 { run.step(number) }
        run.end()
    }

    private struct RandomRun {
        let oneEach: Bool
        let depth: Int
        var generator: Seeded
        var state: State
        var affinities: [Int: Int] = [:]
        var pending = Set<Int>()
        var onConnection: [Int: [Int]] = [:]
        var now = 0.0

        init(oneEach: Bool, seed: UInt64) {
            self.oneEach = oneEach
            depth = oneEach ? 1 : 4
            generator = Seeded(state: seed)
            state = State(
                limits: State.Limits(
                    size: 3, depth: depth, maxWaiting: 5, waitTimeout: .seconds(2), connectTimeout: .seconds(5),
                    maxLifetime: .seconds(50), maxAffinities: 4, oneEach: oneEach, share: 2, spare: oneEach ? 0 : 2,
                    slowAfter: oneEach ? nil : .milliseconds(250)), jitter: { 0.3 })
        }

        var moment: ContinuousClock.Instant { PoolStateTests.start + .seconds(now) }

        mutating func step(_ number: Int) {
            now += Int.random(in: 0..<50, using: &generator) == 0 ? 0.5 : 0.005
            let slot = state.slots.randomElement(using: &generator)
            let id = slot?.id ?? 0
            switch Int.random(in: 0..<14, using: &generator) {
            case 0...4:
                pending.insert(number)
                let affinity = Int.random(in: 0..<6, using: &generator)
                affinities[number] = affinity
                state.submit(number, affinity: affinity, now: moment)
            case 5...7:
                if let done = takeFirst(id) {
                    pending.remove(done)
                    state.finished(id, affinity: affinities[done], now: moment)
                }
            case 8: if case .connecting = slot?.phase { state.connected(id, now: moment) }
            case 9:
                if case .connecting = slot?.phase {
                    state.connectFailed(id, now: moment)
                } else if slot != nil, Int.random(in: 0..<3, using: &generator) == 0 {
                    for lost in onConnection.removeValue(forKey: id) ?? [] { pending.remove(lost) }
                    state.lost(id, now: moment)
                }
            case 10: if let slot, slot.load > 0, !slot.isStalled { state.stalled(id, now: moment) }
            case 11: if let slot, slot.isStalled { state.recovered(id, now: moment) }
            case 12:
                if let back = takeFirst(id), let affinity = affinities[back] {
                    state.finished(id, affinity: affinity, now: moment)
                    carryOut()
                    state.resubmit(back, affinity: affinity, isSlow: Bool.random(using: &generator), now: moment)
                } else if let waiting = waiting.randomElement(using: &generator) {
                    #expect(state.withdraw { $0.number == waiting })
                    pending.remove(waiting)
                }
            default:
                state.tick(now: moment)
                carryOut()
                #expect(state.nextDeadline.map { $0 > moment } ?? true)
            }
            carryOut()
            check()
        }

        private var waiting: Set<Int> { pending.subtracting(onConnection.values.joined()) }

        private mutating func takeFirst(_ id: Int) -> Int? {
            guard onConnection[id]?.isEmpty == false else { return nil }
            return onConnection[id]?.removeFirst()
        }

        private mutating func carryOut() {
            for action in state.takeActions() {
                switch action {
                case .assign(let request, let id): onConnection[id, default: []].append(request.number)
                case .refuse(let request, _): #expect(pending.remove(request.number) != nil)
                case .close(let id): #expect(onConnection[id, default: []].isEmpty)
                case .cut(let id): for cut in onConnection.removeValue(forKey: id) ?? [] { pending.remove(cut) }
                case .connect: break
                }
            }
        }

        private func check() {
            let most = 3 + state.limits.spare
            #expect(state.open + state.connecting <= most)
            #expect(state.waitingCount <= 5 + most * depth)
            #expect(state.waitingCount == waiting.count && pending.count == state.inFlight + state.waitingCount)
            for slot in state.slots {
                let served = onConnection[slot.id, default: []].compactMap { affinities[$0] }
                #expect(slot.work.map(\.affinity).sorted() == served.sorted() && slot.load <= depth)
                #expect(served.allSatisfy { affinity in served.count { $0 == affinity } <= 2 })
                #expect(slot.load > 0 || slot.expected == .zero)
            }
            if state.isAway { #expect(state.waitingCount == 0) }
            let served = onConnection.values.joined().compactMap { affinities[$0] }
            if oneEach { #expect(served.count == Set(served).count) }
            // Whoever waits beside an idle connection has a reason: one at a time, a connection left to others, or one that
            // knows the affinity and is worth waiting for.
            guard state.slots.contains(where: { $0.phase == .open && !$0.isStalled && $0.load == 0 }) else { return }
            for affinity in waiting.compactMap({ affinities[$0] }) {
                let held = state.slots.count { $0.work.contains { $0.affinity == affinity } }
                let knows = state.slots.contains {
                    $0.phase == .open && $0.load > 0 && !$0.isLate && !$0.isStalled && $0.affinities.contains(affinity)
                }
                #expect(knows || held >= (oneEach ? 1 : 2))
            }
        }

        /// Closed, everything accepted is served or refused, and no connection stays.
        mutating func end() {
            state.close(now: moment)
            for _ in 0..<2000 where !state.isDrained {
                now += 0.1
                for slot in state.slots {
                    if case .connecting = slot.phase { state.connected(slot.id, now: moment) }
                    if let done = takeFirst(slot.id) {
                        pending.remove(done)
                        state.finished(slot.id, affinity: affinities[done], now: moment)
                    }
                    carryOut()
                }
                state.tick(now: moment)
                carryOut()
            }
            #expect(state.isDrained && pending.isEmpty)
        }
    }
}
