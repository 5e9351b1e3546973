import Foundation
import PrivatePostgres
import Testing
import X509

@testable import CLI

@Suite struct CertificateAuthorityTests {
    private let names = ["northfield.localhost", "lakeside.localhost"]

    @Test func `the server's certificate names each institution and is signed by the authority`() async throws {
        let folder = try TemporaryFolder()
        let authority = CertificateAuthority(directory: folder.path)
        try authority.prepare(names: names)
        let certificate = try #require(CertificateAuthority.certificate(authority.serverCertificatePath))
        let root = try #require(CertificateAuthority.certificate(authority.certificatePath))
        #expect(root.publicKey.isValidSignature(certificate.signature, for: certificate))
        let subjects = try #require(try certificate.extensions.subjectAlternativeNames)
        let held = subjects.compactMap { if case .dnsName(let name) = $0 { name } else { nil } }
        #expect(held == names + ["localhost"])
        for (name, mode) in [("key.pem", 0o600), ("ca-key.pem", 0o600), ("ca.pem", 0o644)] {
            let found = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)[.posixPermissions]
            #expect((found as? NSNumber)?.intValue == mode, "\(name)")
        }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
    func `openssl accepts the chain for each name and no other`() async throws {
        let folder = try TemporaryFolder()
        let authority = CertificateAuthority(directory: folder.path)
        try authority.prepare(names: names)
        for (name, accepted) in [
            ("northfield.localhost", true), ("lakeside.localhost", true), ("other.localhost", false),
        ] {
            let command = [
                "/usr/bin/openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", name,
                "-CAfile",
                authority.certificatePath, authority.serverCertificatePath,
            ]
            try folder.write("", to: "in")
            let status = try await ChildProcess(command, environment: [:], folder: folder.path).end()
            #expect((status == 0) == accepted, "\(name)")
        }
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
