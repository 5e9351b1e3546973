import Postgres
import TestSupport
import Testing

/// What a backend does not know of its login's roles, another may: the connection is not used again.
@Suite struct StaleRoleTests {
    @Test func `a connection that refuses a role is replaced`() async throws {
        var configuration = Pool.Configuration(conninfo: try await TestDatabase.shared.prepared().serviceURL)
        configuration.size = 1
        let pool = Pool(configuration)
        func backend() async throws -> Int {
            let query = ("select pg_backend_pid()" as SQL).value(Int.self)
            return try query.decode(try await pool.batch([Statement(query.sql)], affinity: 1)[0])
        }
        let first = try await backend()
        #expect(try await backend() == first)
        let other = await #expect(throws: PostgresError.self) {
            _ = try await pool.batch([Statement("select 1 / 0")], affinity: 1)
        }
        #expect(other?.refusesRole == false)
        #expect(try await backend() == first)
        let refused = await #expect(throws: PostgresError.self) {
            _ = try await pool.batch([Statement("set local role waymark_owner")], affinity: 1)
        }
        #expect(refused?.refusesRole == true)
        #expect(try await backend() != first)
        await pool.close()
    }
}
