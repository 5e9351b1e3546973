import Foundation
import HTTPTypes
import Postgres
import PrivatePostgres
import SchemaFiles
import TestSupport
import Testing

@testable import Tenancy

@Suite struct ExportTests {
    @Test func `an institution that is restored has the same rows in every table, and the same schema`() async throws {
        let it = try await ExportedPlace.make()
        let (head, text, path) = try await it.export()
        #expect(text.split(separator: "\n").count == head.rows + 2)
        #expect(!text.contains("v1.sealed"))
        let restored = try await it.restore(path)
        #expect(restored.state == "suspended")
        let before = try await it.rows(of: it.place.institution)
        expectSame(try await it.rows(of: restored), as: before)
        let shapes = (try await it.shape(of: restored), try await it.shape(of: it.place.institution))
        #expect(shapes.0.symmetricDifference(shapes.1) == [])
    }

    /// Every table has the rows that it had, but for what is another on purpose.
    private func expectSame(_ after: [String: [String]], as before: [String: [String]]) {
        var (before, after) = (before, after)
        for table in ExportedTable.passing {
            #expect(before.removeValue(forKey: table) != nil, "\(table) is there no more")
            #expect(after.removeValue(forKey: table) == [], "\(table)")
        }
        // what is another on purpose
        for table in ["settings", "api_tokens"] {
            #expect(before.removeValue(forKey: table)?.count == after.removeValue(forKey: table)?.count)
        }
        for column in ExportedTable.sealed {
            let table = column.split(separator: ".").first.map(String.init) ?? ""
            let (old, new) = (before.removeValue(forKey: table), after.removeValue(forKey: table))
            #expect(
                old?.first?.contains("v1.sealed") == true && new?.first?.contains("v1.sealed") == false, "\(column)")
            #expect(new == old?.map { $0.replacing("v1.sealed", with: "") }, "\(column)")
        }
        for (table, rows) in before { #expect(after[table] == rows, "\(table)") }
        #expect(before.count >= 30 && before.keys == after.keys)
        #expect(before.values.filter(\.isEmpty).count == 0, "no rows in \(before.filter(\.value.isEmpty).keys)")
    }

    @Test func `another server makes the same institution of the file`() async throws {
        let it = try await ExportedPlace.make()
        let file = try ExportFile(path: try await it.export().path)
        let (server, directory) = TestServer.make()
        defer {
            server.kill()
            try? FileManager.default.removeItem(atPath: directory)
        }
        let other = try await TestDatabase.prepare(server: try await server.start())
        try file.check()
        let restored = try await other.migrator.restore(file, as: "elsewhere")
        expectSame(
            try await it.rows(of: restored, by: other.migrator), as: try await it.rows(of: it.place.institution))
        let shapes = (
            try await it.shape(of: restored, by: other.migrator), try await it.shape(of: it.place.institution)
        )
        #expect(shapes.0.symmetricDifference(shapes.1) == [])
        await other.migrator.close()
        await other.deployment.close()
    }

    @Test func `what is restored lets nobody in, then everybody but by old tokens, and goes on numbering`() async throws
    {
        let it = try await ExportedPlace.make()
        try await it.place.run("insert into groups (name, department_id) values ('Last', 1)")
        try await it.place.run("delete from groups where name = 'Last'")
        let institution = try await it.restore(try await it.export().path)
        let deployment = it.place.database.deployment
        // asked of the table: what the deployment was told of an institution it remembers for a while
        #expect(try await it.migrator.institution(slug: institution.slug)?.state == "suspended")
        try await it.migrator.resume(institution)
        let found = try #require(try await deployment.institution(slug: institution.slug))
        let owner = it.migrator.work(in: found)
        #expect(try await owner(("select not suspended from settings" as SQL).value(Bool.self)))
        #expect(
            try await owner(("select count(*)::int from api_tokens where revoked_at is null" as SQL).value(Int.self))
                == 0)
        func next(_ work: UnitOfWork) async throws -> Int {
            try await work(
                ("insert into groups (name, department_id) values ('Next', 1) returning id" as SQL).value(Int.self))
        }
        #expect(try await next(owner) == next(it.place.owner))
        let restored = it.place.beside(found)
        let admin = try await restored.person("admin")
        #expect(try await restored.work(admin).enter() == admin.id)
        let me = try await restored.client(admin).send(.get, "/api/v1/me")
        #expect(try me.json()["institution"]?["slug"]?.string == institution.slug, "\(me.text)")
    }

    @Test func `an export is of one moment, whatever is written meanwhile`() async throws {
        let it = try await ExportedPlace.make()
        // each change is of two tables at the two ends of the file
        func change(_ number: Int) async throws {
            let both: SQL = """
                with first as (insert into accounts (email, given_name, role) values (\("n\(number)@x.edu"), 'N', 'staff'))
                insert into turns (work) values (\("n\(number)"))
                """
            try await it.place.run(both)
        }
        for number in 0..<3 { try await change(number) }
        let before = try await it.rows(of: it.place.institution)
        var number = 3
        let (_, _, path) = try await it.export {
            try await change(number)
            number += 1
        }
        #expect(number > 10)
        expectSame(try await it.rows(of: try await it.restore(path)), as: before)
        let now = try await it.rows(of: it.place.institution)
        #expect(["accounts", "turns"].allSatisfy { now[$0]?.count == (before[$0]?.count ?? 0) + number - 3 })
    }

    @Test func `a file that was cut or altered is refused before anything is made`() async throws {
        let it = try await ExportedPlace.make()
        let whole = try await it.export().text
        let lines = whole.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let bytes = Array(whole.utf8)
        var spoilt: [[UInt8]] = [0, 1, bytes.count / 3, bytes.count - 2, bytes.count - 1].map {
            Array(bytes.prefix($0))
        }
        for place in [0, 10, bytes.count / 2, bytes.count - 40] {
            var other = bytes
            other[place] ^= 1
            spoilt.append(other)
        }
        var swapped = lines
        swapped.swapAt(2, 3)
        spoilt.append(Array(swapped.joined(separator: "\n").utf8))
        spoilt.append(Array((lines.prefix(5) + lines.dropFirst(6)).joined(separator: "\n").utf8))
        spoilt.append(bytes + Array("{}\n".utf8))
        let slug = ExportedPlace.slug()
        for (number, content) in spoilt.enumerated() {
            let path = it.folder.path + "/spoilt\(number)"
            try Data(content).write(to: URL(fileURLWithPath: path))
            await #expect(throws: ExportRefusal.self, "\(number)") { try await it.restore(path, slug: slug) }
        }
        #expect(try await it.migrator.institution(slug: slug) == nil)
    }

    @Test func `a file of a newer program, or of rows without what they hang on, leaves nothing`() async throws {
        let it = try await ExportedPlace.make()
        let whole = try await it.export().text
        var lines = whole.split(separator: "\n").map(String.init)
        let newer = lines[0].replacing("\"version\":\"0061_accounts\"", with: "\"version\":\"9999_later\"")
        let later = try file(of: Self.sealed([newer] + lines.dropFirst().dropLast()), it)
        await #expect(throws: ExportRefusal.self) { try await it.restore(later) }

        let member = try #require(
            lines.firstIndex { $0.contains("\"group_id\":2") && $0.contains("\"account_id\":13") })
        lines[member] = lines[member].replacing("\"account_id\":13", with: "\"account_id\":99")
        let slug = ExportedPlace.slug()
        let dangling = try file(of: Self.sealed(Array(lines.dropLast())), it)
        let error = await #expect(throws: PostgresError.self) { try await it.restore(dangling, slug: slug) }
        #expect(error?.sqlState == .foreignKeyViolation)
        #expect(try await it.migrator.institution(slug: slug) == nil)
    }

    private func file(of text: String, _ it: ExportedPlace) throws -> String {
        try it.folder.write(text, to: "sealed\(UInt32.random(in: 0...(.max)))")
    }

    /// Lines of an export with the checksums that they ought to have.
    static func sealed(_ lines: [String]) throws -> String {
        let head = try JSONDecoder().decode(ExportHead.self, from: Data((lines.first ?? "").utf8))
        var digests = ExportDigests()
        digests.add(head: Array(((lines.first ?? "") + "\n").utf8))
        var rest = lines.dropFirst()
        for table in head.tables {
            for line in rest.prefix(table.rows) { digests.add(rows: Array((line + "\n").utf8)) }
            rest = rest.dropFirst(table.rows)
            digests.end(table: table.name)
        }
        let end = try JSONEncoder().encode(digests.end())
        return (lines + [String(decoding: end, as: UTF8.self)]).joined(separator: "\n") + "\n"
    }

    @Test func `an export of an older version is restored as it was, and brought up to date`() async throws {
        let it = try await ExportedPlace.make()
        let files = it.migrator.files
        let older = files.steps.filter { $0.name < "0073" }
        let old = try await it.migrator.occupy(try Slug(ExportedPlace.slug()), partition: nil, state: "active") {
            place, seat in
            try await it.migrator.pool.exclusive { connection in
                try await connection.execute(
                    script: """
                        begin;
                        \(files.beginning(of: place, seat: seat))
                        \(files.changes(older, of: place))
                        insert into accounts (email, given_name, family_name, role) values ('z@x.edu', 'Zoë', 'Muñoz', 'student');
                        commit;
                        """)
            }
        }
        let export = try await it.export(old)
        #expect(!export.head.tables.contains { $0.name == "import_folders" })
        let restored = try await it.restore(export.path)
        let found: SQL = "select name from accounts where search_text like '%munoz%'"
        #expect(try await it.migrator.work(in: restored)(found.values(String.self)) == ["Zoë Muñoz"])
        #expect(try await it.rows(of: restored)["import_folders"]?.count == 1)
        let shapes = (try await it.shape(of: restored), try await it.shape(of: it.place.institution))
        #expect(shapes.0.symmetricDifference(shapes.1) == [])
        let outcomes = try await it.place.database.migrating { try await $0.migrate() }
        #expect(!outcomes.contains { $0.institution == restored.id }, "it is current already")
    }

    @Test func `an export that names the changes which were replaced is restored by what stands for them, all or none`()
        async throws
    {
        let it = try await ExportedPlace.make()
        let export = try await it.export()
        let lines = export.text.split(separator: "\n").map(String.init)
        func altered(_ changes: [String: String]) throws -> String {
            let head = ExportHead(
                format: export.head.format, takenAt: export.head.takenAt, slug: export.head.slug,
                name: export.head.name,
                changes: changes.sorted { $0.key < $1.key }.map { .init(version: $0.key, checksum: $0.value) },
                tables: export.head.tables)
            let first = String(decoding: try JSONEncoder().encode(head), as: UTF8.self)
            return try file(of: Self.sealed([first] + lines.dropFirst().dropLast()), it)
        }
        let replaced = it.migrator.files.replaced
        let restored = try await it.restore(try altered(replaced.old))
        let (rows, expected) = (try await it.rows(of: restored), try await it.rows(of: it.place.institution))
        for table in ["accounts", "progress", "mails", "folder_files"] {
            #expect(rows[table] == expected[table] && rows[table]?.isEmpty == false, "\(table)")
        }
        let again = try await it.export(restored)
        #expect(again.head.changes == export.head.changes)
        let slug = ExportedPlace.slug()
        for part in [
            replaced.old.filter { $0.key != "0059_scim_subgroups" },
            replaced.old.merging(["0059_scim_subgroups": "x"]) { $1 },
            replaced.old.merging(replaced.new) { $1 },
        ] {
            let refused = await #expect(throws: ExportRefusal.self) {
                try await it.restore(try altered(part), slug: slug)
            }
            #expect(refused?.description.contains("commit 61b8945") == true)
        }
        #expect(try await it.migrator.institution(slug: slug) == nil)
    }
}

@Suite struct ExportFuzzTests {
    @Test func `no input traps the reader of exports`() async throws {
        let it = try await ExportedPlace.make()
        let lines = try await it.export().text.split(separator: "\n").prefix(40).map(String.init)
        let small = try ExportTests.sealed(
            [
                #"{"changes":[],"format":"waymark-export-1","name":"N","slug":"nn","tables":[{"columns":["a"],"name":"t","rows":2}],"takenAt":""}"#,
                "{}", "{}",
            ])
        let path = it.folder.path + "/fuzz"
        #expect(
            Fuzz.fault(samples: [small, lines.joined(separator: "\n")], pieces: lines + ["\"rows\":", "-1", "\n"]) {
                bytes, _ in
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                do {
                    try ExportFile(path: path).check()
                    return bytes == Array(small.utf8)
                } catch is ExportRefusal {
                    return true
                }
            } == nil)
    }
}
