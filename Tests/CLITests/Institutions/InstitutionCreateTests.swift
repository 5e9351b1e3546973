import Tenancy
import TestSupport
import Testing

@testable import CLI

@Suite struct InstitutionCreateTests {
    private struct Interrupted: Error {}

    @Test func `an institution without an admin does not stay`() async throws {
        let migrator = try await TestDatabase.shared.prepared().migrator
        let slug = "t\(UInt32.random(in: 0...(.max)))"
        for _ in 1...2 {
            let institution = try await migrator.create(slug: slug, name: "Short-lived")
            await #expect(throws: Interrupted.self) {
                try await InstitutionCreate.keeping(institution, of: migrator) { throw Interrupted() }
            }
            #expect(try await migrator.institution(slug: slug) == nil)
        }
    }
}
