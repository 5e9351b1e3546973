import Foundation

/// An OpenID provider of one test, by `oidc-provider-mock` (`provider/run`), a program by others. It speaks plain HTTP.
public final class ProviderServer: Sendable {
    /// The server did not start.
    public struct Failure: Error, CustomStringConvertible {
        /// What it said.
        public let description: String
    }

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("provider/run").path

    /// Whether the Python packages are there or can be had: no network, no test.
    public static let isAvailable: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: script)
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus != 75
    }()

    /// Its issuer, `http://127.0.0.1:<port>`.
    public let issuer: String
    private let process: ChildProcess
    private let folder: TemporaryFolder

    /// Starts it and waits until it listens.
    /// - Parameter claims: of its one user, a JSON object with `sub`.
    public init(claims: String) async throws {
        folder = try TemporaryFolder()
        try folder.write("", to: "in")
        process = try ChildProcess(
            [Self.script, "--port", "0", "--require-nonce", "true", "--user-claims", claims],
            environment: ProcessInfo.processInfo.environment, folder: folder.path)
        while true {
            if let found = folder.text("err").firstMatch(of: #/running on (http://127\.0\.0\.1:[0-9]+)\s/#) {
                issuer = String(found.output.1)
                return
            }
            guard process.isRunning else { throw Failure(description: folder.text("err")) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        while process.isRunning { usleep(1_000) }
    }
}
