import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

@Suite struct SupportGroupPagesTests {
    @Test func `a group is found, chosen and attached without script`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        let cohort = try await college.cohort().id
        let tutors = try await college.group("Tutors <b>", of: [admin])
        let coaches = try await college.group("Coaches")
        let taken = try await college.group("Taken", cohorts: [cohort])
        let browser = college.client().asBrowser(admin)
        let path = "/cohorts/\(cohort)/attach"
        let all = try await browser.send(.get, path).text
        for group in [tutors, coaches] { #expect(all.contains(#"name="group" value="\#(group)" required"#)) }
        #expect(!all.contains(#"name="group" value="\#(taken)""#))
        #expect(all.contains("Tutors &lt;b&gt;") && !all.contains("Tutors <b>"))
        #expect(all.contains("1 person · Ada Lovelace"))
        #expect(all.matches(of: />Attach to Cohort</).count == 1)
        let narrowed = try await browser.send(.get, "\(path)?q=COACH").text
        #expect(
            narrowed.contains(#"value="\#(coaches)" required"#) && !narrowed.contains(#"value="\#(tutors)" required"#))
        #expect(try await browser.send(.get, "\(path)?q=nobody").text.contains("No group of that name"))

        let none = try await browser.post(path, [:])
        #expect(none.status == 422)
        #expect(none.text.contains("Choose a group first.") && none.text.contains("href=\"#group\""))
        let attached = try await browser.post(path, ["group": "\(tutors)"])
        #expect(attached.status == 303)
        #expect(attached.headers[.location] == "/cohorts/\(cohort)/support-groups?done=attached")
        #expect(try await browser.send(.get, "/cohorts/\(cohort)/support-groups").text.contains("Tutors &lt;b&gt;"))
        #expect(try await !browser.send(.get, path).text.contains(#"value="\#(tutors)" required"#))
        #expect(try await browser.post(path, ["group": "999999"]).status == 404)
        #expect(try await browser.post(path, ["group": "x"]).status == 422)
    }
}
