import Casework
import Foundation
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// The audit says what was done in words of the page's language.
@Suite struct AuditPagesTests {
    private func actions(_ it: TestCohort, language: String) async throws -> [String] {
        let page = try await it.place.client().send(
            .get, "/audit", headers: [.cookie: "__Host-waymark=\(it.admin.token.text); language=\(language)"])
        return page.text.matches(of: /<td data-label="(?:What|Qué)">([^<]*)</).map { String($0.output.1) }
    }

    @Test func `an action is said in words, one without words by its code`() async throws {
        let it = try await TestCohort.make()
        let submit = "POST /milestones/\(it.milestone)/progress/\(it.student.id)/submit"
        #expect(try await it.send(it.student, submit).status == 200)
        try await it.place.run("insert into audit (action, subject) values ('moon.landed', 'moon/1')")
        #expect(try await actions(it, language: "en") == ["moon.landed", "completion requested"])
        #expect(try await actions(it, language: "es") == ["moon.landed", "finalización solicitada"])
    }
}
