import Casework
import Foundation
import TestSupport
import Testing

@testable import Web

/// *Go to*: students, cohorts and pages by name, as far as the viewer may see them.
@Suite struct FindPagesTests {
    @Test func `each role finds what it may see`() async throws {
        let it = try await TestCohort.make()
        let stranger = try await it.place.person("student", email: "ada.elsewhere@example.edu")
        try await it.place.enroll(stranger.id, in: it.hidden)
        let staff = it.place.client().asBrowser(it.staff)
        let found = try await staff.get("/find?q=ada").text
        #expect(
            found.contains("href=\"/students/\(it.student.id)\"") && found.contains("href=\"/students/\(it.other.id)\"")
        )
        #expect(!found.contains("href=\"/students/\(stranger.id)\""))
        #expect(try await staff.get("/find?q=fal").text.contains("href=\"/cohorts/\(it.id)\""))
        #expect(try await !staff.get("/find?q=hidden").text.contains("href=\"/cohorts/\(it.hidden)\""))
        let admin = it.place.client().asBrowser(it.admin)
        #expect(try await admin.get("/find?q=hidden").text.contains("href=\"/cohorts/\(it.hidden)\""))
        #expect(try await admin.get("/find?q=elsewhere").text.contains("href=\"/students/\(stranger.id)\""))
        #expect(try await it.place.client().asBrowser(it.student).get("/find").status == 403)
    }

    @Test func `pages are those of the menu, and what is not there is said`() async throws {
        let it = try await TestCohort.make()
        func places(_ who: TestInstitution.Person, _ query: String) async throws -> [String] {
            let page = try await it.place.client().asBrowser(who).get("/find\(query)").text
            let found = try #require(page.components(separatedBy: "id=\"found\"").last)
            return found.matches(of: /<a href="(\/[a-z]+)">/).map { String($0.1) }
        }
        #expect(try await places(it.admin, "?q=audi") == ["/audit"])
        #expect(try await places(it.staff, "?q=audi").isEmpty)
        #expect(try await places(it.staff, "").contains("/queue"))
        #expect(
            try await it.place.client().asBrowser(it.staff).get("/find?q=nonsense").text.contains(
                "Nothing of that name."))
    }

    @Test func `every entry of the menu has its picture`() throws {
        let file = Bundle.module.bundleURL.appendingPathComponent("Assets/icons.svg")
        let pictures = try String(contentsOf: file, encoding: .utf8)
        for name in MenuText.allCases.map(\.rawValue) + ["find"] {
            #expect(pictures.contains("<symbol id=\"\(name)\""), "\(name)")
        }
    }
}
