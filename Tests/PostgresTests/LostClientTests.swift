import CLibPQ
import Foundation
import PrivatePostgres
import TestSupport
import Testing

@testable import Postgres

/// What stays behind where one end of a connection goes without a word.
@Suite(.timeLimit(.minutes(2))) struct LostClientTests {
    @Test func `a statement whose client is gone ends in the server, and gives its locks back`() async throws {
        try await withSchema { pool, _ in
            let backend = try await pool.exclusive { connection in
                let backend = try await connection(SQL("select pg_backend_pid()").value(Int.self))
                let lost = Task { try await connection.batch([Statement("select pg_sleep(600)")]) }
                try await pool.untilAsleep()
                // closes the socket, as the end of the process does, and cancels nothing
                await connection.close()
                await #expect(throws: PostgresError.self) { _ = try await lost.value }
                return backend
            }
            let isThere: SQL = "select exists (select from pg_stat_activity where pid = \(backend))"
            try await eventually { if try await pool.read(isThere.value(Bool.self)) { throw Canary() } }
        }
    }

    @Test func `every session of a pool looks whether its client is there`() async throws {
        try await withSchema { pool, _ in
            let setting = SQL("select current_setting('client_connection_check_interval')").value(String.self)
            let ofBatches: String = try await pool.read(setting)
            let ofTransactions: String = try await pool.transaction(affinity: 1) { try await $0(setting) }
            let ofLongOnes: String = try await pool.transaction(affinity: 1, isLong: true) { try await $0(setting) }
            #expect([ofBatches, ofTransactions, ofLongOnes] == ["1s", "1s", "1s"])
        }
    }

    @Test func `a server that goes while statements are forgotten takes no batch along that was not sent`() async throws
    {
        let request = ConnectRequest(
            conninfo: try await TestServer.url(), user: nil, applicationName: nil, timeout: .seconds(60))
        let pipeline = try await ConnectWait.connect(request, loop: .shared)
        // more than the cache holds: the next batch is sent behind a DEALLOCATE of the oldest
        let many = (0..<300).map { Statement(SQL(unchecked: "select \($0)"), preparedFor: "s") }
        _ = try await pipeline.run(many, discipline: .exclusive, timeout: nil)
        let (isSent, isOpen, isAnswered) = await withCheckedContinuation { continuation in
            // in one turn of the loop, which has no time to see that the server is gone
            pipeline.loop.execute {
                var isAnswered = false
                let batch = Batch([Statement("select 1")], discipline: .shared, timeout: nil) { _ in isAnswered = true }
                if let handle = pipeline.handle {
                    shutdown(PQsocket(handle), Int32(SHUT_RDWR))
                    // libpq keeps the first failed write to itself and reports the next
                    _ = PQsendFlushRequest(handle)
                    _ = PQflush(handle)
                }
                let isSent = pipeline.send(batch)
                continuation.resume(returning: (isSent, pipeline.handle != nil, isAnswered))
            }
        }
        #expect(!isSent && !isAnswered, "it may be sent over another connection")
        #expect(!isOpen, "what was half sent has no answer that could be told apart")
    }
}
