import Postgres
import TestSupport
import Testing

@Suite struct PoolTests {
    @Test func `a batch answers each statement`() async throws {
        let pool = Pool(Pool.Configuration(conninfo: try await TestServer.url()))
        let (number, text) = try await pool.run(
            first: [Statement("select 1")], scope: "a", affinity: 1,
            SQL("select 40 + \(2)::int").value(Int.self), ("select \("x")::text || 'y'" as SQL).value(String.self))
        #expect(number == 42)
        #expect(text == "xy")
        await pool.close()
    }
}
