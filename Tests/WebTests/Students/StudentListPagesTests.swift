import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing
import Web

/// The list of students: by the API, and as a page on which some are chosen to do something with.
@Suite struct StudentListPagesTests {
    @Test func `each role lists the students in its scope, and another institution's token nobody`() async throws {
        let it = try await TestCohort.make()
        let stranger = try await it.place.account("student", email: "c@example.edu", given: "Cy", family: "Zed")
        let emails: (TestClient.Answer) throws -> [String] = { answer in
            try answer.json()["items"]?.elements.compactMap { $0["email"]?.string } ?? []
        }
        #expect(
            try emails(try await it.send(it.admin, "GET /students")) == [
                "a@example.edu", "b@example.edu", "c@example.edu",
            ])
        #expect(try emails(try await it.send(it.staff, "GET /students")) == ["a@example.edu", "b@example.edu"])
        #expect(try await it.send(it.student, "GET /students").status == 403)
        let elsewhere = try await TestCohort.make()
        #expect(try await elsewhere.place.client(it.admin).send(.get, "/api/v1/students").status == 401)
        try await it.place.enroll(stranger, in: it.hidden)
        #expect(
            try await it.send(it.staff, "GET /students?cohortId=\(it.hidden)").json()["items"]?.elements.isEmpty == true
        )
        #expect(
            try emails(try await it.send(it.admin, "GET /students?cohortId=\(it.hidden)&sort=-overdue")) == [
                "c@example.edu"
            ])
        for wrong in ["sort=height", "overdue=maybe", "cohortId=x", "cursor=x"] {
            #expect(try await it.send(it.staff, "GET /students?\(wrong)").status == 422, "\(wrong)")
        }
    }

    @Test func `the last sign-in and the last contact are told`() async throws {
        let it = try await TestCohort.make()
        let hash = try await it.place.site.passwords.hash("correct horse battery")
        try await it.place.run("update accounts set password_hash = \(hash) where id = \(it.student.id)")
        func item() async throws -> JSONValue? {
            let answer = try await it.send(it.staff, "GET /students?q=a@example").json()
            return answer["items"]?[0]
        }
        #expect(try await item()?["signedInAt"] == .null)
        let before = Date.now.addingTimeInterval(-5)
        for _ in 0..<2 {
            let answer = try await it.place.client().send(
                .post, "/api/v1/session", json: #"{"email":"a@example.edu","password":"correct horse battery"}"#)
            #expect(answer.status == 201)
        }
        let signedIn = try #require(try await item()?["signedInAt"]?.string)
        #expect(signedIn > before.formatted(.iso8601))
        _ = try await it.send(it.student, "POST /milestones/\(it.milestone)/progress/\(it.student.id)/submit")
        #expect(try await item()?["contactedAt"] == .null, "the student's own step is no contact")
        #expect(try await item()?["waiting"]?.int == 1)
        _ = try await it.send(
            it.staff, "POST /milestones/\(it.milestone)/progress/\(it.student.id)/return", json: #"{"comment":"More."}"#
        )
        #expect(try await item()?["contactedAt"]?.string != nil)
    }

    @Test func `the page sorts by its heads, narrows by its address and tells who is chosen`() async throws {
        let it = try await TestCohort.make()
        let staff = it.place.client().asBrowser(it.staff)
        let page = try await staff.get("/students?sort=-overdue").text
        #expect(page.contains("aria-sort=\"descending\""))
        #expect(page.contains("href=\"/students?sort=overdue\"") && page.contains("href=\"/students?sort=-waiting\""))
        #expect(page.contains("href=\"/students\""), "by name goes without saying")
        #expect(!page.contains("value=\"add\""), "only admins take students into cohorts")
        #expect(!page.contains("value=\"approve\""), "nothing waits")
        let none = try await staff.get("/students?waiting=true").text
        #expect(none.contains("No student found"))
        let refused = try await staff.post("/students", ["action": "addresses"])
        #expect(refused.status == 422 && refused.text.contains("Choose at least one student."))
    }

    @Test func `what waits of the chosen is shown, approved and can be taken back`() async throws {
        let it = try await TestCohort.make()
        for student in [it.student, it.other] {
            _ = try await it.send(
                student, "POST /milestones/\(it.milestone)/progress/\(student.id)/submit",
                json: #"{"comment":"Done <i>"}"#)
        }
        let staff = it.place.client().asBrowser(it.staff)
        #expect(try await staff.get("/students").text.contains("value=\"approve\""))
        let question = try await staff.post(
            "/students?sort=-waiting", ["action": "approve", "student": String(it.student.id)])
        let item = "\(it.milestone)-\(it.student.id)-1"
        #expect(question.status == 200 && question.text.contains("value=\"\(item)\""))
        #expect(question.text.contains("Done &lt;i&gt;") && !question.text.contains("\(it.milestone)-\(it.other.id)-1"))
        let done = try await staff.post(
            "/students/approve?sort=-waiting", ["action": "complete", "item": item])
        #expect(done.headers[.location]?.hasPrefix("/students?sort=-waiting&done=approved") == true)
        #expect(done.headers[.location]?.contains("undo=") == true)
        let late = try await staff.post("/students/approve", ["action": "complete", "item": item])
        #expect(late.status == 422 && late.text.contains("is now “done”"))
        #expect(
            try await staff.post("/students/approve", ["action": "waive", "item": item, "comment": "x"]).status == 404)
    }

    @Test func `admins take the chosen into a cohort and out of it, others may not`() async throws {
        let it = try await TestCohort.make()
        let admin = it.place.client().asBrowser(it.admin)
        let both = [("student", String(it.student.id)), ("student", String(it.other.id))]
        func post(_ browser: Browser, _ action: String, _ cohort: Int?) async throws -> TestClient.Answer {
            try await browser.post(
                "/students", pairs: both + [("action", action)] + (cohort.map { [("cohortId", String($0))] } ?? []))
        }
        let added = try await post(admin, "add", it.hidden)
        #expect(added.headers[.location] == "/students?done=studentsAdded&n=2")
        #expect(try await post(admin, "add", it.hidden).headers[.location] == "/students?done=studentsAdded&n=0")
        #expect(try await it.place.number("select count(*)::int from audit where action = 'enrollment.create'") == 2)
        let removed = try await post(admin, "remove", it.hidden)
        #expect(removed.headers[.location] == "/students?done=studentsRemoved&n=2")
        #expect(try await it.place.number("select count(*)::int from audit where action = 'enrollment.delete'") == 2)
        let without = try await post(admin, "add", nil)
        #expect(without.status == 422 && without.text.contains("Choose a cohort first."))
        #expect(try await post(admin, "add", 999_999).status == 404)
        #expect(try await post(it.place.client().asBrowser(it.staff), "add", it.id).status == 403)
        try await it.place.run("update cohorts set archived_at = now() where id = \(it.hidden)")
        #expect(try await post(admin, "add", it.hidden).status == 422)
    }

    @Test func `addresses and the file hold those in scope and no formula`() async throws {
        let it = try await TestCohort.make()
        let stranger = try await it.place.account("student", email: "c@example.edu")
        try await it.place.run("update accounts set given_name = '=1+1' where id = \(it.student.id)")
        let staff = it.place.client().asBrowser(it.staff)
        let page = try await staff.post(
            "/students",
            pairs: [it.other.id, it.student.id, stranger].map { ("student", String($0)) } + [("action", "addresses")])
        #expect(page.text.contains(">\na@example.edu,\nb@example.edu</textarea>"))
        let file = try await staff.get("/students.csv?sort=name")
        #expect(file.headers[.contentType] == "text/csv; charset=utf-8")
        #expect(file.headers[.contentDisposition]?.hasPrefix("attachment; filename=\"Students.csv\"") == true)
        let lines = file.text.split(separator: "\r\n")
        #expect(lines.count == 3 && lines.first?.hasPrefix("Student,E-mail address,Student number,Cohorts,") == true)
        #expect(file.text.contains("'=1+1 Lovelace,a@example.edu,,Fall,0,1,0,0,,"))
        #expect(try await it.place.client().asBrowser(it.student).get("/students.csv").status == 403)
    }

    @Test func `saved views are one's own, and hold what the list knows and nothing else`() async throws {
        let it = try await TestCohort.make()
        let staff = it.place.client().asBrowser(it.staff)
        let saved = try await staff.post(
            "/students/views?overdue=true&sort=-overdue&evil=%3Cb%3E", ["name": "Late & more"])
        #expect(saved.headers[.location]?.hasPrefix("/students?overdue=true&sort=-overdue&done=saved") == true)
        let page = try await staff.get("/students").text
        #expect(page.contains("href=\"/students?overdue=true&amp;sort=-overdue\"") && page.contains("Late &amp; more"))
        let views = try await it.send(it.staff, "GET /views").json()["items"]
        #expect(views?[0]?["query"]?.string == "overdue=true&sort=-overdue")
        let id = try #require(views?[0]?["id"]?.int)
        #expect(try await it.send(it.admin, "GET /views").json()["items"]?.elements.isEmpty == true)
        #expect(try await it.send(it.admin, "DELETE /views/\(id)").status == 404)
        let again = try await it.send(it.staff, "POST /views", json: #"{"name":"LATE & MORE","query":"q=%C3%BC&x=1"}"#)
        #expect(try again.json()["id"]?.int == id)
        #expect(try again.json()["query"]?.string == "q=%C3%BC")
        for wrong in ["sort=height", "q=%ff", "overdue=1&overdue=0"] {
            let answer = try await it.send(it.staff, "POST /views", json: #"{"name":"N","query":"\#(wrong)"}"#)
            #expect(answer.status == 422 && answer.text.contains(#""field":"query""#), "\(wrong)")
        }
        let nameless = try await staff.post("/students/views?overdue=true", ["name": " "])
        #expect(nameless.status == 422)
        for number in 0..<49 {
            #expect(try await it.send(it.staff, "POST /views", json: #"{"name":"V\#(number)"}"#).status == 201)
        }
        #expect(try await it.send(it.staff, "POST /views", json: #"{"name":"One more"}"#).status == 422)
        #expect(
            try await staff.post("/students/views/\(id)/delete", [:]).headers[.location] == "/students?done=deleted")
    }
}
