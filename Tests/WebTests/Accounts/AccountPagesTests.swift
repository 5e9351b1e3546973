import Foundation
import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// The admin's pages: people, groups, departments, cards, tokens, audit.
@Suite struct AccountPagesTests {
    @Test(arguments: [
        ("/accounts", "People"), ("/accounts/new", "Add person"), ("/groups", "Groups"), ("/groups/new", "Add group"),
        ("/departments", "Departments"), ("/card", "My card"), ("/tokens", "API tokens"), ("/audit", "Audit"),
        ("/audit?actorId=x", "Audit"),
    ])
    func `an admin sees each list under its heading`(path: String, heading: String) async throws {
        let college = try await TestInstitution.make()
        let answer = try await college.client().asBrowser(college.person("admin")).send(.get, path)
        #expect(answer.status == (path.contains("actorId") ? 422 : 200))
        #expect(answer.text.contains("<h1>\(heading)</h1>"))
        #expect(answer.text.components(separatedBy: "<h1").count == 2)
    }

    @Test(arguments: ["staff", "student"])
    func `others are refused with a page`(role: String) async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person(role))
        for path in ["/accounts", "/groups", "/departments", "/tokens", "/audit"] {
            let answer = try await browser.send(.get, path)
            #expect(answer.status == 403, "\(path)")
            #expect(answer.text.contains("<h1"), "\(path)")
        }
    }

    @Test func `names are text, never markup`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        let browser = college.client().asBrowser(admin)
        let evil = try await college.account("staff", email: "evil@example.edu", given: "<script>", family: "x")
        let group = try await college.group("<script>g", of: [admin])
        try await college.run("insert into departments (name) values ('<script>d')")
        let paths = [
            "/accounts", "/accounts/\(evil)", "/accounts/\(evil)/card", "/groups", "/groups/\(group)",
            "/groups/\(group)?q=evil%40", "/departments", "/audit",
        ]
        for path in paths {
            let answer = try await browser.send(.get, path)
            #expect(answer.status == 200, "\(path)")
            #expect(!answer.text.contains("<script>"), "\(path)")
        }
    }

    @Test func `a form without proof of its origin changes nothing`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let answer = try await browser.post("/departments", ["name": "Advising"], csrf: "")
        #expect(answer.status == 403)
        #expect(try await college.number("select count(*) from departments") == 0)
    }

    @Test func `an admin adds a person, invites and deletes them`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let made = try await browser.post(
            "/accounts",
            [
                "givenName": "Amara", "familyName": "", "email": "amara@example.edu", "role": "staff",
                "status": "active",
                "studentNumber": "",
            ])
        #expect(made.status == 303)
        let page = try #require(made.headers[.location]?.split(separator: "?").first.map(String.init))
        #expect(try await browser.send(.get, page).text.contains("<bdi>Amara</bdi>"))
        let invited = try await browser.post("\(page)/invitation", [:])
        #expect(invited.status == 200)
        #expect(invited.text.contains("/invitations/"))
        #expect(try await !browser.send(.get, page).text.contains("/invitations/"))
        let wrong = try await browser.submit(page, ["givenName": "", "email": "amara@example.edu"])
        #expect(wrong.status == 422)
        let card = try await browser.submit("\(page)/card", ["title": "Advisor", "phone": "1", "published": "true"])
        #expect(card.status == 303)
        #expect(try await browser.send(.get, "\(page)/card").text.contains("Advisor"))
        #expect(try await browser.submit("\(page)/delete", on: page).headers[.location] == "/accounts?done=deleted")
    }

    @Test func `a preferred name is typed, shown, and emptied again`() async throws {
        let college = try await TestInstitution.make()
        let id = try await college.account("student", email: "kh@x.edu", given: "Katherine", family: "Hepburn")
        let browser = try await college.client().asBrowser(college.person("admin"))
        let page = "/accounts/\(id)"
        #expect(try await browser.submit(page, ["preferredName": "Kate"]).status == 303)
        let shown = try await browser.send(.get, page).text
        #expect(shown.contains("<bdi>Kate Hepburn</bdi>") && shown.contains("value=\"Katherine\""))
        #expect(try await browser.send(.get, "/accounts?q=katherine").text.contains("<bdi>Kate Hepburn</bdi>"))
        let record = try await browser.send(.get, "/students/\(id)").text
        #expect(record.contains("<bdi>Kate Hepburn</bdi>") && record.contains("<bdi>Katherine</bdi>"))
        #expect(try await browser.submit(page, ["preferredName": ""]).status == 303)
        #expect(try await browser.send(.get, page).text.contains("<bdi>Katherine Hepburn</bdi>"))
    }

    @Test func `a group gets a member, a manager, and stays while it has any`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        let manager = try await college.person("manager", email: "mia@example.edu")
        let browser = college.client().asBrowser(admin)
        let made = try await browser.post("/groups", ["name": "Advisors", "description": "", "departmentId": ""])
        let page = try #require(made.headers[.location]?.split(separator: "?").first.map(String.init))
        let found = try await browser.send(.get, "\(page)?q=mia%40")
        #expect(found.text.contains("value=\"\(manager.id)\""))
        #expect(try await browser.post("\(page)/members", ["accountId": "\(manager.id)"]).status == 303)
        #expect(try await browser.post("\(page)/members/\(manager.id)/manager", ["manager": "true"]).status == 303)
        #expect(try await browser.send(.get, page).text.contains("missing card"))
        let refused = try await browser.submit("\(page)/delete", on: page)
        #expect(refused.status == 422)
        #expect(refused.text.contains("1 member"))
        #expect(try await college.client().asBrowser(manager).send(.get, page).text.contains("Lovelace"))
        #expect(try await browser.post("\(page)/members/\(manager.id)/remove", [:]).status == 303)
        #expect(try await browser.submit(page, ["archived": "true"]).status == 303)
        #expect(try await browser.send(.get, page).text.contains("archived"))
        #expect(try await browser.submit("\(page)/delete", on: page).status == 303)
    }

    @Test func `a department gets a director`() async throws {
        let college = try await TestInstitution.make()
        let director = try await college.person("director")
        let browser = try await college.client().asBrowser(college.person("admin"))
        let made = try await browser.post("/departments", ["name": "Advising"])
        let page = try #require(made.headers[.location]?.split(separator: "?").first.map(String.init))
        #expect(try await browser.send(.get, page).text.contains("value=\"\(director.id)\""))
        #expect(try await browser.post("\(page)/directors", ["accountId": "\(director.id)"]).status == 303)
        #expect(try await browser.send(.get, page).text.contains("/directors/\(director.id)/remove"))
        #expect(try await browser.post("\(page)/directors/\(director.id)/remove", [:]).status == 303)
        #expect(try await browser.submit(page, ["name": "Tutoring"]).status == 303)
        #expect(try await browser.submit("\(page)/delete", on: page).status == 303)
    }

    @Test func `a token is shown once and revoked`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        let page = try await browser.send(.get, "/tokens").text
        let day = try #require(page.firstMatch(of: /type="date" value="([0-9-]+)"/)).output.1
        let made = try await browser.post("/tokens", ["name": "Import", "expiresAt": String(day), "scopes": "read"])
        #expect(made.status == 200)
        #expect(made.text.contains("id=\"secret\""))
        let list = try await browser.send(.get, "/tokens").text
        #expect(!list.contains("id=\"secret\""))
        let revoke = try #require(list.firstMatch(of: /\/tokens\/[0-9]+\/revoke/)).output
        #expect(try await browser.post(String(revoke), [:]).status == 303)
        #expect(try await browser.send(.get, "/audit").text.contains("revoked the API token"))
    }
}
