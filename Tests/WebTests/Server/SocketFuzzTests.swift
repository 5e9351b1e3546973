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

    /// Requests whose body is read only where the rest is right.
    private static let whole: [(line: String, headers: [(String, String)], body: String)] = [
        (
            "POST /imports", [("Cookie", "__Host-waymark=TOKEN"), ("Origin", "https://HOST"), multipart],
            """
            --b\r
            Content-Disposition: form-data; name="csrf"\r
            \r
            PROOF\r
            --b\r
            Content-Disposition: form-data; name="file"; filename="a.csv"; filename*=UTF-8''a.csv\r
            Content-Type: text/csv; charset=utf-8\r
            \r
            email,given_name\r
            --b--\r

            """
        ),
        (
            "POST /api/v1/session", [("Content-Type", "application/json")],
            #"{"email":"EMAIL","password":"four words and more"}"#
        ),
        (
            "POST /scim/v2/Users", [scim, ("Authorization", "Bearer SCIM")],
            #"{"userName":"a@x.edu","name":{"givenName":"A","familyName":"B"},"active":true}"#
        ),
        (
            "PATCH /scim/v2/Users/1", [scim, ("Authorization", "Bearer SCIM")],
            #"{"Operations":[{"op":"replace","path":"emails[type eq \"work\"].value","value":"b@x.edu"}]}"#
        ),
        ("GET /scim/v2/Users?filter=userName%20eq%20%22a%22&startIndex=1", [("Authorization", "Bearer SCIM")], ""),
        ("POST /scim/v2/.search", [scim, ("Authorization", "Bearer SCIM")], #"{"filter":"active eq true","count":2}"#),
    ]
    private static let multipart = ("Content-Type", "multipart/form-data; boundary=b")
    private static let scim = ("Content-Type", "application/scim+json")

    private struct Request {
        let bytes: [UInt8]
        /// Whether the server may rightly wait for more of it.
        let mayWait: Bool
    }

    /// - Parameter real: puts what there is in the place of `TOKEN` and its like.
    private static func request(_ fuzz: inout Fuzz, _ real: (String) -> String) -> Request {
        var headers: [(String, [UInt8])] = [("Host", Array(real("HOST").utf8))]
        var line: [UInt8]
        var body: [UInt8]
        var name: String?
        if fuzz.chance(30), let request = whole.randomElement(using: &fuzz) {
            line = Array(request.line.utf8)
            headers += request.headers.map { ($0, Array(real($1).utf8)) }
            body = fuzz.spoilt(Array(real(request.body).utf8))
            if fuzz.chance(30) { name = fields.randomElement(using: &fuzz)?.name }
        } else {
            line = Array((targets.randomElement(using: &fuzz) ?? "GET /").utf8)
            if fuzz.chance(70) { headers.append(("Authorization", Array(real("Bearer TOKEN").utf8))) }
            body = fuzz.chance(50) ? Array(#"{"name":"x"}"#.utf8) : fuzz.bytes()
            name = fields.randomElement(using: &fuzz)?.name
        }
        headers.append(("Content-Length", Array(String(body.count).utf8)))
        if let name {
            // a line's end would begin another field
            let value = fuzz.bytes().filter { $0 != 0x0A && $0 != 0x0D }
            headers.removeAll { $0.0 == name }
            headers.append((name, value))
        }
        // what is no part of an address ends it
        let piece = fuzz.bytes().filter { $0 > 0x20 && $0 != 0x7F }
        if fuzz.chance(20) { line += Array("?".utf8) + piece }
        if fuzz.chance(20) { line = Array((Self.openTargets.randomElement(using: &fuzz) ?? "GET /").utf8) + piece }
        var bytes = line + Array(" HTTP/1.1\r\n".utf8)
        for (name, value) in headers { bytes += Array("\(name): ".utf8) + value + Array("\r\n".utf8) }
        return Request(
            bytes: bytes + Array("\r\n".utf8) + body,
            mayWait: ["Content-Length", "Transfer-Encoding", "Expect", "Connection", "Upgrade"].contains(name ?? ""))
    }

    @Test func `no header, address or body ends the server or is answered with a failure`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        let hash = try await college.site.passwords.hash("four words and more")
        try await college.run("update accounts set password_hash = \(hash)")
        let end = Date.now.addingTimeInterval(86_400).formatted(.iso8601)
        let scim = try await college.client(admin).send(
            .post, "/api/v1/tokens", json: #"{"name":"SCIM","expiresAt":"\#(end)","scopes":["scim"]}"#)
        let values = [
            "TOKEN": admin.token.text, "PROOF": admin.token.secret.csrfToken, "EMAIL": admin.email,
            "HOST": "\(college.institution.slug).localhost", "SCIM": try #require(scim.text("token")),
        ]
        let real = { @Sendable (text: String) in
            values.reduce(text) { $0.replacing($1.key, with: $1.value) }
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
                            let request = Self.request(&fuzz, real)
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
