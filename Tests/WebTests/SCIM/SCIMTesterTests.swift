import Casework
import Foundation
import Tenancy
import Testing
import TestSupport

/// What a program of others, `scim2-tester`, finds wrong with this server.
@Suite struct SCIMTesterTests {
    private struct Check: Decodable {
        let check: String?
        let type: String?
        let status: String
        let reason: String
    }

    /// What is another way here, on purpose.
    private static let known = [
        // who says nothing of it lets nobody in and suspends nobody
        "check_remove_attribute User: PATCH modify() did not remove attribute 'active'"
    ]

    @Test(.enabled(if: TestPython.isAvailable("scim")))
    func `it finds nothing wrong but what is meant so`() async throws {
        let world = try await SCIMWorld.make(defaultRole: nil)
        let host = "\(world.college.institution.slug).localhost"
        let said = try await RunningServer.with(deployment: world.college.database.deployment, names: [host]) {
            server in
            try await ChildProcess.run([
                TestPython.launcher, "scim", "check.py",
                "https://\(host):\(server.port)/scim/v2", server.certificate.certificatePath,
                world.provider.token ?? "",
            ])
        }
        try #require(said.status == 0, "\(said.said)")
        let checks = try said.said.split(separator: "\n").map {
            try JSONDecoder().decode(Check.self, from: Data($0.utf8))
        }
        for type in ["User", "Group"] {
            #expect(
                checks.contains { $0.check == "search_with_attributes" && $0.type == type && $0.status == "SUCCESS" })
        }
        #expect(checks.count { $0.status == "SUCCESS" } > 30)
        let wrong = checks.filter { $0.status != "SUCCESS" }.map { "\($0.check ?? "") \($0.type ?? ""): \($0.reason)" }
        #expect(wrong == Self.known)
    }
}
