import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// A student's personal contact: who names it, who sees it, and what a caseload makes of it.
@Suite struct PersonalContactTests {
    private func name(
        _ contact: Int?, of student: Int, at it: TestCohort, as who: TestInstitution.Person, in cohort: Int? = nil
    ) async throws -> TestClient.Answer {
        try await it.send(
            who, "PUT /cohorts/\(cohort ?? it.id)/students/\(student)/contact",
            json: "{\"accountId\":\(contact.map(String.init) ?? "null")}")
    }

    /// Whether a student's dashboard shows the first member of its first group as the personal contact.
    private func isShown(_ it: TestCohort, to student: TestInstitution.Person) async throws -> Bool {
        try await it.send(student, "GET /dashboard").json()["supportNetwork"]?[0]?["members"]?[0]?["contact"]
            == .bool(true)
    }

    @Test func `the student alone sees the contact, at once and as long as the person supports the cohort`()
        async throws
    {
        let it = try await TestCohort.make()
        #expect(try await !isShown(it, to: it.student))
        #expect(try await name(it.staff.id, of: it.student.id, at: it, as: it.staff).status == 204)
        #expect(try await isShown(it, to: it.student))
        #expect(try await !isShown(it, to: it.other))
        let page = try await it.place.client().asBrowser(it.student).get("/dashboard").text
        #expect(page.contains("Personal contact"))
        let record = try await it.send(it.staff, "GET /students/\(it.student.id)").json()
        #expect(record["contacts"]?[0]?["accountId"]?.int == it.staff.id)
        #expect(record["contacts"]?[0]?["cohortId"]?.int == it.id)

        try await it.place.run("delete from group_members")
        #expect(try await !isShown(it, to: it.student))
        try await it.place.run(
            "insert into group_members (group_id, account_id, account_role) values (\(it.group), \(it.staff.id), 'staff')"
        )
        #expect(try await isShown(it, to: it.student))
        #expect(try await name(nil, of: it.student.id, at: it, as: it.admin).status == 204)
        #expect(try await !isShown(it, to: it.student))
        let noted = try await it.send(it.admin, "GET /audit?subject=cohort/\(it.id)").json()
        let entries = noted["items"]?.elements.filter { $0["action"]?.string == "enrollment.contact" } ?? []
        #expect(entries.count == 2)
        #expect(entries.last?["after"]?["contactId"]?.int == it.staff.id)
    }

    @Test func `who does not support the cohort cannot be named, and who does not act there cannot name`() async throws
    {
        let it = try await TestCohort.make()
        let stranger = try await it.place.person("staff")
        let wrong = try await name(stranger.id, of: it.student.id, at: it, as: it.staff)
        #expect(wrong.status == 422 && wrong.text.contains("accountId"))
        #expect(try await name(it.student.id, of: it.student.id, at: it, as: it.admin).status == 422)
        let nothing = try await it.send(
            it.staff, "PUT /cohorts/\(it.id)/students/\(it.student.id)/contact", json: "{}")
        #expect(nothing.status == 422 && nothing.text.contains("accountId"))
        #expect(try await name(stranger.id, of: it.student.id, at: it, as: stranger).status == 404)
        #expect(try await name(it.staff.id, of: it.student.id, at: it, as: it.student).status == 403)
        #expect(try await name(it.staff.id, of: it.student.id, at: it, as: it.staff, in: it.hidden).status == 404)
        #expect(try await name(it.staff.id, of: 999_999, at: it, as: it.staff).status == 404)
        let elsewhere = try await TestCohort.make()
        #expect(try await name(nil, of: it.student.id, at: elsewhere, as: it.staff).status == 401)
        try await it.place.run("update cohorts set archived_at = now() where id = \(it.id)")
        #expect(try await name(it.staff.id, of: it.student.id, at: it, as: it.admin).status == 409)
        #expect(try await it.place.number("select count(*)::int from enrollments where contact_id is not null") == 0)
    }

    @Test func `a caseload is narrowed to one's own students, and several are taken on at once`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.staff)
        func mine(_ value: Bool) async throws -> [Int] {
            try await it.send(it.staff, "GET /students?mine=\(value)").json()["items"]?.elements.compactMap {
                $0["id"]?.int
            }
                ?? []
        }
        #expect(try await mine(true).isEmpty)
        #expect(try await mine(false).count == 2)
        let taken = try await browser.post("/students", ["action": "takeOn", "student": String(it.other.id)])
        #expect(taken.headers[.location] == "/students?done=takenOn")
        #expect(try await mine(true) == [it.other.id])
        #expect(try await mine(false) == [it.student.id])
        let again = try await browser.post("/students", ["action": "takeOn", "student": String(it.other.id)])
        #expect(again.headers[.location]?.contains("n=0") == true)
        let list = try await browser.get("/students?mine=true").text
        #expect(list.contains("/students/\(it.other.id)") && !list.contains("/students/\(it.student.id)\""))
        // an admin who belongs to no group takes nobody on
        let admin = it.place.client().asBrowser(it.admin)
        let none = try await admin.post("/students", ["action": "takeOn", "student": String(it.student.id)])
        #expect(none.headers[.location]?.contains("n=0") == true)
    }

    @Test func `on a student's page the contact is chosen, and a refusal stands at the field`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.staff)
        let page = "/students/\(it.student.id)"
        #expect(try await browser.get(page).text.contains("Name a personal contact"))
        let form = ["cohortId": String(it.id), "accountId": String(it.staff.id)]
        let saved = try await browser.post("\(page)/contact", form)
        #expect(saved.status == 303)
        let shown = try await browser.get(page).text
        #expect(shown.contains("Personal contact"))
        #expect(shown.contains("<option value=\"\(it.staff.id)\" selected>"))
        let wrong = try await browser.post(
            "\(page)/contact", ["cohortId": String(it.id), "accountId": String(it.admin.id)])
        #expect(wrong.status == 422 && wrong.text.contains("contact-\(it.id)-error"))
        _ = try await browser.post("\(page)/contact", ["cohortId": String(it.id), "accountId": ""])
        #expect(try await !browser.get(page).text.contains("<span class=\"tag info\">Personal contact"))
    }
}
