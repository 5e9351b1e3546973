import Dates
import FoundationEssentials
import Postgres
import TestSupport
import Testing

@Suite struct CodecTests {
    private func same<Value: PostgresEncodable & PostgresDecodable & Equatable & Sendable>(
        _ values: [Value], as type: String, _ connection: Connection
    ) async throws {
        for value in values {
            let cast = SQL(unchecked: type)
            let back = try await connection(SQL("select \(value)::\(cast)").value(Value.self))
            #expect(back == value, "\(type)")
            let none: Value? = nil
            #expect(try await connection(SQL("select \(none)::\(cast)").value(Value?.self)) == nil)
        }
        await #expect(throws: PostgresError.self) {
            _ = try await connection(SQL("select null::\(SQL(unchecked: type))").value(Value.self))
        }
    }

    @Test func `every type comes back as it went`() async throws {
        let connection = try await Connection.connect(conninfo: try await TestServer.url())
        try await same([0, -1, .max, .min] as [Int], as: "bigint", connection)
        try await same([0, .max, .min] as [Int64], as: "bigint", connection)
        try await same([0, .max, .min] as [Int32], as: "integer", connection)
        try await same([0, Int(Int16.max), Int(Int16.min)] as [Int], as: "smallint", connection)
        try await same([true, false], as: "boolean", connection)
        let texts = [
            "", " ", "O'Brien", "Robert'); drop table x; --", "ünïcödé 🧭", "\\", "\"",
            String(repeating: "x", count: 300_000),
        ]
        try await same(texts, as: "text", connection)
        try await same(["a", "ü"], as: "varchar", connection)
        try await same(["name"], as: "name", connection)
        try await same(
            [0, -0.1, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity] as [Double], as: "float8", connection
        )
        try await same(
            [[], [0], Array(0...255), [UInt8](repeating: 7, count: 2_000_000)] as [[UInt8]], as: "bytea", connection)
        try await same(
            ["0001-01-01", "9999-12-31", "1999-12-31", "2024-02-29"].compactMap { CalendarDate($0) }, as: "date",
            connection)
        try await same(
            [0, 1.5, -1e9, 1_700_000_000.123456, -62_135_596_800].map(Date.init(timeIntervalSince1970:)),
            as: "timestamptz", connection)
        try await same([[], [1, -2, .max]] as [[Int]], as: "bigint[]", connection)
        try await same([[1, 2]] as [[Int]], as: "int[]", connection)
        try await same([[], texts] as [[String]], as: "text[]", connection)
        try await same([[1, nil, 3], [nil], []] as [[Int?]], as: "bigint[]", connection)
        try await same([["a", nil, "NULL"]] as [[String?]], as: "text[]", connection)
        try await same([JSONText(#"{"a": [1, null]}"#)], as: "json", connection)
        try await same([JSONText(#"{"a": [1, null]}"#)], as: "jsonb", connection)
        await connection.close()
    }

    @Test func `moments of infinity and of the zone come back`() async throws {
        let connection = try await Connection.connect(conninfo: try await TestServer.url())
        let past = try await connection(SQL("select '-infinity'::timestamptz").value(Date.self))
        #expect(past == .distantPast)
        let zoned = try await connection(
            SQL("select '2026-03-08 02:30:00 America/New_York'::timestamptz").value(Date.self))
        #expect(zoned.timeIntervalSince1970 == 1_772_955_000)
        await connection.close()
    }

    @Test func `what does not fit says which column`() async throws {
        let connection = try await Connection.connect(conninfo: try await TestServer.url())
        let wrong: [(SQL, String)] = [
            ("select 1.5::numeric as price", "price"), ("select 5000000000 as big", "big"),
            ("select '{{1}}'::int[] as deep", "deep"),
        ]
        for (sql, column) in wrong {
            let error = await #expect(throws: PostgresError.self) {
                if column == "deep" {
                    _ = try await connection(sql.value([Int].self))
                } else {
                    _ = try await connection(sql.value(Int32.self))
                }
            }
            #expect(error?.kind == .decoding)
            #expect(error?.message.contains("column \(column)") == true)
        }
        for query in [SQL("select 1 where false").value(Int.self), SQL("values (1), (2)").value(Int.self)] {
            await #expect(throws: PostgresError.self) { _ = try await connection(query) }
        }
        #expect(try await connection(SQL("select 1 where false").optionalValue(Int.self)) == nil)
        #expect(try await connection(SQL("values (1), (2)").values(Int.self)) == [1, 2])
        await connection.close()
    }

    struct Student: RowDecodable, Equatable {
        enum State: String, PostgresEncodable, PostgresDecodable { case active, left }

        var id: Int
        var name: String
        var state: State

        init(row: Row) throws {
            name = try row.get("name")
            id = try row.get("id")
            state = try row.get("state")
        }
    }

    @Test func `a row is read by name in any order and enumerations by raw value`() async throws {
        let connection = try await Connection.connect(conninfo: try await TestServer.url())
        let state = Student.State.left
        let students = try await connection(
            SQL("select n as id, 's' || n as name, \(state)::text as state from generate_series(1, 3) n").all(
                Student.self))
        #expect(students.map(\.id) == [1, 2, 3])
        #expect(students.map(\.name) == ["s1", "s2", "s3"])
        #expect(students.allSatisfy { $0.state == .left })
        let error = await #expect(throws: PostgresError.self) {
            _ = try await connection(SQL("select 1 as id, 'x' as name").one(Student.self))
        }
        #expect(error?.message.contains("no column state") == true)
        await connection.close()
    }

    @Test func `text with U+0000 is refused before anything is sent`() async throws {
        try await withSchema { pool, schema in
            let table = SQL(unchecked: "\(schema).t")
            try await pool.exclusive { try await $0.execute(script: "create table \(schema).t (a text)") }
            let error = await #expect(throws: PostgresError.self) {
                _ = try await pool.batch(
                    [
                        Statement("insert into \(table) values ('x')"),
                        Statement("insert into \(table) values (\("a\0b"))"),
                    ], affinity: 1)
            }
            #expect(error?.kind == .invalidText)
            #expect(try await pool.read(SQL("select count(*) from \(table)").value(Int.self)) == 0)
        }
    }
}
