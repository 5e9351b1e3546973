import Foundation
import Postgres
import PrivatePostgres
import Synchronization
import Tenancy
import TestSupport
import Testing

/// Changes with an `Idempotency-Key`, while the database's processes, the server and the whole database are killed: each
/// request is sent until it is answered, and has one effect.
@Suite(.serialized) struct CrashTests {
    @Test(.timeLimit(.minutes(5))) func `every change has one effect, whatever dies`() async throws {
        let stage = try await ServedCollege.start()
        try await stage.withClient { client in
            let changes = try await CountedChanges(to: stage.college, by: client)
            try await changes.make { book in
                for _ in 0..<2 {
                    for _ in 0..<3 {
                        try await book.waitForMore()
                        try await stage.killBackends()
                    }
                    try await book.waitForMore()
                    try await stage.killServer()
                    try await book.waitForMore()
                    try await stage.killDatabase()
                }
            }
            try await changes.expectOneEffectEach(in: stage.college.owner)
        }
        try await stage.end()
    }

    @Test(.timeLimit(.minutes(3))) func `an import that the server's death cut off is done when it is sent again`()
        async throws
    {
        let stage = try await ServedCollege.start()
        let rows = (1...15_000).map { "s\($0)@x.edu,Given,Family,\($0)\n" }.joined()
        try await stage.withClient { client in
            @Sendable func send() async throws -> TestClient.Answer {
                try await client.send(
                    "POST", "/imports/students", body: "email,given_name,family_name,student_number\n" + rows,
                    headers: ["Idempotency-Key": "import"])
            }
            async let cut = try? send()
            try await stage.untilWriting()
            try await stage.killServer()
            _ = await cut
            let died = ContinuousClock.now
            var answer = try? await send()
            while answer?.status != 200 {
                if let answer { #expect([409, 503].contains(answer.status), "\(answer.text)") }
                let time = ContinuousClock.now - died
                if answer?.status == 409 { #expect(time < .seconds(15), "what has died is still running") }
                try await Task.sleep(for: .milliseconds(20))
                answer = try? await send()
            }
            #expect(answer?.number("added") == 15_000)
            #expect(try await send().bytes == answer?.bytes)
        }
        #expect(try await stage.college.texts("select action from audit where action like 'import%'").count == 1)
        #expect(try await stage.college.texts("select id::text from accounts where role = 'student'").count == 15_000)
        try await stage.end()
    }
}

/// The process has no file descriptors left.
extension CrashTests {
    @Test(.timeLimit(.minutes(3)))
    func `out of file descriptors it serves whom it has, and others when there are some`()
        async throws
    {
        let stage = try await ServedCollege.start(files: 128)
        let port = stage.port
        func status(over client: RawClient) async throws -> Int {
            await client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return try await client.answer().status
        }
        var first: RawClient?
        while first == nil {
            try await Task.sleep(for: .milliseconds(20))
            first = try? await RawClient.connect(to: port)
        }
        let kept = try #require(first)
        #expect(try await status(over: kept) == 200)
        // connections that say nothing; what the server cannot take waits in the system
        var silent: [RawClient] = []
        while !stage.log.contains(#""event":"accept_failed""#) {
            silent.append(try await RawClient.connect(to: port, tls: false))
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(stage.log.contains(#""cause":"errno 24""#))
        #expect(try await status(over: kept) == 200)
        for client in silent { await client.close() }
        let late = try await RawClient.connect(to: port)
        #expect(try await status(over: late) == 200)
        for client in [kept, late] { await client.close() }
        try await stage.end()
    }
}

/// What only the program itself sets up, not its parts.
extension CrashTests {
    @Test(.timeLimit(.minutes(3))) func `passwords are checked in memory that is kept`() async throws {
        let stage = try await ServedCollege.start()
        try await stage.withClient { client in
            // unused memory is given back after a while, so each look follows a password
            var kept = false
            for attempt in 1...5 where !kept {
                _ = try await client.send(
                    "POST", "/session", json: #"{"email":"nobody\#(attempt)@x.edu","password":"four words and more"}"#)
                let collector = try await RawClient.connect(to: stage.metricsPort, tls: false)
                await collector.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
                let metrics = try await collector.answer().body.split(separator: "\n")
                await collector.close()
                kept = metrics.contains { $0.hasPrefix("waymark_password_memory_bytes ") && !$0.hasSuffix(" 0") }
            }
            #expect(kept)
        }
        try await stage.end()
    }
}
