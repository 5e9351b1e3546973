import Certificates
import Foundation
import PrivatePostgres
import TestSupport
import Testing

@testable import CLI

@Suite struct CertificateAuthorityTests {
    private let names = ["northfield.localhost", "lakeside.localhost"]

    @Test func `the server's certificate names each institution and is signed by the authority`() async throws {
        let folder = try TemporaryFolder()
        let authority = CertificateAuthority(directory: folder.path)
        try authority.prepare(names: names)
        let certificate = try #require(CertificateAuthority.certificate(authority.serverCertificatePath))
        let root = try #require(CertificateAuthority.certificate(authority.certificatePath))
        #expect(certificate.isSigned(by: root) && !root.isSigned(by: certificate))
        #expect(certificate.dnsNames == names + ["localhost"])
        for (name, mode) in [("key.pem", 0o600), ("ca-key.pem", 0o600), ("ca.pem", 0o644)] {
            let found = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)[.posixPermissions]
            #expect((found as? NSNumber)?.intValue == mode, "\(name)")
        }
    }

    private func openssl(_ arguments: String...) async throws -> (status: Int32, said: String) {
        try await ChildProcess.run(["/usr/bin/openssl"] + arguments)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
    func `openssl accepts the chain for each name and no other`() async throws {
        let folder = try TemporaryFolder()
        let authority = CertificateAuthority(directory: folder.path)
        try authority.prepare(names: names)
        for (name, purpose, accepted) in [
            ("northfield.localhost", "sslserver", true), ("lakeside.localhost", "sslserver", true),
            ("other.localhost", "sslserver", false), ("northfield.localhost", "sslclient", false),
        ] {
            let verified = try await openssl(
                "verify", "-x509_strict", "-purpose", purpose, "-verify_hostname", name, "-CAfile",
                authority.certificatePath, authority.serverCertificatePath)
            #expect((verified.status == 0) == accepted, "\(name): \(verified.said)")
        }
    }

    /// A certificate made with the demo's key or by what that key signed, by whoever has stolen it.
    private func forge(
        _ name: String, issuer: (certificate: Certificate, key: PrivateKey), isAuthority: Bool = false
    ) throws -> (certificate: Certificate, key: PrivateKey) {
        let key = try PrivateKey.p256()
        let now = Date()
        let certificate = try Certificate.make(
            for: key, subject: (name, nil), validity: now.addingTimeInterval(-60)..<now.addingTimeInterval(3_600),
            extensions: [
                .basicConstraints(isAuthority ? "critical,CA:TRUE" : "critical,CA:FALSE"),
                .keyUsage(isAuthority ? "critical,keyCertSign" : "critical,digitalSignature"),
                .subjectAlternativeNames(dns: [name]), .subjectKeyIdentifier, .authorityKeyIdentifier,
            ], issuer: issuer)
        return (certificate, key)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
    func `whoever has the authority's key speaks for no name in the world`() async throws {
        let folder = try TemporaryFolder()
        let authority = CertificateAuthority(directory: folder.path)
        try authority.prepare(names: names)
        let root = (
            certificate: try #require(CertificateAuthority.certificate(authority.certificatePath)),
            key: try PrivateKey(pem: folder.text("ca-key.pem"))
        )
        let server = (
            certificate: try #require(CertificateAuthority.certificate(authority.serverCertificatePath)),
            key: try PrivateKey(pem: folder.text("key.pem"))
        )
        let middle = try forge("middle.localhost", issuer: root, isAuthority: true)
        for (name, issuer, refusal) in [
            ("lakeside.localhost", root, nil), ("example.org", root, "permitted subtree violation"),
            ("localhost.example.org", root, "permitted subtree violation"),
            ("lakeside.localhost", middle, "path length constraint exceeded"),
            ("lakeside.localhost", server, "invalid CA certificate"),
        ] {
            let leaf = try folder.write(forge(name, issuer: issuer).certificate.pem(), to: "leaf.pem")
            let chain = try folder.write(issuer.certificate.pem(), to: "chain.pem")
            let verified = try await openssl(
                "verify", "-x509_strict", "-verify_hostname", name, "-CAfile", authority.certificatePath, "-untrusted",
                chain, leaf)
            #expect((verified.status == 0) == (refusal == nil), "\(name): \(verified.said)")
            #expect(verified.said.contains(refusal ?? "OK"), "\(verified.said)")
        }
    }

    /// Critical: whoever does not understand it must refuse the certificate.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
    func `what bounds the authority is critical`() async throws {
        let folder = try TemporaryFolder()
        let authority = CertificateAuthority(directory: folder.path)
        try authority.prepare(names: names)
        let shown = try await openssl(
            "x509", "-in", authority.certificatePath, "-noout", "-ext", "basicConstraints,keyUsage,nameConstraints")
        let lines = shown.said.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(
            lines == [
                "X509v3 Basic Constraints: critical", "CA:TRUE, pathlen:0", "X509v3 Key Usage: critical",
                "Certificate Sign, CRL Sign", "X509v3 Name Constraints: critical", "Permitted:", "DNS:localhost",
            ])
    }

    @Test func `a second start keeps the authority and replaces only what no longer serves`() throws {
        let folder = try TemporaryFolder()
        let authority = CertificateAuthority(directory: folder.path)
        try authority.prepare(names: ["northfield.localhost"])
        let (root, server) = (folder.text("ca.pem"), folder.text("server.pem"))
        try authority.prepare(names: ["northfield.localhost"])
        #expect(folder.text("ca.pem") == root)
        #expect(folder.text("server.pem") == server)
        try authority.prepare(names: names)
        #expect(folder.text("ca.pem") == root)
        #expect(folder.text("server.pem") != server)
        try authority.prepare(names: names, now: Date().addingTimeInterval(395 * 86_400))
        #expect(folder.text("ca.pem") == root)
    }
}
