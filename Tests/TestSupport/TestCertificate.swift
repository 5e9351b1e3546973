import Crypto
import Foundation
import SwiftASN1
import X509

/// A self-signed certificate for `localhost` in two files of a directory of its own.
public struct TestCertificate: Sendable {
    /// Where the files are; remove it afterwards.
    public let directory: String
    /// PEM file of the certificate.
    public var certificatePath: String { directory + "/cert.pem" }
    /// PEM file of the key.
    public var keyPath: String { directory + "/key.pem" }

    /// Makes the directory and a first pair.
    public init() throws {
        directory = "/tmp/waymark-certificate-\(UInt64.random(in: 0...(.max)))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        _ = try replace()
    }

    /// Puts a new pair in the place of the old.
    /// - Returns: the new certificate, DER.
    @discardableResult
    public func replace() throws -> [UInt8] {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let name = try DistinguishedName { CommonName("localhost") }
        let now = Date()
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey,
            notValidBefore: now.addingTimeInterval(-3_600), notValidAfter: now.addingTimeInterval(86_400),
            issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                SubjectAlternativeNames([.dnsName("localhost"), .dnsName("*.localhost")])
            }, issuerPrivateKey: key)
        let document = try certificate.serializeAsPEM()
        try write(try key.serializeAsPEM().pemString, to: keyPath)
        try write(document.pemString, to: certificatePath)
        return document.derBytes
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
