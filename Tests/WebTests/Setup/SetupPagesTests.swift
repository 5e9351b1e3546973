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
}
