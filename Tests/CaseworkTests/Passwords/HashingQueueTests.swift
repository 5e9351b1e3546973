import TestSupport
import Testing

@testable import Casework

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite struct HashingQueueTests {
    private static let start = ContinuousClock.now

    private static func request(
        _ institution: Int, _ client: String = "192.0.2.1", _ standing: HashingRequest.Standing = .ordinary
    ) -> HashingRequest {
        HashingRequest(institution: institution, client: client, standing: standing)
    }

    /// Submits to one worker that is busy, then frees it until nobody waits.
    /// - Returns: the numbers of the requests in the order they are served.
    private static func order(_ requests: [HashingRequest]) -> [Int] {
        var queue = HashingQueue(workers: 1, waitLimit: .seconds(60))
        #expect(queue.submit(-1, request(0), now: start) == nil)
        #expect(queue.next(now: start) == -1)
        queue.finish(-1, seconds: 0.3)
        for (number, request) in requests.enumerated() {
            #expect(queue.submit(number, request, now: start) == nil)
        }
        var order: [Int] = []
        while let id = queue.next(now: start) {
            order.append(id)
            queue.finish(id, seconds: 0.3)
        }
        return order
    }

    @Test func `institutions take turns, and within one its clients`() {
        let requests =
            (0..<4).map { _ in Self.request(1, "a") } + (0..<2).map { _ in Self.request(1, "b") }
            + [Self.request(2, "a"), Self.request(3, "a")]
        #expect(Self.order(requests) == [0, 6, 7, 4, 1, 5, 2, 3])
    }

    @Test func `one request of another institution is not behind a flood`() throws {
        let flood = (0..<20).map { Self.request(1, "client \($0)") }
        let turn = try #require(Self.order(flood + [Self.request(2)]).firstIndex(of: 20))
        #expect(turn <= 1)
    }

    @Test func `a failing client gains nothing by moving from institution to institution`() throws {
        let flood = (0..<20).map { Self.request($0, "mover", .failing) }
        let order = Self.order(flood + [Self.request(30, "other", .failing), Self.request(31)])
        #expect(order.prefix(3).contains(20) && order.first == 21)
    }

    @Test func `the trusted go first, and everybody's turn comes`() {
        let requests =
            (0..<10).map { _ in Self.request(1, "f", .failing) } + (0..<10).map { _ in Self.request(1, "o") }
            + (0..<12).map { _ in Self.request(1, "t", .trusted) }
        let standings = Self.order(requests).map { requests[$0].standing }
        #expect(
            standings.prefix(16) == [
                .ordinary, .trusted, .trusted, .trusted, .ordinary, .trusted, .failing, .trusted,
                .ordinary, .trusted, .trusted, .trusted, .ordinary, .trusted, .failing, .trusted,
            ])
    }

    @Test func `failing clients occupy half of the workers`() {
        var queue = HashingQueue(workers: 4, waitLimit: .seconds(60))
        for number in 0..<10 {
            #expect(queue.submit(number, Self.request(number, "\(number)", .failing), now: Self.start) == nil)
        }
        #expect(queue.next(now: Self.start) != nil && queue.next(now: Self.start) != nil)
        #expect(queue.next(now: Self.start) == nil)
        #expect(queue.submit(10, Self.request(1), now: Self.start) == nil)
        #expect(queue.next(now: Self.start) == 10)
    }

    @Test func `who would wait too long is refused at once, and only then`() {
        var queue = HashingQueue(workers: 2, waitLimit: .seconds(2), secondsPerHash: 0.5)
        var accepted = 0
        while queue.submit(accepted, Self.request(1), now: Self.start) == nil {
            accepted += 1
            _ = queue.next(now: Self.start)
        }
        // two run, and 2 s on two workers are four times two more; the last of them begin when the limit is reached
        #expect(accepted == 10)
        #expect(queue.submit(99, Self.request(1), now: Self.start) == .wait)
        #expect(queue.waiting == 8)
        // others are before the flood's, and not refused for its sake
        #expect(queue.submit(100, Self.request(2), now: Self.start) == nil)
        #expect(queue.submit(101, Self.request(1, "another"), now: Self.start) == nil)
        #expect(queue.submit(102, Self.request(1, "c", .trusted), now: Self.start) == nil)
    }

    @Test func `a machine that hashes slowly does not refuse whoever is next`() {
        var queue = HashingQueue(workers: 1, waitLimit: .seconds(2), secondsPerHash: 3)
        #expect(queue.submit(0, Self.request(1), now: Self.start) == nil)
        #expect(queue.next(now: Self.start) == 0)
        for number in 1...2 { #expect(queue.submit(number, Self.request(1), now: Self.start) == nil) }
        #expect(queue.submit(3, Self.request(1), now: Self.start) == .wait)
        #expect(queue.dropLate(now: Self.start + .seconds(5)) == [])
    }

    @Test func `who has waited too long is dropped`() {
        var queue = HashingQueue(workers: 1, waitLimit: .seconds(2))
        #expect(queue.submit(0, Self.request(1), now: Self.start) == nil)
        #expect(queue.next(now: Self.start) == 0)
        #expect(queue.submit(1, Self.request(1), now: Self.start + .seconds(1)) == nil)
        #expect(queue.submit(2, Self.request(1), now: Self.start + .seconds(2)) == nil)
        #expect(queue.dropLate(now: Self.start + .seconds(3)) == [])
        #expect(queue.dropLate(now: Self.start + .seconds(3.5)) == [1])
        queue.finish(0, seconds: 3.5)
        #expect(queue.next(now: Self.start + .seconds(3.5)) == 2)
    }

    @Test func `learns how long a hash takes`() {
        var queue = HashingQueue(workers: 1, waitLimit: .seconds(2))
        for number in 0..<50 {
            #expect(queue.submit(number, Self.request(1), now: Self.start) == nil)
            #expect(queue.next(now: Self.start) == number)
            queue.finish(number, seconds: 1)
        }
        #expect(queue.secondsPerHash > 0.99 && queue.secondsPerHash <= 1)
    }

    /// Some thousand steps by chance. After each: the bounds hold, no worker is idle while somebody may have it, what was
    /// canceled or dropped is never served, lines of the same standing are served in turn, and no standing waits for more
    /// than eight turns.
    @Test(arguments: 0..<20) func `keeps its promises whatever happens`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed) &* 7_919 &+ 1)
        let workers = Int.random(in: 1...5, using: &generator)
        var queue = HashingQueue(workers: workers, waitLimit: .seconds(2))
        var now = Self.start
        var waiting: [Int: (request: HashingRequest, since: Int)] = [:]
        var running: [Int: HashingRequest] = [:]
        var lastServed: [String: Int] = [:]
        var passedOver: [HashingRequest.Standing: Int] = [:]
        var turns = 0
        func line(_ request: HashingRequest) -> String {
            request.standing == .failing ? request.client : "\(request.institution) \(request.standing)"
        }
        func serve() {
            while let id = queue.next(now: now) {
                guard let served = waiting.removeValue(forKey: id) else {
                    Issue.record("seed \(seed): \(id) was served and does not wait")
                    return
                }
                turns += 1
                let (request, name) = (served.request, line(served.request))
                if let last = lastServed[name] {
                    for other in waiting.values where other.request.standing == request.standing {
                        let rival = line(other.request)
                        let isPassedOver = rival != name && other.since < last && lastServed[rival, default: 0] < last
                        #expect(!isPassedOver, "seed \(seed): \(name) came twice before \(rival)")
                    }
                }
                lastServed[name] = turns
                let failingMayRun =
                    running.values.count { $0.standing == .failing } < queue.failingWorkers
                for standing in HashingRequest.Standing.allCases {
                    let waits = waiting.values.contains { $0.request.standing == standing }
                    let counts = waits && standing != request.standing && (standing != .failing || failingMayRun)
                    passedOver[standing] = counts ? passedOver[standing, default: 0] + 1 : 0
                    #expect(passedOver[standing, default: 0] <= 8, "seed \(seed): \(standing) starves")
                }
                running[id] = request
            }
            let failing = running.values.count { $0.standing == .failing }
            let mayWait =
                running.count == workers
                || waiting.values.allSatisfy { $0.request.standing == .failing && failing == queue.failingWorkers }
            #expect(mayWait, "seed \(seed): a worker is idle")
            #expect(running.count <= workers && queue.running == running.count)
            #expect(queue.waiting == waiting.count && waiting.count <= queue.maxWaiting)
            #expect(failing <= queue.failingWorkers)
        }
        for id in 0..<3_000 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<6:
                let request = Self.request(
                    Int.random(in: 1...4, using: &generator), "c\(Int.random(in: 1...4, using: &generator))",
                    HashingRequest.Standing.allCases.randomElement(using: &generator) ?? .ordinary)
                if queue.submit(id, request, now: now) == nil { waiting[id] = (request, turns) }
            case 6:
                if let gone = waiting.keys.sorted().randomElement(using: &generator) {
                    let isGone = queue.cancel(gone)
                    #expect(isGone, "seed \(seed)")
                    waiting[gone] = nil
                }
            default:
                now += .milliseconds(Int.random(in: 0...300, using: &generator))
                if let done = running.keys.sorted().randomElement(using: &generator) {
                    queue.finish(done, seconds: Double.random(in: 0.1...0.5, using: &generator))
                    running[done] = nil
                }
                for late in queue.dropLate(now: now) {
                    let dropped = waiting.removeValue(forKey: late)
                    #expect(dropped != nil, "seed \(seed)")
                }
            }
            serve()
        }
        while let done = running.keys.first {
            queue.finish(done, seconds: 0.3)
            running[done] = nil
            serve()
        }
        #expect(queue.waiting == 0 && queue.running == 0)
    }
}
