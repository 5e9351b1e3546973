/// Which connection serves a request, and how many connections there should be.
///
/// A request goes to the connection that will likely be done with it first. That depends on what is in flight there, on
/// the connection's pace of late, and on how long its present request has taken already, for it may take as long again. A
/// connection that served the same affinity before counts as faster, because its caches are warm.
extension PoolState {
    /// What a new affinity costs an empty connection: a few requests' time, so that one much asked for soon has several.
    private static let coldCost: Duration = .milliseconds(5)
    /// What it costs a full one besides: with the place it takes, the connection is the nearer to losing all its caches.
    private static let placeCost: Duration = .milliseconds(200)

    /// The connection for a request of this affinity; nil: it has to wait, perhaps for one that knows its affinity and
    /// will be done sooner than another would learn it. (Where such requests went to any that had room, 500 affinities in
    /// turn kept all connections cold for good.)
    func best(for affinity: Int, _ now: Instant) -> Int? {
        if limits.oneEach, slots.contains(where: { $0.work.contains { $0.affinity == affinity } }) { return nil }
        let part = part(of: affinity, now)
        if part == .more { return nil }
        var best: Int?
        var least = Duration.zero
        var shortestWait: Duration?
        for index in slots.indices where isWorthWaitingFor(index) {
            let own = places(of: affinity, on: index)
            if own >= limits.share || own == 0 && part == .whole { continue }
            guard hasRoom(index, now) else {
                guard slots[index].affinities.contains(affinity) else { continue }
                let ahead = max(slots[index].pace * slots[index].load, slots[index].expected)
                let wait = ahead + (now - slots[index].since)
                shortestWait = min(shortestWait ?? wait, wait)
                continue
            }
            let cost = cost(of: index, for: affinity, now)
            if let best {
                if cost > least { continue }
                if cost == least, slots[index].affinities.count >= slots[best].affinities.count { continue }
            }
            (best, least) = (index, cost)
        }
        if let shortestWait, shortestWait < least { return nil }
        return best
    }

    /// False for a connection that is held up by what it does now.
    private func isWorthWaitingFor(_ index: Int) -> Bool {
        slots[index].phase == .open && slots[index].load < limits.depth && !slots[index].isStalled
            && !(slots[index].isLate && slots[index].load > 0)
    }

    private func hasRoom(_ index: Int, _ now: Instant) -> Bool {
        guard slots[index].phase == .open, !slots[index].isStalled else { return false }
        if slots[index].load == 0 { return true }
        return slots[index].load < limits.depth && slots[index].expected + (now - slots[index].since) <= limits.ahead
    }

    private func places(of affinity: Int, on index: Int) -> Int {
        var count = 0
        for position in slots[index].work.indices where slots[index].work[position].affinity == affinity { count += 1 }
        return count
    }

    /// How much of what an affinity may have its slow work takes up. While others are active that is all connections
    /// but one, which is theirs; it may have more where nobody else was there, and then takes no more.
    private enum Part { case less, whole, more }

    private func part(of affinity: Int, _ now: Instant) -> Part {
        guard limits.size > 1, activity.hasOthers(than: affinity, now: now) else { return .less }
        let isSlow = activity.pace(of: affinity) > limits.ahead
        var held = 0
        for index in slots.indices where slots[index].load > 0 && (isSlow || now - slots[index].since > limits.ahead) {
            if places(of: affinity, on: index) > 0 { held += 1 }
        }
        return held < limits.size - 1 ? .less : held == limits.size - 1 ? .whole : .more
    }

    private func cost(of index: Int, for affinity: Int, _ now: Instant) -> Duration {
        var cost = Duration.zero
        if !slots[index].affinities.contains(affinity) {
            cost = Self.coldCost + Self.placeCost * slots[index].affinities.count / max(limits.maxAffinities, 1)
        }
        if slots[index].load > 0 { cost += slots[index].pace * slots[index].load + (now - slots[index].since) }
        return cost
    }

    mutating func assign(_ request: Request, _ affinity: Int, to index: Int, _ now: Instant) {
        if slots[index].load == 0 {
            slots[index].since = now
            slots[index].isLate = false
        }
        var expected = activity.pace(of: affinity)
        if request.isSlow, let limit = limits.slowAfter { expected = max(expected, limit) }
        slots[index].work.append(Work(affinity: affinity, expected: expected))
        slots[index].expected += expected
        slots[index].affinities.insert(affinity)
        actions.append(.assign(request, connection: slots[index].id))
    }

    mutating func serveWaiting(_ now: Instant) {
        var position = 0
        while position < turns.affinities.count, slots.indices.contains(where: { hasRoom($0, now) }) {
            let affinity = turns.affinities[position]
            if let index = best(for: affinity, now) {
                if let request = turns.take(at: position) { assign(request, affinity, to: index, now) }
            } else {
                position += 1
            }
        }
        retireIdleIfClosed()
    }

    func isSpent(_ index: Int, _ now: Instant) -> Bool {
        slots[index].expires <= now || slots[index].affinities.count > limits.maxAffinities
    }

    // Loops over indices, here and elsewhere: a copied slot costs reference counts.
    func count(_ matches: (Phase) -> Bool) -> Int {
        var count = 0
        for index in slots.indices where matches(slots[index].phase) { count += 1 }
        return count
    }

    // MARK: How many

    private var hasIdle: Bool {
        slots.indices.contains { slots[$0].phase == .open && slots[$0].load == 0 }
    }

    /// How many connections there may be: `size`, and another one for some that are held up.
    private var room: Int {
        var heldUp = 0
        for index in slots.indices where slots[index].phase == .open && slots[index].load > 0 {
            if slots[index].isStalled || slots[index].isLate { heldUp += 1 }
        }
        return limits.size + min(heldUp, limits.spare)
    }

    var hasTooMany: Bool { slots.count - count { $0 == .retiring } > room }

    /// How many attempts to connect should be under way.
    var attemptsWanted: Int {
        if isClosed && turns.isEmpty { return 0 }
        var wanted = 0
        if !hasIdle {
            wanted = max(
                (turns.count + limits.depth - 1) / limits.depth, limits.depth > 1 && inFlight > 0 ? 1 : 0)
        }
        // To find out whether the server lives, and when it is back.
        if isUnproven || failures > 0 && open == 0 { wanted = max(wanted, 1) }
        if failures > 0 { wanted = min(wanted, 1) }
        return min(wanted, connecting + room - (slots.count - count { $0 == .retiring }))
    }
}
