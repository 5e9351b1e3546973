import Casework
import Foundation
import Networks
import Tenancy
import TestSupport
import Testing
import Web

/// Every header field that any code reads, the address and the body, spoilt and sent to a running server over TLS.
@Suite struct SocketFuzzTests {
    /// Fields with values that are right, and where they are read.
    private static let fields: [(name: String, values: [String])] = [
        ("Accept-Language", ["de-AT, es;q=0.5, en;q=0.9"]),
        ("Cookie", ["language=es; __Host-waymark=TOKEN", "__Host-waymark-provider=a.b.c.L2Rhc2hib2FyZA"]),
        ("Authorization", ["Bearer TOKEN"]), ("Content-Type", ["application/json", "text/csv; charset=utf-8"]),
        ("Content-Disposition", ["attachment; filename=\"n.pdf\"; filename*=UTF-8''n.pdf"]),
        ("If-Match", ["\"3\", W/\"4\"", "*"]),
        ("If-None-Match", ["\"3\""]), ("Idempotency-Key", ["8e03978e-40d5-43e8-bc93-6894a57f9324"]),
        ("Origin", ["https://HOST"]), ("Sec-Fetch-Site", ["same-origin"]), ("Host", ["HOST"]),
        ("X-CSRF-Token", ["TOKEN"]),
        ("Range", ["bytes=0-10, -5"]), ("Accept", ["text/html, */*;q=0.1"]), ("Accept-Encoding", ["gzip, br;q=0"]),
        ("Expect", ["100-continue"]), ("Connection", ["keep-alive, Upgrade"]), ("Upgrade", ["h2c"]),
        ("Forwarded", ["for=192.0.2.1;proto=https", "for=\"[2001:db8::1]:4711\", for=127.0.0.1"]),
        ("X-Forwarded-For", ["192.0.2.1, 2001:db8::1"]),
        ("X-Request-Id", ["abc"]), ("Content-Length", ["2"]), ("Transfer-Encoding", ["chunked"]),
        ("Referer", ["https://HOST/x"]),
        ("User-Agent", ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "curl/8.5.0"]),
    ]
    private static let pieces = [
        "a", "1", "en", "=", ";", ",", "\"", " ", "q=0.5", "Bearer ", "bytes=", "W/", "*", "/", ":", "utf-8", "chunked",
        "TOKEN",
    ]
    private static let targets = [
        "GET /sign-in", "GET /", "GET /nowhere", "GET /cohorts?limit=1", "GET /api/v1/cohorts?limit=1",
        "GET /api/v1/me",
        "GET /dashboard", "POST /sign-in", "POST /categories", "POST /language", "POST /api/v1/categories",
        "PATCH /api/v1/settings", "POST /api/v1/imports/students", "POST /api/v1/milestones/1/files",
        "DELETE /api/v1/groups/1", "GET /sign-in/provider/return?code=c&state=s",
    ]

    /// Addresses whose last part is an id or a word.
    private static let openTargets = [
        "GET /api/v1/cohorts/", "GET /files/", "GET /students/", "GET /invitations/", "GET /assets/",
        "POST /api/v1/milestones/1/progress/1/", "PUT /api/v1/groups/1/members/", "POST /api/v1/invitations/", "GET /",
        "GET /calendar/", "GET /sign-in/provider/return?", "GET /scim/v2/", "GET /scim/v2/Users?filter=",
    ]

    private struct Request {
        let bytes: [UInt8]
        /// Whether the server may rightly wait for more of it.
        let mayWait: Bool
    }

    private static func request(_ fuzz: inout Fuzz, host: String, token: String) -> Request {
        let (name, _) = fields.randomElement(using: &fuzz) ?? ("Accept", [])
        var headers: [(String, [UInt8])] = [("Host", Array(host.utf8))]
        if fuzz.chance(70) { headers.append(("Authorization", Array("Bearer \(token)".utf8))) }
        let body = fuzz.chance(50) ? Array(#"{"name":"x"}"#.utf8) : fuzz.bytes()
        headers.append(("Content-Length", Array(String(body.count).utf8)))
        // a line's end would begin another field
        let value = fuzz.bytes().filter { $0 != 0x0A && $0 != 0x0D }
        headers.removeAll { $0.0 == name }
        headers.append((name, value))
        var line = Array((targets.randomElement(using: &fuzz) ?? "GET /").utf8)
        // what is no part of an address ends it
        let piece = fuzz.bytes().filter { $0 > 0x20 && $0 != 0x7F }
        if fuzz.chance(20) { line += Array("?".utf8) + piece }
        if fuzz.chance(20) { line = Array((Self.openTargets.randomElement(using: &fuzz) ?? "GET /").utf8) + piece }
        var bytes = line + Array(" HTTP/1.1\r\n".utf8)
        for (name, value) in headers { bytes += Array("\(name): ".utf8) + value + Array("\r\n".utf8) }
        return Request(
            bytes: bytes + Array("\r\n".utf8) + body,
            mayWait: ["Content-Length", "Transfer-Encoding", "Expect", "Connection", "Upgrade"].contains(name))
    }

    @Test func `no header, address or body ends the server or is answered with a failure`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        let host = "\(college.institution.slug).localhost"
        let real = { (text: String) in
            text.replacingOccurrences(of: "TOKEN", with: admin.token.text).replacingOccurrences(of: "HOST", with: host)
        }
        let samples = Self.fields.flatMap(\.values).map(real)
        let pieces = Self.pieces.map(real)
        // whoever asks comes by a proxy that is believed
        try await RunningServer.with(
            deployment: college.database.deployment, proxies: TrustedProxies(AddressBlock.loopback)
        ) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<4 {
                    group.addTask {
                        let seed = Fuzz.seed(of: "socket \(lane)")
                        var fuzz = Fuzz(seed: seed, samples: samples, pieces: pieces)
                        let start = ContinuousClock.now
                        var number = 0
                        var client = try await RawClient.connect(to: server.port)
                        while Fuzz.goesOn(number, of: 200, since: start) {
                            number += 1
                            let request = Self.request(&fuzz, host: host, token: admin.token.text)
                            await client.send(request.bytes)
                            let answer = try? await client.answer(
                                within: request.mayWait ? .milliseconds(300) : .seconds(60))
                            if let answer {
                                #expect(
                                    answer.status < 500, "lane \(lane), case \(number): \(Fuzz.shown(request.bytes))")
                            } else if !request.mayWait {
                                let closed = client.isClosed
                                #expect(closed, "lane \(lane), case \(number), no answer: \(Fuzz.shown(request.bytes))")
                            }
                            // one answer with a known end, and the next request goes on behind it
                            let goesOn = answer.map {
                                $0.headers["transfer-encoding"] == nil && $0.headers["connection"] != "close"
                            }
                            guard goesOn != true || request.mayWait || client.isClosed else { continue }
                            await client.close()
                            client = try await RawClient.connect(to: server.port)
                        }
                        await client.close()
                    }
                }
                try await group.waitForAll()
            }
            let client = try await RawClient.connect(to: server.port)
            await client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await client.answer().status == 200)
            await client.close()
            let unforeseen = server.log.lines.filter { $0.message == "unforeseen" }
            #expect(unforeseen.isEmpty, "\(unforeseen)")
        }
    }
}
