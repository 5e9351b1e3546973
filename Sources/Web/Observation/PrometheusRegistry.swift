import Metrics
import Synchronization

/// Keeps what is counted and measured, and writes it in the Prometheus text format 0.0.4.
///
/// It is a backend of swift-metrics that is handed on as a value, never installed for the whole process: a test process
/// runs several servers, each with a registry of its own.
public final class PrometheusRegistry: MetricsFactory {
    /// How a figure behaves over time.
    public enum Kind: String, Sendable {
        /// It only grows.
        case counter
        /// It goes up and down.
        case gauge
        /// It counts measured values by size.
        case histogram
    }

    /// One figure, read when the metrics are asked for.
    public struct Sample: Sendable {
        let value: Double
        let labels: [Label]

        /// - Parameter labels: names and values that tell this figure from others of its name.
        public init(_ value: Double, _ labels: [(String, String)] = []) {
            self.value = value
            self.labels = labels.map(Label.init)
        }
    }

    struct Label: Hashable, Sendable {
        let name: String
        let value: String

        init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    struct Family: Sendable {
        let kind: Kind
        var series: [[Label]: any PrometheusSeries] = [:]
    }

    struct Source: Sendable {
        let kind: Kind
        let help: String
        let read: @Sendable () -> [Sample]
    }

    struct State: Sendable {
        var families: [String: Family] = [:]
        var sources: [String: Source] = [:]
    }

    let descriptions: [String: SeriesDescription]
    private let maximumSeries: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - descriptions: help text and buckets by name. What has none is written without help.
    ///   - maximumSeries: for each name. What comes beyond is counted under the value `other` of every label, so that no
    ///     client can make the process grow.
    public convenience init(maximumSeries: Int = 2_000) {
        self.init(descriptions: SeriesDescription.all, maximumSeries: maximumSeries)
    }

    init(descriptions: [SeriesDescription], maximumSeries: Int) {
        self.descriptions = Dictionary(descriptions.map { ($0.name, $0) }) { $1 }
        self.maximumSeries = maximumSeries
    }

    /// Adds figures that are read when the metrics are asked for. A second source of the same name replaces the first.
    /// - Parameters:
    ///   - kind: `counter` or `gauge`.
    ///   - help: one sentence.
    ///   - read: called for each collection, on any thread.
    public func collect(_ kind: Kind, _ name: String, _ help: String, _ read: @escaping @Sendable () -> [Sample]) {
        state.withLock { $0.sources[name.asMetricName] = Source(kind: kind, help: help, read: read) }
    }

    /// Everything kept at this moment.
    var snapshot: State { state.withLock { $0 } }

    // MARK: MetricsFactory

    /// A counter.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter, CounterSeries())
    }

    /// A gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge, GaugeSeries())
    }

    /// A histogram, or a gauge where nothing is to be aggregated.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate ? histogram(label, dimensions) : series(label, dimensions, .gauge, GaugeSeries())
    }

    /// A histogram in seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions)
    }

    /// Forgets a series.
    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    /// Forgets a series.
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    /// Forgets a series.
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    /// Forgets a series.
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramSeries {
        let bounds = descriptions[label]?.buckets ?? SeriesDescription.seconds
        return series(label, dimensions, .histogram, HistogramSeries(bounds: bounds))
    }

    /// The series of a name and its labels, made where it is new. A name already used for another kind gets a series that
    /// counts and is not shown.
    private func series<Series: PrometheusSeries>(
        _ label: String, _ dimensions: [(String, String)], _ kind: Kind, _ make: @autoclosure () -> Series
    ) -> Series {
        let name = label.asMetricName
        var labels = dimensions.map(Label.init)
        return state.withLock { state in
            if let found = state.families[name]?.series[labels] as? Series { return found }
            if state.families[name]?.series.count ?? 0 >= maximumSeries {
                labels = labels.map { Label(name: $0.name, value: "other") }
                if let found = state.families[name]?.series[labels] as? Series { return found }
            }
            let made = make()
            if state.families[name, default: Family(kind: kind)].kind == kind {
                state.families[name, default: Family(kind: kind)].series[labels] = made
            }
            return made
        }
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in
            for name in state.families.keys {
                for (labels, series) in state.families[name]?.series ?? [:] where series === handler {
                    state.families[name]?.series[labels] = nil
                }
            }
        }
    }
}
