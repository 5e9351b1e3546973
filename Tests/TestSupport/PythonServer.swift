import Foundation

/// Programs in Python, by the script `python` of this folder, which sees to their packages first.
public enum TestPython {
    /// The script.
    public static let launcher =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("python").path

    /// Whether the Python packages are there or can be had: no network, no test.
    /// - Parameter packages: a folder beside this file.
    public static func isAvailable(_ packages: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: launcher)
        process.arguments = [packages]
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus != 75
    }
}

/// A server in Python that one test runs.
final class PythonServer: Sendable {
    /// The server did not start.
    struct Failure: Error, CustomStringConvertible {
        /// What it said.
        let description: String
    }

    /// Where it may leave files; `out` and `err` hold what it says.
    let folder: TemporaryFolder
    private let process: ChildProcess

    /// Starts it.
    /// - Parameters:
    ///   - packages: a folder beside this file.
    ///   - program: in it, or of its packages.
    ///   - arguments: made of the path of the folder where it may leave files.
    init(_ packages: String, _ program: String, _ arguments: (String) -> [String]) throws {
        folder = try TemporaryFolder()
        try folder.write("", to: "in")
        process = try ChildProcess(
            [TestPython.launcher, packages, program] + arguments(folder.path),
            environment: ProcessInfo.processInfo.environment,
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
