import Casework
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Tenancy
import TestSupport
import Testing

@testable import Web

private struct Collapse: Error {}

/// Answers that fail: before their head as a page or a problem, after it as a line in the log.
@Suite struct BrokenAnswerTests {
    private static func failing(_ router: Router<SiteContext>) {
        router.get("/small") { _, _ in
            Response(
                status: .ok,
                body: .init(contentLength: 10) { writer in
                    try await writer.write(ByteBuffer(string: "12345"))
                    throw Collapse()
                })
        }
        router.get("/large") { _, _ in
            Response(
                status: .ok,
                body: .init { writer in
                    try await writer.write(ByteBuffer(string: "12345"))
                    throw Collapse()
                })
        }
        router.get("/endless") { _, _ in
            Response(
                status: .ok,
                body: .init { writer in
                    while true { try await writer.write(ByteBuffer(repeating: 65, count: 64 << 10)) }
                })
        }
    }

    private func get(_ path: String, _ server: RunningServer) async throws -> RawClient {
        let client = try await RawClient.connect(to: server.port)
        await client.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return client
    }

    private func line(of route: String, _ server: RunningServer) async throws -> LogBook.Line {
        func find() -> LogBook.Line? {
            server.log.lines.first { $0.message == "request" && $0.values["route"] == route }
        }
        try await eventually(.seconds(30)) { find() != nil }
        return try #require(find())
    }

    @Test func `a small answer that fails is a failure, not a broken success`() async throws {
        try await RunningServer.with(routes: Self.failing) { server in
            let answer = try await get("/small", server).answer()
            #expect(answer.status == 500)
            #expect(answer.body.contains(try #require(answer.headers["x-request-id"])))
            let line = try await line(of: "/small", server)
            #expect(line.values["status"] == "500" && line.values["why"] == "Collapse")
            let event = try #require(server.log.lines.first { $0.values["event"] == "request_failed" })
            #expect(event.level == .error && event.values["cause"] == "Collapse")
            #expect(event.values["id"] == answer.headers["x-request-id"])
        }
    }

    @Test func `an answer that fails behind its head is told of`() async throws {
        try await RunningServer.with(routes: Self.failing) { server in
            let received = try await get("/large", server).untilClosed()
            #expect(String(decoding: received, as: UTF8.self).hasPrefix("HTTP/1.1 200"))
            let line = try await line(of: "/large", server)
            #expect(line.values["status"] == "200" && line.values["why"] == "Collapse")
            let event = try #require(server.log.lines.first { $0.values["event"] == "answer_broken_off" })
            #expect(event.level == .error && event.values["cause"] == "Collapse")
            #expect(
                server.metrics.text().contains(
                    #"waymark_events_total{event="answer_broken_off",cause="Collapse"} 1"#))
        }
    }

    @Test func `a client that goes away in the middle is told apart from a failure`() async throws {
        try await RunningServer.with(routes: Self.failing) { server in
            let client = try await get("/endless", server)
            try await client.until { $0.count > 100_000 }
            await client.close()
            #expect(try await line(of: "/endless", server).values["why"] == "client")
            let event = try #require(server.log.lines.first { $0.values["event"] == "answer_broken_off" })
            #expect(event.level == .info && event.values["cause"] == "client")
        }
    }

    @Test func `the line is written behind the last byte`() async throws {
        let (last, release) = AsyncStream<Void>.makeStream()
        try await RunningServer.with(routes: { router in
            router.get("/held") { _, _ in
                Response(
                    status: .ok,
                    body: .init { writer in
                        try await writer.write(ByteBuffer(string: "first"))
                        for await _ in last { break }
                        try await writer.write(ByteBuffer(string: "last"))
                        try await writer.finish(nil)
                    })
            }
        }) { server in
            let client = try await get("/held", server)
            try await client.until { String(decoding: $0, as: UTF8.self).contains("first") }
            #expect(!server.log.lines.contains { $0.message == "request" })
            #expect(server.metrics.text().contains("\nwaymark_requests_in_flight 1\n"))
            release.yield()
            try await client.until { String(decoding: $0, as: UTF8.self).contains("last") }
            #expect(try await line(of: "/held", server).values["why"] == nil)
            #expect(server.metrics.text().contains("\nwaymark_requests_in_flight 0\n"))
        }
    }

    @Test func `what nobody foresaw on a page is a page, in the visitor's language, with the request's id`()
        async throws
    {
        let place = try await TestInstitution.make()
        let log = LogBook()
        let site = RunningServer.site(place.database.deployment, log: log)
        let router = Router(context: SiteContext.self)
        PageDispatch(site: site, kit: try PageKit())
            .mount([.get("/collapse", .open) { _ in throw Collapse() }], on: router)
        let client = TestClient(site: site, host: "\(place.institution.slug).localhost", router: router)
        for (language, words) in [("en", "Something went wrong"), ("es", "Algo salió mal")] {
            let answer = try await client.send(.get, "/collapse", headers: [.acceptLanguage: language])
            #expect(answer.status == 500)
            #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
            #expect(answer.text.contains(words))
            #expect(answer.text.contains(answer.headers[try #require(HTTPField.Name("X-Request-Id"))] ?? "-"))
            #expect(!answer.text.contains("Collapse"))
        }
        #expect(log.lines.contains { $0.values["event"] == "request_failed" && $0.values["cause"] == "Collapse" })
    }
}
