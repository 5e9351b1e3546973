import Foundation

/// A server in Python that one test runs: by a script below this folder, which sees to its packages first.
final class PythonServer: Sendable {
    /// The server did not start.
    struct Failure: Error, CustomStringConvertible {
        /// What it said.
        let description: String
    }

    /// Where it may leave files; `out` and `err` hold what it says.
    let folder: TemporaryFolder
    private let process: ChildProcess

    private static func path(of script: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(script).path
    }

    /// Whether the Python packages are there or can be had: no network, no test.
    static func isAvailable(_ script: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path(of: script))
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus != 75
    }

    /// Starts it.
    /// - Parameter arguments: made of the path of its folder.
    init(_ script: String, _ arguments: (String) -> [String]) throws {
        folder = try TemporaryFolder()
        try folder.write("", to: "in")
        process = try ChildProcess(
            [Self.path(of: script)] + arguments(folder.path), environment: ProcessInfo.processInfo.environment,
            folder: folder.path)
    }

    /// Waits until it has said that it listens.
    /// - Parameter find: where, once it has.
    func listens<Place>(_ find: (TemporaryFolder) -> Place?) async throws -> Place {
        while true {
            if let place = find(folder) { return place }
            guard process.isRunning else { throw Failure(description: folder.text("err")) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Kills it.
    func stop() {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        while process.isRunning { usleep(1_000) }
    }

    deinit { stop() }
}
