import Postgres
import TestSupport
import Testing

@Suite struct TransactionTests {
    @Test func `a transaction commits on return and rolls back on a throw`() async throws {
        try await withSchema { pool, schema in
            let table = SQL(unchecked: "\(schema).t")
            try await pool.exclusive { try await $0.execute(script: "create table \(schema).t (n int); select 1;") }
            let inserted = try await pool.transaction(affinity: 1, first: [Statement("select 1")]) { transaction in
                try await transaction(SQL("insert into \(table) values (\(1))").affected())
            }
            #expect(inserted == 1)
            await #expect(throws: Canary.self) {
                try await pool.transaction(affinity: 1) { transaction in
                    _ = try await transaction(SQL("insert into \(table) values (\(2))").affected())
                    throw Canary()
                }
            }
            let numbers = try await pool.read(SQL("select n from \(table)").values(Int.self))
            #expect(numbers == [1])
            #expect(pool.statistics.exclusive.open == 1)
        }
    }

    @Test func `a commit that the server answers with a rollback throws`() async throws {
        try await withSchema { pool, schema in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.transaction(affinity: 1) { transaction in
                    _ = try? await transaction(SQL("select 1/0").value(Int.self))
                }
            }
            #expect(error?.sqlState == .inFailedTransaction)
        }
    }
}
