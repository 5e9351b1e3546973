import Postgres
import Tenancy
import TestSupport
import Testing

/// One test after the other, because each migrates every institution there is.
@Suite(.serialized) struct MigrationTests {
    @Test func `current institutions are not touched again`() async throws {
        let place = try await TestInstitution.make()
        let outcomes = try await place.database.migrator.migrate()
        #expect(!outcomes.contains { $0.institution == place.institution.id })
    }

    @Test func `an institution whose definitions are older gets the present ones, by one of two migrators`()
        async throws
    {
        let place = try await TestInstitution.make()
        let id = place.institution.id
        try await age(place)
        let other = try Migrator(conninfo: place.database.migratorURL)
        async let first = place.database.migrator.migrate()
        async let second = other.migrate()
        let outcomes = try await (first + second).filter { $0.institution == id }
        await other.close()
        #expect(!outcomes.isEmpty)
        #expect(outcomes.allSatisfy { $0.failure == nil })
        #expect(outcomes.reduce(0) { $0 + $1.applied } == 1)
        let admin = try await place.person("admin")
        #expect(try await place.work(admin).enter() == admin.id)
    }

    @Test func `one institution's failure is reported and the others go on`() async throws {
        let broken = try await TestInstitution.make()
        let healthy = try await TestInstitution.make()
        try await age(broken)
        try await age(healthy)
        try await broken.run("alter table cohorts rename to gone")
        let outcomes = try await broken.database.migrator.migrate()
        #expect(outcomes.first { $0.institution == broken.institution.id }?.failure != nil)
        #expect(outcomes.first { $0.institution == healthy.institution.id }?.failure == nil)
        try await broken.run("alter table gone rename to cohorts")
        #expect(
            try await broken.database.migrator.migrate()
                .first { $0.institution == broken.institution.id }?.failure == nil)
    }

    @Test func `an applied file that was edited since is refused`() async throws {
        let place = try await TestInstitution.make()
        let connection = try await Connection.connect(
            conninfo: place.database.superuser, connectTimeout: .seconds(5))
        try await connection.execute(
            script: """
                update waymark.institution_changes set checksum = 'edited'
                where institution_id = \(place.institution.id)
                """)
        await connection.close()
        let outcome = try await place.database.migrator.migrate().first { $0.institution == place.institution.id }
        #expect(outcome?.failure?.contains("has been edited since") == true)
        try await place.database.migrator.delete(place.institution)
    }

    @Test func `an older program puts nothing over a newer one's schema`() async throws {
        let place = try await TestInstitution.make()
        try await age(place)
        let connection = try await Connection.connect(
            conninfo: place.database.superuser, connectTimeout: .seconds(5))
        try await connection.execute(
            script: """
                insert into waymark.institution_changes (institution_id, version, checksum)
                values (\(place.institution.id), '9999_later', 'x')
                """)
        await connection.close()
        let outcome = try await place.database.migrator.migrate().first { $0.institution == place.institution.id }
        #expect(outcome?.failure?.contains("9999_later was applied by a newer waymark") == true)
        try await place.database.migrator.delete(place.institution)
    }

    private func age(_ place: TestInstitution) async throws {
        let connection = try await Connection.connect(
            conninfo: place.database.superuser, connectTimeout: .seconds(5))
        try await connection.execute(
            script: """
                update waymark.institution_changes set checksum = 'old'
                where institution_id = \(place.institution.id) and version = 'definitions'
                """)
        await connection.close()
    }
}
