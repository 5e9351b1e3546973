import Synchronization

extension Pool {
    /// Why a request got no connection.
    public enum Refusal: String, Sendable, Hashable, CaseIterable {
        /// Too many wait already.
        case full
        /// No connection became free in time.
        case waited
        /// The database cannot be reached.
        case away
        /// The pool is closed.
        case closed
    }

    /// What a pool has done since it was made, and what it holds at this moment.
    public struct Figures: Sendable, Hashable {
        /// Statements that were prepared already, since the start.
        public var statementHits = 0
        /// Statements that had to be prepared first, since the start.
        public var statementMisses = 0
        /// Statements prepared on all connections now.
        public var preparedStatements = 0
        /// Batches and transactions on connections now.
        public var inFlight = 0
        /// Slow batches that were broken off to let others pass, since the start.
        public var gaveWay = 0
        /// Requests that got no connection, by reason, since the start.
        public var refusals: [Refusal: Int] = [:]
        /// The longest turn of the driver's event loop in the last 10 to 20 s that saw any: so long an answer may have
        /// waited to be read. One loop serves all pools.
        public var loopLag: Duration = .zero
    }
}

/// What the loop's thread counts and any thread reads.
final class Counters: Sendable {
    let hits = Atomic<Int>(0)
    let misses = Atomic<Int>(0)
    let prepared = Atomic<Int>(0)
    let gaveWay = Atomic<Int>(0)
    let refusals = Mutex<[Pool.Refusal: Int]>([:])

    func refused(_ reason: Pool.Refusal) {
        refusals.withLock { $0[reason, default: 0] += 1 }
    }
}

extension Atomic where Value == Int {
    /// Adds where nobody else writes: cheaper than an atomic addition.
    func count(_ number: Int = 1) {
        store(load(ordering: .relaxed) + number, ordering: .relaxed)
    }
}
