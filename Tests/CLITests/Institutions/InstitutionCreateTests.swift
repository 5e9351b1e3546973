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

    @Test func `the link leads to the port at which people reach the institution`() async throws {
        let database = try await TestDatabase.shared.prepared()
        for (number, setting) in [[:], ["WAYMARK_PUBLIC_PORT": "8443"], ["WAYMARK_PUBLIC_PORT": "443"]].enumerated() {
            let slug = "t\(UInt32.random(in: 0...(.max)))"
            let program = WaymarkProgram(
                environment: [
                    "WAYMARK_DATABASE_URL": database.migratorURL, "WAYMARK_MIGRATOR_PASSWORD": TestDatabase.password,
                    "WAYMARK_DOMAIN": "campus.example",
                ].merging(setting) { $1 })
            let made = try await program.run(
                "institution", "create", slug, "--name", "Linked", "--admin-email", "a@x.edu")
            let port = number == 1 ? ":8443" : ""
            #expect(made.output.contains("https://\(slug).campus.example\(port)/invitations/"), "\(made.errors)")
        }
        let wrong = try await WaymarkProgram().run(
            "institution", "create", "x", "--name", "X", "--admin-email", "a@x.edu", "--public-port", "0")
        #expect(wrong.status == 1 && wrong.errors.contains("--public-port must be"), "\(wrong.errors)")
    }
}
