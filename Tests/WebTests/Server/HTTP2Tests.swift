import Casework
import Logging
import NIOCore
import Postgres
import Tenancy
import TestSupport
import Testing
import Web

@Suite struct HTTP2Tests {
    private typealias Client = HTTP2Client

    @Test func `host must equal authority, where it is sent`() async throws {
        let cases: [(authority: String?, hosts: [String], fate: Client.Fate)] = [
            ("localhost", [], .answered(200)), ("localhost", ["localhost"], .answered(200)),
            ("localhost", ["LOCALHOST"], .answered(200)), ("localhost", ["other.localhost"], .answered(400)),
            ("localhost", ["localhost", "localhost"], .answered(400)), ("localhost", [""], .answered(400)),
            (nil, ["localhost"], .answered(400)), (nil, [], .answered(400)), ("", [], .answered(400)),
            ("localhost/x", [], .answered(400)), ("me@localhost", [], .answered(400)),
            ("a b", [], .reset),  // no characters of an authority: a malformed request
        ]
        try await RunningServer.with { server in
            let client = try await Client.connect(to: server.port)
            for (number, (authority, hosts, fate)) in cases.enumerated() {
                let fields = Client.fields("/healthz", authority: authority) + hosts.map { ("host", $0) }
                await client.raw.send(Client.request(fields, stream: 2 * number + 1))
                let found = try await client.fate(of: 2 * number + 1)
                #expect(found == fate, "\(authority ?? "-") \(hosts)")
            }
            await client.raw.close()
        }
    }

    @Test func `a client may reset every stream once more after its end`() async throws {
        try await RunningServer.with { server in
            let client = try await Client.connect(to: server.port)
            for stream in stride(from: 1, through: 501, by: 2) {
                guard try await client.get("/healthz", authority: "localhost", stream: stream) == 200 else {
                    Issue.record("stream \(stream) was not answered")
                    break
                }
                let reset = Client.frame(3, stream: stream, [0, 0, 0, 5])
                let cut = stream % (reset.count + 1)  // a frame may arrive in pieces
                await client.raw.send(Array(reset.prefix(cut)))
                await client.raw.send(Array(reset.dropFirst(cut)))
            }
            await client.raw.close()
        }
    }

    @Test func `a malformed request costs its stream or connection, never the server`() async throws {
        let good = Client.fields("/api/v1/session", authority: "localhost", method: "POST")
        let without = { (name: String) in good.filter { $0.0 != name } }
        let bad: [(String, [(String, String)])] = [
            ("transfer-encoding", good + [("transfer-encoding", "chunked")]),
            ("connection", good + [("connection", "keep-alive")]),
            ("te", good + [("te", "gzip")]),
            ("upper case", good + [("X-Upper", "1")]),
            ("CR LF in a value", good + [("x", "a\r\nb: c")]),
            ("NUL in a value", good + [("x", "a\u{0}b")]),
            ("space in a name", good + [("x y", "1")]),
            ("no method", without(":method")), ("no path", without(":path")), ("no scheme", without(":scheme")),
            ("empty path", without(":path") + [(":path", "")]),
            ("two methods", [(":method", "GET")] + good), ("two paths", [(":path", "/")] + good),
            ("two authorities", [(":authority", "x")] + good),
            ("unknown pseudo", [(":secret", "1")] + good),
            ("pseudo after a field", [("x", "1")] + good),
            ("20 kB field", good + [("x", String(repeating: "a", count: 20_000))]),
            ("content-length", good + [("content-length", "5")]),
            ("two content-lengths", good + [("content-length", "2"), ("content-length", "3")]),
        ]
        try await RunningServer.with { server in
            for (name, fields) in bad {
                let client = try await Client.connect(to: server.port)
                await client.raw.send(Client.request(fields, body: [1, 2], stream: 1))
                switch try await client.fate(of: 1) {
                case .answered(let status): #expect((400..<500).contains(status), "\(name)")
                case .reset, .connectionClosed: break
                }
                await client.raw.close()
            }
            let client = try await Client.connect(to: server.port)
            #expect(try await client.get("/healthz", authority: "localhost") == 200)
            await client.raw.close()
        }
    }

    @Test func `floods end their own connection`() async throws {
        let head = Client.fields("/healthz", authority: "localhost")
        // no other limit closes it meanwhile
        try await RunningServer.with(configure: {
            $0.limits.firstRequestWithin = .minutes(10); $0.limits.idleTimeout = .minutes(10)
        }) { server in
            let resets = (0..<1_000).flatMap { number in
                Client.request(head, stream: 2 * number + 1)
                    + Client.frame(3, stream: 2 * number + 1, [0, 0, 0, 8])
            }
            let pings = (0..<5_000).flatMap { _ in Client.frame(6, stream: 0, [1, 2, 3, 4, 5, 6, 7, 8]) }
            let settings = (0..<5_000).flatMap { _ in Client.frame(4, stream: 0, []) }
            let continued =
                Client.frame(1, stream: 1, Client.block(head))
                + (0..<2_000).flatMap { _ in Client.frame(9, stream: 1, Client.block([("x", "1")])) }
            let empty =
                Client.frame(1, flags: 4, stream: 1, Client.block(head))
                + (0..<5_000).flatMap { _ in Client.frame(0, stream: 1, []) }
            // an invalid frame makes the server reset streams that the client opened
            let madeToReset = (0..<1_000).flatMap { number in
                Client.request(head, stream: 2 * number + 1)
                    + Client.frame(8, stream: 2 * number + 1, [0, 0, 0, 0])
            }
            let attacks = [
                ("rapid reset", resets), ("made to reset", madeToReset), ("ping", pings), ("settings", settings),
                ("continuation", continued), ("empty data", empty),
            ]
            for (name, flood) in attacks {
                let client = try await Client.connect(to: server.port)
                await client.raw.send(flood)
                do {
                    try await client.raw.untilClosed()
                } catch {
                    Issue.record("\(name): still open")
                }
            }
            let client = try await Client.connect(to: server.port)
            #expect(try await client.get("/healthz", authority: "localhost") == 200)
            await client.raw.close()
        }
    }

    @Test func `many requests on one connection, and a body that is read`() async throws {
        try await RunningServer.with { server in
            let client = try await Client.connect(to: server.port)
            for stream in stride(from: 1, to: 101, by: 2) {
                await client.raw.send(Client.request(Client.fields("/healthz", authority: "localhost"), stream: stream))
            }
            for stream in stride(from: 1, to: 101, by: 2) {
                #expect(try await client.fate(of: stream) == .answered(200))
            }
            let post = Client.fields("/nowhere", authority: "localhost", method: "POST")
            await client.raw.send(Client.request(post, body: [UInt8](repeating: 65, count: 10_000), stream: 101))
            #expect(try await client.fate(of: 101) == .answered(404))
            await client.raw.close()
        }
    }

    @Test func `a body whose connection goes away is no whole body`() async throws {
        let it = try await TestCohort.make()
        let csv = Array("email,given_name,family_name\nx@example.edu,Xi,Chen\n".utf8)
        let uploads: [(path: String, route: String, fields: [(String, String)])] = [
            ("/api/v1/imports/students", "/api/v1/imports/students", [("content-type", "text/csv")]),
            (
                "/api/v1/milestones/\(it.milestone)/files", "/api/v1/milestones/{id}/files",
                [("content-type", "application/pdf"), ("content-disposition", "attachment; filename=\"a.pdf\"")]
            ),
        ]
        let authority = "\(it.place.institution.slug).localhost"
        try await RunningServer.with(deployment: it.place.database.deployment) { server in
            for (path, route, fields) in uploads {
                let head =
                    Client.fields(path, authority: authority, method: "POST") + fields
                    + [("authorization", "Bearer \(it.admin.token.text)")]
                let client = try await Client.connect(to: server.port)
                await client.raw.send(Client.request(head, body: csv, stream: 1, ends: false))
                await client.raw.close()
                var line: LogBook.Line?
                for _ in 0..<6_000 where line == nil {
                    try await Task.sleep(for: .milliseconds(10))
                    line = server.log.lines.first { $0.values["route"] == route }
                }
                #expect(line?.values["status"] == "400", "\(path)")
            }
            #expect(!server.log.lines.contains { $0.level >= .error }, "\(server.log.lines)")
        }
        let stored = try await it.place.owner(
            SQL(
                "select (select count(*) from milestone_files) + (select count(*) from accounts where given_name = 'Xi')"
            )
            .value(Int.self))
        #expect(stored == 0)
    }
}
