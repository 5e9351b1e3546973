import ArgumentParser
import Foundation
import Logging

/// `waymark demo`: everything one needs to look around, below one directory.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start two institutions with people and work, on loopback; needs nothing prepared.",
        discussion: """
            Starts a private PostgreSQL, makes a certificate, the institutions northfield and lakeside, and serves
            them at https://northfield.localhost:8443. A second start on the same directory keeps everything.
            Ctrl-C stops both.
            """)

    @Option(help: "Where everything is kept.")
    var directory = ".waymark-demo"
    @Option(help: "Port to listen on; 0: any free one.")
    var port = 8443
    @Flag(help: "Start over: remove what an earlier demo left in the directory.")
    var reset = false
    @Flag(help: "Make the two institutions with one admin each and nothing else.")
    var empty = false
    @Flag(help: "Print addresses and sign-ins as one line of JSON, then the ready line.")
    var json = false
    @Option(help: "Log level: trace, debug, info, notice, warning, error or critical.")
    var logLevel = "warning"

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be from 0 to 65535") }
        guard !directory.isEmpty else { throw ValidationError("--directory must not be empty") }
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError("--log-level must be one of the levels named in the help")
        }
    }

    func run() async throws {
        CrashReport.keepShort()
        signal(SIGPIPE, SIG_IGN)  // whoever read our output may go; the demo stays
        let directory = try DemoDirectory(path: directory)
        try directory.lock()
        let service = DemoService(
            directory: directory, port: port, reset: reset, isEmpty: empty, asJSON: json,
            logger: .json("waymark", level: Logger.Level(rawValue: logLevel) ?? .warning))
        try await ServiceRunner.run([service], patience: .seconds(5))
    }
}
