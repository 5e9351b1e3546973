import Casework
import Events
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// A virus scanner beside the server: what it says decides whether a file is ever seen.
@Suite struct ClamdScannerTests {
    private static let infected = "X5O!P%@AP $\(ScannerServer.virus)!$H+H*"

    /// The content of a file of some pieces.
    private func pieces(_ texts: [String]) -> StoredPieces {
        StoredPieces { texts.indices.contains($0) ? Array(texts[$0].utf8) : nil }
    }

    private func scanner(
        _ server: ScannerServer, observers: Observers = .none, patience: Int64 = 60_000
    ) -> ClamdScanner {
        ClamdScanner(.tcp(host: "127.0.0.1", port: server.port), observers: observers, patience: patience)
    }

    @Test func `it is sent all of a file, and says whether that is clean`() async throws {
        let server = try await ScannerServer(.honest)
        let large = String(repeating: "clean ", count: 100_000)
        #expect(try await scanner(server).finding(in: pieces([large, "and more"])) == nil)
        #expect(server.contents == [Array((large + "and more").utf8)])
        let book = EventBook()
        let told = scanner(server, observers: book.observers)
        #expect(try await told.finding(in: pieces(["a", Self.infected])) == "Eicar-Signature")
        #expect(book.titles == ["virus_found "])
        await server.close()
    }

    @Test func `it is asked over a Unix socket too`() async throws {
        let path = "/tmp/waymark-\(UInt32.random(in: 0...(.max))).ctl"
        let server = try await ScannerServer(.honest, path: path)
        let address = try #require(ClamdScanner.Address("unix://\(path)"))
        #expect(
            try await ClamdScanner(address, observers: .none).finding(in: pieces([Self.infected])) == "Eicar-Signature")
        await server.close()
    }

    /// Nobody listens there. (A port that was listened on might still be held by a process that was started meanwhile.)
    private static let nowhere = ClamdScanner(.socket(path: "/nowhere/clamd.ctl"), observers: .none)

    @Test func `where nobody listens, nobody passes for clean`() async throws {
        await #expect(throws: CaseworkError.lacking(.scanner)) { try await Self.nowhere.finding(in: pieces(["clean"])) }
    }

    @Test(arguments: ["drops", "refuses", "stalls", "mumbles"])
    func `where it could not say, nobody passes for clean`(manner: String) async throws {
        let manners: [String: ScannerServer.Manner] = ["drops": .dropping, "refuses": .refusing, "stalls": .stalling]
        let server = try await ScannerServer(manners[manner] ?? .answering("stream: OKAY"))
        let book = EventBook()
        let scanner = scanner(server, observers: book.observers, patience: manner == "stalls" ? 200 : 60_000)
        await #expect(throws: CaseworkError.lacking(.scanner)) { try await scanner.finding(in: pieces(["clean"])) }
        let causes = book.events.compactMap { ($0 as? ScannerSilent)?.cause }
        // of one that closes while more is on its way, the answer may be lost
        let expected: Set =
            manner == "mumbles" ? ["unclear"] : manner == "refuses" ? ["unclear", "broken_off"] : ["broken_off"]
        #expect(causes.count == 1 && expected.isSuperset(of: causes), "\(causes)")
        await server.close()
    }

    @Test func `content that cannot be read is no fault of the scanner's`() async throws {
        struct Gone: Error {}
        let server = try await ScannerServer(.honest)
        await #expect(throws: Gone.self) {
            try await scanner(server).finding(in: StoredPieces { _ in throw Gone() })
        }
        await server.close()
    }

    @Test func `a milestone's file is seen when it is clean, and not stored when it is not`() async throws {
        let server = try await ScannerServer(.honest)
        let it = try await TestCohort.make()
        func upload(_ text: String, _ scanner: ClamdScanner) async throws -> TestClient.Answer {
            try await client(it, scanner).signedIn(it.admin.token.text).send(
                .post, "/api/v1/milestones/\(it.milestone)/files", body: Array(text.utf8), contentType: "text/plain",
                headers: [.contentDisposition: "attachment; filename=\"a.txt\""])
        }
        #expect(try await upload("clean", scanner(server)).status == 201)
        let refused = try await upload(Self.infected, scanner(server))
        #expect(refused.status == 422, "\(refused.text)")
        #expect(try refused.json()["errors"]?[0]?["code"]?.string == "file-infected")
        #expect(refused.text.contains("Eicar-Signature"))
        #expect(server.contents == [Array("clean".utf8), Array(Self.infected.utf8)])
        await server.close()
        let away = try await upload("clean", Self.nowhere)
        #expect(away.status == 503 && away.headers[.retryAfter] != nil)
        #expect(try await it.place.number("select count(*) from milestone_files") == 1)
        #expect(try await it.place.number("select bytes from file_space") == 5)
    }

    @Test func `a submission with an infected file stores nothing, and the page keeps the word`() async throws {
        let server = try await ScannerServer(.honest)
        let it = try await TestCohort.make()
        func send(_ text: String, _ scanner: ClamdScanner) async throws -> TestClient.Answer {
            try await client(it, scanner).asBrowser(it.student).upload(
                "/milestones/\(it.milestone)/submit", [("version", "0"), ("comment", "Long thought")],
                files: [("files", "good.txt", "text/plain", [65]), ("files", "a.txt", "text/plain", Array(text.utf8))])
        }
        let refused = try await send(Self.infected, scanner(server))
        #expect(refused.status == 422)
        #expect(refused.text.contains("“a.txt” was not stored: the virus scanner found Eicar-Signature in it."))
        #expect(refused.text.contains(">\nLong thought</textarea>"))
        #expect(try await it.place.number("select count(*) from submission_files") == 0)
        await server.close()
        let away = try await send("clean", Self.nowhere)
        #expect(away.status == 422 && away.text.contains("The virus scanner cannot be asked just now."))
        #expect(away.text.contains(">\nLong thought</textarea>"))
        #expect(try await it.place.number("select count(*) from submission_files") == 0)
        #expect(try await it.place.number("select count(*) from progress") == 0)
    }

    @Test func `while it is looked into, nobody sees a file`() async throws {
        let it = try await TestCohort.make()
        let held = HeldScanner()
        var site = it.place.site
        site.scanner = held
        let path = "/api/v1/milestones/\(it.milestone)/progress/\(it.student.id)"
        let form = MultipartForm([], [("files", "a.txt", "text/plain", [65])])
        let client = TestClient(site: site, host: "\(it.place.institution.slug).localhost")
        async let sent = client.signedIn(it.student.token.text).send(
            .post, "\(path)/submit", body: form.bytes, contentType: form.type)
        await held.isAsked()
        #expect(try await it.place.number("select count(*) from submission_chunks") == 1)
        let id = try await it.place.number("select id from submission_files")
        for who in [it.student, it.staff, it.admin] {
            let one = client.signedIn(who.token.text)
            #expect(try await one.send(.get, "\(path)/files").json()["items"]?.elements.isEmpty == true)
            #expect(try await one.send(.get, "\(path)/files/\(id)").status == 404)
        }
        await held.release()
        #expect(try await sent.status == 200)
        #expect(try await client.signedIn(it.staff.token.text).send(.get, "\(path)/files/\(id)").bytes == [65])
    }

    private func client(_ it: TestCohort, _ scanner: ClamdScanner) -> TestClient {
        var site = it.place.site
        site.scanner = scanner
        return TestClient(site: site, host: "\(it.place.institution.slug).localhost")
    }

    @Test(
        arguments: [
            ("tcp://clamav:3310", ClamdScanner.Address.tcp(host: "clamav", port: 3310)),
            ("tcp://[::1]:3310", .tcp(host: "::1", port: 3310)),
            ("unix:///run/clamav/clamd.ctl", .socket(path: "/run/clamav/clamd.ctl")), ("tcp://clamav", nil),
            ("tcp://:3310", nil), ("tcp://clamav:0", nil), ("tcp://clamav:99999", nil), ("unix://run", nil),
            ("unix:///", nil),
            ("http://clamav:3310", nil), ("", nil),
        ] as [(String, ClamdScanner.Address?)])
    func `its address is read`(text: String, address: ClamdScanner.Address?) {
        #expect(ClamdScanner.Address(text) == address)
    }
}

/// A scanner that finds nothing, and says so when it is let.
private actor HeldScanner: FileScanner {
    private var asked: CheckedContinuation<Void, Never>?
    private var isWaiting = false
    private var held: CheckedContinuation<Void, Never>?

    func finding(in content: StoredPieces) async throws -> String? {
        isWaiting = true
        asked?.resume()
        asked = nil
        await withCheckedContinuation { held = $0 }
        return nil
    }

    /// Returns when somebody waits for what it says.
    func isAsked() async {
        if !isWaiting { await withCheckedContinuation { asked = $0 } }
    }

    func release() {
        held?.resume()
        held = nil
    }
}

@Suite struct ClamdScannerFuzzTests {
    @Test func `no answer passes for clean but the one`() {
        #expect(
            Fuzz.fault(
                samples: ["stream: OK", "stream: Eicar FOUND", "INSTREAM size limit exceeded. ERROR"],
                pieces: ["stream: ", "OK", " FOUND", "\0", "\n", "Eicar", "ERROR"]
            ) { bytes, _ in
                let line = Array(bytes.prefix { $0 != 0 && $0 != 0x0A })
                return (ClamdScanner.Verdict(bytes) == .clean) == (line == Array("stream: OK".utf8))
            } == nil)
    }
}
