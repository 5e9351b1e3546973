import Foundation
import Synchronization

/// A program started by `posix_spawn`. (Foundation's `Process` loses the end of a child now and then when several run.)
public final class ChildProcess: Sendable {
    /// Its process id.
    public let processIdentifier: pid_t
    private let status = Mutex<Int32?>(nil)

    /// Starts it with the folder's file `in` as input, `out` and `err` as output.
    public init(_ command: [String], environment: [String: String], folder: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, folder + "/in", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, folder + "/out", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, folder + "/err", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        // Swift's threads block signals, and so would the child: PgBouncer would not hear that it has to end.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process = pid_t()
        let failure = posix_spawn(&process, command[0], &actions, &attributes, &arguments, &variables)
        guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .ENOENT) }
        processIdentifier = process
    }

    /// Runs a program to its end, without input.
    public static func run(_ command: [String]) async throws -> (status: Int32, said: String) {
        let folder = try TemporaryFolder()
        try folder.write("", to: "in")
        let process = try ChildProcess(command, environment: ["PATH": "/usr/bin:/bin"], folder: folder.path)
        let status = try await process.end()
        return (status, folder.text("out") + folder.text("err"))
    }

    /// Whether it has not ended yet.
    public var isRunning: Bool {
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
    public func end() async throws -> Int32 {
        while isRunning { try await Task.sleep(for: .milliseconds(20)) }
        return status.withLock { $0 ?? -1 }
    }
}

/// A folder that goes away with the last reference.
public final class TemporaryFolder: Sendable {
    /// Its path.
    public let path: String

    /// A new one below `/tmp`.
    public init() throws {
        path = "/tmp/waymark-cli-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: path + "/" + name, atomically: false, encoding: .utf8)
        return path + "/" + name
    }

    /// A file's content; empty where there is none.
    public func text(_ name: String) -> String {
        (try? String(contentsOfFile: path + "/" + name, encoding: .utf8)) ?? ""
    }
}
