import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct MigrationTests {
    @Test func `current institutions are not touched again`() async throws {
        let place = try await TestInstitution.make()
        let outcomes = try await place.database.migrating { try await $0.migrate() }
        #expect(!outcomes.contains { $0.institution == place.institution.id })
    }

    @Test func `an institution whose definitions are older gets the present ones, by one of two migrators`()
        async throws
    {
        let place = try await TestInstitution.make()
        let id = place.institution.id
        let outcomes = try await place.database.migrating { migrator in
            try await age(place)
            let other = try Migrator(conninfo: place.database.migratorURL)
            async let first = migrator.migrate()
            async let second = other.migrate()
            let both = try await first + second
            await other.close()
            return both.filter { $0.institution == id }
        }
        #expect(!outcomes.isEmpty)
        #expect(outcomes.allSatisfy { $0.failure == nil })
        #expect(outcomes.reduce(0) { $0 + $1.applied } == 1)
        let admin = try await place.person("admin")
        #expect(try await place.work(admin).enter() == admin.id)
    }

    @Test func `rights that no definition gives go with the next definitions, and the others stay`() async throws {
        let place = try await TestInstitution.make()
        let id = place.institution.id
        func rights(_ role: String) -> Query<[Bool]> {
            let holder = "inst_\(id)_\(role)"
            return SQL(
                """
                select unnest(array[
                  has_table_privilege(\(holder), 'accounts', 'delete'),
                  has_column_privilege(\(holder), 'accounts', 'email', 'update'),
                  has_table_privilege(\(holder), 'directory', 'insert'),
                  has_function_privilege(\(holder), 'take_turn()', 'execute')])
                """
            ).values(Bool.self)
        }
        let admins = try await place.owner(rights("admin"))
        #expect(admins.contains(true))
        try await place.database.migrating { migrator in
            try await age(place)
            for right in [
                "delete, update (email) on accounts", "insert on directory", "execute on function take_turn()",
            ] {
                try await place.run(SQL(unchecked: "grant \(right) to inst_\(id)_student"))
            }
            #expect(try await place.owner(rights("student")) == [true, true, true, true])
            _ = try await migrator.migrate()
        }
        #expect(try await place.owner(rights("student")) == [false, false, false, false])
        #expect(try await place.owner(rights("admin")) == admins)
    }

    @Test func `one institution's failure is reported and the others go on`() async throws {
        let broken = try await TestInstitution.make()
        let healthy = try await TestInstitution.make()
        try await broken.database.migrating { migrator in
            try await age(broken)
            try await age(healthy)
            try await broken.run("alter table cohorts rename to gone")
            let outcomes = try await migrator.migrate()
            #expect(outcomes.first { $0.institution == broken.institution.id }?.failure != nil)
            #expect(outcomes.contains { $0.institution == healthy.institution.id && $0.failure == nil })
            try await broken.run("alter table gone rename to cohorts")
            let again = try await migrator.migrate()
            #expect(again.contains { $0.institution == broken.institution.id && $0.failure == nil })
        }
    }

    @Test func `an applied file that was edited since is refused`() async throws {
        let place = try await TestInstitution.make()
        try await refuses(
            place, "has been edited since",
            after: """
                update waymark.institution_changes set checksum = 'edited'
                where institution_id = \(place.institution.id)
                """)
    }

    @Test func `an older program puts nothing over a newer one's schema`() async throws {
        let place = try await TestInstitution.make()
        try await refuses(
            place, "9999_later was applied by a newer waymark",
            after: """
                update waymark.institution_changes set checksum = 'old'
                where institution_id = \(place.institution.id) and version = 'definitions';
                insert into waymark.institution_changes (institution_id, version, checksum)
                values (\(place.institution.id), '9999_later', 'x')
                """)
    }

    private func refuses(_ place: TestInstitution, _ words: String, after script: String) async throws {
        try await place.database.migrating { migrator in
            try await change(place, script)
            let outcomes = try await migrator.migrate()
            let failure = outcomes.first { $0.institution == place.institution.id }?.failure
            #expect(failure?.contains(words) == true)
            try await migrator.delete(place.institution)
        }
    }

    private func age(_ place: TestInstitution) async throws {
        try await change(
            place,
            """
            update waymark.institution_changes set checksum = 'old'
            where institution_id = \(place.institution.id) and version = 'definitions'
            """)
    }

    private func change(_ place: TestInstitution, _ script: String) async throws {
        let connection = try await Connection.connect(
            conninfo: place.database.superuser, connectTimeout: .seconds(5))
        try await connection.execute(script: script)
        await connection.close()
    }
}
