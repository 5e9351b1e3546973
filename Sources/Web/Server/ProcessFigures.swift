import Foundation

/// What the kernel says about this process, under the names every Prometheus client uses.
enum ProcessFigures {
    static func lines() -> [String] {
        var lines: [String] = []
        if let pages = words("/proc/self/statm").dropFirst().first.flatMap({ Int($0) }) {
            lines += gauge(
                "process_resident_memory_bytes", "Resident memory.", "\(pages * sysconf(Int32(_SC_PAGESIZE)))")
        }
        // the command, in parentheses, may hold spaces: count from behind it
        let stat = words("/proc/self/stat", behind: ")")
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        if stat.count > 19, let user = Double(stat[11]), let system = Double(stat[12]) {
            lines += [
                "# HELP process_cpu_seconds_total Processor time used.", "# TYPE process_cpu_seconds_total counter",
                "process_cpu_seconds_total \((user + system) / ticks)",
            ]
        }
        if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            lines += gauge("process_open_fds", "Open file descriptors.", "\(files)")
        }
        return lines
    }

    private static func gauge(_ name: String, _ help: String, _ value: String) -> [String] {
        ["# HELP \(name) \(help)", "# TYPE \(name) gauge", "\(name) \(value)"]
    }

    private static func words(_ path: String, behind mark: Character? = nil) -> [Substring] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        let rest = mark.flatMap { text.lastIndex(of: $0) }.map { text[text.index(after: $0)...] } ?? text[...]
        return rest.split { $0 == " " || $0 == "\n" }
    }
}
