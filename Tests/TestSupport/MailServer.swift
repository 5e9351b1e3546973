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

    private static let packages = "mail"

    /// Whether the Python packages are there or can be had.
    public static let isAvailable = TestPython.isAvailable(packages)

    /// Where it listens, on 127.0.0.1.
    public let port: Int
    private let server: PythonServer

    /// Starts it and waits until it listens.
    /// - Parameter arguments: those of `server.py`, without the file.
    public init(_ arguments: String...) async throws {
        server = try PythonServer(Self.packages, "server.py") { ["\($0)/mails"] + arguments }
        port = try await server.listens { folder in
            let said = folder.text("out")
            return said.hasSuffix("\n") ? Int(said.dropLast()) : nil
        }
    }

    /// Kills it.
    public func stop() { server.stop() }

    /// What it has taken over, oldest first.
    public var mails: [Mail] {
        get throws {
            let text = server.folder.text("mails")
            // behind the last line break stands a line that is being written
            let whole = text[..<(text.lastIndex(of: "\n") ?? text.startIndex)]
            return try whole.split(separator: "\n").map {
                try JSONDecoder().decode(Mail.self, from: Data($0.utf8))
            }
        }
    }
}
