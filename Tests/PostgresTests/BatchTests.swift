import Postgres
import TestSupport
import Testing

@Suite struct BatchTests {
    @Test func `an error in the middle of a batch undoes all of it and only it`() async throws {
        try await withSchema { pool, schema in
            let table = SQL(unchecked: "\(schema).t")
            try await pool.exclusive { try await $0.execute(script: "create table \(schema).t (n int primary key)") }
            let failing = [1, 2, 1, 3].map { Statement("insert into \(table) values (\($0))", preparedFor: "s") }
            let fine = [Statement("insert into \(table) values (\(9))", preparedFor: "s")]
            async let first = Result { try await pool.batch(failing, affinity: 1) }
            async let second = Result { try await pool.batch(fine, affinity: 1) }
            let (failed, worked) = await (first, second)
            #expect((failed.failure as? PostgresError)?.sqlState == .uniqueViolation)
            #expect((failed.failure as? PostgresError)?.constraint == "t_pkey")
            #expect((failed.failure as? PostgresError)?.table == "t")
            #expect(try worked.get()[0].affected == 1)
            #expect(try await pool.read(SQL("select n from \(table)").values(Int.self)) == [9])
        }
    }

    @Test func `an error at commit fails the batch`() async throws {
        try await withSchema { pool, schema in
            let table = SQL(unchecked: "\(schema).t")
            try await pool.exclusive {
                try await $0.execute(script: "create table \(schema).t (n int unique deferrable initially deferred)")
            }
            let twice = [1, 1].map { Statement("insert into \(table) values (\($0))") }
            let error = await #expect(throws: PostgresError.self) { try await pool.batch(twice, affinity: 1) }
            #expect(error?.sqlState == .uniqueViolation)
            #expect(try await pool.read(SQL("select count(*) from \(table)").value(Int.self)) == 0)
            #expect(pool.statistics.shared.open >= 1)
        }
    }

    @Test func `hundreds of batches at a time never cross answers or settings`() async throws {
        try await withSchema { pool, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for canary in 0..<600 {
                    group.addTask {
                        let set = Statement(
                            "select set_config('test.canary', \(String(canary)), true)", preparedFor: "s\(canary % 7)")
                        let read = Statement(
                            """
                            select current_setting('test.canary', true) as seen, \(canary)::int as canary,
                                \(canary)::int / \(canary % 5)::int as ratio
                            """,
                            preparedFor: "s\(canary % 7)")
                        let answer = await Result {
                            try await pool.batch(canary % 3 == 0 ? [read] : [set, read], affinity: canary % 7)
                        }
                        if canary % 5 == 0 {
                            let error = answer.failure as? PostgresError
                            #expect(error?.sqlState == "22012", "\(String(describing: error))")
                        } else {
                            let row = try #require(try answer.get().last?.first)
                            #expect(try row.get("canary") == canary)
                            #expect(try row.get("ratio") == canary / (canary % 5))
                            let seen: String? = try row.get("seen")
                            #expect((seen ?? "") == (canary % 3 == 0 ? "" : String(canary)))
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await eventually { if !(pool.statistics.shared.inFlight == 0) { throw Canary() } }
            #expect(pool.statistics.shared.open <= 4)
        }
    }

    @Test(arguments: [
        "begin", "commit", "rollback", "set work_mem = '1MB'", "reset all", "listen x", "discard plans",
        "prepare p as select 1",
    ])
    func `a batch that reaches beyond itself fails and its connection is retired`(command: String) async throws {
        try await withSchema { pool, _ in
            let before = try await pool.read(SQL("select pg_backend_pid()").value(Int.self))
            let error = await #expect(throws: PostgresError.self) {
                try await pool.batch([Statement("select 1"), Statement(SQL(unchecked: command))], affinity: 1)
            }
            #expect(error?.kind == .protocolViolation)
            let after = try await pool.read(SQL("select pg_backend_pid()").value(Int.self))
            #expect(before != after)
        }
    }

    @Test func `set local ends with its batch and keeps the connection`() async throws {
        try await withSchema { pool, _ in
            let pid = try await pool.read(SQL("select pg_backend_pid()").value(Int.self))
            let answers = try await pool.batch(
                [Statement("set local work_mem = '3MB'"), Statement("show work_mem")], affinity: 1)
            #expect(try answers[1].only().get(at: 0) == "3MB")
            let after = try await pool.batch(
                [Statement("show work_mem"), Statement("select pg_backend_pid()")], affinity: 1)
            #expect(try after[0].only().get(at: 0) != "3MB")
            #expect(try after[1].only().get(at: 0) == pid)
        }
    }

    @Test(arguments: ["copy (select 1) to stdout", "copy t from stdin"])
    func `COPY in a batch is an error`(command: String) async throws {
        try await withSchema { pool, schema in
            try await pool.exclusive { try await $0.execute(script: "create table \(schema).t (n int)") }
            let text = command.replacing("copy t", with: "copy \(schema).t")
            await #expect(throws: PostgresError.self) {
                try await pool.batch([Statement(SQL(unchecked: text))], affinity: 1)
            }
            #expect(try await pool.read(SQL("select 7").value(Int.self)) == 7)
        }
    }

    @Test func `a description shows no value`() async throws {
        try await withSchema { pool, schema in
            let table = SQL(unchecked: "\(schema).t")
            try await pool.exclusive { try await $0.execute(script: "create table \(schema).t (a text unique, n int)") }
            let insert = Statement("insert into \(table) values (\("geheim"), 1)")
            let statements: [[Statement]] = [
                [insert, insert], [Statement("select \("geheim")::int")], [Statement("select \("{geheim")::int[]")],
            ]
            for batch in statements {
                let error = await #expect(throws: PostgresError.self) { try await pool.batch(batch, affinity: 1) }
                #expect("\(error.map { "\($0)" + String(reflecting: $0) } ?? "")".contains("geheim") == false)
            }
        }
    }

    @Test func `an empty batch and an empty statement are answered`() async throws {
        try await withSchema { pool, _ in
            let none = try await pool.batch([], affinity: 1)
            let empty = try await pool.batch([Statement("")], affinity: 1)
            #expect(none.isEmpty)
            #expect(empty.count == 1)
        }
    }
}

extension Result {
    var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
