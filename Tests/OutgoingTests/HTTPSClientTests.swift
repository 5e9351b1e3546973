import Foundation
import Hummingbird
import NIOCore
import Outgoing
import TestSupport
import Testing
import Web

/// Requests over real connections to a server on loopback, which the operator allows by name.
@Suite struct HTTPSClientTests {
    private func client(_ server: RunningServer, allowing entries: [String] = ["idp.localhost"]) throws -> HTTPSClient {
        HTTPSClient(
            .init(
                destinations: try #require(Destinations(allowing: entries)),
                certificateAuthority: server.certificate.certificatePath))
    }

    private func serving(
        _ routes: (Router<SiteContext>) -> Void, _ body: (RunningServer, String) async throws -> Void
    ) async throws {
        try await RunningServer.with(names: ["idp.localhost"], routes: routes) { server in
            try await body(server, "https://idp.localhost:\(server.port)")
        }
    }

    /// What a request fails by.
    private func failure(_ client: HTTPSClient, _ request: OutgoingRequest) async throws -> OutgoingFailure? {
        do {
            let answer = try await client.send(request)
            Issue.record("answered \(answer.status)")
            return nil
        } catch let failure as OutgoingFailure {
            return failure
        }
    }

    @Test func `what is sent arrives, and what comes back is read whole`() async throws {
        try await serving {
            $0.post("/echo") { request, context in
                let body = try await request.body.collect(upTo: 1_024)
                let fields = [request.headers[.contentType], request.headers[.userAgent], request.headers[.expect]]
                let line = fields.map { $0 ?? "-" }.joined(separator: " ") + " " + String(buffer: body)
                return Response(status: .accepted, body: .init(byteBuffer: ByteBuffer(string: line)))
            }
        } _: { server, origin in
            let answer = try await client(server).send(
                OutgoingRequest(
                    "POST", origin + "/echo", headers: [("Content-Type", "text/plain")], body: Array("Grüße".utf8)))
            #expect(answer.status == 202)
            #expect(String(decoding: answer.body, as: UTF8.self) == "text/plain waymark - Grüße")
            #expect(answer.header("content-length") == "\(answer.body.count)")
        }
    }

    @Test func `many at once are answered each with its own`() async throws {
        try await serving {
            $0.get("/number/{n}") { _, context in context.parameters.get("n") ?? "" }
        } _: { server, origin in
            let client = try client(server)
            let answers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let answer = try await client.send(OutgoingRequest("GET", "\(origin)/number/\(number)"))
                        return (number, String(decoding: answer.body, as: UTF8.self))
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(answers == Dictionary(uniqueKeysWithValues: (0..<100).map { ($0, "\($0)") }))
        }
    }

    @Test func `a redirect is an answer`() async throws {
        try await serving {
            $0.get("/moved") { _, _ in Response.redirect(to: "https://elsewhere.example/", type: .found) }
        } _: { server, origin in
            let answer = try await client(server).send(OutgoingRequest("GET", origin + "/moved"))
            #expect(answer.status == 302 && answer.header("location") == "https://elsewhere.example/")
        }
    }

    @Test(arguments: [
        ([String](), "localhost"), ([], "127.0.0.1"), ([], "[::1]"), ([], "0x7f.1"), ([], "2130706433"),
        ([], "[::ffff:127.0.0.1]"), ([], "0.0.0.0"), (["elsewhere.localhost", "10.0.0.0/8"], "idp.localhost"),
    ])
    func `a request does not reach this computer under any name`(allowed: [String], host: String) async throws {
        try await serving { _ in
        } _: { server, _ in
            let client = try client(server, allowing: allowed)
            let failure = try await failure(client, OutgoingRequest("GET", "https://\(host):\(server.port)/"))
            #expect(failure?.kind == .forbidden, "\(String(describing: failure))")
            #expect(failure?.reason.hasSuffix("which is no public address") == true)
        }
    }

    @Test func `the operator allows hosts and networks`() async throws {
        try await serving {
            $0.get("/yes") { _, _ in "yes" }
        } _: { server, origin in
            for entries in [["idp.localhost"], ["IDP.localhost", "10.0.0.0/8"], ["127.0.0.0/8"], ["127.0.0.1"]] {
                let answer = try await client(server, allowing: entries).send(OutgoingRequest("GET", origin + "/yes"))
                #expect(answer.status == 200)
            }
        }
        for entry in ["", "a b", "https://idp.example", "http://", "idp.example/path", "10.0.0.0/33", "idp.example:1"] {
            #expect(Destinations(allowing: [entry]) == nil, "\(entry)")
        }
    }

    @Test func `without TLS only where the operator says so`() async throws {
        let client = HTTPSClient(.init(destinations: try #require(Destinations(allowing: ["localhost"]))))
        #expect(try await failure(client, OutgoingRequest("GET", "http://localhost:1/"))?.kind == .forbidden)
        let other = HTTPSClient(.init(destinations: try #require(Destinations(allowing: ["http://localhost"]))))
        #expect(try await failure(other, OutgoingRequest("GET", "http://localhost:1/"))?.kind == .unreachable)
        #expect(try await failure(other, OutgoingRequest("GET", "http://127.0.0.1:1/"))?.kind == .forbidden)
    }

    @Test(arguments: [
        "", "idp.localhost", "ftp://idp.localhost/", "file:///etc/passwd", "https://", "https://a b/",
        "https://user:word@idp.localhost/", "https://idp.localhost/\r\nX: y", "https://idp.localhost:99999/",
        "gopher://a/",
    ])
    func `what is no address of the web is refused before anything is sent`(url: String) async throws {
        let client = HTTPSClient(.init(destinations: .everywhere))
        #expect(try await failure(client, OutgoingRequest("GET", url))?.kind == .invalid)
    }

    @Test func `a header field stays one`() async throws {
        let client = HTTPSClient(.init(destinations: .everywhere))
        for (name, value) in [("A", "b\r\nX: y"), ("A: b", "c"), ("", "b"), ("A\n", "b"), ("A", "\u{0}")] {
            let request = OutgoingRequest("GET", "https://localhost:1/", headers: [(name, value)])
            #expect(try await failure(client, request)?.kind == .invalid)
        }
    }

    @Test func `who is not trusted is sent nothing`() async throws {
        try await serving {
            $0.get("/yes") { _, _ in "yes" }
        } _: { server, origin in
            let destinations = try #require(Destinations(allowing: ["127.0.0.1"]))
            let unknown = HTTPSClient(.init(destinations: destinations))
            #expect(try await failure(unknown, OutgoingRequest("GET", origin + "/yes"))?.kind == .untrusted)
            let other = "https://elsewhere.localhost:\(server.port)/yes"
            let named = try client(server, allowing: ["127.0.0.1"])
            #expect(try await failure(named, OutgoingRequest("GET", other))?.kind == .untrusted)
            let missing = HTTPSClient(
                .init(destinations: destinations, certificateAuthority: "/nowhere.pem"))
            #expect(try await failure(missing, OutgoingRequest("GET", origin + "/yes"))?.kind == .authorities)
        }
    }

    @Test(arguments: [0, 1])
    func `an answer has an end`(excess: Int) async throws {
        let fields = 4_096
        try await serving {
            $0.get("/long") { _, _ in ByteBuffer(repeating: 65, count: (1 << 20) - (excess == 0 ? fields : 0)) }
        } _: { server, origin in
            let client = try client(server)
            let request = OutgoingRequest("GET", origin + "/long", limits: .init(answer: 1 << 20))
            if excess == 0 {
                #expect(try await client.send(request).body.count == (1 << 20) - fields)
            } else {
                #expect(try await failure(client, request)?.kind == .tooLong)
            }
        }
    }

    @Test func `a server that stops in the middle holds up nobody else, and is given up`() async throws {
        let (release, releases) = AsyncStream<Void>.makeStream()
        try await serving {
            $0.get("/quick") { _, _ in "quick" }
            $0.get("/half") { _, _ in
                Response(
                    status: .ok,
                    body: .init { writer in
                        try await writer.write(ByteBuffer(string: "half"))
                        for await _ in release {}
                        try await writer.finish(nil)
                    })
            }
        } _: { server, origin in
            let client = try client(server)
            async let slow = failure(client, OutgoingRequest("GET", origin + "/half", limits: .init(whole: 4)))
            for _ in 0..<5 {
                #expect(try await client.send(OutgoingRequest("GET", origin + "/quick")).status == 200)
            }
            #expect(try await slow?.kind == .slow)
            releases.finish()
        }
    }

    @Test func `who does not wait any more is let go`() async throws {
        let (release, releases) = AsyncStream<Void>.makeStream()
        let (arrivals, arrived) = AsyncStream<Void>.makeStream()
        try await serving {
            $0.get("/never") { _, _ in
                arrived.yield()
                for await _ in release {}
                return "late"
            }
        } _: { server, origin in
            let client = try client(server)
            let request = OutgoingRequest("GET", origin + "/never", limits: .init(whole: 600))
            let failed = await withTaskGroup(of: OutgoingFailure.Kind?.self) { group in
                group.addTask {
                    do {
                        _ = try await client.send(request)
                        return nil
                    } catch { return (error as? OutgoingFailure)?.kind }
                }
                for await _ in arrivals { break }
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(failed == .cancelled)
            releases.finish()
        }
    }

    @Test func `a port where nobody takes the call does not answer`() async throws {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(socket, generic, length) == 0, listen(socket, 4) == 0 else { return 0 }
                getsockname(socket, generic, &length)
                return Int(UInt16(bigEndian: address.pointee.sin_port))
            }
        }
        try #require(port > 0)
        let client = HTTPSClient(.init(destinations: .everywhere))
        let request = OutgoingRequest("GET", "https://localhost:\(port)/", limits: .init(connecting: 1))
        #expect(try await failure(client, request)?.kind == .silent)
        let nobody = OutgoingRequest("GET", "https://localhost:1/")
        #expect(try await failure(client, nobody)?.kind == .unreachable)
    }
}
