import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct ProvisioningTests {
    @Test func `a new institution is reachable through the service's login`() async throws {
        let place = try await TestInstitution.make(name: "O'Brien College", timeZone: "Europe/Berlin")
        let found = try await place.database.deployment.institution(slug: place.institution.slug)
        #expect(found == place.institution)
        let settings = try await place.owner(
            SQL("select name || '/' || time_zone as text from settings").value(String.self))
        #expect(settings == "O'Brien College/Europe/Berlin")
    }

    @Test(arguments: [
        "", "a", "Northfield", "9lives", "north--field", "north-", "-north", "nörth", "api", "www", "north field",
        "north;drop schema waymark", String(repeating: "a", count: 41),
    ])
    func `a slug that is no host name or is reserved is refused by name`(slug: String) async throws {
        let migrator = try await TestDatabase.shared.prepared().migrator
        let error = await #expect(throws: ProvisioningError.self) {
            try await migrator.create(slug: slug, name: "College")
        }
        #expect(error?.description.hasPrefix("slug '") == true)
    }

    @Test func `a slug in use is refused, and nothing is left of the attempt`() async throws {
        let place = try await TestInstitution.make()
        let migrator = place.database.migrator
        let error = await #expect(throws: ProvisioningError.self) {
            try await migrator.create(slug: place.institution.slug, name: "Second")
        }
        #expect(error?.description == "slug '\(place.institution.slug)': is in use already")
    }

    @Test func `an unknown time zone or an empty name is refused`() async throws {
        let migrator = try await TestDatabase.shared.prepared().migrator
        await #expect(throws: ProvisioningError.self) {
            try await migrator.create(slug: "zoneless", name: "College", timeZone: "Mars/Olympus")
        }
        await #expect(throws: ProvisioningError.self) { try await migrator.create(slug: "nameless", name: "  ") }
        #expect(try await migrator.institution(slug: "zoneless") == nil)
    }

    @Test func `two creations of one slug at once: one wins, and one schema exists`() async throws {
        let migrator = try await TestDatabase.shared.prepared().migrator
        let slug = "race" + String(UInt32.random(in: 0...(.max)), radix: 36)
        let results = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<2 {
                group.addTask { (try? await migrator.create(slug: slug, name: "Race")) != nil }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(results == 1)
        #expect(try await migrator.institutions().filter { $0.slug == slug }.count == 1)
    }

    @Test func `a suspended institution lets nobody in, and lets them in again when resumed`() async throws {
        let place = try await TestInstitution.make()
        let admin = try await place.person("admin")
        try await place.database.migrator.suspend(place.institution)
        await #expect(throws: EntryRefusal.suspended) { try await place.work(admin).enter() }
        try await place.database.migrator.resume(place.institution)
        #expect(try await place.work(admin).enter() == admin.id)
    }

    @Test func `a renamed institution answers to its new slug only`() async throws {
        let place = try await TestInstitution.make()
        let slug = "new" + place.institution.slug
        try await place.database.migrator.rename(place.institution, to: slug)
        let migrator = place.database.migrator
        #expect(try await migrator.institution(slug: slug)?.id == place.institution.id)
        #expect(try await migrator.institution(slug: place.institution.slug) == nil)
    }

    @Test func `a deleted institution leaves no schema, role or row`() async throws {
        let place = try await TestInstitution.make()
        let id = place.institution.id
        try await place.database.migrator.delete(place.institution)
        let connection = try await Connection.connect(
            conninfo: place.database.superuser, connectTimeout: .seconds(5))
        let left = try await connection.batch([
            Statement(
                """
                select (select count(*) from pg_namespace where nspname = \("inst_\(id)"))
                     + (select count(*) from pg_roles where rolname like \("inst\\_\(id)\\_%"))
                     + (select count(*) from waymark.institutions where id = \(id)) as count
                """)
        ])
        await connection.close()
        #expect(try left[0][0].get("count", as: Int.self) == 0)
    }
}
