import CLibPQ
import Foundation
import TestSupport
import PrivatePostgres
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
}
