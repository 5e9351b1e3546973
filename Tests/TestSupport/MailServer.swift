import Foundation

/// A mail server of one test, by aiosmtpd (`mail/server.py`): what it does follows from the recipient's name.
public final class MailServer: Sendable {
    /// A mail that it has taken over, as Python reads it.
    public struct Mail: Decodable, Sendable {
        /// The number of the connection it came by, from 1.
        public let connection: Int
        /// The envelope's sender.
        public let sender: String
        /// The envelope's recipient.
        public let recipient: String
        /// Without brackets.
        public let messageID: String
        /// Decoded.
        public let subject: String
        /// Name and address.
        public let from: [String]
        /// Name and address.
        public let to: [String]
        /// Such as `2026-11-29 08:00:00+00:00`.
        public let date: String
        /// The link of List-Unsubscribe.
        public let unsubscribe: String?
        /// List-Unsubscribe-Post.
        public let post: String?
        /// Decoded.
        public let text: String?
        /// Decoded.
        public let html: String?
        /// Whether the connection was encrypted.
        public let tls: Bool
        /// Who signed in.
        public let login: String?
        /// What Python did not like.
        public let defects: [String]
        /// The whole.
        public let raw: String
    }

    /// The server did not start.
    public struct Failure: Error, CustomStringConvertible {
        /// What it said.
        public let description: String
    }

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("mail/run").path

    /// Whether the Python packages are there or can be had: no network, no test.
    public static let isAvailable: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: script)
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus != 75
    }()

    /// Where it listens, on 127.0.0.1.
    public let port: Int
    private let process: ChildProcess
    private let folder: TemporaryFolder

    /// Starts it and waits until it listens.
    /// - Parameter arguments: those of `server.py`, without the file.
    public init(_ arguments: String...) async throws {
        folder = try TemporaryFolder()
        try folder.write("", to: "in")
        process = try ChildProcess(
            [Self.script, folder.path + "/mails"] + arguments, environment: ProcessInfo.processInfo.environment,
            folder: folder.path)
        while true {
            if folder.text("out").hasSuffix("\n"), let port = Int(folder.text("out").dropLast()) {
                self.port = port
                return
            }
            guard process.isRunning else { throw Failure(description: folder.text("err")) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    deinit { stop() }

    /// Kills it.
    public func stop() {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        while process.isRunning { usleep(1_000) }
    }

    /// What it has taken over, oldest first.
    public var mails: [Mail] {
        get throws {
            let text = folder.text("mails")
            // behind the last line break stands a line that is being written
            let whole = text[..<(text.lastIndex(of: "\n") ?? text.startIndex)]
            return try whole.split(separator: "\n").map {
                try JSONDecoder().decode(Mail.self, from: Data($0.utf8))
            }
        }
    }
}
