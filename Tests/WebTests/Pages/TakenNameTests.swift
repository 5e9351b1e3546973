import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// A name that is taken is a problem of the field it was typed into.
@Suite struct TakenNameTests {
    /// Sends a form with a taken name, and expects it back with what was typed and a link to the field.
    private func refused(_ it: TestCohort, _ path: String, _ name: String, says: String) async throws {
        let answer = try await it.place.client().asBrowser(it.admin).submit(path, ["name": name])
        #expect(answer.status == 422, "\(path)")
        #expect(answer.text.contains("<a href=\"#name\">\(says)</a>"), "\(path)")
        #expect(answer.text.contains("<span class=\"field-error\" id=\"name-error\">\(says)</span>"), "\(path)")
        #expect(answer.text.contains("name=\"name\" type=\"text\" value=\"\(name)\""), "\(path)")
    }

    @Test func `categories and cohorts`() async throws {
        let it = try await TestCohort.make()
        try await refused(it, "/categories", "first-year", says: "There is a category of that name already.")
        let says = "There is a cohort of that name in the category already."
        try await refused(it, "/categories/\(it.category)/cohorts", "fall", says: says)
        try await refused(it, "/cohorts/\(it.hidden)/details", "FALL", says: says)
    }

    @Test func `groups and departments`() async throws {
        let it = try await TestCohort.make()
        let other = try await it.place.group("Other", in: nil)
        let says = "There is a group of that name already."
        try await refused(it, "/groups", "advising", says: says)
        try await refused(it, "/groups/\(other)", "Advising", says: says)
        _ = try await it.place.department("Science")
        let arts = try await it.place.department("Arts")
        let taken = "There is a department of that name already."
        try await refused(it, "/departments", "science", says: taken)
        try await refused(it, "/departments/\(arts)", "SCIENCE", says: taken)
    }

    @Test func `what hangs on something is said in the page's language, names as they are`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.admin)
        #expect(
            try await browser.submit("/groups/\(it.group)/delete", on: "/groups/\(it.group)")
                .text.contains("or archive it. In the way: Fall, 1 member.<"))
        let spanish = try await it.place.client().send(
            .post, "/groups/\(it.group)/delete", body: Array("version=1&csrf=\(it.admin.token.secret.csrfToken)".utf8),
            contentType: "application/x-www-form-urlencoded",
            headers: [
                .cookie: "__Host-waymark=\(it.admin.token.text); language=es",
                .origin: "https://\(it.place.institution.slug).localhost",
            ])
        #expect(spanish.status == 422)
        #expect(spanish.text.contains("o archívelo. Lo impide: Fall, 1 miembro.<"))
    }
}
