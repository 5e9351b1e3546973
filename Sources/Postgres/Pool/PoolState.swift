/// What a pool decides, without doing it: requests and connections' fates come in, actions come out. No I/O, no clock
/// of its own.
///
/// A request goes to the connection that will likely be done with it first (see `best`). What has been sent cannot be
/// moved, so little is sent ahead; the rest waits here, for a bounded time and in bounded number, and is served in
/// turns by affinity. While the database is away nobody waits: requests are refused at once, and one attempt after
/// another is made to reach it.
struct PoolState {
    typealias Request = PipelineRequest
    typealias Instant = ContinuousClock.Instant

    struct Limits {
        var size: Int
        var depth: Int
        var maxWaiting: Int
        var waitTimeout: Duration
        var connectTimeout: Duration
        var maxLifetime: Duration
        var maxAffinities: Int
        /// Whether an affinity has one request at a time on all connections together. Only where `depth` is 1.
        var oneEach = false
        /// Requests of one affinity on a connection.
        var share = Int.max
        /// Connections beyond `size`, each for one that is held up.
        var spare = 0
        /// Nothing is sent behind work that will likely take longer than this.
        var ahead: Duration = .milliseconds(25)
        /// A connection that owes an answer for longer is held up. Nil where callers keep connections for themselves.
        var slowAfter: Duration?
        /// An attempt to connect that takes longer says that the database may be away.
        var attemptPatience: Duration = .seconds(2)
    }

    enum Refusal: String { case tooManyWaiting, waitedTooLong, away, closed }

    enum Action {
        case connect(Int)
        case assign(Request, connection: Int)
        case close(Int)
        /// Give up a connection with what is on it, or an attempt to make one: the server gives no sign of life.
        case cut(Int)
        case refuse(Request, Refusal)
    }

    enum Phase: Equatable { case connecting(giveUp: Instant), open, retiring }

    struct Work {
        let affinity: Int
        let expected: Duration
    }

    struct Slot {
        let id: Int
        var phase: Phase
        /// What is on it, in the order it was sent.
        var work: [Work] = []
        /// How long that will likely take, by the affinities' pace.
        var expected: Duration = .zero
        /// How long a request took it of late, whoever's.
        var pace: Duration = .milliseconds(1)
        /// When what it does now began, as far as answers show it.
        var since: Instant
        /// What it does now takes longer than is usual: being made, or its present request.
        var isLate = false
        /// It owes an answer for so long that it gets nothing more to do.
        var isStalled = false
        var expires: Instant
        var affinities: Set<Int> = []

        var load: Int { work.count }
    }

    /// A connection too many is closed when it had nothing to do for so long.
    static let spareLife: Duration = .seconds(10)
    /// One failed attempt may be chance; after the second in a row the database counts as away.
    private static let failuresToRefuse = 2
    /// A stalled connection says nothing of the server while another one answered within this time.
    private static let signOfLife: Duration = .seconds(1)

    let limits: Limits
    var slots: [Slot] = []
    private(set) var isClosed = false
    var actions: [Action] = []
    var turns = Turns()
    var activity = Activity()
    private(set) var failures = 0
    private(set) var retryAt: Instant?
    private var lastID = 0
    private var lastAnswer: Instant?
    /// A connection is stalled, and nothing has shown since that the server lives.
    private(set) var isUnproven = false
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
    var waitingCount: Int { turns.count }
    var isDrained: Bool { turns.isEmpty && slots.isEmpty }

    /// No connection that answers, and none to be had just now: requests are refused.
    var isAway: Bool {
        if slots.indices.contains(where: { slots[$0].phase == .open && !slots[$0].isStalled }) { return false }
        return failures >= Self.failuresToRefuse || hasLateAttempt
    }

    /// The actions decided since the last call, in order.
    mutating func takeActions() -> [Action] {
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    // MARK: Requests

    mutating func submit(_ request: Request, affinity: Int, now: Instant) {
        activity.note(affinity, now: now)
        if isClosed {
            actions.append(.refuse(request, .closed))
        } else if !turns.waits(affinity), let index = best(for: affinity, now) {
            assign(request, affinity, to: index, now)
            growIfBusy(now)
        } else if isAway {
            actions.append(.refuse(request, .away))
            growIfBusy(now)
        } else if turns.count < limits.maxWaiting {
            turns.add(request, affinity: affinity, until: now + limits.waitTimeout)
            growIfBusy(now)
        } else if let last = turns.takeLast(inFavourOf: affinity) {
            actions.append(.refuse(last, .tooManyWaiting))
            turns.add(request, affinity: affinity, until: now + limits.waitTimeout)
        } else {
            actions.append(.refuse(request, .tooManyWaiting))
        }
    }

    /// Puts a request back that its connection could not take or that gave way there, before all others.
    mutating func resubmit(_ request: Request, affinity: Int, now: Instant) {
        turns.addFirst(request, affinity: affinity, until: now + limits.waitTimeout)
        refuseIfAway()
        serveWaiting(now)
        growIfBusy(now)
    }

    /// Drops a request that still waits. False: it does not wait (any more).
    mutating func withdraw(where matches: (Request) -> Bool) -> Bool {
        !turns.takeAll { request, _ in matches(request) }.isEmpty
    }

    /// A request left its connection: one of this affinity, or the one sent first.
    mutating func finished(_ id: Int, affinity: Int? = nil, now: Instant) {
        guard let index = slots.firstIndex(where: { $0.id == id }), slots[index].load > 0 else { return }
        let position = slots[index].work.firstIndex { $0.affinity == affinity } ?? 0
        let done = slots[index].work.remove(at: position)
        slots[index].expected -= done.expected
        let time = now - slots[index].since
        slots[index].pace += (time - slots[index].pace) / 4
        activity.learn(done.affinity, took: time)
        if slots[index].phase == .open, isSpent(index, now) { slots[index].phase = .retiring }
        answered(index, now)
        closeIfDone(index)
        refuseIfAway()  // it may have been the last one
        serveWaiting(now)
        if !turns.isEmpty { growIfBusy(now) }  // what was given back may be gone
    }

    // MARK: Connections

    mutating func connected(_ id: Int, now: Instant) {
        guard let index = slots.firstIndex(where: { $0.id == id }) else { return }
        failures = 0
        retryAt = nil
        slots[index].phase = isClosed && turns.isEmpty ? .retiring : .open
        slots[index].expires = now + limits.maxLifetime * (0.8 + 0.4 * jitter())
        answered(index, now)
        closeIfDone(index)
        serveWaiting(now)
        growIfBusy(now)
    }

    mutating func connectFailed(_ id: Int, now: Instant) {
        let wasLate = slots.contains { $0.id == id && $0.isLate }
        slots.removeAll { $0.id == id }
        failures += wasLate ? Self.failuresToRefuse : 1
        let pause = Duration.milliseconds(min(50 << min(failures - 1, 5), 1000))
        retryAt = now + pause * (0.75 + 0.25 * jitter())
        refuseIfAway()
    }

    /// A connection is gone, with whatever was on it.
    mutating func lost(_ id: Int, now: Instant) {
        slots.removeAll { $0.id == id }
        refuseIfAway()
        serveWaiting(now)  // whose affinity had its one request there
        growIfBusy(now)
    }

    /// A connection owes an answer for longer than is usual even for slow work. Whether the server lives another
    /// connection shows: an attempt is made, unless others answered a moment ago.
    mutating func stalled(_ id: Int, now: Instant) {
        guard let index = slots.firstIndex(where: { $0.id == id }) else { return }
        slots[index].isStalled = true
        if lastAnswer.map({ $0 + Self.signOfLife <= now }) ?? true { isUnproven = true }
        giveUpIfFrozen()
        refuseIfAway()
        serveWaiting(now)  // who waited for this very connection
        growIfBusy(now)
    }

    /// A stalled connection answered after all.
    mutating func recovered(_ id: Int, now: Instant) {
        guard let index = slots.firstIndex(where: { $0.id == id }) else { return }
        slots[index].isStalled = false
        isUnproven = false
        lastAnswer = now
        serveWaiting(now)
    }

    private mutating func answered(_ index: Int, _ now: Instant) {
        slots[index].since = now
        slots[index].isLate = false
        slots[index].isStalled = false
        isUnproven = false
        lastAnswer = now
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
        for request in turns.takeAll(where: { _, _ in true }) { actions.append(.refuse(request, .closed)) }
        for slot in slots { actions.append(.close(slot.id)) }
        slots = []
    }

    // MARK: Time

    /// When `tick` next has something to do. Perhaps too early, never too late.
    var nextDeadline: Instant? {
        var next = turns.soonest
        func consider(_ moment: Instant?) {
            if let moment, next.map({ moment < $0 }) ?? true { next = moment }
        }
        if attemptsWanted > connecting { consider(retryAt) }
        let hasTooMany = hasTooMany
        for index in slots.indices {
            let slot = (since: slots[index].since, isLate: slots[index].isLate, load: slots[index].load)
            switch slots[index].phase {
            case .connecting(let giveUp):
                consider(slot.isLate ? giveUp : min(giveUp, slot.since + limits.attemptPatience))
            case .open:
                consider(slots[index].expires)
                if slot.load == 0, hasTooMany { consider(slot.since + Self.spareLife) }
                if slot.load > 0, !slot.isLate, !turns.isEmpty { consider(limits.slowAfter.map { slot.since + $0 }) }
            case .retiring: break
            }
        }
        return next
    }

    mutating func tick(now: Instant) {
        if let soonest = turns.soonest, soonest <= now {
            for request in turns.takeAll(where: { $1 <= now }) { actions.append(.refuse(request, .waitedTooLong)) }
        }
        for slot in slots {
            switch slot.phase {
            case .connecting(let giveUp) where giveUp <= now:
                actions.append(.cut(slot.id))
                connectFailed(slot.id, now: now)
            case .connecting: if slot.since + limits.attemptPatience <= now { markLate(slot.id) }
            case .open:
                if let limit = limits.slowAfter, slot.load > 0, slot.since + limit <= now { markLate(slot.id) }
                let isTooMany = slot.load == 0 && slot.since + Self.spareLife <= now && hasTooMany
                if isTooMany || slot.expires <= now { retire(slot.id) }
            case .retiring: break
            }
        }
        giveUpIfFrozen()
        refuseIfAway()
        // Who waits for a connection that is late by now waits for it no longer.
        if !turns.isEmpty { serveWaiting(now) }
        retireIdleIfClosed()
        growIfBusy(now)
    }

    private mutating func markLate(_ id: Int) {
        guard let index = slots.firstIndex(where: { $0.id == id }) else { return }
        slots[index].isLate = true
    }

    // MARK: The database is away

    private mutating func refuseIfAway() {
        guard !turns.isEmpty, isAway else { return }
        for request in turns.takeAll(where: { _, _ in true }) { actions.append(.refuse(request, .away)) }
    }

    /// A stalled connection, no answer on any other, and no new connection for long: the server hangs, not a statement.
    private mutating func giveUpIfFrozen() {
        guard isUnproven, hasLateAttempt else { return }
        isUnproven = false
        for slot in slots where slot.isStalled { actions.append(.cut(slot.id)) }
        for slot in slots where slot.phase == .open && slot.load == 0 { actions.append(.close(slot.id)) }
        slots.removeAll { $0.isStalled || $0.phase == .open && $0.load == 0 }
    }

    private var hasLateAttempt: Bool {
        for index in slots.indices where slots[index].isLate {
            if case .connecting = slots[index].phase { return true }
        }
        return false
    }

    // MARK: Making and closing connections

    /// Opens a connection when every open one is at work; after a failure one at a time, and not before the pause is
    /// over.
    mutating func growIfBusy(_ now: Instant) {
        if let retryAt, retryAt > now { return }
        let wanted = attemptsWanted
        guard wanted > 0 else { return }
        while connecting < wanted {
            lastID += 1
            slots.append(
                Slot(
                    id: lastID, phase: .connecting(giveUp: now + limits.connectTimeout), since: now,
                    expires: now + limits.maxLifetime))
            actions.append(.connect(lastID))
        }
    }

    mutating func closeIfDone(_ index: Int) {
        guard slots[index].phase == .retiring, slots[index].load == 0 else { return }
        actions.append(.close(slots[index].id))
        slots.remove(at: index)
    }

    mutating func retireIdleIfClosed() {
        guard isClosed, turns.isEmpty else { return }
        for slot in slots { retire(slot.id) }
    }
}
