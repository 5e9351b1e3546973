import Foundation
import TestSupport
import Testing

@testable import CLI

/// The demo when one of its two processes dies.
@Suite(.serialized) struct DemoFaultTests {
    /// Waits for what must come, however slow the machine is.
    private func until(_ what: String, _ demo: RunningDemo, _ isSo: () async throws -> Bool) async throws {
        for _ in 0..<1_200 {
            if try await isSo() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("\(what): \(demo.errors)")
    }

    private func readiness(_ demo: RunningDemo) async throws -> Int {
        let port = try #require(URL(string: demo.greeting.url)?.port)
        let client = try await RawClient.connect(to: port)
        await client.send("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        let answer = try await client.answer(within: .seconds(30))
        await client.close()
        return answer.status
    }

    @Test func `PostgreSQL that has died is started again, and the demo goes on`() async throws {
        let folder = try TemporaryFolder()
        let demo = try await RunningDemo.start(in: folder, "--empty")
        #expect(try await readiness(demo) == 200)
        let first = try #require(demo.postgres)
        kill(first, SIGKILL)
        try await until("no other PostgreSQL", demo) {
            guard let now = demo.postgres, now != first else { return false }
            return try await readiness(demo) == 200
        }
        #expect(demo.errors.contains("PostgreSQL has died"), "\(demo.errors)")
        #expect(!RunningDemo.isAlive(first))
        #expect(try await demo.stop() == 0)
        #expect(!demo.hasServer())
    }

    @Test func `PostgreSQL ends with a demo that is killed`() async throws {
        let folder = try TemporaryFolder()
        let demo = try await RunningDemo.start(in: folder, "--empty")
        let postgres = try #require(demo.postgres)
        #expect(try await demo.stop(SIGKILL) == 128 + SIGKILL)
        try await until("PostgreSQL is left behind", demo) { !RunningDemo.isAlive(postgres) }
    }

    /// A signal from outside is handled as a trap is; but what it interrupts goes on behind the report, and only what Swift has
    /// left in place, the system's own way, ends the process.
    @Test func `a crash is reported in short, and PostgreSQL ends with it`() async throws {
        let folder = try TemporaryFolder()
        let demo = try await RunningDemo.start(in: folder, "--empty")
        let postgres = try #require(demo.postgres)
        let start = ContinuousClock.now
        kill(demo.process.processIdentifier, SIGILL)
        try await until("no report of the crash", demo) { demo.errors.contains("Backtrace took") }
        #expect(.now - start < .seconds(20))
        kill(demo.process.processIdentifier, SIGILL)
        #expect(try await demo.process.end() == 128 + SIGILL)
        #expect(demo.errors.contains("Program crashed: Illegal instruction"), "\(demo.errors)")
        #expect(demo.errors.utf8.count < 3_000 && !demo.errors.contains("Thread 1 "), "\(demo.errors)")
        try await until("PostgreSQL is left behind", demo) { !RunningDemo.isAlive(postgres) }
    }
}
