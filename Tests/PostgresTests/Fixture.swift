import Postgres
import TestSupport

/// An error only the tests throw.
struct Canary: Error, Equatable {
    var number = 0
}

/// A pool on the shared server.
func withPool<Value: Sendable>(
    _ change: (inout Pool.Configuration) -> Void, _ body: (Pool) async throws -> Value
) async throws -> Value {
    var configuration = Pool.Configuration(conninfo: try await TestServer.url())
    change(&configuration)
    let pool = Pool(configuration)
    let result = await Result { try await body(pool) }
    await pool.close()
    return try result.get()
}

/// Repeats until it works: on a busy machine the first connection may take longer than a test's short limits.
func eventually(_ body: () async throws -> Void) async throws {
    for _ in 0..<100 {
        do { return try await body() } catch { try await Task.sleep(for: .milliseconds(50)) }
    }
    try await body()
}

/// A pool on the shared server and a schema of the test's own, dropped afterwards.
func withSchema<Value: Sendable>(
    _ change: (inout Pool.Configuration) -> Void = { _ in }, _ body: (Pool, String) async throws -> Value
) async throws -> Value {
    var configuration = Pool.Configuration(conninfo: try await TestServer.url())
    configuration.applicationName = "test_\(UInt32.random(in: 0...UInt32.max))"
    configuration.waitTimeout = .seconds(30)
    change(&configuration)
    let pool = Pool(configuration)
    let schema = "t\(UInt32.random(in: 0...UInt32.max))"
    try await pool.exclusive { try await $0.execute(script: "create schema \(schema)") }
    let result = await Result { try await body(pool, schema) }
    try? await pool.exclusive { try await $0.execute(script: "drop schema \(schema) cascade") }
    await pool.close()
    return try result.get()
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

extension Pool {
    /// One query as a batch of its own.
    func read<Output>(_ query: Query<Output>, scope: String? = "test") async throws -> Output {
        try await run(first: [], scope: scope, affinity: 1, query)
    }
}
