import HTTPTypes
import Metrics

/// The series of the HTTPS server. Their text stands in `SeriesDescription`.
struct ServerMetrics: Sendable {
    private let connections: Meter
    private let inFlight: Meter
    private let factory: any MetricsFactory

    init(factory: any MetricsFactory) {
        self.factory = factory
        connections = Meter(label: SeriesDescription.connections.name, factory: factory)
        inFlight = Meter(label: SeriesDescription.requestsInFlight.name, factory: factory)
    }

    func connectionOpened() { connections.increment() }

    func connectionClosed() { connections.decrement() }

    func requestBegan() { inFlight.increment() }

    /// A request's answer ended, whole or not.
    /// - Parameters:
    ///   - route: the template of its path.
    ///   - method: one of those routes are made of; others share a name.
    func requestEnded(route: String, method: String, status: Int, in duration: Duration) {
        inFlight.decrement()
        let place = [("route", route), ("method", method)]
        Counter(
            label: SeriesDescription.requests.name, dimensions: place + [("status", String(status))], factory: factory
        ).increment()
        Timer(label: SeriesDescription.requestSeconds.name, dimensions: place, factory: factory)
            .recordNanoseconds(duration.wholeNanoseconds)
    }

    /// Work waited so long for its thread.
    func lagged(_ loop: String, by duration: Duration) {
        Timer(label: SeriesDescription.lag.name, dimensions: [("loop", loop)], factory: factory)
            .recordNanoseconds(duration.wholeNanoseconds)
    }
}
