import Dates
import FoundationEssentials
import Testing

@testable import Postgres

@Suite struct SQLTests {
    @Test func `an interpolated value becomes a parameter and never text`() {
        let sql: SQL = "select \("'; drop table t; --") where a = \(1)"
        #expect(sql.text == "select $1 where a = $2")
        #expect(sql.parameters == [.text("'; drop table t; --"), .text("1")])
    }

    @Test func `nested SQL is renumbered and leaves quoted dollars alone`() {
        let nested: SQL = "b = \(2) and c <> '$1' and d = \(3)"
        let sql: SQL = "a = \(1) and (\(nested)) or e = \(4)"
        #expect(sql.text == "a = $1 and (b = $2 and c <> '$1' and d = $3) or e = $4")
        #expect(sql.parameters == ["1", "2", "3", "4"].map { .text($0) })
        let twice: SQL = "x \(sql) y \(sql)"
        #expect(twice.text.hasSuffix("y a = $5 and (b = $6 and c <> '$1' and d = $7) or e = $8"))
        #expect(twice.parameters.count == 8)
    }

    @Test func `pieces are joined and added`() {
        let pieces: [SQL] = ["a = \(1)", "b = \(2)", "c"]
        #expect(pieces.joined(separator: " and ").text == "a = $1 and b = $2 and c")
        #expect((("x" as SQL) + "y \(1)").text == "xy $1")
        #expect([SQL]().joined().text == "")
    }

    @Test func `nil is null`() {
        let none: String? = nil
        let some: Int? = 5
        let sql: SQL = "\(none) \(some)"
        #expect(sql.parameters == [.null, .text("5")])
    }

    @Test func `arrays are quoted`() {
        #expect([1, -2].postgresParameter == .text("{1,-2}"))
        #expect([Int]().postgresParameter == .text("{}"))
        #expect([1, nil].postgresParameter == .text("{\"1\",NULL}"))
        #expect(
            ["a", "NULL", "", "q\"b\\s", "{,}", " ünï "].postgresParameter
                == .text(#"{"a","NULL","","q\"b\\s","{,}"," ünï "}"#))
        #expect([UInt8]([0, 255]).postgresParameter == .binary([0, 255], type: 17))
    }

    @Test func `a moment is written in UTC to the microsecond`() {
        func text(_ seconds: Double) -> Parameter { Date(timeIntervalSince1970: seconds).postgresParameter }
        #expect(text(0) == .text("1970-01-01 00:00:00.000000+00"))
        #expect(text(-1.5) == .text("1969-12-31 23:59:58.500000+00"))
        #expect(text(951_782_400.25) == .text("2000-02-29 00:00:00.250000+00"))
        #expect(text(-62_135_596_801) == .text("0001-12-31 23:59:59.000000+00 BC"))
        #expect(text(.infinity) == .text("infinity"))
    }

    @Test func `a constraint's shard number and the values of a message are left out`() {
        #expect(PostgresError.withoutShard("accounts_email_key_102008") == "accounts_email_key")
        #expect(PostgresError.withoutShard("accounts_email_key") == "accounts_email_key")
        let message = PostgresError.withoutValues("invalid input syntax for type integer: \"a \"b\" c\"", "22P02")
        #expect(message == "invalid input syntax for type integer: \"…\"")
        #expect(PostgresError.withoutValues("relation \"x\" does not exist", "42P01").contains("x"))
    }
}

@Suite struct CalendarDateTests {
    @Test func `days and their texts agree over the whole range`() throws {
        var date = try #require(CalendarDate(year: 1, month: 1, day: 1))
        #expect(date.daysSince1970 == -719_162)
        #expect(CalendarDate("9999-12-31")?.daysSince1970 == 2_932_896)
        while date.daysSince1970 < 2_932_896 {
            let next = date.adding(days: 997)
            #expect(CalendarDate(next.description) == next)
            #expect(CalendarDate(year: next.year, month: next.month, day: next.day) == next)
            date = next
        }
        #expect(date.description == "9999-12-31")
        #expect(date.adding(days: .max) == date)
    }

    @Test func `only real days in the strict form are read`() {
        #expect(CalendarDate("2024-02-29") != nil)
        #expect(CalendarDate("2000-02-29") != nil)
        for wrong in [
            "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "2024-04-31", "0000-01-01",
            "2024-1-1",
            "20240101", "2024-01-01 ", "+024-01-01", "", "2024-01-011", "٢٠٢٤-01-01",
        ] {
            #expect(CalendarDate(wrong) == nil, "\(wrong)")
        }
    }
}
