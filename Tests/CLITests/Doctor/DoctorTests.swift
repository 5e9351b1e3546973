import Foundation
import TestSupport
import Testing
import Web

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

    @Test func `a virus scanner that does not answer, or finds what is not there, is wrong`() async throws {
        let none = await ScannerExamination(address: nil).finding()
        #expect(none.ok && none.found.contains("none is given"))
        let manners: [(manner: ScannerServer.Manner, patience: Int64, isRight: Bool)] = [
            (.honest, 60_000, true), (.stalling, 300, false), (.dropping, 60_000, false), (.refusing, 60_000, false),
            (.answering("stream: Waymark FOUND"), 60_000, false), (.answering("what?"), 60_000, false),
        ]
        for (manner, patience, isRight) in manners {
            let server = try await ScannerServer(manner)
            let finding = await ScannerExamination(
                address: .tcp(host: "127.0.0.1", port: server.port), patience: patience
            ).finding()
            #expect(finding.ok == isRight, "\(manner): \(finding)")
            await server.close()
        }
        let away = await ScannerExamination(address: .socket(path: "/nowhere/clamd.ctl")).finding()
        #expect(!away.ok && away.advice?.contains("virusScanner") == true)
    }

    @Test func `an import folder that is not there, or whose folders are closed, is wrong`() throws {
        #expect(FolderExamination(path: nil).finding().ok)
        let folder = try TemporaryFolder()
        for name in ["northfield", "Not a slug", "api"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/\(name)", withIntermediateDirectories: false)
        }
        try folder.write("", to: "southfield")
        let good = FolderExamination(path: folder.path).finding()
        #expect(good.ok && good.found.hasSuffix("with 1 institutions' folders"), "\(good)")
        let away = FolderExamination(path: folder.path + "/nowhere").finding()
        #expect(!away.ok && away.found.contains("no folder"), "\(away)")
        #expect(!FolderExamination(path: folder.path + "/southfield").finding().ok)
        // root may write everywhere
        guard geteuid() != 0 else { return }
        #expect(chmod("\(folder.path)/northfield", 0o500) == 0)
        let closed = FolderExamination(path: folder.path).finding()
        #expect(!closed.ok && closed.found.hasSuffix("cannot be written: northfield"), "\(closed)")
    }

    @Test func `a libpq without pipelines is wrong`() {
        #expect(Doctor.library(150_020).ok)
        #expect(!Doctor.library(130_010).ok)
    }
}
