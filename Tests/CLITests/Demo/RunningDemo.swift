import Foundation
import TestSupport
import PrivatePostgres

@testable import CLI

/// A demo in progress; ended by SIGTERM.
struct RunningDemo {
    struct Stopped: Error, CustomStringConvertible {
        let description: String
    }

    let process: ChildProcess
    /// Kept, because a folder goes with its last reference.
    let folders: [TemporaryFolder]
    let greeting: DemoGreeting.Document

    /// Starts it and waits for the `ready` line.
    static func start(in folder: TemporaryFolder, _ more: String...) async throws -> RunningDemo {
        let streams = try TemporaryFolder()
        let process = try WaymarkProgram().start(
            ["demo", "--json", "--port", "0", "--directory", folder.path + "/demo"] + more, folder: streams)
        for _ in 0..<2_400 where process.isRunning {
            let lines = streams.text("out").split(separator: "\n")
            if lines.count == 2, lines[1].hasPrefix("ready https://northfield.localhost:") {
                let greeting = try JSONDecoder().decode(DemoGreeting.Document.self, from: Data(lines[0].utf8))
                return RunningDemo(process: process, folders: [folder, streams], greeting: greeting)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        kill(process.processIdentifier, SIGKILL)
        throw Stopped(description: "the demo did not get ready: \(streams.text("err"))")
    }

    /// Asks it to stop and waits.
    func stop(_ signal: Int32 = SIGTERM) async throws -> Int32 {
        kill(process.processIdentifier, signal)
        return try await process.end()
    }

    /// What it said on standard error.
    var errors: String { folders.last?.text("err") ?? "" }

    /// The process id of its PostgreSQL; nil where there is none.
    var postgres: Int32? {
        guard let folder = folders.first else { return nil }
        return folder.text("demo/postgresql/data/postmaster.pid").split(separator: "\n").first.flatMap { Int32($0) }
    }

    /// Whether the private server still runs.
    func hasServer() -> Bool { postgres.map(Self.isAlive) ?? false }

    /// Whether a process lives. One that has ended and that nobody has asked about is in the table still.
    static func isAlive(_ process: Int32) -> Bool {
        guard let state = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        return state.split(separator: ")").last?.trimmingCharacters(in: .whitespaces).first != "Z"
    }
}
