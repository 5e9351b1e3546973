/// Decides which password is hashed next: a plain value without clock, threads or work.
///
/// Who is trusted goes first, then ordinary clients, then failing ones; every fourth turn goes to ordinary clients and every
/// eighth to failing ones, where any wait, so that nobody starves. Among equals institutions take turns, and within an
/// institution its clients; failing ones take turns by client first, so that who moves from institution to institution
/// gains nothing by it, and occupy at most half of the workers.
///
/// Whether an address has an account plays no part: whoever floods the queue could read it off the order.
///
/// A request is refused at once where its turn would come too late, and dropped where it did. So whoever is served has not
/// waited long, also under a flood, and what is hashed is still wanted.
struct HashingQueue: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// Why a request is not served.
    enum Refusal: String, Sendable, CaseIterable {
        /// Its turn would come after the limit.
        case wait
        /// Its turn has not come within the limit, since others came in between.
        case late
        /// Too many wait, whoever they are.
        case full
    }

    /// Those who share a turn.
    private enum Line: Hashable {
        case institution(Int, HashingRequest.Standing)
        case client(String)
        case clientAt(Int, String, HashingRequest.Standing)
    }

    private struct Ticket {
        let id: Int
        let standing: HashingRequest.Standing
        let arrival: Int
        let deadline: Instant
        /// The wider line first.
        let lines: [Line]

        init(id: Int, request: HashingRequest, arrival: Int, deadline: Instant) {
            self.id = id
            self.arrival = arrival
            self.deadline = deadline
            standing = request.standing
            lines = [
                standing == .failing ? .client(request.client) : .institution(request.institution, standing),
                .clientAt(request.institution, request.client, standing),
            ]
        }
    }

    private struct Run {
        let standing: HashingRequest.Standing
        let end: Instant
    }

    /// Hashes at the same time.
    let workers: Int
    private let waitLimit: Duration
    private var tickets: [Ticket] = []
    private var runs: [Int: Run] = [:]
    /// When each line that waits was last served, or began to wait, counted in steps: the smallest is next.
    private var served: [Line: Int] = [:]
    private var steps = 0
    private var turns = 0
    /// What a hash takes, in seconds: a moving average.
    private(set) var secondsPerHash: Double

    /// - Parameter secondsPerHash: taken for granted until some are measured.
    init(workers: Int, waitLimit: Duration, secondsPerHash: Double = 0.3) {
        self.workers = max(workers, 1)
        self.waitLimit = waitLimit
        self.secondsPerHash = secondsPerHash
    }

    /// How long a request may wait just now: where hashes are so slow that two take longer than the limit, as long as two
    /// take, or a busy worker would be reason enough to refuse everybody.
    var patience: Duration { max(waitLimit, .seconds(2 * secondsPerHash)) }
    /// How many wait.
    var waiting: Int { tickets.count }
    /// How many are being hashed.
    var running: Int { runs.count }
    /// How many may wait: beyond what is ever served within the limit at the standard cost.
    var maxWaiting: Int { 32 * workers }
    /// How many failing clients' hashes may run at the same time.
    var failingWorkers: Int { max(workers / 2, 1) }

    /// Takes a request in.
    /// - Parameter id: of nobody else in the queue.
    /// - Returns: nil, or why it is refused.
    mutating func submit(_ id: Int, _ request: HashingRequest, now: Instant) -> Refusal? {
        guard tickets.count < maxWaiting else { return .full }
        let ticket = Ticket(id: id, request: request, arrival: step(), deadline: now + patience)
        for line in ticket.lines where served[line] == nil { served[line] = step() }
        tickets.append(ticket)
        if isInTime(id, now: now) { return nil }
        _ = cancel(id)
        return .wait
    }

    /// The next one to hash, where a worker is free; call `finish` when it is done.
    mutating func next(now: Instant) -> Int? {
        guard runs.count < workers, let index = choice() else { return nil }
        let ticket = tickets[index]
        for line in ticket.lines { served[line] = step() }
        turns += 1
        remove(at: index)
        runs[ticket.id] = Run(standing: ticket.standing, end: now + .seconds(secondsPerHash))
        return ticket.id
    }

    /// Takes out those who have waited too long.
    mutating func dropLate(now: Instant) -> [Int] {
        let late = tickets.filter { $0.deadline < now }.map(\.id)
        for id in late { _ = cancel(id) }
        return late
    }

    /// Takes out one that waits.
    /// - Returns: whether it did.
    mutating func cancel(_ id: Int) -> Bool {
        guard let index = tickets.firstIndex(where: { $0.id == id }) else { return false }
        remove(at: index)
        return true
    }

    /// A hash is done; what it took goes into the estimate.
    mutating func finish(_ id: Int, seconds: Double) {
        runs[id] = nil
        secondsPerHash += (min(max(seconds, 0), 10) - secondsPerHash) / 10
    }

    // MARK: Turns

    /// Whether the turn of one that waits comes within the limit if nobody comes in between: what a copy of the queue does
    /// with it.
    private func isInTime(_ id: Int, now: Instant) -> Bool {
        // Even behind everybody else, on those workers alone that take failing clients.
        let longest = secondsPerHash * Double(tickets.count + runs.count) / Double(failingWorkers)
        if .seconds(longest) <= patience { return true }
        var future = self
        var then = now
        while then - now <= patience {
            while let started = future.next(now: then) {
                if started == id { return true }
            }
            guard let (first, run) = future.runs.min(by: { $0.value.end < $1.value.end }) else { return true }
            then = max(then, run.end)
            future.runs[first] = nil
        }
        return false
    }

    private func choice() -> Int? {
        let order: [HashingRequest.Standing] =
            switch turns % 8 {
            case 1, 5: [.ordinary, .trusted, .failing]
            case 7: [.failing, .trusted, .ordinary]
            default: [.trusted, .ordinary, .failing]
            }
        let failing = runs.values.count { $0.standing == .failing }
        for standing in order where standing != .failing || failing < failingWorkers {
            let candidates = tickets.indices.filter { tickets[$0].standing == standing }
            if let first = candidates.min(by: { rank($0).lexicographicallyPrecedes(rank($1)) }) { return first }
        }
        return nil
    }

    private func rank(_ index: Int) -> [Int] {
        tickets[index].lines.map { served[$0] ?? 0 } + [tickets[index].arrival]
    }

    private mutating func remove(at index: Int) {
        let ticket = tickets.remove(at: index)
        let others = Set(tickets.flatMap(\.lines))
        for line in ticket.lines where !others.contains(line) { served[line] = nil }
    }

    private mutating func step() -> Int {
        steps += 1
        return steps
    }
}
