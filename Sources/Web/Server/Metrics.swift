import Synchronization

/// Counters of the running server, in the Prometheus text format 0.0.4.
public final class Metrics: Sendable {
    private struct Counts {
        var requests: [Int: Int] = [:]
        var seconds = 0.0
        var slowest = 0.0
    }

    private let counts = Mutex(Counts())
    private let connections = Atomic<Int>(0)

    func record(status: Int, seconds: Double) {
        counts.withLock {
            $0.requests[status, default: 0] += 1
            $0.seconds += seconds
            $0.slowest = max($0.slowest, seconds)
        }
    }

    func connectionOpened() {
        connections.add(1, ordering: .relaxed)
    }

    func connectionClosed() {
        connections.subtract(1, ordering: .relaxed)
    }

    /// One line a series; `extra` lines are appended as they are.
    func text(extra: [String] = []) -> String {
        let now = counts.withLock { $0 }
        var lines = [
            "# HELP waymark_requests_total Requests answered, by status.", "# TYPE waymark_requests_total counter",
        ]
        for (status, count) in now.requests.sorted(by: { $0.key < $1.key }) {
            lines.append("waymark_requests_total{status=\"\(status)\"} \(count)")
        }
        lines += [
            "# HELP waymark_request_seconds_total Time spent answering.",
            "# TYPE waymark_request_seconds_total counter", "waymark_request_seconds_total \(now.seconds)",
            "# HELP waymark_request_seconds_max Slowest answer since the start.",
            "# TYPE waymark_request_seconds_max gauge", "waymark_request_seconds_max \(now.slowest)",
            "# HELP waymark_connections Client connections open.", "# TYPE waymark_connections gauge",
            "waymark_connections \(connections.load(ordering: .relaxed))",
        ]
        return (lines + extra).joined(separator: "\n") + "\n"
    }
}
