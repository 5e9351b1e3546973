import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// What was changed since the page was shown is not deleted or archived unseen: the question is asked once more.
@Suite struct OutdatedRemovalTests {
    /// Something that can be deleted: its page, the address of the form, how the API changes it, and where it lies.
    struct Removal: Sendable, CustomStringConvertible {
        let table, page, form, api: String
        var patch = #"{"name":"Renamed"}"#
        var fields: [String: String] = [:]

        var description: String { form }
    }

    static let removals = [
        Removal(
            table: "milestones", page: "/cohorts/1/milestones/1", form: "/cohorts/1/milestones/1/delete",
            api: "/milestones/1", patch: #"{"title":"Renamed"}"#),
        Removal(table: "cohorts", page: "/cohorts/1/details", form: "/cohorts/1/delete", api: "/cohorts/1"),
        Removal(
            table: "cohorts where archived_at is null", page: "/cohorts/1/details", form: "/cohorts/1/details",
            api: "/cohorts/1", fields: ["archived": "true"]),
        Removal(table: "cohort_categories", page: "/categories/2", form: "/categories/2/delete", api: "/categories/2"),
        Removal(table: "groups", page: "/groups/1", form: "/groups/1/delete", api: "/groups/1"),
        Removal(
            table: "groups where archived_at is null", page: "/groups/1", form: "/groups/1", api: "/groups/1",
            fields: ["archived": "true"]),
        Removal(table: "departments", page: "/departments/1", form: "/departments/1/delete", api: "/departments/1"),
        Removal(
            table: "accounts", page: "/accounts/1", form: "/accounts/1/delete", api: "/accounts/1",
            patch: #"{"givenName":"Renamed"}"#),
    ]

    /// A college in which nothing hangs on anything; what can be deleted has the number 1, or 2.
    private func college() async throws -> TestInstitution {
        let college = try await TestInstitution.make()
        #expect(try await college.account("staff", email: "mia@example.edu") == 1)
        for sql: SQL in [
            "insert into cohort_categories (name) values ('Used'), ('Empty')",
            "insert into cohorts (category_id, name) values (1, 'Fall')",
            "insert into milestones (cohort_id, title, saved) values (1, 'Meet', true)",
            "insert into departments (name) values ('Science')", "insert into groups (name) values ('Tutors')",
        ] {
            try await college.run(sql)
        }
        return college
    }

    private func count(_ college: TestInstitution, _ removal: Removal) async throws -> Int {
        try await college.owner(SQL(unchecked: "select count(*) from \(removal.table)").value(Int.self))
    }

    @Test(arguments: removals)
    func `what was changed meanwhile is asked about once more`(removal: Removal) async throws {
        let college = try await college()
        let (first, second) = (try await college.person("admin"), try await college.person("admin"))
        let browser = college.client().asBrowser(second)
        let before = try await count(college, removal)
        let seen = try #require(try await browser.get(removal.page).hiddenFields(to: removal.form)["version"])
        let changed = try await college.client(first).send(.patch, "/api/v1\(removal.api)", json: removal.patch)
        #expect(changed.status == 200, "\(changed.text)")

        for version in [seen, "x", ""] {
            let refused = try await browser.post(removal.form, removal.fields.merging(["version": version]) { $1 })
            #expect(refused.status == 412 && refused.text.contains("This has changed since you opened the page"))
            #expect(refused.text.contains("Renamed"))
            #expect(refused.text.matches(of: /<details open>/).count == 1)
            #expect(!refused.text.contains("-stored"))
            #expect(try await count(college, removal) == before)
        }
        #expect(try await browser.post(removal.form, removal.fields).status == 412, "without a version nothing is done")
        let refused = try await browser.post(removal.form, removal.fields.merging(["version": seen]) { $1 })
        let again = removal.fields.merging(refused.hiddenFields(to: removal.form)) { $1 }
        #expect(try await browser.post(removal.form, again).status == 303)
        #expect(try await count(college, removal) == before - 1)
    }

    @Test func `a draft that somebody else saved is not discarded`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.admin)
        let draft = try #require(try await browser.post("/cohorts/\(it.id)/milestones", [:]).headers[.location])
        let seen = try await browser.get(draft).hiddenFields(to: draft)
        #expect(try await browser.submit(draft, ["title": "Saved", "completion": "staff"]).status == 303)
        let answer = try await browser.post(
            "\(draft)/delete", ["title": "Half", "completion": "staff"].merging(seen) { $1 })
        #expect(answer.status == 412)
        #expect(answer.text.contains("value=\"Half\"") && answer.text.contains("<bdi>Saved</bdi>"))
        #expect(try await it.place.number("select count(*) from milestones") == 2)
    }
}
