import Foundation
import TestSupport

/// The built executable, found beside the test bundle, run as a user would.
struct WaymarkProgram: Sendable {
    struct Result: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Path of `waymark` in the folder the tests were built into.
    static let path: String = {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        for _ in 0..<6 {
            let candidate = folder.appendingPathComponent("waymark").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
            folder.deleteLastPathComponent()
        }
        return "waymark"
    }()

    /// Variables of the process; nothing of ours is inherited.
    var environment: [String: String] = [:]

    /// Runs a command to its end.
    func run(_ arguments: String..., input: String = "") async throws -> Result {
        try await run(arguments, input: input)
    }

    /// Runs a command to its end.
    func run(_ arguments: [String], input: String = "") async throws -> Result {
        let folder = try TemporaryFolder()
        let status = try await start(arguments, input: input, folder: folder).end()
        return Result(status: status, output: folder.text("out"), errors: folder.text("err"))
    }

    /// Starts a command whose output goes to the files `out` and `err` of a folder.
    /// - Parameter files: file descriptors it may have.
    func start(
        _ arguments: [String], input: String = "", folder: TemporaryFolder, files: Int? = nil
    ) throws -> ChildProcess {
        let variables = ProcessInfo.processInfo.environment.filter {
            !$0.key.hasPrefix("WAYMARK_") || $0.key == "WAYMARK_PG_BIN"
        }
        try folder.write(input, to: "in")
        let limited = files.map { ["/bin/sh", "-c", "ulimit -n \($0) && exec \"$@\"", "sh"] } ?? []
        return try ChildProcess(
            limited + [Self.path] + arguments, environment: variables.merging(environment) { $1 }, folder: folder.path)
    }
}
