import Logging
import Tenancy
import TestSupport
import Testing
import Web

/// Requests two readers may understand differently, or no reader should accept.
@Suite struct HTTP1CorpusTests {
    private static let post = "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
    private static let get = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    private static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"

    /// Answered 400 (or 431, 414, 505), then closed.
    private static let refused: [(String, String)] = [
        ("CL then TE", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled),
        ("TE then CL", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + smuggled),
        ("two CL, differing", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
        ("two CL, same", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
        ("CL 4, 4", post + "Content-Length: 4, 4\r\n\r\nabcd"),
        ("CL +4", post + "Content-Length: +4\r\n\r\nabcd"),
        ("CL -1", post + "Content-Length: -1\r\n\r\n"),
        ("CL 0x4", post + "Content-Length: 0x4\r\n\r\nabcd"),
        ("CL overflow", post + "Content-Length: 99999999999999999999999\r\n\r\n"),
        ("CL empty", post + "Content-Length: \r\n\r\n"),
        ("TE xchunked", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        ("TE chunked, identity", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
        ("TE twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
        ("TE identity", post + "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
        ("space before colon", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        ("folded TE", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
        ("TE in HTTP/1.0", "POST /x HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("bare LF", "GET /healthz HTTP/1.1\nHost: localhost\n\n"),
        ("bare CR", get + "X: a\rb\r\n\r\n"),
        ("NUL in a value", get + "X: a\u{0}b\r\n\r\n"),
        ("NUL in a name", get + "X\u{0}: a\r\n\r\n"),
        ("no colon", get + "what is this\r\n\r\n"),
        ("no host", "GET /healthz HTTP/1.1\r\n\r\n"),
        ("two hosts", get + "Host: other.localhost\r\n\r\n"),
        ("two hosts, same", get + "Host: localhost\r\n\r\n"),
        ("empty host", "GET /healthz HTTP/1.1\r\nHost: \r\n\r\n"),
        ("host with a space", "GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n"),
        ("host with a path", "GET /healthz HTTP/1.1\r\nHost: localhost/x\r\n\r\n"),
        ("host with a user", "GET /healthz HTTP/1.1\r\nHost: me@localhost\r\n\r\n"),
        ("absolute target of another host", "GET https://other.localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("absolute target of plain HTTP", "GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("CONNECT", "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n"),
        ("relative target", "GET healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("HTTP/1.9", "GET /healthz HTTP/1.9\r\nHost: localhost\r\n\r\n"),
        ("HTTP/2.0", "GET /healthz HTTP/2.0\r\nHost: localhost\r\n\r\n"),
        ("HTTP/0.9", "GET /healthz\r\n\r\n"),
        ("lower-case method", "get /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("unknown protocol", "GET /healthz HTTQ/1.1\r\nHost: localhost\r\n\r\n"),
        ("100 kB header", get + "X: " + String(repeating: "a", count: 100_000) + "\r\n\r\n"),
        ("2,000 headers", get + (0..<2_000).map { "X-\($0): 1\r\n" }.joined() + "\r\n"),
        ("1 MB target", "GET /" + String(repeating: "a", count: 1_000_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("garbage", "\u{16}\u{3}\u{1}hello\r\n\r\n"),
    ]

    /// Head and route are fine, so an answer may come before what is wrong with the body shows.
    private static let brokenBodies: [(String, String)] = [
        ("chunk size with LF", "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"),
        ("chunk size overflow", "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello"),
        ("chunk without CRLF", "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n"),
        ("bare LF in extension", "Transfer-Encoding: chunked\r\n\r\n5;a\nhello\r\n0\r\n\r\n"),
    ]

    @Test func `ambiguous and malformed requests are refused and their connection closed`() async throws {
        try await RunningServer.with { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (name, text) in Self.refused {
                    group.addTask {
                        let client = try await RawClient.connect(to: server.port)
                        await client.send(text)
                        do {
                            let answer = try await client.answer()
                            #expect([400, 414, 431, 505].contains(answer.status), "\(name): \(answer.status)")
                            let rest = try await client.untilClosed(within: .seconds(4))
                            #expect(rest.isEmpty, "\(name): a second answer")
                        } catch {
                            Issue.record("\(name): \(error)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let client = try await RawClient.connect(to: server.port)
            await client.send(Self.get + "\r\n")
            #expect(try await client.answer().status == 200)
            #expect(!server.log.lines.contains { $0.values["status"]?.hasPrefix("5") == true })
        }
    }

    @Test func `what is too long is answered, in bytes and in number`() async throws {
        func letters(_ count: Int) -> String { String(repeating: "a", count: count) }
        let cases = [
            ("16 kB target", "GET /\(letters(16_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
            ("30 kB target", "GET /\(letters(30_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
            ("30 kB query", "GET /healthz?\(letters(30_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
            ("80 kB target", "GET /\(letters(80_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
            ("30 kB field", Self.get + "X: \(letters(30_000))\r\n\r\n", 431),
            ("80 kB field", Self.get + "X: \(letters(80_000))\r\n\r\n", 431),
            ("75 kB in fields", Self.get + (0..<5).map { "X\($0): \(letters(15_000))\r\n" }.joined() + "\r\n", 431),
            ("101 fields", Self.get + (0..<101).map { "X\($0): 1\r\n" }.joined() + "\r\n", 431),
        ]
        try await RunningServer.with { server in
            for (name, text, status) in cases {
                let client = try await RawClient.connect(to: server.port)
                await client.send(text)
                #expect(try await client.answer().status == status, "\(name)")
                await client.close()
            }
            let client = try await RawClient.connect(to: server.port)
            await client.send(Self.get + "\r\n" + Self.get + "X: \(letters(80_000))\r\n\r\n")
            #expect(try await client.answer().status == 200)
        }
    }

    @Test(arguments: [false, true]) func `a broken body is refused and its connection closed`(
        isRead: Bool
    ) async throws {
        let college = try await TestInstitution.make()
        let host = isRead ? "\(college.institution.slug).localhost" : "localhost"
        let head = "POST /api/v1/session HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\n"
        try await RunningServer.with(deployment: college.database.deployment) { server in
            for (name, text) in Self.brokenBodies {
                let client = try await RawClient.connect(to: server.port)
                await client.send(head + text)
                let answers = String(decoding: try await client.untilClosed(), as: UTF8.self)
                #expect(answers.contains("HTTP/1.1 400 "), "\(name): \(answers)")
                #expect(!answers.contains("HTTP/1.1 200 "), "\(name): \(answers)")
                if isRead { #expect(answers.contains("application/problem+json"), "\(name): \(answers)") }
            }
            let cut = try await RawClient.connect(to: server.port)
            await cut.send(head + "Content-Length: 100\r\n\r\n{")
            await cut.close()
            try await Task.sleep(for: .milliseconds(200))
            #expect(!server.log.lines.contains { $0.level >= .error }, "\(server.log.lines)")
            #expect(!server.log.lines.contains { $0.values["status"]?.hasPrefix("5") == true })
        }
    }

    @Test func `odd paths and methods are 404 or 405 and keep the connection`() async throws {
        let targets = [
            "/%00", "/..", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/api/v1/..%2f..%2fetc", "/%c0%af", "/%ff",
            "/%zz", "//", "/api/v1//me", "/api/v1/accounts/%00", "/api/v1/accounts/99999999999999999999", "/?%", "/\\",
            "/api/v1/%F0%9F%98%80", "/assets/../Package.swift", "/assets/%2e%2e/secret",
        ]
        try await RunningServer.with { server in
            let client = try await RawClient.connect(to: server.port)
            for target in targets {
                await client.send("GET \(target) HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n")
                let status = try await client.answer().status
                #expect((301...404).contains(status), "\(target): \(status)")
            }
            for method in ["TRACE", "PUT", "PROPFIND", "MKCOL"] {
                await client.send("\(method) /api/v1/session HTTP/1.1\r\nHost: 10.0.0.1\r\nContent-Length: 0\r\n\r\n")
                let status = try await client.answer().status
                #expect([404, 405].contains(status), "\(method): \(status)")
            }
        }
    }

    @Test func `pipelined requests are answered in order, a closing one is the last`() async throws {
        try await RunningServer.with { server in
            let client = try await RawClient.connect(to: server.port)
            await client.send(
                Self.get + "\r\n" + Self.post + "Content-Length: 3\r\n\r\nabc" + Self.get + "Connection: Close\r\n\r\n"
                    + Self.get + "\r\n")
            #expect(try await client.answer().status == 200)
            #expect(try await client.answer().status == 404)
            #expect(try await client.answer().status == 200)
            #expect(try await client.untilClosed().isEmpty)
        }
    }

    @Test func `HTTP/1.0 closes unless asked to stay, an absolute target of the same host is served`() async throws {
        try await RunningServer.with { server in
            let old = try await RawClient.connect(to: server.port)
            await old.send("GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            #expect(try await old.answer().status == 200)
            try await old.untilClosed()

            let kept = try await RawClient.connect(to: server.port)
            for _ in 0..<2 {
                await kept.send("GET /healthz HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n")
                #expect(try await kept.answer().status == 200)
            }
            await kept.send("GET https://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await kept.answer().status == 200)
            await kept.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n")
            #expect(try await kept.answer().status == 200)
        }
    }
}
