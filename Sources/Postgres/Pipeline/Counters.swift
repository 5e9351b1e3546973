import Synchronization

/// What the loop's thread counts and any thread reads.
final class Counters: Sendable {
    let hits = Atomic<Int>(0)
    let misses = Atomic<Int>(0)
    let prepared = Atomic<Int>(0)
    let gaveWay = Atomic<Int>(0)
    let refusals = Mutex<[RequestRefusal: Int]>([:])

    func refused(_ reason: RequestRefusal) {
        refusals.withLock { $0[reason, default: 0] += 1 }
    }
}

extension Atomic where Value == Int {
    /// Adds where nobody else writes: cheaper than an atomic addition.
    func count(_ number: Int = 1) {
        store(load(ordering: .relaxed) + number, ordering: .relaxed)
    }
}
