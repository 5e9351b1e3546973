import Events
import Logging
import Metrics

/// How a process is watched: the events' log, the metrics, and the observers that feed both.
public struct Observation: Sendable {
    /// Writes events to the log. Run it as a service, or what is held back is written only with the next event.
    public let log: EventLog
    /// What `/metrics` shows.
    public let metrics: PrometheusRegistry
    /// For everything that emits events.
    public let observers: Observers

    /// - Parameter logger: where events are written.
    public init(logger: Logger) {
        let log = EventLog(logger: logger)
        let metrics = PrometheusRegistry()
        ProcessFigures.add(to: metrics)
        let counts = EventMetrics(factory: metrics)
        self.log = log
        self.metrics = metrics
        observers = Observers([log.tell, counts.tell])
    }
}

/// Counts events by kind and cause, and background work that ends with them.
struct EventMetrics: Sendable {
    let factory: any MetricsFactory

    /// Counts one.
    @Sendable func tell(_ event: any Event) {
        Counter(
            label: SeriesDescription.events.name,
            dimensions: [("event", type(of: event).name), ("cause", event.cause)], factory: factory
        ).increment()
        guard let job = (event as? any JobEnd)?.job else { return }
        Timer(
            label: SeriesDescription.jobs.name,
            dimensions: [("kind", job.kind.rawValue), ("outcome", job.succeeded ? "done" : "failed")], factory: factory
        ).recordNanoseconds(job.duration.wholeNanoseconds)
    }
}

extension Duration {
    /// For metrics: not below zero.
    var wholeNanoseconds: Int64 {
        let nanoseconds = self / .nanoseconds(1)
        return nanoseconds < 9e18 ? Int64(max(0, nanoseconds)) : .max
    }
}
