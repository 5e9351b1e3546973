import Casework
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing
import Web

/// Bodies that are not what they should be, over real routes and a real connection.
@Suite struct InputCorpusTests {
    private static let bodies: [(String, String)] = [
        ("empty", ""), ("space", "  "), ("truncated", #"{"email":"#), ("two values", "{}{}"), ("array", "[]"),
        ("number", "1"), ("string", #""x""#), ("null", "null"), ("comment", "{/* */}"),
        ("trailing comma", #"{"a":1,}"#),
        ("duplicate keys", #"{"email":"a","email":"b"}"#), ("1e400", #"{"email":1e400}"#), ("-0", #"{"email":-0}"#),
        ("2^63", #"{"email":9223372036854775808}"#), ("NaN", #"{"email":NaN}"#), ("01", #"{"email":01}"#),
        ("lone surrogate", #"{"email":"\ud800"}"#), ("bad escape", #"{"email":"\x"}"#),
        ("control character", "{\"email\":\"a\u{1}b\"}"), ("U+0000", #"{"email":"a\u0000b","password":"x"}"#),
        ("BOM", "\u{FEFF}{}"), ("nested 500", nested(500)), ("nested 1,000", nested(1_000)),
        ("nested 100,000", nested(100_000)), ("nested objects", String(repeating: #"{"a":"#, count: 50_000)),
        ("unknown fields", #"{"nonsense":1}"#), ("wrong types", #"{"email":[],"password":{}}"#),
        ("long", #"{"email":"\#(String(repeating: "a", count: 900_000))","password":"x"}"#),
        ("injection", #"{"email":"Robert'); drop table accounts; --","password":"%s%n","givenName":"<script>"}"#),
        ("bidi", #"{"email":"\u202e@\u200b","password":"\uffff"}"#),
    ]

    private static func nested(_ depth: Int) -> String {
        #"{"email":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
    }

    private static let invalidBytes: [[UInt8]] = [
        [0xff, 0xfe, 0x7b, 0, 0x7d, 0], Array(#"{"email":""#.utf8) + [0xc0, 0xaf] + Array(#""}"#.utf8), [0x80],
        [0, 0, 0],
        Array(#"{"email":""#.utf8) + [0xed, 0xa0, 0x80] + Array(#""}"#.utf8),
    ]

    @Test func `no body makes the server fail`() async throws {
        let place = try await TestInstitution.make()
        let admin = try await place.person("admin")
        try await RunningServer.with(deployment: place.database.deployment) { server in
            let client = try await RawClient.connect(to: server.port)
            func send(_ path: String, _ body: [UInt8], type: String? = "application/json") async throws -> HTTP1Answer {
                let media = type.map { "Content-Type: \($0)\r\n" } ?? ""
                let head =
                    "POST /api/v1/\(path) HTTP/1.1\r\nHost: \(place.institution.slug).localhost\r\n"
                    + "Authorization: Bearer \(admin.token.text)\r\n\(media)Content-Length: \(body.count)\r\n\r\n"
                await client.send(Array(head.utf8) + body)
                return try await client.answer(within: .seconds(10))
            }
            for path in ["session", "accounts"] {
                for (name, text) in Self.bodies {
                    let answer = try await send(path, Array(text.utf8))
                    #expect([400, 401, 422].contains(answer.status), "\(path), \(name): \(answer.status)")
                    #expect(answer.headers["content-type"] == "application/problem+json", "\(path), \(name)")
                }
                for bytes in Self.invalidBytes {
                    let answer = try await send(path, bytes)
                    #expect([400, 422].contains(answer.status), "\(path), \(bytes): \(answer.status)")
                }
                for type in [nil, "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "", ";"] {
                    #expect(
                        try await send(path, Array("{}".utf8), type: type).status == 415, "\(path), \(type ?? "none")")
                }
                let big = Array(#"{"email":"\#(String(repeating: "a", count: 10_000_000))"}"#.utf8)
                #expect(try await send(path, big).status == 413)
            }
            #expect(!server.log.lines.contains { $0.message == "unforeseen" })
        }
    }
}
