import NIOCore
import ServiceLifecycle

/// Measures how long work waits for its thread: on each of the network's loops, and on the threads that run tasks. A request
/// that keeps one of them busy keeps all others waiting; nothing else shows it.
struct LagMeter: Service {
    let loops: any EventLoopGroup
    let metrics: ServerMetrics
    var pause = Duration.seconds(1)

    func run() async throws {
        let metrics = metrics
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let due = ContinuousClock.now + pause
                try? await Task.sleep(until: due, clock: .continuous)
                guard !Task.isCancelled else { return }
                metrics.lagged("tasks", by: ContinuousClock.now - due)
                for loop in loops.makeIterator() {
                    let asked = ContinuousClock.now
                    loop.execute { metrics.lagged("network", by: ContinuousClock.now - asked) }
                }
            }
        }
    }
}
