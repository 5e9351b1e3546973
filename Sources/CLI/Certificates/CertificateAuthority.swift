import Crypto
import Foundation
import SwiftASN1
import X509

/// A certificate authority of one's own in a folder: `ca.pem` to trust, and a server certificate it signs.
///
/// For the demo only: whoever holds `ca-key.pem` can impersonate any site to those who trust `ca.pem`, so the
/// authority is constrained to names below `localhost` and the key is readable by its owner only.
struct CertificateAuthority {
    /// PEM file of the authority's certificate, for browsers and `curl --cacert`.
    let certificatePath: String
    /// PEM file of the server's certificate with the authority's behind it.
    let serverCertificatePath: String
    /// PEM file of the server's private key.
    let serverKeyPath: String
    private let keyPath: String

    init(directory: String) {
        certificatePath = directory + "/ca.pem"
        keyPath = directory + "/ca-key.pem"
        serverCertificatePath = directory + "/server.pem"
        serverKeyPath = directory + "/key.pem"
    }

    /// Makes what is missing, expired or lacks a name; keeps the rest, so that whoever trusted the authority still can.
    /// - Parameter names: DNS names the server answers to.
    /// - Throws: `Failure` where files cannot be written; errors of the cryptography library.
    func prepare(names: [String], now: Date = Date()) throws {
        let authority = try existingAuthority(now: now) ?? makeAuthority(now: now)
        if !isServing(names, signedBy: authority.certificate, now: now) {
            try makeServer(names: names, authority: authority, now: now)
        }
    }

    private typealias Authority = (certificate: Certificate, key: Certificate.PrivateKey)

    private func existingAuthority(now: Date) -> Authority? {
        guard let certificate = Self.certificate(certificatePath), let text = Self.text(keyPath),
            let key = try? Certificate.PrivateKey(pemEncoded: text), key.publicKey == certificate.publicKey,
            certificate.notValidAfter > now.addingTimeInterval(30 * Self.day)
        else { return nil }
        return (certificate, key)
    }

    private func makeAuthority(now: Date) throws -> Authority {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let name = try DistinguishedName {
            OrganizationName("Waymark")
            CommonName("Waymark demo authority \(Self.mark(key.publicKey))")
        }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey,
            notValidBefore: now.addingTimeInterval(-Self.day), notValidAfter: now.addingTimeInterval(3_650 * Self.day),
            issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key.publicKey)
                // no range of addresses: BoringSSL refuses a chain with a kind of constraint it does not know
                Critical(NameConstraints(permittedDNSDomains: ["localhost"]))
            }, issuerPrivateKey: key)
        try PrivateFile.write(Data(try key.serializeAsPEM().pemString.utf8), to: keyPath)
        try Self.publish(try certificate.serializeAsPEM().pemString, at: certificatePath)
        return (certificate, key)
    }

    private func makeServer(names: [String], authority: Authority, now: Date) throws {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey,
            notValidBefore: now.addingTimeInterval(-Self.day), notValidAfter: now.addingTimeInterval(397 * Self.day),
            issuer: authority.certificate.subject, subject: try DistinguishedName { CommonName("Waymark demo") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(
                    (names + ["localhost"]).map { .dnsName($0) }
                        + [.ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1]))])
                SubjectKeyIdentifier(hash: key.publicKey)
                AuthorityKeyIdentifier(
                    keyIdentifier: SubjectKeyIdentifier(hash: authority.key.publicKey).keyIdentifier)
            }, issuerPrivateKey: authority.key)
        try PrivateFile.write(Data(try key.serializeAsPEM().pemString.utf8), to: serverKeyPath)
        let chain = try [certificate, authority.certificate].map { try $0.serializeAsPEM().pemString }
        try Self.publish(chain.joined(separator: "\n") + "\n", at: serverCertificatePath)
    }

    private func isServing(_ names: [String], signedBy authority: Certificate, now: Date) -> Bool {
        guard let certificate = Self.certificate(serverCertificatePath), let text = Self.text(serverKeyPath),
            let key = try? Certificate.PrivateKey(pemEncoded: text), key.publicKey == certificate.publicKey,
            authority.publicKey.isValidSignature(certificate.signature, for: certificate),
            certificate.notValidAfter > now.addingTimeInterval(7 * Self.day),
            let subjects = try? certificate.extensions.subjectAlternativeNames
        else { return false }
        let held = Set(subjects.compactMap { if case .dnsName(let name) = $0 { name } else { nil } })
        return held.isSuperset(of: names)
    }

    private static let day = 86_400.0

    /// A few characters that tell two demos' authorities apart in a browser's list.
    private static func mark(_ key: Certificate.PublicKey) -> String {
        SubjectKeyIdentifier(hash: key).keyIdentifier.prefix(3).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private static func text(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }

    /// The first certificate of a PEM file.
    static func certificate(_ path: String) -> Certificate? {
        guard let text = text(path), let document = try? PEMDocument.parseMultiple(pemString: text).first else {
            return nil
        }
        return try? Certificate(pemDocument: document)
    }

    private static func publish(_ text: String, at path: String) throws {
        try PrivateFile.write(Data((text.hasSuffix("\n") ? text : text + "\n").utf8), to: path)
        chmod(path, 0o644)
    }
}
