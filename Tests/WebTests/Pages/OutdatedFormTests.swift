import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// Two people have the same form open, and both send it: the second is told, loses nothing, and overwrites nothing unseen.
@Suite struct OutdatedFormTests {
    /// A field: what the first saves, how the second is told of it, and what the second typed.
    struct Field: Sendable {
        let name, theirs, told, mine: String

        init(_ name: String, _ theirs: String, told: String? = nil, _ mine: String) {
            (self.name, self.theirs, self.told, self.mine) = (name, theirs, told ?? theirs, mine)
        }
    }

    /// A form that edits something: its page and address, and every field that both fill in.
    struct EditForm: Sendable, CustomStringConvertible {
        let name: String
        let path: @Sendable (Scene) -> String
        let fields: [Field]

        var description: String { name }
    }

    /// Two admins at a college that has one of everything.
    struct Scene: Sendable {
        let it: TestCohort
        let first, second: Browser
        let department, account: Int

        init() async throws {
            it = try await TestCohort.make()
            first = it.place.client().asBrowser(it.admin)
            second = it.place.client().asBrowser(try await it.place.person("admin"))
            department = try await it.place.department("Science")
            account = try await it.place.account("staff", email: "mia@example.edu")
            try await it.place.run("update groups set department_id = \(department)")
            try await it.place.run("insert into scim_groups (display_name) values ('Advisors')")
        }
    }

    private static let text = Field(
        "description", "Bring <b>\n& two", told: "Bring &lt;b&gt;\n&amp; two", "Mine: \"ü\"\n\nthird line")

    static let forms: [EditForm] = [
        EditForm(
            name: "milestone", path: { "/cohorts/\($0.it.id)/milestones/\($0.it.milestone)" },
            fields: [
                Field("title", "By the first", "By the second"), text,
                Field("dueOn", "2026-12-01", told: "December 1, 2026", "2027-01-31"),
                Field("completion", "student", told: "The student", "staff"),
                Field("reminders", "1", told: "1 day", "7"),
            ]),
        EditForm(
            name: "cohort", path: { "/cohorts/\($0.it.id)/details" },
            fields: [
                Field("name", "By the first", "By the second"), Field("goal", text.theirs, told: text.told, text.mine),
                Field("plannedMilestones", "4", "5"),
            ]),
        EditForm(
            name: "group", path: { "/groups/\($0.it.group)" },
            fields: [
                Field("name", "By the first", "By the second"), text,
                Field("departmentId", "", told: "No department", "=Science"),
            ]),
        EditForm(
            name: "category", path: { "/categories/\($0.it.category)" },
            fields: [Field("name", "By the first", "By the second")]),
        EditForm(
            name: "department", path: { "/departments/\($0.department)" },
            fields: [Field("name", "By the first", "By the second")]),
        EditForm(
            name: "account", path: { "/accounts/\($0.account)" },
            fields: [
                Field("givenName", "Mia", "Maya"), Field("familyName", "", told: "nothing", "Okafor"),
                Field("preferredName", "Mimi", "May"),
                Field("email", "first@example.edu", "second@example.edu"),
                Field("role", "manager", told: "Manager", "student"),
                Field("status", "suspended", told: "suspended", "active"), Field("studentNumber", "1", "2"),
            ]),
        EditForm(name: "card", path: { "/accounts/\($0.account)/card" }, fields: card),
        EditForm(name: "card that is there", path: { "/accounts/\($0.it.staff.id)/card" }, fields: card),
        EditForm(
            name: "settings", path: { _ in "/settings" },
            fields: [
                Field("name", "By the first", "By the second"),
                Field("timeZone", "America/New_York", told: "America/New York", "Europe/Madrid"),
                Field("reminderHour", "7", told: "07:00", "9"),
                Field("suspendPercent", "5", "25"),
                Field("cohortDelegation", "true", told: "Yes", ""),
                Field("studentVisibility", "disabled", told: "Disabled", "enabled"),
            ]),
        EditForm(
            name: "retention", path: { _ in "/settings/retention" },
            fields: [
                Field("archivedStudentsDays", "400", "500"), Field("auditDays", "4000", "5000"),
                Field("mailsDays", "401", "501"), Field("filesDays", "402", "502"),
            ]),
        EditForm(
            name: "identity provider", path: { _ in "/settings/identity-provider" },
            fields: [
                Field("label", "By the first", "By the second"),
                Field("issuer", "https://first.example", "https://second.example"), Field("clientId", "1", "2"),
                Field("emailClaim", "email", told: "email", "upn"), Field("numberClaim", "", told: "nothing", "number"),
                Field("domains", "first.example", "second.example, third.example"),
                Field("rules", "groups = a: staff", "groups = b: staff\ntitle = dean: director"),
                Field("enabled", "true", told: "Yes", ""), Field("createsStudents", "true", told: "Yes", ""),
                Field("linksStudents", "", told: "No", "true"), Field("studentPasswords", "", told: "No", "true"),
                Field("requiresVerifiedEmail", "true", told: "Yes", ""),
            ]),
        EditForm(
            name: "rule of a group of SCIM", path: { _ in "/imports/scim/1" },
            fields: [Field("role", "staff", told: "Staff", "director")]),
        EditForm(
            name: "rule of SCIM", path: { _ in "/imports/scim" },
            fields: [Field("defaultRole", "student", told: "Student", "")]),
        EditForm(
            name: "import folder", path: { _ in "/imports/folder" },
            fields: [
                Field("enabled", "true", told: "Yes", ""), Field("suspendsMissing", "", told: "No", "true"),
                Field("partial", "true", told: "Yes", ""),
            ]),
        EditForm(
            name: "server of rosters", path: { _ in "/settings/roster-source" },
            fields: [
                Field("baseUrl", "https://first.example", "https://second.example"),
                Field("tokenUrl", "https://first.example/t", "https://second.example/t"),
                Field("clientId", "1", "2"), Field("scope", "", told: "nothing", "core"),
                Field("everyHours", "6", told: "Every 6 hours", "12"), Field("hour", "4", told: "04:00", "5"),
                Field("enabled", "true", told: "Yes", ""),
                Field("suspendsMissing", "", told: "No", "true"), Field("partial", "true", told: "Yes", ""),
            ]),
    ]

    private static let card = [
        Field("title", "Advisor", "Dean"), Field("office", "A 1", "B 2"), Field("phone", "1", "2"),
        Field("email", "first@example.edu", "second@example.edu"),
        Field("location", "North", "South"), Field("hours", "9 to 5", "by appointment"),
        Field("bookingURL", "https://first.example/", "https://second.example/"),
        Field("biography", text.theirs, told: text.told, text.mine), Field("published", "", told: "No", "true"),
    ]

    private static let boxes = [
        "cohortDelegation", "published", "enabled", "createsStudents", "linksStudents", "studentPasswords",
        "requiresVerifiedEmail", "suspendsMissing", "partial",
    ]

    /// What is sent; an unchecked box is not.
    private func values(_ form: EditForm, _ scene: Scene, _ value: (Field) -> String) -> [String: String] {
        var values: [String: String] = [:]
        for field in form.fields where !value(field).isEmpty || !Self.boxes.contains(field.name) {
            values[field.name] = value(field) == "=Science" ? "\(scene.department)" : value(field)
        }
        // both have said yes to the question that comes before students see their dashboard, or see it no more
        if let visibility = values["studentVisibility"] { values["confirmed"] = visibility }
        return values
    }

    /// Whether a page shows a value in some field.
    private func holds(_ page: String, _ value: String) -> Bool {
        let value = value.replacing("\"", with: "&quot;")
        return page.contains("value=\"\(value)\"") || page.contains(">\n\(value)</textarea>")
    }

    /// What a page tells of a field's stored value.
    private func told(_ page: String, _ name: String) -> String? {
        let note = page.split(separator: "id=\"\(name)-stored\">", maxSplits: 1).dropFirst().first
        return note?.firstMatch(of: /^<b>[^<]*<\/b> (?:<bdi>)?([^<]*)</).map { String($0.output.1) }
    }

    @Test(arguments: forms)
    func `the second is told, keeps what was typed, and saves knowingly`(form: EditForm) async throws {
        let scene = try await Scene()
        let (path, first, second) = (form.path(scene), scene.first, scene.second)
        let mine = values(form, scene) { $0.mine }
        let seen = try await second.get(path).hiddenFields(to: path)
        #expect(seen["version"] != nil)
        #expect(try await first.submit(path, values(form, scene) { $0.theirs }).status == 303)
        let stored = try await second.get(path).text

        for version in [seen["version"], nil, "", "x", "-1", "99999999999999999999"] {
            let answer = try await second.post(path, mine.merging(version.map { ["version": $0] } ?? [:]) { $1 })
            #expect(answer.status == 412, "version \(version ?? "none")")
            #expect(answer.text.contains("<b>This has changed since you opened the page</b>"))
            #expect(try await second.get(path).text == stored, "nothing is stored")
        }
        let answer = try await second.post(path, mine.merging(seen) { $1 })
        for field in form.fields {
            #expect(told(answer.text, field.name) == field.told, "\(field.name)")
            #expect(
                answer.text.contains(try Regex("aria-describedby=\"[^\"]*\\b\(field.name)-stored")), "\(field.name)")
            #expect(mine[field.name].map { holds(answer.text, $0) } ?? true, "\(field.name)")
        }
        // once more, now knowing
        let saved = try await second.post(path, mine.merging(answer.hiddenFields(to: path)) { $1 })
        #expect(saved.status == 303, "\(saved.text)")
        let now = try await first.get(path).text
        #expect(now != stored && !now.contains("-stored"))
        for value in mine.values { #expect(holds(now, value), "\(value)") }
    }

    @Test(arguments: forms)
    func `a mistake in an outdated form hides nobody's change`(form: EditForm) async throws {
        let scene = try await Scene()
        let path = form.path(scene)
        let mine = values(form, scene) { $0.mine }
        let seen = try await scene.second.get(path).hiddenFields(to: path)
        #expect(try await scene.first.submit(path, values(form, scene) { $0.theirs }).status == 303)
        var wrong = mine.merging(seen) { $1 }
        wrong[form.fields[0].name] = String(repeating: "x", count: 201)
        let refused = try await scene.second.post(path, wrong)
        #expect(refused.status == 422 && !refused.text.contains("-stored"))
        let mended = try await scene.second.post(path, mine.merging(refused.hiddenFields(to: path)) { $1 })
        #expect(mended.status == 412)
    }

    @Test func `a field in which both agree is not told of`() async throws {
        let scene = try await Scene()
        let path = "/cohorts/\(scene.it.id)/details"
        let seen = try await scene.second.get(path).hiddenFields(to: path)
        #expect(try await scene.first.submit(path, ["name": "New", "goal": "a\r\nb"]).status == 303)
        let answer = try await scene.second.post(path, ["name": "New", "goal": "a\r\nb "].merging(seen) { $1 })
        #expect(answer.status == 412 && !answer.text.contains("-stored"))
        let csrf = scene.it.admin.token.secret.csrfToken
        let spanish = try await scene.it.place.client().send(
            .post, path, body: Array("name=Otro&version=1&csrf=\(csrf)".utf8),
            contentType: "application/x-www-form-urlencoded",
            headers: [
                .cookie: "__Host-waymark=\(scene.it.admin.token.text); language=es",
                .origin: "https://\(scene.it.place.institution.slug).localhost",
            ])
        #expect(spanish.status == 412 && spanish.text.contains("<b>Guardado ahora:</b> <bdi>New</bdi>"))
    }

    @Test func `what was typed about a group that is archived meanwhile is given back`() async throws {
        let scene = try await Scene()
        let path = "/groups/\(scene.it.group)"
        let seen = try await scene.second.get(path).hiddenFields(to: path)
        #expect(try await scene.first.submit(path, ["archived": "true"]).status == 303)
        let answer = try await scene.second.post(path, ["name": "Mine", "description": "Kept"].merging(seen) { $1 })
        #expect(answer.status == 412 && answer.text.contains("readonly>\nKept</textarea>"))
        #expect(!answer.text.contains("name=\"description\"") && !answer.text.contains("readonly>\n1</textarea>"))
    }
}
