/// What a pool decides, without doing it: requests and connections' fates come in, actions come out. No I/O, no clock
/// of its own.
///
/// A request goes to the open connection that has room and will likely be done with it first: after what is in flight
/// there, at that connection's pace of late, after what the present one may still take (as long as it has taken), and
/// sooner where the same affinity was served before, because its caches are warm. Where none has room the request
/// waits, for a bounded time and in bounded number.
struct PoolState {
    typealias Request = LaneRequest
    typealias Instant = ContinuousClock.Instant

    struct Limits {
        var size: Int
        var depth: Int
        var maxWaiting: Int
        var waitTimeout: Duration
        var connectTimeout: Duration
        var maxLifetime: Duration
        var maxAffinities: Int
        /// Whether an affinity has one request at a time on all connections together; its others wait, and let those of
        /// other affinities pass. Only where `depth` is 1.
        var oneEach = false
    }

    enum Refusal: Equatable { case tooManyWaiting, waitedTooLong, closed }

    enum Action {
        case connect(Int)
        case assign(Request, connection: Int)
        case close(Int)
        case refuse(Request, Refusal)
    }

    enum Phase: Equatable { case connecting(giveUp: Instant), open, retiring }

    struct Slot {
        let id: Int
        var phase: Phase
        var load = 0
        /// When what it does now began, as far as answers show it.
        var since: Instant
        /// How long a request took it of late.
        var pace: Duration = .milliseconds(1)
        var expires: Instant
        var affinities: Set<Int> = []
        /// Whose request it took last.
        var affinity = 0
    }

    private struct Waiting {
        let request: Request
        let affinity: Int
        let deadline: Instant
    }

    /// What a new affinity costs an empty connection: a few requests' time, so that one much asked for soon has several.
    private static let coldCost: Duration = .milliseconds(5)
    /// What it costs a full one besides: with the place it takes, the connection is the nearer to losing all its caches.
    private static let placeCost: Duration = .milliseconds(200)

    let limits: Limits
    private(set) var slots: [Slot] = []
    private(set) var isClosed = false
    private(set) var actions: [Action] = []
    private var waiting: [Waiting] = []
    private var lastID = 0
    private var failures = 0
    private var retryAt: Instant?
    /// In 0 ..< 1, spreads lifetimes and reconnects.
    private let jitter: () -> Double

    init(limits: Limits, jitter: @escaping () -> Double = { Double.random(in: 0..<1) }) {
        self.limits = limits
        self.jitter = jitter
    }

    var open: Int { count { $0 == .open } }
    var connecting: Int { slots.count - count { $0 == .open || $0 == .retiring } }
    var inFlight: Int {
        var sum = 0
        for index in slots.indices { sum += slots[index].load }
        return sum
    }
    var waitingCount: Int { waiting.count }
    var isDrained: Bool { waiting.isEmpty && slots.isEmpty }

    /// The actions decided since the last call, in order.
    mutating func takeActions() -> [Action] {
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    // MARK: Requests

    mutating func submit(_ request: Request, affinity: Int, now: Instant) {
        if isClosed {
            actions.append(.refuse(request, .closed))
        } else if waiting.isEmpty || limits.oneEach, let index = best(for: affinity, now) {
            assign(request, affinity, to: index, now)
            growIfBusy(now)
        } else if waiting.count >= limits.maxWaiting {
            actions.append(.refuse(request, .tooManyWaiting))
        } else {
            waiting.append(Waiting(request: request, affinity: affinity, deadline: now + limits.waitTimeout))
            growIfBusy(now)
        }
    }

    /// Puts a request back that its connection could not take, before all others; it waits no longer than the first of them.
    mutating func resubmit(_ request: Request, affinity: Int, now: Instant) {
        let deadline = min(now + limits.waitTimeout, waiting.first?.deadline ?? now + limits.waitTimeout)
        waiting.insert(Waiting(request: request, affinity: affinity, deadline: deadline), at: 0)
        serveWaiting(now)
        growIfBusy(now)
    }

    /// Drops a request that still waits. False: it does not wait (any more).
    mutating func withdraw(where matches: (Request) -> Bool) -> Bool {
        guard let index = waiting.firstIndex(where: { matches($0.request) }) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// A request left its connection.
    mutating func finished(_ id: Int, now: Instant) {
        guard let index = slots.indices.first(where: { slots[$0].id == id }) else { return }
        slots[index].load -= 1
        slots[index].pace += (now - slots[index].since - slots[index].pace) / 4
        slots[index].since = now
        if slots[index].phase == .open, isSpent(index, now) { slots[index].phase = .retiring }
        closeIfDone(index)
        serveWaiting(now)
        if !waiting.isEmpty { growIfBusy(now) }  // what was given back may be gone
    }

    // MARK: Connections

    mutating func connected(_ id: Int, now: Instant) {
        guard let index = slots.firstIndex(where: { $0.id == id }) else { return }
        failures = 0
        retryAt = nil
        slots[index].phase = isClosed && waiting.isEmpty ? .retiring : .open
        slots[index].expires = now + limits.maxLifetime * (0.8 + 0.4 * jitter())
        closeIfDone(index)
        serveWaiting(now)
        growIfBusy(now)
    }

    mutating func connectFailed(_ id: Int, now: Instant) {
        slots.removeAll { $0.id == id }
        failures += 1
        let pause = Duration.milliseconds(min(50 << min(failures - 1, 5), 1000))
        retryAt = now + pause * (0.75 + 0.25 * jitter())
    }

    /// A connection is gone, with whatever was on it.
    mutating func lost(_ id: Int, now: Instant) {
        slots.removeAll { $0.id == id }
        serveWaiting(now)  // whose affinity had its one request there
        growIfBusy(now)
    }

    /// No new work for a connection; it closes when it is done.
    mutating func retire(_ id: Int) {
        guard let index = slots.firstIndex(where: { $0.id == id }) else { return }
        slots[index].phase = .retiring
        closeIfDone(index)
    }

    /// Refuses new requests; what was accepted before is still served.
    mutating func close(now: Instant) {
        isClosed = true
        retireIdleIfClosed()
    }

    /// Refuses what still waits and gives up every connection.
    mutating func abandon() {
        isClosed = true
        for item in waiting { actions.append(.refuse(item.request, .closed)) }
        waiting = []
        for slot in slots { actions.append(.close(slot.id)) }
        slots = []
    }

    // MARK: Time

    /// When `tick` next has something to do.
    var nextDeadline: Instant? {
        var next = waiting.first?.deadline
        func consider(_ moment: Instant?) {
            if let moment, next.map({ moment < $0 }) ?? true { next = moment }
        }
        if !waiting.isEmpty, connecting == 0, hasRoomToGrow, !hasIdle { consider(retryAt) }
        for index in slots.indices {
            switch slots[index].phase {
            case .connecting(let giveUp): consider(giveUp)
            case .open: consider(slots[index].expires)
            case .retiring: break
            }
        }
        return next
    }

    mutating func tick(now: Instant) {
        while let first = waiting.first, first.deadline <= now {
            actions.append(.refuse(first.request, .waitedTooLong))
            waiting.removeFirst()
        }
        for slot in slots {
            if case .connecting(let giveUp) = slot.phase, giveUp <= now {
                actions.append(.close(slot.id))
                connectFailed(slot.id, now: now)
            } else if slot.phase == .open, slot.expires <= now {
                retire(slot.id)
            }
        }
        retireIdleIfClosed()
        growIfBusy(now)
    }

    // MARK: Decisions

    private func isSpent(_ index: Int, _ now: Instant) -> Bool {
        slots[index].expires <= now || slots[index].affinities.count > limits.maxAffinities
    }

    private func best(for affinity: Int, _ now: Instant) -> Int? {
        if limits.oneEach, slots.contains(where: { $0.load > 0 && $0.affinity == affinity }) { return nil }
        var best: Int?
        var least = Duration.zero
        for index in slots.indices where slots[index].phase == .open && slots[index].load < limits.depth {
            let cost = cost(of: index, for: affinity, now)
            if let best {
                if cost > least { continue }
                if cost == least, slots[index].affinities.count >= slots[best].affinities.count { continue }
            }
            (best, least) = (index, cost)
        }
        return best
    }

    private func cost(of index: Int, for affinity: Int, _ now: Instant) -> Duration {
        var cost = Duration.zero
        if !slots[index].affinities.contains(affinity) {
            cost = Self.coldCost + Self.placeCost * slots[index].affinities.count / max(limits.maxAffinities, 1)
        }
        if slots[index].load > 0 { cost += slots[index].pace * slots[index].load + (now - slots[index].since) }
        return cost
    }

    // Loops over indices, here and elsewhere: a copied slot costs a reference count on its set.
    private func count(_ matches: (Phase) -> Bool) -> Int {
        var count = 0
        for index in slots.indices where matches(slots[index].phase) { count += 1 }
        return count
    }

    private var hasIdle: Bool {
        slots.indices.contains { slots[$0].phase == .open && slots[$0].load == 0 }
    }

    private mutating func assign(_ request: Request, _ affinity: Int, to index: Int, _ now: Instant) {
        if slots[index].load == 0 { slots[index].since = now }
        slots[index].load += 1
        slots[index].affinities.insert(affinity)
        slots[index].affinity = affinity
        actions.append(.assign(request, connection: slots[index].id))
    }

    private mutating func serveWaiting(_ now: Instant) {
        var next = 0
        while next < waiting.count {
            if let index = best(for: waiting[next].affinity, now) {
                let item = waiting.remove(at: next)
                assign(item.request, item.affinity, to: index, now)
            } else if limits.oneEach {
                next += 1
            } else {
                break
            }
        }
        retireIdleIfClosed()
    }

    private var hasRoomToGrow: Bool { count { $0 != .retiring } < limits.size }

    /// Opens one more connection when every open one is at work. After a failure only one is tried at a time, and not
    /// before the pause is over.
    private mutating func growIfBusy(_ now: Instant) {
        if hasIdle || isClosed && waiting.isEmpty { return }
        if let retryAt, retryAt > now { return }
        let needed = max((waiting.count + limits.depth - 1) / limits.depth, limits.depth > 1 && inFlight > 0 ? 1 : 0)
        let demand = failures > 0 ? min(needed, 1) : needed
        while hasRoomToGrow, connecting < demand {
            lastID += 1
            slots.append(
                Slot(
                    id: lastID, phase: .connecting(giveUp: now + limits.connectTimeout), since: now,
                    expires: now + limits.maxLifetime))
            actions.append(.connect(lastID))
        }
    }

    private mutating func closeIfDone(_ index: Int) {
        guard slots[index].phase == .retiring, slots[index].load == 0 else { return }
        actions.append(.close(slots[index].id))
        slots.remove(at: index)
    }

    private mutating func retireIdleIfClosed() {
        guard isClosed, waiting.isEmpty else { return }
        for slot in slots { retire(slot.id) }
    }
}
