import Casework
import Foundation
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// Packages of OneRoster as systems write them, each a folder in `Rosters/` of which a zip is made, with the report expected of it.
/// A package that is bad as a zip lies there as one.
@Suite struct RosterFileTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Rosters")

    private static let names: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

    @Test func `there are at least twenty of them`() { #expect(Self.names.count >= 20) }

    @Test(arguments: 0..<3)
    func `each package's report is the one expected, and dry run and real run agree line by line`(third: Int)
        async throws
    {
        for (number, name) in Self.names.enumerated() where number % 3 == third {
            let folder = Self.folder.appendingPathComponent(name)
            let college = try await Self.scene()
            let client = college.client(try await college.person("admin"))
            let zip = try Self.bytes(of: folder)
            func send(_ query: String) async throws -> TestClient.Answer {
                try await client.send(
                    .post, "/api/v1/imports/oneroster?mostSuspended=9&\(query)", body: zip,
                    contentType: "application/zip")
            }
            let before = try await college.texts(Self.state)
            let dry = try await send("dryRun=true")
            #expect(try await college.texts(Self.state) == before, "\(name)")
            let real = try await send("partial=true")
            #expect(real["rows"] == dry["rows"] && real.status == dry.status, "\(name): \(real.text)")
            if dry.status != 200 { #expect(try await college.texts(Self.state) == before, "\(name)") }
            let after = try await college.texts(Self.state)
            let again = try await send("partial=true")
            #expect(again.number("added") ?? 0 == 0 && again.number("updated") ?? 0 == 0, "\(name): \(again.text)")
            #expect(try await college.texts(Self.state) == after, "\(name)")
            let report = folder.appendingPathComponent("report")
            let expected = (try? String(contentsOf: report, encoding: .utf8)) ?? ""
            #expect(Self.report(dry) == expected, "\(name)")
        }
    }

    /// The zip that lies in the folder, else one of its files.
    private static func bytes(of folder: URL) throws -> [UInt8] {
        let ready = folder.appendingPathComponent("roster.zip")
        guard FileManager.default.fileExists(atPath: ready.path) else { return try ZipWriter.archive(of: folder) }
        return Array(try Data(contentsOf: ready))
    }

    @Test(arguments: [
        ("bomb", "holds users.csv, which would unpack to far more than a file of text does"),
        ("truncated", "is a zip file that is broken or was cut short"),
    ])
    func `the page says what is wrong with a zip`(name: String, words: String) async throws {
        let college = try await Self.scene()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let zip = try Self.bytes(of: Self.folder.appendingPathComponent(name))
        let answer = try await browser.upload("/imports", file: ("file", "roster.zip", "application/zip", zip))
        #expect(answer.status == 422 && answer.text.contains(words), "\(answer.text)")
    }

    private static let state: SQL = """
        select concat_ws('|', email, given_name, preferred_name, role, student_number, status, version) from accounts
        union all select name || version from departments union all select concat_ws('|', name, version) from cohorts
        union all select concat_ws('|', cohort_id, student_id, active) from enrollments
        union all select concat_ws('|', kind, sourced_id, department_id, account_id, cohort_id, suspended) from roster_records
        """

    /// An institution with rules, and a few people and names that the packages know.
    private static func scene() async throws -> TestInstitution {
        let college = try await TestInstitution.make()
        try await college.run(
            """
            insert into accounts (email, given_name, family_name, role, status, student_number) values
              ('ada@x.edu', 'Ada', 'Lovelace', 'student', 'active', '1'), ('bob@x.edu', 'Bob', 'Byrne', 'student', 'active', '2'),
              ('boss@x.edu', 'Bo', 'Ss', 'manager', 'active', null), ('old@x.edu', 'Old', 'Timer', 'student', 'archived', '9'),
              ('admin@x.edu', 'Ad', 'Min', 'admin', 'active', null)
            """)
        try await college.run("insert into departments (name) values ('History')")
        try await college.run("insert into cohort_categories (name) values ('Advising')")
        try await college.run(
            """
            insert into cohorts (category_id, name, archived_at)
            select id, n, case n when 'Archived' then now() end
            from cohort_categories, unnest(array['Hand-made', 'Archived']) n
            """)
        try await college.run(
            """
            update roster_rules set teacher = 'staff', class_type = 'homeroom',
                category_id = (select id from cohort_categories)
            """)
        return college
    }

    /// What an answer says: the counts, and a line for each row; or the refusals.
    static func report(_ answer: TestClient.Answer) -> String {
        guard answer.status == 200 else {
            let fields = answer.strings("errors", each: "field")
            let details = answer.strings("errors", each: "detail")
            return "\(answer.status)\n" + zip(fields, details).map { "\($0) \($1)\n" }.joined()
        }
        let counts = ["added", "updated", "unchanged", "failed", "skipped", "missing", "suspended", "leaving"].map {
            "\($0) \(answer.number($0).map(String.init) ?? "-")"
        }
        let notes = (0...).lazy.map { answer.text("notes", $0) }.prefix { $0 != nil }.compactMap { $0 }
        var lines = [counts.joined(separator: ", ")] + notes
        for index in 0... {
            guard let result = answer.text("rows", index, "result"), let file = answer.text("rows", index, "file")
            else {
                break
            }
            let number = answer.number("rows", index, "line") ?? 0
            let changed = (0...).lazy.map { answer.text("rows", index, "changed", $0) }.prefix { $0 != nil }
            let words = [answer.text("rows", index, "detail") ?? ""] + changed.compactMap { $0 }
            lines.append(
                "\(file) \(number) \(result) \(words.filter { !$0.isEmpty }.joined(separator: " "))"
                    .trimmingCharacters(in: .whitespaces))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
