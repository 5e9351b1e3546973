import Foundation
import HTTPTypes
import Logging
import Postgres
import TestSupport
import Testing
import Web

@Suite struct ObservationTests {
    @Test func `the access log ties to the answer, says why it was refused, and holds no personal data`() async throws {
        try await RunningServer.with { server in
            let client = try await RawClient.connect(to: server.port)
            var ids: [String] = []
            for target in ["/healthz?q=ada@example.edu", "/api/v1/accounts/4711?q=Lovelace", "/nothing/4711", "/%00"] {
                await client.send("GET \(target) HTTP/1.1\r\nHost: t1.localhost\r\n\r\n")
                let answer = try await client.answer()
                ids.append(try #require(answer.headers["x-request-id"]))
            }
            let lines = server.log.lines.filter { $0.message == "request" }
            #expect(lines.map { $0.values["id"] } == ids)
            #expect(Set(ids).count == ids.count)
            #expect(lines.map { $0.values["route"] } == ["/healthz", "/api/v1/accounts/{id}", "-", "-"])
            #expect(lines.map { $0.values["status"] } == ["200", "503", "404", "404"])
            for line in lines {
                let isRefusal = line.values["status"] == "503"
                #expect(
                    Set(line.values.keys)
                        == Set(["id", "method", "route", "status", "ms"] + (isRefusal ? ["why"] : [])))
                #expect(Double(line.values["ms"] ?? "") != nil)
                if isRefusal { #expect(line.values["why"]?.hasPrefix("database_") == true) }
            }
            for line in server.log.lines {
                for value in line.values.values {
                    for secret in ["4711", "ada", "Lovelace", "127.0.0.1"] {
                        #expect(!value.contains(secret), "\(line)")
                    }
                }
            }
        }
    }

    @Test func `a method nobody knows makes no series of its own`() async throws {
        let site = RunningServer.detachedSite(log: LogBook())
        let client = TestClient(site: site, host: "localhost")
        for number in 0..<20 {
            _ = try await client.send(try #require(HTTPRequest.Method("X\(number)")), "/healthz")
        }
        let text = site.metrics.text()
        #expect(text.contains(#"method="other",status="404"} 20"#) && !text.contains(#"method="X"#), "\(text)")
    }

    @Test func `a connection that refuses its login's role is told of and counted`() async throws {
        let log = LogBook()
        let observation = Observation(logger: log.logger)
        var configuration = Pool.Configuration(conninfo: try await TestDatabase.shared.prepared().serviceURL)
        configuration.observers = observation.observers
        let pool = Pool(configuration)
        for _ in 0..<2 {
            await #expect(throws: PostgresError.self) {
                _ = try await pool.batch([Statement("set local role waymark_owner")], affinity: 1)
            }
        }
        await pool.close()
        let counted = observation.metrics.text().split(separator: "\n").filter { $0.contains("database_role_stale") }
        #expect(counted.count == 1 && counted.first?.hasSuffix(" 2") == true, "\(counted)")
        let told = log.lines.filter { $0.values["event"] == "database_role_stale" }
        #expect(told.count == 1 && told.first?.level == .warning && told.first?.values["place"] != nil, "\(told)")
    }

    @Test func `metrics are Prometheus text on a listener of their own`() async throws {
        try await RunningServer.with { server in
            let client = try await RawClient.connect(to: server.port)
            for target in ["/healthz", "/healthz", "/nowhere"] {
                await client.send("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n")
                _ = try await client.answer()
            }
            await client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await client.answer().status == 404, "not on the public address")
            let plain = try await RawClient.connect(to: server.port, tls: false)
            await plain.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try await plain.untilClosed()
            try await eventually { server.metrics.text().contains(#"loop="network""#) }

            let collector = try await RawClient.connect(to: server.metricsPort, tls: false)
            await collector.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let answer = try await collector.answer()
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            let line = try Regex(
                #"^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [-+0-9.e]+)$"#)
            let lines = answer.body.split(separator: "\n").map(String.init)
            for text in lines { #expect(text.wholeMatch(of: line) != nil, "\(text)") }
            func value(_ name: String) -> Double? {
                lines.first { $0.hasPrefix(name + " ") }.flatMap { Double($0.dropFirst(name.count + 1)) }
            }
            #expect(value(#"waymark_requests_total{route="/healthz",method="GET",status="200"}"#) == 2)
            #expect(value(#"waymark_requests_total{route="-",method="GET",status="404"}"#) == 2)
            #expect(value(#"waymark_request_seconds_count{route="/healthz",method="GET"}"#) == 2)
            #expect(value(#"waymark_request_seconds_bucket{route="/healthz",method="GET",le="+Inf"}"#) == 2)
            #expect(value(#"waymark_events_total{event="tls_handshake_failed",cause="http_request"}"#) == 1)
            #expect(value("waymark_connections") == 1)
            #expect(try #require(value("process_resident_memory_bytes")) > 1_000_000)
            #expect(try #require(value("process_open_fds")) > 3)
            #expect(try #require(value("process_cpu_seconds_total")) > 0)
            #expect(value(#"waymark_pool_connections{partition="1",state="open"}"#) == 0)
        }
    }
}
