import Foundation
import TestSupport
import Testing

@testable import CLI

@Suite struct DoctorTests {
    private let names = ["northfield.localhost", "lakeside.localhost"]

    @Test func `the doctor finds an expiring certificate, a foreign key and a missing name`() throws {
        let (folder, other) = (try TemporaryFolder(), try TemporaryFolder())
        let authority = CertificateAuthority(directory: folder.path)
        try authority.prepare(names: names)
        try CertificateAuthority(directory: other.path).prepare(names: names)
        let good = CertificateExamination(
            certificate: authority.serverCertificatePath, key: authority.serverKeyPath, domain: "localhost")
        #expect(good.findings().map(\.ok) == [true, true, true])
        #expect(good.findings(now: Date().addingTimeInterval(390 * 86_400)).map(\.ok) == [false, true, true])
        let bad = CertificateExamination(
            certificate: authority.serverCertificatePath, key: other.path + "/key.pem", domain: "example.org")
        #expect(bad.findings().map(\.ok) == [true, false, false])
        #expect(CertificateExamination(certificate: nil, key: nil, domain: "x").findings().map(\.ok) == [false])
    }

    @Test func `a libpq without pipelines is wrong`() {
        #expect(Doctor.library(150_020).ok)
        #expect(!Doctor.library(130_010).ok)
    }
}
