import Hummingbird
import ServiceLifecycle
import TestSupport
import Testing
import Web

@Suite struct ShutdownTests {
    private static func slow(_ router: Router<SiteContext>) {
        router.get("/slow/{ms}") { _, context in
            try await Task.sleep(for: .milliseconds(context.parameters.require("ms", as: Int.self)))
            return "done"
        }
    }

    private static func ask(_ milliseconds: Int) -> String {
        "GET /slow/\(milliseconds) HTTP/1.1\r\nHost: localhost\r\n\r\n"
    }

    @Test func `requests in flight are answered, idle and new connections are not kept`() async throws {
        let clock = ContinuousClock()
        var stopped = clock.now
        try await RunningServer.with(
            configure: { $0.limits.partWithin = .milliseconds(200) }, routes: Self.slow
        ) { server in
            let idle = try await RawClient.connect(to: server.port)
            let unborn = try await RawClient.connect(to: server.port, tls: false)
            let busy = try await RawClient.connect(to: server.port)
            await busy.send(Self.ask(2_500))
            let stream = try await HTTP2Client.connect(to: server.port)
            await stream.raw.send(
                HTTP2Client.request(HTTP2Client.fields("/slow/700", authority: "localhost"), stream: 1))
            try await Task.sleep(for: .milliseconds(150))
            stopped = clock.now
            await server.group.triggerGracefulShutdown()
            try await idle.untilClosed()
            try await unborn.untilClosed()
            #expect(clock.now - stopped < .seconds(1))
            await #expect(throws: (any Error).self) { _ = try await RawClient.connect(to: server.port) }
            let answer = try await busy.answer()
            #expect(answer.body == "done")
            #expect(answer.headers["connection"] == "close")
            try await busy.untilClosed()
            let answered = try await stream.raw.until { bytes in
                String(decoding: bytes, as: UTF8.self).contains("done")
            }
            #expect(String(decoding: answered, as: UTF8.self).contains("done"))
            try await stream.raw.untilClosed()
        }
        #expect(clock.now - stopped < .seconds(6))
    }

    @Test func `what takes longer than a shutdown may is cut off`() async throws {
        let clock = ContinuousClock()
        var stopped = clock.now
        try await RunningServer.with(
            configure: {
                $0.limits.shutdownWithin = .milliseconds(500)
                $0.limits.closeWithin = .milliseconds(300)
            }, routes: Self.slow
        ) { server in
            let busy = try await RawClient.connect(to: server.port)
            await busy.send(Self.ask(60_000))
            let mute = try await HTTP2Client.connect(to: server.port, mute: true)
            #expect(try await mute.get("/healthz", authority: "localhost") == 200)
            try await Task.sleep(for: .milliseconds(100))
            stopped = clock.now
            await server.group.triggerGracefulShutdown()
            try await busy.untilClosed()
            try await mute.raw.untilClosed()
        }
        #expect(clock.now - stopped < .seconds(3))
    }

    @Test func `an address that cannot be had is one clear line`() async throws {
        try await RunningServer.with { server in
            func refusal(address: String, port: Int, metrics: (String, Int)? = nil) async throws -> String {
                let error = await #expect(throws: WebServer.Refusal.self) {
                    try await RunningServer.with(configure: {
                        $0.address = address
                        $0.port = port
                        $0.metrics = metrics.map { (address: $0.0, port: $0.1) }
                    }) { _ in }
                }
                return try #require(error).description
            }
            let taken = try await refusal(address: "127.0.0.1", port: server.port)
            #expect(taken == "port \(server.port) on 127.0.0.1 is in use")
            let metrics = try await refusal(address: "127.0.0.1", port: 0, metrics: ("127.0.0.1", server.port))
            #expect(metrics == "port \(server.port) on 127.0.0.1 is in use")
            let foreign = try await refusal(address: "192.0.2.1", port: 8_443)
            #expect(foreign == "192.0.2.1 is not an address of this computer")
            let unknown = try await refusal(address: "no.such.host.invalid", port: 8_443)
            #expect(unknown.contains("no.such.host.invalid"))
        }
    }
}
