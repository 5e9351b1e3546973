import TestSupport

@testable import Postgres

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
    for _ in 0..<1_200 {
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
    /// Waits until one of the pool's statements sleeps in the server: it was sent, and has not ended. The pool must have a
    /// server or a name of its own.
    func untilAsleep() async throws {
        let asleep: SQL = """
            select exists (select from pg_stat_activity
                            where application_name = current_setting('application_name') and wait_event = 'PgSleep')
            """
        try await exclusive { connection in
            try await eventually { if try await !connection(asleep.value(Bool.self)) { throw Canary() } }
        }
    }

    /// Runs queries as one batch behind the statements `first` and reads their answers, each by its query.
    func run<each Output>(
        first: [Statement], preparedFor: String?, affinity: Int, _ query: repeat Query<each Output>
    ) async throws -> (repeat each Output) {
        var statements = first
        repeat statements.append(Statement((each query).sql, preparedFor: preparedFor))
        let answers = try await batch(statements, affinity: affinity)
        return try decode(repeat each query, from: answers, skipping: first.count)
    }

    /// One query as a batch of its own.
    func read<Output>(_ query: Query<Output>, preparedFor: String? = "test") async throws -> Output {
        try await run(first: [], preparedFor: preparedFor, affinity: 1, query)
    }
}
