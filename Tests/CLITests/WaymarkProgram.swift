import Foundation
import PrivatePostgres
import Synchronization

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
    func start(_ arguments: [String], input: String = "", folder: TemporaryFolder) throws -> ChildProcess {
        let variables = ProcessInfo.processInfo.environment.filter {
            !$0.key.hasPrefix("WAYMARK_") || $0.key == "WAYMARK_PG_BIN"
        }
        try folder.write(input, to: "in")
        return try ChildProcess(
            [Self.path] + arguments, environment: variables.merging(environment) { $1 }, folder: folder.path)
    }
}

/// A program started by `posix_spawn`. (Foundation's `Process` loses the end of a child now and then when several run.)
final class ChildProcess: Sendable {
    let processIdentifier: pid_t
    private let status = Mutex<Int32?>(nil)

    /// Starts it with the folder's file `in` as input, `out` and `err` as output.
    init(_ command: [String], environment: [String: String], folder: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, folder + "/in", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, folder + "/out", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, folder + "/err", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var arguments = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process = pid_t()
        let failure = posix_spawn(&process, command[0], &actions, nil, &arguments, &variables)
        guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .ENOENT) }
        processIdentifier = process
    }

    /// Whether it has not ended yet.
    var isRunning: Bool {
        status.withLock { status in
            var raw: Int32 = 0
            if status == nil, waitpid(processIdentifier, &raw, WNOHANG) == processIdentifier {
                // an exit status, or as in a shell 128 and the signal
                status = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
            }
            return status == nil
        }
    }

    /// Waits for its end.
    /// - Returns: the exit status.
    func end() async throws -> Int32 {
        while isRunning { try await Task.sleep(for: .milliseconds(20)) }
        return status.withLock { $0 ?? -1 }
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
