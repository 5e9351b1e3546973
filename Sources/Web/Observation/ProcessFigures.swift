import Foundation

/// What the kernel says about this process, under the names every Prometheus client uses.
enum ProcessFigures {
    static func add(to metrics: PrometheusRegistry) {
        let started = Date().timeIntervalSince1970
        metrics.collect(.gauge, "process_start_time_seconds", "When it started, in seconds since 1970.") {
            [.init(started)]
        }
        metrics.collect(.gauge, "process_resident_memory_bytes", "Resident memory.") {
            words("/proc/self/statm").dropFirst().first.flatMap { Double($0) }
                .map { [.init($0 * Double(sysconf(Int32(_SC_PAGESIZE))))] } ?? []
        }
        metrics.collect(.counter, "process_cpu_seconds_total", "Processor time used.") {
            // the command, in parentheses, may hold spaces: count from behind it
            let stat = words("/proc/self/stat", behind: ")")
            guard stat.count > 12, let user = Double(stat[11]), let system = Double(stat[12]) else { return [] }
            return [.init((user + system) / Double(sysconf(Int32(_SC_CLK_TCK))))]
        }
        metrics.collect(.gauge, "process_open_fds", "Open file descriptors.") {
            guard let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") else { return [] }
            return [.init(Double(files.count))]
        }
    }

    private static func words(_ path: String, behind mark: Character? = nil) -> [Substring] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        let rest = mark.flatMap { text.lastIndex(of: $0) }.map { text[text.index(after: $0)...] } ?? text[...]
        return rest.split { $0 == " " || $0 == "\n" }
    }
}
