import Certificates
import Foundation

/// A self-signed certificate for `localhost` and what is below it in two files of a directory of its own.
public struct TestCertificate: Sendable {
    /// Where the files are; remove it afterwards.
    public let directory: String
    /// PEM file of the certificate.
    public var certificatePath: String { directory + "/cert.pem" }
    /// PEM file of the key.
    public var keyPath: String { directory + "/key.pem" }

    private let names: [String]

    /// Makes the directory and a first pair.
    /// - Parameter names: named besides `*.localhost`, since OpenSSL believes no wildcard of so few parts.
    public init(names: [String] = []) throws {
        self.names = names
        directory = "/tmp/waymark-certificate-\(UInt64.random(in: 0...(.max)))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        _ = try replace()
    }

    /// Puts a new pair in the place of the old.
    /// - Returns: the new certificate, DER.
    @discardableResult
    public func replace() throws -> [UInt8] {
        let key = try PrivateKey.p256()
        let now = Date()
        let certificate = try Certificate.make(
            for: key, subject: ("localhost", nil),
            validity: now.addingTimeInterval(-3_600)..<now.addingTimeInterval(86_400),
            extensions: [
                .basicConstraints("critical,CA:TRUE"),
                .subjectAlternativeNames(dns: ["localhost", "*.localhost"] + names),
            ])
        try write(key.pem(), to: keyPath)
        try write(certificate.pem(), to: certificatePath)
        return try certificate.der()
    }

    /// Writes text in the place of a file, as one step.
    public func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// Removes the files.
    public func remove() {
        try? FileManager.default.removeItem(atPath: directory)
    }
}
