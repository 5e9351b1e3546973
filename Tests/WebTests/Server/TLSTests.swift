import Foundation
import Logging
import NIOSSL
import TestSupport
import Testing
import Web

@Suite struct TLSTests {
    private static let get = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

    @Test func `TLS older than 1.2 and suites without authenticated encryption are refused`() async throws {
        try await RunningServer.with { server in
            await #expect(throws: (any Error).self) {
                _ = try await RawClient.connect(to: server.port) {
                    $0.minimumTLSVersion = .tlsv1
                    $0.maximumTLSVersion = .tlsv11
                }
            }
            await #expect(throws: (any Error).self) {
                _ = try await RawClient.connect(to: server.port) {
                    $0.maximumTLSVersion = .tlsv12
                    $0.cipherSuiteValues = [
                        .TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, .TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
                        .TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, .TLS_RSA_WITH_AES_128_CBC_SHA,
                    ]
                }
            }
            for version in [TLSVersion.tlsv12, .tlsv13] {
                let client = try await RawClient.connect(to: server.port) {
                    $0.minimumTLSVersion = version
                    $0.maximumTLSVersion = version
                }
                await client.send(Self.get)
                #expect(try await client.answer().status == 200)
            }
        }
    }

    @Test func `ALPN chooses HTTP/2 where the client knows it`() async throws {
        try await RunningServer.with { server in
            for (offer, answer) in [(["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1"), (["h2"], "h2"), ([], "")] {
                let client = try await RawClient.connect(to: server.port, protocols: offer)
                #expect(client.negotiatedProtocol == answer)
                if answer != "h2" {
                    await client.send(Self.get)
                    #expect(try await client.answer().status == 200)
                }
                await client.close()
            }
            let client = try await HTTP2Client.connect(to: server.port)
            #expect(try await client.get("/healthz", authority: "localhost") == 200)
        }
    }

    @Test func `a replaced certificate is served without a restart, a broken one is not`() async throws {
        try await RunningServer.with(configure: { $0.tls.reloadInterval = .milliseconds(100) }) { server in
            func served() async throws -> [UInt8] {
                let client = try await RawClient.connect(to: server.port)
                defer { Task { await client.close() } }
                return try await client.serverCertificate()
            }
            let first = try await served()
            let second = try server.certificate.replace()
            #expect(first != second)
            try await eventually { try await served() == second }
            #expect(server.log.lines.contains { $0.values["event"] == "certificate_replaced" })

            try server.certificate.write("no certificate", to: server.certificate.certificatePath)
            try await eventually {
                server.log.lines.contains { $0.values["event"] == "certificate_not_replaced" && $0.level == .error }
            }
            try await Task.sleep(for: .milliseconds(250))
            #expect(try await served() == second)
            #expect(server.log.lines.count { $0.level == .error } == 1, "the same problem is logged once")

            let third = try server.certificate.replace()
            try await eventually { try await served() == third }
        }
    }

    @Test func `a certificate that cannot be used is one clear line naming the file`() async throws {
        let certificate = try TestCertificate()
        let other = try TestCertificate()
        defer {
            certificate.remove()
            other.remove()
        }
        let nowhere = certificate.directory + "/nowhere.pem"
        let text = certificate.directory + "/text.pem"
        try certificate.write("hello", to: text)
        let cases = [
            (nowhere, certificate.keyPath, nowhere), (certificate.certificatePath, nowhere, nowhere),
            (text, certificate.keyPath, text), (certificate.certificatePath, text, text),
            (certificate.certificatePath, other.keyPath, other.keyPath),
        ]
        for (chain, key, culprit) in cases {
            let error = #expect(throws: TLS.Refusal.self) {
                _ = try WebServer(
                    site: RunningServer.detachedSite(log: LogBook()),
                    configuration: .init(
                        address: "127.0.0.1", port: 0, tls: TLS(certificatePath: chain, keyPath: key)))
            }
            let line = try #require(error).description
            #expect(line.contains(culprit))
            #expect(!line.contains("\n"))
        }
    }
}

/// Asks again until it is true, at most `limit`.
func eventually(_ limit: Duration = .seconds(30), _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        guard .now < end else {
            Issue.record("not within \(limit)")
            return
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}
