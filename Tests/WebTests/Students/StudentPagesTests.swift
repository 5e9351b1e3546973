import Casework
import Foundation
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// A student's page for staff: what was done, by whom, why one sees it, and who else looked.
@Suite struct StudentPagesTests {
    @Test func `the history of all milestones is one list, newest first`() async throws {
        let it = try await TestCohort.make()
        let second = try await it.milestone("Plan", completion: "student")
        _ = try await it.send(it.student, "POST /milestones/\(it.milestone)/progress/\(it.student.id)/submit")
        _ = try await it.send(it.student, "POST /milestones/\(second)/progress/\(it.student.id)/complete")
        _ = try await it.send(
            it.staff, "POST /milestones/\(it.milestone)/progress/\(it.student.id)/return",
            json: #"{"comment":"Add the date."}"#)
        let page = try await it.place.client().asBrowser(it.staff).send(.get, "/students/\(it.student.id)").text
        let history = try #require(page.components(separatedBy: "id=\"history\"").last)
        let steps = history.matches(of: /<b>(\w+)<\/b><span class="fact">([^·<]+) ·/).map { "\($0.1): \($0.2)" }
        #expect(steps == ["Meet: sent → returned", "Plan: open → done", "Meet: open → sent"])
        #expect(history.contains("“Add the date.”"))
        #expect(page.contains("You belong to Advising, which supports Fall."))
        #expect(page.contains("1 of 2 done"))
    }

    @Test func `admins see who looked, others do not`() async throws {
        let it = try await TestCohort.make()
        let staff = it.place.client().asBrowser(it.staff)
        try await it.place.run(
            "update accounts set given_name = 'Dana', family_name = 'Lind' where id = \(it.staff.id)")
        let own = try await staff.send(.get, "/students/\(it.student.id)").text
        #expect(!own.contains("id=\"looks\""))
        let page = try await it.place.client().asBrowser(it.admin).send(.get, "/students/\(it.student.id)").text
        let looks = try #require(page.components(separatedBy: "id=\"looks\"").last)
        #expect(looks.matches(of: /<bdi>Dana Lind<\/bdi>/).count == 1)
        #expect(looks.contains("/audit?subject=student%2F\(it.student.id)"))
        #expect(page.contains("As an admin you see every student."))
        #expect(try await it.place.number("select count(*) from audit where action = 'student.read'") == 2)
    }

    @Test func `a step without its comment is refused beside its milestone, and what was typed stays`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.staff)
        let path = "/students/\(it.student.id)/milestones/\(it.milestone)"
        let refused = try await browser.post(path, ["action": "waive", "comment": "", "version": "0"])
        #expect(refused.status == 422)
        #expect(refused.text.contains("href=\"#comment-\(it.milestone)\""))
        #expect(refused.text.contains("id=\"error-\(it.milestone)\""))
        #expect(try await browser.post(path, ["action": "submit"]).status == 404)
        let waived = try await browser.post(path, ["action": "waive", "comment": "Transfer.", "version": "0"])
        #expect(waived.headers[.location]?.hasPrefix("/students/\(it.student.id)?done=waived&what=Meet%2C") == true)
        let again = try await browser.post(path, ["action": "waive", "comment": "Transfer.", "version": "1"])
        #expect(again.status == 422)
        #expect(again.text.contains("Ada Lovelace, Meet is now “not needed”, by Ada Lovelace"))
    }

    @Test func `a decision is about what the page showed, and a refused one keeps its comment`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.staff)
        let page = "/students/\(it.student.id)"
        let steps = "/milestones/\(it.milestone)/progress/\(it.student.id)"
        #expect(try await it.send(it.student, "POST \(steps)/submit", json: #"{"comment":"First"}"#).status == 200)
        #expect(try await browser.get(page).text.contains("name=\"version\" value=\"1\""))
        #expect(try await it.send(it.student, "POST \(steps)/withdraw").status == 200)
        #expect(try await it.send(it.student, "POST \(steps)/submit", json: #"{"comment":"Second"}"#).status == 200)
        for version in ["1", "", "x"] {
            let refused = try await browser.post(
                "\(page)/milestones/\(it.milestone)",
                ["action": "complete", "comment": "Fine & good", "version": version])
            #expect(refused.status == 422)
            #expect(refused.text.contains("Ada Lovelace, Meet was sent again since you opened this page"))
            #expect(refused.text.contains("“Second”") && refused.text.contains("name=\"version\" value=\"3\""))
            #expect(refused.text.contains(">\nFine &amp; good</textarea>"))
            #expect(refused.text.matches(of: /<details open>/).count == 1)
        }
        let answer = try await browser.post(
            "\(page)/milestones/\(it.milestone)", ["action": "complete", "comment": "Fine", "version": "3"])
        #expect(answer.headers[.location]?.hasPrefix("\(page)?done=approved&what=") == true)
    }

    @Test func `who may not answer any more gets the comment back, on whichever page`() async throws {
        let it = try await TestCohort.make()
        let director = try await it.place.person("director")
        let browser = it.place.client().asBrowser(director)
        let department = try await it.place.department("Science", directors: [director])
        try await it.place.run("update groups set department_id = \(department) where id = \(it.group)")
        let form = ["action": "waive", "comment": "Because of the move", "version": "0"]
        let path = "/students/\(it.student.id)/milestones/\(it.milestone)"
        let overseeing = try await browser.post(path, form)
        #expect(overseeing.status == 422 && overseeing.text.contains("readonly>\nBecause of the move</textarea>"))
        try await it.place.run("delete from department_directors")
        let stranger = try await browser.post(path, form)
        #expect(stranger.status == 404 && stranger.text.contains("readonly>\nBecause of the move</textarea>"))
        try await it.place.run("update accounts set role = 'student' where id = \(director.id)")
        let student = try await browser.post(path, form)
        #expect(student.status == 403 && student.text.contains("readonly>\nBecause of the move</textarea>"))
    }
}
