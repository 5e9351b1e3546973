import Foundation

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
        let process = try start(arguments, input: input, folder: folder)
        while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        return Result(
            status: process.terminationStatus, output: folder.text("out"), errors: folder.text("err"))
    }

    /// Starts a command whose output goes to the files `out` and `err` of a folder.
    func start(_ arguments: [String], input: String = "", folder: TemporaryFolder) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("WAYMARK_") }
        if let server = ProcessInfo.processInfo.environment["WAYMARK_PG_BIN"] { variables["WAYMARK_PG_BIN"] = server }
        process.environment = variables.merging(environment) { $1 }
        process.standardInput = try folder.file("in", text: input)
        process.standardOutput = try folder.file("out", text: "")
        process.standardError = try folder.file("err", text: "")
        try process.run()
        return process
    }
}

/// A folder that goes away with the last reference.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = "/tmp/waymark-cli-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file and opens it for reading and writing.
    func file(_ name: String, text: String) throws -> FileHandle {
        try text.write(toFile: path + "/" + name, atomically: false, encoding: .utf8)
        return try FileHandle(forUpdating: URL(fileURLWithPath: path + "/" + name))
    }

    /// Writes a file.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: path + "/" + name, atomically: false, encoding: .utf8)
        return path + "/" + name
    }

    func text(_ name: String) -> String {
        (try? String(contentsOfFile: path + "/" + name, encoding: .utf8)) ?? ""
    }
}
