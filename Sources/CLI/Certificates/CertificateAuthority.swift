import Certificates
import Foundation

/// A private certificate authority in a folder: `ca.pem` to trust, and a server certificate it signs.
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
    /// - Throws: `Failure` where files cannot be written; `CertificateError`.
    func prepare(names: [String], now: Date = Date()) throws {
        let authority = try existingAuthority(now: now) ?? makeAuthority(now: now)
        if !isServing(names, signedBy: authority.certificate, now: now) {
            try makeServer(names: names, authority: authority, now: now)
        }
    }

    private typealias Authority = (certificate: Certificate, key: PrivateKey)

    private func existingAuthority(now: Date) -> Authority? {
        guard let found = pair(certificatePath, keyPath), found.certificate.isValid(now, daysMore: 30) else {
            return nil
        }
        return found
    }

    private func makeAuthority(now: Date) throws -> Authority {
        let key = try PrivateKey.p256()
        // a few characters that tell two demos' authorities apart in a browser's list
        let mark = String(UInt32.random(in: 0x10_0000...0xFF_FFFF), radix: 16)
        let certificate = try Certificate.make(
            for: key, subject: ("Waymark demo authority \(mark)", "Waymark"), validity: now.days(-1)..<now.days(3_650),
            extensions: [
                .basicConstraints("critical,CA:TRUE,pathlen:0"),
                .keyUsage("critical,keyCertSign,cRLSign"),
                .subjectKeyIdentifier,
                // no range of addresses: BoringSSL refuses a chain with a kind of constraint it does not know
                .nameConstraints("critical,permitted;DNS:localhost"),
            ])
        try PrivateFile.write(Data(key.pem().utf8), to: keyPath)
        try Self.publish(certificate.pem(), at: certificatePath)
        return (certificate, key)
    }

    private func makeServer(names: [String], authority: Authority, now: Date) throws {
        let key = try PrivateKey.p256()
        let certificate = try Certificate.make(
            for: key, subject: ("Waymark demo", nil), validity: now.days(-1)..<now.days(397),
            extensions: [
                .basicConstraints("critical,CA:FALSE"),
                .keyUsage("critical,digitalSignature"),
                .extendedKeyUsage("serverAuth"),
                .subjectAlternativeNames(dns: names + ["localhost"], ip: ["127.0.0.1"]),
                .subjectKeyIdentifier,
                .authorityKeyIdentifier,
            ], issuer: authority)
        try PrivateFile.write(Data(key.pem().utf8), to: serverKeyPath)
        try Self.publish(certificate.pem() + authority.certificate.pem(), at: serverCertificatePath)
    }

    private func isServing(_ names: [String], signedBy authority: Certificate, now: Date) -> Bool {
        guard let (certificate, _) = pair(serverCertificatePath, serverKeyPath) else { return false }
        return certificate.isSigned(by: authority) && certificate.isValid(now, daysMore: 7)
            && Set(certificate.dnsNames).isSuperset(of: names)
    }

    /// A certificate and its key; nil where a file is missing or they do not belong together.
    private func pair(_ certificatePath: String, _ keyPath: String) -> Authority? {
        guard let certificate = Self.certificate(certificatePath),
            let text = try? String(contentsOfFile: keyPath, encoding: .utf8), let key = try? PrivateKey(pem: text),
            certificate.belongs(to: key)
        else { return nil }
        return (certificate, key)
    }

    /// The first certificate of a PEM file.
    static func certificate(_ path: String) -> Certificate? {
        (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { try? Certificate(pem: $0) }
    }

    private static func publish(_ text: String, at path: String) throws {
        try PrivateFile.write(Data(text.utf8), to: path)
        chmod(path, 0o644)
    }
}

extension Certificate {
    /// Whether it holds for some days more.
    fileprivate func isValid(_ now: Date, daysMore days: Double) -> Bool {
        notAfter.map { $0 > now.days(days) } ?? false
    }
}

extension Date {
    fileprivate func days(_ number: Double) -> Date { addingTimeInterval(number * 86_400) }
}
