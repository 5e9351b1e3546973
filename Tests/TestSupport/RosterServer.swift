import Foundation

/// A OneRoster server of one test on loopback over TLS, 1.1 and 1.2, that also behaves badly (`roster`).
public final class RosterServer: Sendable {
    /// `https://roster.localhost:<port>`.
    public let origin: String
    /// Signs it.
    public let certificate: TestCertificate
    private let server: PythonServer

    /// Starts it, without records, and waits until it listens.
    public init() async throws {
        let certificate = try TestCertificate(names: ["roster.localhost"])
        self.certificate = certificate
        server = try PythonServer("roster", "server.py") { folder in
            [
                "--data", "\(folder)/data.json", "--certificate", certificate.certificatePath, "--key",
                certificate.keyPath,
            ]
        }
        try server.folder.write("{}", to: "data.json")
        origin = try await server.listens {
            $0.text("out").firstMatch(of: #/(https://roster\.localhost:[0-9]+) listens/#).map { String($0.output.1) }
        }
    }

    deinit {
        server.stop()
        certificate.remove()
    }

    /// Says what it knows from now on, and what it does badly: a JSON object.
    public func tell(_ data: String) throws {
        let path = try server.folder.write(data, to: "next.json")
        guard rename(path, server.folder.path + "/data.json") == 0 else { throw POSIXError(.EIO) }
    }

    /// What it was asked for, line by line.
    public var asked: [String] { server.folder.text("out").split(separator: "\n").dropFirst().map(String.init) }
}
