import Casework
import Foundation
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// Files as registrars, spreadsheets and learning platforms write them, each in `Ugly/` with the report expected beside it.
@Suite struct UglyFileTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Ugly")

    private static let files: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { !$0.hasSuffix(".report") }.sorted()
    }()

    @Test func `there are at least sixty of them`() { #expect(Self.files.count >= 60) }

    @Test(arguments: 0..<4)
    func `each file's report is the one expected, and dry run and real run agree line by line`(quarter: Int)
        async throws
    {
        for (number, name) in Self.files.enumerated() where number % 4 == quarter {
            let bytes = Array(try Data(contentsOf: Self.folder.appendingPathComponent(name)))
            let (college, client, cohort) = try await Self.scene()
            let path = name.hasPrefix("members-") ? "cohorts/\(cohort)/students" : "imports/students"
            func send(_ query: String) async throws -> TestClient.Answer {
                try await client.send(
                    .post, "/api/v1/\(path)?encoding=auto&\(query)", body: bytes, contentType: "text/csv")
            }
            let dry = try await send("dryRun=true")
            let state = try await college.texts(Self.state)
            let real = try await send("partial=true")
            #expect(real["rows"] == dry["rows"] && real.status == dry.status, "\(name)")
            if dry.status != 200 { #expect(try await college.texts(Self.state) == state, "\(name)") }
            let again = try await send("partial=true")
            #expect(again.number("added") ?? 0 == 0 && again.number("updated") ?? 0 == 0, "\(name): \(again.text)")
            let expected = try String(contentsOf: Self.folder.appendingPathComponent(name + ".report"), encoding: .utf8)
            #expect(Self.report(dry) == expected, "\(name)")
        }
    }

    private static let state: SQL = """
        select concat_ws('|', email, given_name, family_name, student_number, status) from accounts order by id
        """

    /// An institution with a few people whom the files know.
    private static func scene() async throws -> (TestInstitution, TestClient, cohort: Int) {
        let college = try await TestInstitution.make()
        try await college.run(
            """
            insert into accounts (email, given_name, family_name, role, status, student_number) values
              ('ada@x.edu', 'Ada', 'Lovelace', 'student', 'active', '1'), ('bob@x.edu', 'Bob', 'Byrne', 'student', 'active', '2'),
              ('boss@x.edu', 'Bo', 'Ss', 'staff', 'active', null), ('old@x.edu', 'Old', 'Timer', 'student', 'archived', '9')
            """)
        return (college, college.client(try await college.person("admin")), try await college.cohort().id)
    }

    /// What an answer says, as the folder has it: the counts, and a line for each row; or the refusal.
    private static func report(_ answer: TestClient.Answer) -> String {
        guard answer.status == 200 else {
            return
                "\(answer.status) \(answer.text("errors", 0, "field") ?? "") \(answer.text("errors", 0, "detail") ?? "")\n"
        }
        var lines = [
            ["added", "updated", "unchanged", "failed", "missing"].map {
                "\($0) \(answer.number($0).map(String.init) ?? "-")"
            }
            .joined(separator: ", ")
        ]
        for index in 0... {
            guard let result = answer.text("rows", index, "result") else { break }
            let number = answer.number("rows", index, "line") ?? 0
            let changed = (0...).lazy.map { answer.text("rows", index, "changed", $0) }.prefix { $0 != nil }
            let words = [answer.text("rows", index, "detail") ?? ""] + changed.compactMap { $0 }
            lines.append(
                "\(number) \(result) \(words.filter { !$0.isEmpty }.joined(separator: " "))".trimmingCharacters(
                    in: .whitespaces))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    @Test func `a line that does not end is one row that cannot be used`() async throws {
        let (college, client, _) = try await Self.scene()
        let bytes =
            Array("email,given_name,family_name\n".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 20 << 20)
        let before = try await college.texts(Self.state)
        for query in ["dryRun=true", "partial=true"] {
            let answer = try await client.send(
                .post, "/api/v1/imports/students?\(query)&encoding=auto", body: bytes, contentType: "text/csv")
            #expect(answer.strings("rows", each: "result") == ["invalid"], "\(query)")
            #expect(answer.text("rows", 0, "detail")?.contains("65536") == true, "\(query)")
        }
        #expect(try await college.texts(Self.state) == before)
    }

    @Test func `a million rows are too many, and nothing of them is stored`() async throws {
        let (college, client, _) = try await Self.scene()
        let bytes =
            Array("email,given_name,family_name\n".utf8) + Array(repeatElement("x,,\n".utf8, count: 1_000_000).joined())
        for query in ["dryRun=true", "partial=true"] {
            let answer = try await client.send(
                .post, "/api/v1/imports/students?\(query)&encoding=auto", body: bytes, contentType: "text/csv")
            #expect(answer.status == 413, "\(query): \(answer.text.prefix(300))")
        }
        #expect(try await college.number("select count(*) from accounts where role = 'student'") == 3)
    }
}
