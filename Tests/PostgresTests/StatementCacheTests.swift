import Postgres
import TestSupport
import Testing

@Suite struct StatementCacheTests {
    private static let prepared = Statement("select count(*)::int from pg_prepared_statements")

    @Test func `the cache is bounded on the server too`() async throws {
        try await withSchema({
            $0.size = 1; $0.statementCacheSize = 16
        }) { pool, _ in
            for number in 0..<100 {
                let sql = SQL(unchecked: "select \(number)")
                #expect(try await pool.read(sql.value(Int.self)) == number)
            }
            let held: Int = try await pool.batch([Self.prepared], affinity: 1)[0].only().get(at: 0)
            #expect((8...17).contains(held))
        }
    }

    @Test func `a statement is prepared once for each purpose, and without one not at all`() async throws {
        try await withSchema({ $0.size = 1 }) { pool, _ in
            _ = try await pool.read(SQL("select 1").value(Int.self), preparedFor: nil)
            for purpose in ["a", "b", "a", "b"] {
                _ = try await pool.read(SQL("select 2").value(Int.self), preparedFor: purpose)
            }
            let held: Int = try await pool.batch([Self.prepared], affinity: 1)[0].only().get(at: 0)
            #expect(held == 2)
        }
    }

    @Test func `a plan whose result type changed is made anew`() async throws {
        try await withSchema({ $0.size = 1 }) { pool, schema in
            let table = SQL(unchecked: "\(schema).t")
            try await pool.exclusive {
                try await $0.execute(script: "create table \(schema).t (a int); insert into \(schema).t values (1)")
            }
            let read = SQL("select * from \(table)")
            #expect(try await pool.read(read.value(Int.self)) == 1)
            #expect(try await pool.read(read.value(Int.self)) == 1)
            try await pool.exclusive {
                try await $0.execute(script: "alter table \(schema).t alter a type text using 'x' || a")
            }
            #expect(try await pool.read(read.value(String.self)) == "x1")
            try await pool.exclusive {
                try await $0.execute(script: "alter table \(schema).t rename a to b; alter table \(schema).t add c int")
            }
            let row = try await pool.batch([Statement(read, preparedFor: "test")], affinity: 1)[0].only()
            #expect(try row.get("b") == "x1")
            #expect(try row.get("c", as: Int?.self) == nil)
        }
    }

    @Test func `a deallocated statement is prepared anew`() async throws {
        try await withSchema({ $0.size = 1 }) { pool, schema in
            try await pool.exclusive {
                try await $0.execute(
                    script:
                        """
                        create function \(schema).f() returns int language plpgsql
                            as 'begin deallocate all; return 1; end'
                        """
                )
            }
            for _ in 0..<3 {
                #expect(try await pool.read(SQL("select 3").value(Int.self)) == 3)
                _ = try await pool.batch([Statement(SQL(unchecked: "select \(schema).f()"))], affinity: 1)
            }
        }
    }

    @Test func `a statement whose preparation failed or was skipped works later`() async throws {
        try await withSchema({ $0.size = 1 }) { pool, schema in
            let table = SQL(unchecked: "\(schema).late")
            let read = Statement("select count(*)::int from \(table)", preparedFor: "s")
            let other = Statement("select 11", preparedFor: "s")
            let results = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 { group.addTask { (try? await pool.batch([read, other], affinity: 1)) != nil } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results == Array(repeating: false, count: 8))
            #expect(try await pool.batch([other], affinity: 1)[0].only().get(at: 0) == 11)
            try await pool.exclusive { try await $0.execute(script: "create table \(schema).late (n int)") }
            #expect(try await pool.batch([read, other], affinity: 1)[0].only().get(at: 0) == 0)
        }
    }

    @Test func `a search path set before it holds for the statement behind it`() async throws {
        try await withSchema({ $0.size = 1 }) { pool, schema in
            try await pool.exclusive {
                try await $0.execute(
                    script: """
                        create schema \(schema)_b; create table \(schema).t as select 'a' as v;
                        create table \(schema)_b.t as select 'b' as v
                        """)
            }
            for name in [schema, schema + "_b", schema, schema + "_b"] {
                let enter = Statement("select set_config('search_path', \(name), true)", preparedFor: "enter")
                let value: String = try await pool.batch(
                    [enter, Statement("select v from t", preparedFor: name)], affinity: 1)[1].only().get(at: 0)
                #expect(value == (name == schema ? "a" : "b"))
            }
            try await pool.exclusive { try await $0.execute(script: "drop schema \(schema)_b cascade") }
        }
    }
}
