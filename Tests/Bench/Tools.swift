import Foundation

/// A program that ended badly, with what it said.
struct ToolFailure: Error, CustomStringConvertible {
    let description: String
}

/// Runs a program to its end.
///
/// The thread that starts it has signals blocked, and a child inherits that: `pgbench -T` would wait for its alarm for ever.
/// - Returns: what it wrote to standard output.
@discardableResult
func tool(_ program: String, _ arguments: [String], environment: [String: String] = [:]) async throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["--default-signal", program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = await output.whole()
    let complaint = await errors.whole()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw ToolFailure(description: "\(program): \(String(decoding: complaint, as: UTF8.self).prefix(2_000))")
    }
    return String(decoding: text, as: UTF8.self)
}

extension Pipe {
    /// Everything that comes, read by a thread that the server in this process does not need.
    fileprivate func whole() async -> Data {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [fileHandleForReading] in
                continuation.resume(returning: fileHandleForReading.readDataToEndOfFile())
            }
        }
    }
}

/// What one `wrk` run says.
struct Load {
    /// Requests answered in a second.
    let perSecond: Double
    /// Median time of an answer, in milliseconds.
    let median: Double
    /// What 99 of 100 answers took less than, in milliseconds.
    let late: Double
}

/// Loads an address.
/// - Parameters:
///   - script: Lua that makes the requests.
///   - connections: how many ask at once.
func wrk(
    _ url: String, seconds: Int, script: String, connections: Int = 16, directory: URL
) async throws -> Load {
    let file = directory.appendingPathComponent("requests.lua")
    try script.write(to: file, atomically: true, encoding: .utf8)
    let text = try await tool(
        "wrk", ["-t1", "-c\(connections)", "-d\(seconds)s", "--latency", "-s", file.path, url])
    func milliseconds(_ found: Regex<(Substring, Substring, Substring)>.Match?) -> Double? {
        guard let found, let amount = Double(found.output.1) else { return nil }
        return amount * (found.output.2 == "us" ? 0.001 : found.output.2 == "s" ? 1_000 : 1)
    }
    guard let rate = text.firstMatch(of: /Requests\/sec:\s+([0-9.]+)/), let perSecond = Double(rate.1),
        let median = milliseconds(text.firstMatch(of: /50%\s+([0-9.]+)(us|ms|s)/)),
        let late = milliseconds(text.firstMatch(of: /99%\s+([0-9.]+)(us|ms|s)/))
    else { throw ToolFailure(description: "wrk said: \(text)") }
    if let bad = text.firstMatch(of: /Non-2xx or 3xx responses: ([0-9]+)/) {
        throw ToolFailure(description: "\(bad.1) answers were refusals")
    }
    return Load(perSecond: perSecond, median: median, late: late)
}

/// Transactions a second of a `pgbench` script, prepared and with some clients.
func pgbench(
    _ script: String, url: String, clients: Int, seconds: Int, searchPath: String, directory: URL
) async throws -> Double {
    let file = directory.appendingPathComponent("script.sql")
    try script.write(to: file, atomically: true, encoding: .utf8)
    let bindir = try await tool("pg_config", ["--bindir"]).trimmingCharacters(in: .whitespacesAndNewlines)
    let pgbench = FileManager.default.isExecutableFile(atPath: "\(bindir)/pgbench") ? "\(bindir)/pgbench" : "pgbench"
    let text = try await tool(
        pgbench, ["-n", "-M", "prepared", "-c", "\(clients)", "-j", "2", "-T", "\(seconds)", "-f", file.path, url],
        environment: ["PGOPTIONS": "-csearch_path=\(searchPath),pg_temp"])
    guard let rate = text.firstMatch(of: /tps = ([0-9.]+)/), let perSecond = Double(rate.1) else {
        throw ToolFailure(description: "pgbench said: \(text)")
    }
    return perSecond
}

/// Seconds a piece of work takes.
func seconds(_ work: () async throws -> Void) async rethrows -> Double {
    let clock = ContinuousClock()
    let time = try await clock.measure(work)
    return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
}
