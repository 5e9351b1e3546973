import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import TestSupport
import Testing
import Web

/// Slow, silent and greedy clients, with limits short enough for a test.
@Suite struct LimitTests {
    private static let get = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

    /// Sends a byte now and then until the connection closes.
    private static func drip(_ bytes: [UInt8], to client: RawClient) async throws {
        try await drip(bytes.map { [$0] }, to: client)
    }

    private static func drip(_ pieces: [[UInt8]], to client: RawClient) async throws {
        for piece in pieces where !client.isClosed {
            await client.send(piece)
            try await Task.sleep(for: .milliseconds(60))
        }
    }

    @Test func `a connection that brings no request in time is cut`() async throws {
        try await RunningServer.with(configure: { $0.limits.firstRequestWithin = .milliseconds(700) }) { server in
            let silent = try await RawClient.connect(to: server.port, tls: false)
            let unfinished = try await RawClient.connect(to: server.port, tls: false)
            await unfinished.send([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])
            let handshakeOnly = try await RawClient.connect(to: server.port)
            let preface = try await HTTP2Client.connect(to: server.port)
            let header = try await RawClient.connect(to: server.port)
            async let dripping: Void = Self.drip(
                Array((Self.get.dropLast(2) + String(repeating: "X: 1\r\n", count: 20)).utf8), to: header)
            let hello = try await RawClient.connect(to: server.port, tls: false)
            async let slowHandshake: Void = Self.drip(
                [0x16, 3, 1, 2, 0, 1, 0, 1] + [UInt8](repeating: 0, count: 60), to: hello)
            for client in [silent, unfinished, handshakeOnly, preface.raw, header, hello] {
                try await client.untilClosed(within: .seconds(15))
            }
            try await dripping
            try await slowHandshake
            #expect(
                server.metrics.text().contains(#"waymark_events_total{event="slow_client_cut",cause="no_request"} 6"#))
        }
    }

    @Test func `an idle connection is closed, also one that does not answer a PING`() async throws {
        try await RunningServer.with(
            configure: {
                $0.limits.firstRequestWithin = .seconds(2)  // when the watch first looks
                $0.limits.idleTimeout = .milliseconds(600)
                $0.limits.closeWithin = .milliseconds(400)
            }
        ) { server in
            let idle = try await RawClient.connect(to: server.port)
            await idle.send(Self.get)
            #expect(try await idle.answer().status == 200)
            let second = try await RawClient.connect(to: server.port)
            await second.send(Self.get)
            #expect(try await second.answer().status == 200)
            async let dripping: Void = Self.drip(
                Array((Self.get.dropLast(2) + String(repeating: "X: 1\r\n", count: 10)).utf8), to: second)
            let mute = try await HTTP2Client.connect(to: server.port, mute: true)
            #expect(try await mute.get("/healthz", authority: "localhost") == 200)
            for client in [idle, second, mute.raw] { try await client.untilClosed(within: .seconds(15)) }
            try await dripping
        }
    }

    @Test func `an HTTP/2 connection ends at its age, also one in use`() async throws {
        try await RunningServer.with(configure: { $0.limits.maximumAge = .milliseconds(500) }) { server in
            let client = try await HTTP2Client.connect(to: server.port)
            var stream = 1
            while try await client.get("/healthz", authority: "localhost", stream: stream) == 200 {
                stream += 2
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(stream > 3)
            try await client.raw.untilClosed(within: .seconds(5))
        }
    }

    @Test func `a body that stalls or drips closes its connection, a steady one does not`() async throws {
        let read: @Sendable (Router<SiteContext>) -> Void = { router in
            router.post("/swallow") { request, _ in
                var count = 0
                for try await chunk in request.body { count += chunk.readableBytes }
                return "\(count)"
            }
        }
        let head = "POST /swallow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
        try await RunningServer.with(configure: { $0.limits.grace = .milliseconds(400) }, routes: read) { server in
            let stalled = try await RawClient.connect(to: server.port)
            await stalled.send(head + "abc")
            let dripped = try await RawClient.connect(to: server.port)
            await dripped.send(head)
            async let dripping: Void = Self.drip([UInt8](repeating: 65, count: 60), to: dripped)
            let streams = try await HTTP2Client.connect(to: server.port)
            let post = HTTP2Client.fields("/swallow", authority: "localhost", method: "POST")
            for stream in [1, 3] {
                await streams.raw.send(HTTP2Client.request(post, body: [1], stream: stream, ends: false))
            }
            async let drippingStream: Void = Self.drip(
                [[UInt8]](repeating: HTTP2Client.frame(0, stream: 3, [65]), count: 20), to: streams.raw)

            let steady = try await RawClient.connect(to: server.port)
            await steady.send(head)
            for _ in 0..<25 {
                await steady.send([UInt8](repeating: 66, count: 4_000))
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await steady.answer().body == "100000")

            try await stalled.untilClosed(within: .seconds(15))
            try await dripped.untilClosed(within: .seconds(15))
            for stream in [1, 3] { #expect(try await streams.fate(of: stream) == .reset) }
            #expect(server.metrics.text().contains(#"waymark_events_total{event="slow_client_cut",cause="body"} 4"#))
            try await dripping
            try await drippingStream
            await streams.raw.close()
        }
    }

    @Test func `a reader that takes nothing is cut off, a slow one gets it all`() async throws {
        let size = 24 << 20
        let big: @Sendable (Router<SiteContext>) -> Void = { router in
            router.get("/big") { _, _ in
                let piece = ByteBuffer(repeating: 65, count: 64 << 10)
                return Response(
                    status: .ok,
                    body: .init(contentLength: size) { writer in
                        for _ in 0..<(size / piece.readableBytes) { try await writer.write(piece) }
                        try await writer.finish(nil)
                    })
            }
        }
        let ask = "GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n"
        try await RunningServer.with(
            configure: {
                $0.limits.grace = .milliseconds(400)
                $0.limits.minimumPace = 20_000_000
            }, routes: big
        ) { server in
            let stuck = try await RawClient.connect(to: server.port, receiveBuffer: 64 << 10)
            try await stuck.setReading(false)
            await stuck.send(ask)
            try await Task.sleep(for: .seconds(2))
            try await stuck.setReading(true)
            #expect(try await stuck.untilClosed().count < size)
        }
        try await RunningServer.with(
            configure: {
                $0.limits.grace = .milliseconds(400)
                $0.limits.idleTimeout = .milliseconds(600)
                $0.limits.closeWithin = .milliseconds(400)
            }, routes: big
        ) { server in
            let slow = try await RawClient.connect(to: server.port, receiveBuffer: 64 << 10)
            await slow.send(ask)
            for _ in 0..<8 {
                try await slow.setReading(false)
                try await Task.sleep(for: .milliseconds(200))
                try await slow.setReading(true)
                try await Task.sleep(for: .milliseconds(2))
            }
            let answer = try await slow.until(.seconds(20)) { $0.count >= size }
            #expect(answer.count >= size)
        }
    }

    @Test func `a refused body is dropped up to the limit, so that the client can read the answer`() async throws {
        try await RunningServer.with(configure: { $0.limits.unreadBytes = 300_000 }) { server in
            func head(_ length: Int) -> String {
                "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(length)\r\n\r\n"
            }
            let modest = try await RawClient.connect(to: server.port)
            await modest.send(Array(head(200_000).utf8) + [UInt8](repeating: 65, count: 200_000))
            #expect(try await modest.answer().status == 404)
            await modest.send(Self.get)
            #expect(try await modest.answer().status == 200)

            let greedy = try await RawClient.connect(to: server.port)
            await greedy.send(head(1 << 30))
            #expect(try await greedy.answer().status == 404)
            for _ in 0..<200 where !greedy.isClosed { await greedy.send([UInt8](repeating: 65, count: 10_000)) }
            try await greedy.untilClosed()
        }
    }

    @Test func `a client that waits for 100 Continue is told to go on`() async throws {
        try await RunningServer.with { server in
            let client = try await RawClient.connect(to: server.port)
            await client.send(
                "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.answer().status == 100)
            await client.send("abc")
            #expect(try await client.answer().status == 404)
        }
    }

    @Test func `connections beyond the maximum wait for their turn`() async throws {
        try await RunningServer.with(configure: { $0.limits.maximumConnections = 2 }) { server in
            let first = try await RawClient.connect(to: server.port)
            let second = try await RawClient.connect(to: server.port)
            await #expect(throws: RawClient.TooLate.self) {
                _ = try await RawClient.connect(to: server.port, within: .milliseconds(400))
            }
            await first.close()
            let third = try await RawClient.connect(to: server.port)
            await third.send(Self.get)
            #expect(try await third.answer().status == 200)
            await second.close()
        }
    }
}
