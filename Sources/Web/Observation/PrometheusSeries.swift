import Metrics
import Synchronization

/// One line of figures that is counted up as things happen: a name and its labels.
protocol PrometheusSeries: AnyObject, Sendable {
    /// What it has come to.
    var reading: SeriesReading { get }
}

/// What a series has come to.
enum SeriesReading: Sendable, Equatable {
    /// Of a counter or a gauge.
    case value(Double)
    /// Of a histogram: how many values are at most as large as each bound, and all of them.
    case buckets(bounds: [Double], counts: [Int], sum: Double, count: Int)
}

/// Counts up.
final class CounterSeries: PrometheusSeries, CounterHandler {
    private let count = Atomic<Int64>(0)

    var reading: SeriesReading { .value(Double(count.load(ordering: .relaxed))) }

    func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }

    func reset() { count.store(0, ordering: .relaxed) }
}

/// Goes up and down.
final class GaugeSeries: PrometheusSeries, MeterHandler, RecorderHandler {
    private let level = Mutex(0.0)

    var reading: SeriesReading { .value(level.withLock { $0 }) }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { level.withLock { $0 = value } }
    func increment(by amount: Double) { level.withLock { $0 += amount } }
    func decrement(by amount: Double) { level.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
}

/// Counts measured values by size.
final class HistogramSeries: PrometheusSeries, TimerHandler, RecorderHandler {
    private struct Counts {
        /// How many values fell between the bound before and this one.
        var counts: [Int]
        var sum = 0.0
        var count = 0
    }

    private let bounds: [Double]
    private let state: Mutex<Counts>

    /// - Parameter bounds: upper ends of the buckets, ascending; one without end is added when they are written.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(Counts(counts: Array(repeating: 0, count: bounds.count)))
    }

    var reading: SeriesReading {
        let now = state.withLock { $0 }
        var total = 0
        let upTo = now.counts.map { count in
            total += count
            return total
        }
        return .buckets(bounds: bounds, counts: upTo, sum: now.sum, count: now.count)
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            if let bucket { state.counts[bucket] += 1 }
            state.sum += value
            state.count += 1
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
