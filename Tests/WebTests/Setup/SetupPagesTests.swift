import Casework
import Foundation
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// The guide says how many of its steps are done, and the menu says it beside the guide's entry until all are.
@Suite struct SetupPagesTests {
    private func badges(_ page: TestClient.Answer) -> [String] {
        page.text.matches(of: /<a href="\/setup"[^>]*>(?:<svg.*?<\/svg>)?Set-up guide(.*?)<\/a>/).map {
            String($0.output.1)
        }
    }

    @Test func `the guide counts what is done, and leads to the place of the next step`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        func look() async throws -> (done: Int, next: [String]) {
            let page = try await browser.get("/setup").text
            let done = page.firstMatch(of: /<p class="quiet">(\d+) of 12 steps done<\/p>/).flatMap { Int($0.output.1) }
            return (done ?? -1, page.matches(of: /class="button primary" href="([^"]*)"/).map { String($0.output.1) })
        }
        #expect(try await look() == (0, ["/groups"]))
        try await college.makeReady()
        #expect(try await look() == (11, ["/settings"]))
        let cohort = try await college.number("select id from cohorts")
        try await college.run("update milestones set saved = false")
        #expect(try await look() == (8, ["/cohorts/\(cohort)/milestones"]))
        try await college.run("update milestones set saved = true")
        try await college.run("update settings set student_visibility = true")
        #expect(try await look() == (12, []))
        #expect(try await browser.get("/setup").text.contains("1 student sees this now."))
    }

    @Test(arguments: [
        ("en", "Single sign-on", "Rosters from a server"),
        ("es", "Inicio de sesión único", "Listas desde un servidor"),
    ])
    func `the step of accounts leads to where they may come from instead`(
        language: String, provider: String, rosters: String
    ) async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        let page = try await college.client().send(
            .get, "/setup", headers: [.cookie: "__Host-waymark=\(admin.token.text); language=\(language)"])
        let step = try #require(page.text.firstMatch(of: /id="step-1"(?s:.)*?<\/li>/)?.output)
        for (address, title) in [
            ("/settings/identity-provider", provider), ("/imports/scim", "SCIM"), ("/settings/roster-source", rosters),
        ] {
            #expect(step.contains(#"<a href="\#(address)">\#(title)</a>"#), "\(step)")
            #expect(try await college.client().asBrowser(admin).get(address).status == 200, "\(address)")
        }
    }

    @Test func `an admin's menu says so on every page, until students see it`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        let browser = college.client().asBrowser(admin)
        try await college.makeReady()
        for path in ["/setup", "/queue", "/cohorts", "/accounts", "/card"] {
            let badge = " <span class=\"tag\">11 of 12</span>"
            #expect(try await badges(browser.get(path)) == [badge, badge], "\(path)")
        }
        let spanish = try await college.client().send(
            .get, "/queue", headers: [.cookie: "__Host-waymark=\(admin.token.text); language=es"])
        #expect(spanish.text.contains("Guía de configuración <span class=\"tag\">11 de 12</span>"))
        try await college.run("update settings set student_visibility = true")
        #expect(try await badges(browser.get("/queue")) == ["", ""])
    }

    @Test(arguments: ["director", "manager", "staff"])
    func `others have pages as before, without the guide`(role: String) async throws {
        let college = try await TestInstitution.make()
        try await college.makeReady()
        let page = try await college.client().asBrowser(college.person(role)).get("/card")
        #expect(page.status == 200 && !page.text.contains("of 12"))
    }

    @Test func `a sample cohort is made, shown as to a student, and goes without a trace`() async throws {
        let college = try await TestInstitution.make()
        let person = try await college.person("admin")
        let browser = college.client().asBrowser(person)
        func counts() async throws -> [String] {
            try await college.texts(
                """
                select concat_ws(' ', (select count(*) from cohorts), (select count(*) from cohort_categories),
                    (select count(*) from milestones), (select count(*) from milestone_files))
                """)
        }
        try await college.run("insert into cohort_categories (name) values ('SAMPLE')")
        let before = try await browser.get("/setup").text
        #expect(before.contains("Make a sample cohort"))
        let made = try await browser.post("/setup/sample", [:])
        #expect(made.status == 303)
        let page = try #require(made.headers[.location]?.split(separator: "?").first.map(String.init))
        #expect(try await browser.get(page).text.contains("Draw up a study plan"))
        #expect(try await counts() == ["1 2 3 0"])
        let cohort = try await college.number("select id from cohorts")
        #expect(try await browser.get("/cohorts/\(cohort)/preview").text.contains("Talk to your advisor"))
        // a second press leads to the same one
        #expect(try await browser.post("/setup/sample", [:]).headers[.location] == made.headers[.location])

        let setup = try await college.client(person).send(.get, "/api/v1/setup").json()
        for item in setup["items"]?.elements ?? [] { #expect(item["count"]?.int == 0, "\(item)") }
        let guide = try await browser.get("/setup").text
        #expect(guide.contains("0 of 12 steps done") && !guide.contains("Make a sample cohort"))
        #expect(guide.contains("class=\"button primary\" href=\"/groups\""))

        let group = try await college.group("Advising", cohorts: [cohort])
        #expect(try await browser.post("/setup/sample/remove", [:]).headers[.location] == "/setup?done=deleted")
        #expect(try await counts() == ["0 1 0 0"])
        #expect(try await college.number("select count(*)::int from groups where id = \(group)") == 1)
        #expect(try await browser.post("/setup/sample/remove", [:]).status == 404)
        #expect(try await browser.get("/setup").text.contains("Make a sample cohort"))
    }

    @Test func `a sample with a student counts, and is not removed`() async throws {
        let college = try await TestInstitution.make()
        let person = try await college.person("admin")
        let browser = college.client().asBrowser(person)
        _ = try await browser.post("/setup/sample", [:])
        let cohort = try await college.number("select id from cohorts")
        let student = try await college.account("student", email: "a@example.edu")
        try await college.enroll(student, in: cohort)
        let guide = try await browser.get("/setup").text
        #expect(guide.contains("Make a sample cohort") && !guide.contains("Remove the sample cohort"))
        let refused = try await browser.post("/setup/sample/remove", [:])
        #expect(refused.status == 422)
        #expect(try await college.number("select count(*)::int from milestones") == 3)
        let setup = try await college.client(person).send(.get, "/api/v1/setup").json()
        #expect(setup["items"]?.elements.first { $0["key"]?.string == "cohorts" }?["count"]?.int == 1)
        #expect(try await browser.post("/setup/sample", [:]).status == 303)
        #expect(try await college.number("select count(*)::int from cohorts") == 2)
        for role in ["director", "manager", "staff", "student"] {
            let other = try await college.client().asBrowser(college.person(role))
            #expect(try await other.post("/setup/sample", [:]).status == 403, "\(role)")
            #expect(try await other.post("/setup/sample/remove", [:]).status == 403, "\(role)")
        }
    }
}
