import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import Testing
import TestSupport

@Suite struct SCIMPagesTests {
    @Test func `an admin connects a provider, and says what its groups become`() async throws {
        let college = try await TestInstitution.make()
        let browser = college.client().asBrowser(try await college.person("admin"))
        let start = try await browser.get("/imports/scim")
        #expect(start.status == 200 && start.text.contains("https://\(college.institution.slug).localhost/scim/v2"))
        #expect(start.text.contains("No groups yet"))
        // the last day that the form proposes
        let day = try #require(
            start.text.firstMatch(of: /name="expiresAt"[^>]*value="([^"]+)"/).map { String($0.output.1) })
        let made = try await browser.submit(
            "/tokens", ["name": "Entra", "expiresAt": day], on: "/imports/scim")
        let secret = try #require(made.text.firstMatch(of: /id="secret"[^>]*value="([^"]+)"/)?.output.1)
        let provider = college.client().signedIn(String(secret))
        let user = try await provider.send(
            .post, "/scim/v2/Users", json: #"{"userName":"anna@n.edu","name":{"givenName":"Anna"}}"#)
        #expect(user.status == 201)
        let group = try await provider.send(
            .post, "/scim/v2/Groups",
            json: #"{"displayName":"<b>Advisors</b>","members":[{"value":"\#(user.text("id") ?? "")"}]}"#)
        let path = "/imports/scim/\(SCIMWorld.number(group.text("id")))"
        let listed = try await browser.get("/imports/scim")
        #expect(listed.text.contains("&lt;b&gt;Advisors&lt;/b&gt;") && listed.text.contains(path))
        #expect(listed.text.contains("Here by SCIM: 1. With an account: 0."))

        let wrong = try await browser.submit(path, ["role": "student", "groupId": "1"])
        #expect(wrong.status == 422 && wrong.text.contains("a student belongs to no support group"))
        #expect(try await browser.submit(path, ["role": "", "groupId": "1"]).status == 422)
        #expect(try await browser.submit(path, ["role": "staff", "groupId": ""]).status == 303)
        #expect(try await role(of: "anna@n.edu", at: college) == "staff active")
        #expect(try await browser.get(path).text.contains("value=\"staff\" selected"))
        let ending = try await browser.submit(path, ["role": "", "groupId": ""])
        #expect(ending.status == 200 && ending.text.contains("1 person loses by this change"))
        #expect(try await role(of: "anna@n.edu", at: college) == "staff active", "asked first")
        #expect(try await browser.post(path, ending.hiddenFields(to: path)).status == 303)
        #expect(try await role(of: "anna@n.edu", at: college) == "staff suspended")
        #expect(try await browser.submit("/imports/scim", ["defaultRole": "student"]).status == 303)
        #expect(try await role(of: "anna@n.edu", at: college) == "student active")
        #expect(try await browser.get("/imports/scim/999").status == 404)

        let kept = try await browser.submit("/imports/scim", ["defaultRole": ""])
        #expect(kept.status == 200 && kept.text.contains("1 person loses by this change"))
        #expect(try await role(of: "anna@n.edu", at: college) == "student active", "asked first")
        let meant = kept.hiddenFields(to: "/imports/scim")
        #expect(try await browser.post("/imports/scim", meant).status == 303)
        #expect(try await role(of: "anna@n.edu", at: college) == "student suspended")
        let late = try await browser.post("/imports/scim", meant)
        #expect(late.status == 412, "what was asked is of a rule that is another now")

        let audit = try await browser.get("/audit").text
        #expect(audit.contains("SCIM took in the user") && audit.contains("changed what members of the SCIM group"))
    }

    @Test func `a rule that is changed asks by the page, for as many as lose, and again where those are more`()
        async throws
    {
        let world = try await SCIMWorld.make(defaultRole: nil)
        let browser = world.college.client().asBrowser(try await world.college.person("admin"))
        let first = try #require(try await world.create("a@n.edu").text("id"))
        let second = try #require(try await world.create("b@n.edu").text("id"))
        let support = try await world.college.group("Advising", cohorts: [])
        let group = try await world.send(
            .post, "/Groups", #"{"displayName":"G","members":[{"value":"\#(first)"}]}"#)
        let path = "/imports/scim/\(SCIMWorld.number(group.text("id")))"
        // nobody has anything to lose yet, nor by more than they have
        #expect(try await browser.submit(path, ["role": "staff", "groupId": "\(support)"]).status == 303)
        #expect(try await browser.submit(path, ["role": "manager", "groupId": "\(support)"]).status == 303)
        let lesser = try await browser.submit(path, ["role": "staff", "groupId": "\(support)"])
        #expect(lesser.status == 200 && lesser.text.contains("1 person loses by this change"))
        let left = try await browser.submit(path, ["role": "manager", "groupId": ""])
        #expect(left.status == 200 && left.text.contains("1 person loses by this change"))
        #expect(try await role(of: "a@n.edu", at: world.college) == "manager active")
        #expect(try await world.college.number("select count(*) from group_members") == 1)
        let meant = left.hiddenFields(to: path)
        // the provider sends one more meanwhile
        _ = try await world.patch(
            "/Groups/\(group.text("id") ?? "")", #"{"op":"add","path":"members","value":[{"value":"\#(second)"}]}"#)
        let more = try await browser.post(path, meant)
        #expect(more.status == 200 && more.text.contains("2 people lose by this change"))
        #expect(try await browser.post(path, more.hiddenFields(to: path)).status == 303)
        #expect(try await world.college.number("select count(*) from group_members") == 0)
        #expect(try await role(of: "a@n.edu", at: world.college) == "manager active")
        // an admin's account loses nothing by a rule
        try await world.college.run("update accounts set role = 'admin' where email like '%@n.edu'")
        #expect(try await browser.submit(path, ["role": "staff", "groupId": ""]).status == 303)
        #expect(try await browser.submit(path, ["role": "staff", "groupId": "", "mostLosing": "x"]).status == 422)
    }

    @Test func `nobody is asked where a rule's end concerns nobody`() async throws {
        let world = try await SCIMWorld.make()
        let browser = world.college.client().asBrowser(try await world.college.person("admin"))
        _ = try await world.college.account("staff", email: "staff@n.edu")
        // one whose role was another's to give, one who is inactive, one whom a group keeps
        _ = try await world.create("staff@n.edu")
        _ = try await world.create("gone@n.edu")
        _ = try await world.patch("/Users/2", #"{"op":"replace","path":"active","value":false}"#)
        let grouped = try #require(try await world.create("grouped@n.edu").text("id"))
        let group = try await world.send(
            .post, "/Groups", #"{"displayName":"G","members":[{"value":"\#(grouped)"}]}"#)
        let rule = try await world.rule(try #require(group.text("id")), #"{"role":"student"}"#)
        #expect(rule.status == 200)
        #expect(try await browser.submit("/imports/scim", ["defaultRole": ""]).status == 303)
        #expect(try await role(of: "staff@n.edu", at: world.college) == "staff active")
        #expect(try await role(of: "grouped@n.edu", at: world.college) == "student active")
    }

    @Test func `people whose accounts could not follow are named, with the reason`() async throws {
        let college = try await TestInstitution.make()
        let browser = college.client().asBrowser(try await college.person("admin"))
        try await college.run("insert into scim_users (user_name, problem) values ('a@n.edu', 'student-in-cohort')")
        try await college.run("insert into scim_users (user_name, problem) values ('b@n.edu', 'not-a-code')")
        let page = try await browser.get("/imports/scim").text
        #expect(page.contains("People whose accounts could not follow") && page.contains("a@n.edu"))
    }

    private func role(of email: String, at college: TestInstitution) async throws -> String? {
        try await college.owner(
            ("select role || ' ' || status from accounts where email = \(email)" as SQL).optionalValue(String.self))
    }
}
