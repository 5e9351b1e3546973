import Postgres
import TestSupport
import Testing

@testable import Tenancy

/// Institutions whose ledger is of the time before their tables were written down whole.
@Suite struct ReplacedChangesTests {
    let replaced: ReplacedChanges

    init() throws {
        replaced = try InstitutionFiles().replaced
    }

    @Test func `an institution that had all of them is taken over, once by two migrators, and nothing is run`()
        async throws
    {
        let (place, other) = (try await TestInstitution.make(), try await TestInstitution.make())
        #expect(replaced.old.count == 48 && replaced.new.count >= 14)
        try await place.database.migrating { migrator in
            try await keep(replaced.old, in: place)
            let second = try Migrator(conninfo: place.database.migratorURL)
            async let here = migrator.migrate()
            async let there = second.migrate()
            let outcomes = try await (here + there).filter { $0.institution == place.institution.id }
            await second.close()
            #expect(!outcomes.isEmpty && outcomes.allSatisfy { $0.failure == nil && $0.applied == 0 })
            #expect(try await ledger(of: place) == ledger(of: other))
            let again = try await migrator.migrate()
            #expect(!again.contains { $0.institution == place.institution.id })
        }
        let admin = try await place.person("admin")
        #expect(try await place.work(admin).enter() == admin.id)
    }

    @Test func `one whose definitions are older gets the present ones too`() async throws {
        let place = try await TestInstitution.make()
        try await place.database.migrating { migrator in
            try await keep(replaced.old, in: place, definitions: "old")
            let outcomes = try await migrator.migrate().filter { $0.institution == place.institution.id }
            #expect(outcomes.map(\.applied) == [1] && outcomes.allSatisfy { $0.failure == nil })
        }
    }

    @Test func `one that is in the middle of them is refused, and told what to do`() async throws {
        let last = try #require(replaced.old.keys.max())
        let parts = [
            replaced.old.filter { $0.key != last },
            replaced.old.filter { $0.key == "0001_accounts" },
            replaced.old.merging([last: "edited"]) { $1 },
            replaced.old.merging(replaced.new.filter { $0.key == "0060_settings" }) { $1 },
        ]
        for part in parts {
            let place = try await TestInstitution.make()
            try await place.database.migrating { migrator in
                try await keep(part, in: place)
                let before = try await ledger(of: place)
                let failure = try await failure(of: migrator, at: place)
                #expect(failure?.contains("commit 61b8945") == true, "\(failure ?? "none")")
                #expect(try await ledger(of: place) == before)
                try await migrator.delete(place.institution)
            }
        }
    }

    @Test func `one that a newer program has taken further is refused as any other`() async throws {
        let place = try await TestInstitution.make()
        try await place.database.migrating { migrator in
            try await keep(replaced.old.merging(["9999_later": "x"]) { $1 }, in: place)
            let failure = try await failure(of: migrator, at: place)
            #expect(failure?.contains("9999_later was applied by a newer waymark") == true)
            try await migrator.delete(place.institution)
        }
    }

    private func failure(of migrator: Migrator, at place: TestInstitution) async throws -> String? {
        try await migrator.migrate().first { $0.institution == place.institution.id }?.failure
    }

    /// Version and checksum of each row, as text.
    private func ledger(of place: TestInstitution) async throws -> [String] {
        try await place.database.migrator.work(in: place.institution)(
            ("""
            select version || ' ' || checksum from waymark.institution_changes
             where institution_id = \(place.institution.id) order by 1
            """ as SQL).values(String.self))
    }

    /// Has the ledger say that these changes made the institution.
    private func keep(
        _ changes: [String: String], in place: TestInstitution, definitions: String? = nil
    ) async throws {
        let id = place.institution.id
        let rows = changes.sorted { $0.key < $1.key }.map { "(\(id), '\($0.key)', '\($0.value)')" }
        let connection = try await Connection.connect(
            conninfo: place.database.superuser, connectTimeout: .seconds(5))
        try await connection.execute(
            script: """
                begin;
                delete from waymark.institution_changes where institution_id = \(id) and version <> 'definitions';
                insert into waymark.institution_changes (institution_id, version, checksum)
                    values \(rows.joined(separator: ", "));
                update waymark.institution_changes set checksum = \(definitions.map { "'\($0)'" } ?? "checksum")
                    where institution_id = \(id) and version = 'definitions';
                commit;
                """)
        await connection.close()
    }
}
