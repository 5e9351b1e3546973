import Foundation
import TestSupport

/// A program that stands beside Waymark in a test. It is told to end with the last reference.
final class Neighbour: Sendable {
    private let process: ChildProcess
    private let folder: TemporaryFolder

    /// What `docker/` has for operators, as text.
    static func sample(_ name: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent("docker/\(name)"), encoding: .utf8)
    }

    /// Whether a program is there.
    static func has(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// - Parameter folder: of its files; its output goes there too.
    init(_ command: [String], in folder: TemporaryFolder) throws {
        try folder.write("", to: "in")
        process = try ChildProcess(command, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], folder: folder.path)
        self.folder = folder
    }

    /// What it wrote.
    var said: String { folder.text("out") + folder.text("err") }

    /// Ends it at once, as a crash would.
    func crash() async throws {
        kill(process.processIdentifier, SIGKILL)
        _ = try await process.end()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGTERM) }
    }
}

extension String {
    /// The text with parts of it exchanged. A part that is not there is an error: then the sample has changed.
    func exchanging(_ parts: KeyValuePairs<String, String>) throws -> String {
        try parts.reduce(self) { text, part in
            guard text.contains(part.key) else { throw Missing(part: part.key) }
            return text.replacingOccurrences(of: part.key, with: part.value)
        }
    }

    private struct Missing: Error {
        let part: String
    }
}
