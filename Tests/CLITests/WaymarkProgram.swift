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

    /// Runs lines of a shell as somebody types them in a folder who has `waymark` at hand, up to the first that fails.
    /// - Returns: as errors, every line before it is carried out, and what it says.
    func type(_ lines: String, in folder: TemporaryFolder, input: String = "") async throws -> Result {
        let streams = try TemporaryFolder()
        try streams.write(input, to: "in")
        let variables = [
            "PATH": (Self.path as NSString).deletingLastPathComponent + ":/usr/bin:/bin", "PWD": folder.path,
        ].merging(environment) { $1 }
        let process = try ChildProcess(
            ["/bin/bash", "-euxo", "pipefail", "-c", "cd \(folder.path)\n\(lines)"], environment: variables,
            folder: streams.path)
        let status = try await process.end()
        return Result(status: status, output: streams.text("out"), errors: streams.text("err"))
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
