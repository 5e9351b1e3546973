import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// What comes to whose inbox, when it goes, and what reading leaves.
@Suite struct InboxAPITests {
    private func entries(_ it: TestCohort, _ who: TestInstitution.Person, _ query: String = "") async throws
        -> [JSONValue]
    {
        let answer = try await it.send(who, "GET /inbox\(query)")
        #expect(answer.status == 200, "\(answer.text)")
        return try answer.json()["items"]?.elements ?? []
    }

    /// `request Meet unread`, newest first.
    private func lines(_ it: TestCohort, _ who: TestInstitution.Person) async throws -> [String] {
        try await entries(it, who).map { entry in
            [
                entry["kind"]?.string, entry["event"]?.string, entry["milestone"]?.string ?? entry["group"]?.string,
                entry["unread"] == .bool(true) ? "unread" : nil,
            ].compactMap(\.self).joined(separator: " ")
        }
    }

    private func step(_ it: TestCohort, _ who: TestInstitution.Person, _ action: String, _ comment: String? = nil)
        async throws
    {
        let answer = try await it.send(
            who, "POST /milestones/\(it.milestone)/progress/\(it.student.id)/\(action)",
            json: comment.map { #"{"comment":"\#($0)"}"# })
        #expect(answer.status == 200, "\(answer.text)")
    }

    @Test func `a request comes to those who answer and goes with the answer, which comes to the student`() async throws
    {
        let it = try await TestCohort.make()
        let elsewhere = try await it.place.person("staff")
        try await step(it, it.student, "submit", "Please look")
        for who in [it.staff, it.admin] {
            let entry = try #require(try await entries(it, who).first)
            #expect(entry["kind"]?.string == "request" && entry["milestoneId"]?.int == it.milestone)
            #expect(entry["studentId"]?.int == it.student.id && entry["person"]?.string == "Ada Lovelace")
            #expect(entry["cohort"]?.string == "Fall" && entry["comment"]?.string == "Please look")
        }
        #expect(try await entries(it, elsewhere).isEmpty)
        #expect(try await entries(it, it.student).isEmpty, "the own step is no news")
        try await step(it, it.staff, "return", "Sign it")
        #expect(try await entries(it, it.staff).isEmpty)
        let told = try #require(try await entries(it, it.student).first)
        #expect(told["kind"]?.string == "answer" && told["event"]?.string == "returned")
        #expect(told["comment"]?.string == "Sign it" && told["person"]?.string == "Ada Lovelace")
        #expect(try await entries(it, it.other).isEmpty)
        try await step(it, it.student, "submit")
        try await step(it, it.staff, "complete")
        #expect(
            try await lines(it, it.student) == ["answer completed Meet unread", "answer returned Meet unread"])
        // an answer that is taken back was none
        let version = try await it.place.number("select version from progress")
        let undone = try await it.send(
            it.staff, "POST /milestones/\(it.milestone)/progress/\(it.student.id)/undo",
            headers: [.ifMatch: "\"\(version)\""])
        #expect(undone.status == 200, "\(undone.text)")
        #expect(try await lines(it, it.student) == ["answer returned Meet unread"])
        #expect(try await lines(it, it.staff) == ["request Meet unread"])
        try await it.place.run("update settings set student_visibility = false")
        #expect(try await it.send(it.student, "GET /inbox").status == 404)
    }

    @Test func `what is read stays read, one or all, and what comes later is new`() async throws {
        let it = try await TestCohort.make()
        try await step(it, it.student, "submit")
        let id = try #require(try await entries(it, it.staff).first?["id"]?.string)
        let one = try await it.send(it.staff, "POST /inbox/read", json: #"{"ids":["\#(id)","request/9/9/9"]}"#)
        #expect(one.text == #"{"unread":0}"#)
        #expect(try await lines(it, it.staff) == ["request Meet"])
        #expect(try await entries(it, it.staff, "?unread=true").isEmpty)
        #expect(try await lines(it, it.admin) == ["request Meet unread"], "everybody reads for themselves")
        // sent again it is another request
        try await step(it, it.student, "withdraw")
        try await step(it, it.student, "submit")
        #expect(try await lines(it, it.staff) == ["request Meet unread"])
        let at = try #require(try await entries(it, it.staff).first?["at"]?.string)
        let all = try await it.send(it.staff, "POST /inbox/read", json: #"{"until":"\#(at)"}"#)
        #expect(all.text == #"{"unread":0}"#)
        #expect(try await it.place.texts("select entry from inbox_reads where account_id = \(it.staff.id)") == [""])
        // later than that
        let second = try await it.milestone("Second")
        #expect(
            try await it.send(it.student, "POST /milestones/\(second)/progress/\(it.student.id)/submit").status == 200)
        #expect(try await lines(it, it.staff) == ["request Second unread", "request Meet"])
        // never back to unread by an earlier moment, nor read ahead
        #expect(
            try await it.send(it.staff, "POST /inbox/read", json: #"{"until":"2000-01-01T00:00:00Z"}"#).text
                == #"{"unread":1}"#)
        for body in [
            "{}", #"{"ids":[],"until":null}"#, #"{"ids":["x"],"until":"\#(at)"}"#, #"{"ids":[1]}"#,
            #"{"until":"soon"}"#,
            #"{"ids":["\#(String(repeating: "x", count: 101))"]}"#, #"{"colour":"red"}"#,
        ] {
            #expect(try await it.send(it.staff, "POST /inbox/read", json: body).status == 422, "\(body)")
        }
    }

    @Test func `changes of support come to the students and the group, memberships to whom they are about`()
        async throws
    {
        let it = try await TestCohort.make()
        try await it.place.run("update enrollments set joined_at = now() - interval '2 days'")
        let tutor = try await it.place.person("staff")
        let group = try await it.place.group("Tutoring", in: nil)
        #expect(
            try await it.send(it.admin, "PUT /groups/\(group)/members/\(tutor.id)", json: #"{"manager":false}"#).status
                == 204)
        #expect(try await it.send(it.admin, "PUT /cohorts/\(it.id)/groups/\(group)").status == 204)
        #expect(try await lines(it, it.student) == ["support group-attached Tutoring unread"])
        #expect(
            try await lines(it, tutor) == [
                "support group-attached Tutoring unread", "support joined-group Tutoring unread",
            ])
        for who in [it.staff, it.admin] { #expect(try await entries(it, who).isEmpty) }
        #expect(try await it.send(it.admin, "DELETE /cohorts/\(it.id)/groups/\(group)").status == 204)
        #expect(try await it.send(it.admin, "DELETE /groups/\(group)/members/\(tutor.id)").status == 204)
        #expect(try await lines(it, tutor).first == "support left-group Tutoring unread")
        #expect(
            try await lines(it, it.student) == [
                "support group-detached Tutoring unread", "support group-attached Tutoring unread",
            ])
        // what somebody writes into the audit with other numbers reaches nobody
        try await it.place.run(
            """
            insert into audit (action, subject, after) values
              ('attachment.create', \("cohort/\(it.id)"), '{"groupId":"x"}'), ('attachment.create', 'cohort/x', '{}'),
              ('attachment.create', \("cohort/\(it.id)"), '{"groupId":"99999999999999"}')
            """)
        #expect(try await lines(it, it.student).count == 2)
        // who joins the cohort later was never told of it
        try await it.place.run("update enrollments set joined_at = now() where student_id = \(it.student.id)")
        #expect(try await entries(it, it.student).isEmpty)
    }

    @Test func `nothing is lost when groups change: whoever is there has the request, and if nobody is, those above`()
        async throws
    {
        let it = try await TestCohort.make()
        let (director, manager) = (try await it.place.person("director"), try await it.place.person("manager"))
        let next = try await it.place.person("staff")
        let department = try await it.place.department("Advising", directors: [director])
        try await it.place.run("update groups set department_id = \(department)")
        try await step(it, it.student, "submit")
        for who in [director, manager] { #expect(try await entries(it, who).isEmpty) }
        // the only member leaves: the department's director and admins see that nobody is there
        try await it.place.run("update accounts set status = 'suspended' where id = \(it.staff.id)")
        #expect(try await lines(it, director) == ["unanswered unread"])
        #expect(try await entries(it, manager).isEmpty, "another group's manager has nothing to do with it")
        #expect(try await lines(it, it.admin) == ["unanswered unread", "request Meet unread"])
        let entry = try #require(try await entries(it, director).first)
        #expect(entry["cohort"]?.string == "Fall" && entry["number"]?.int == 1)
        // without any group it is nobody's, so all of them see it, by name and number
        try await it.place.run("delete from cohort_groups")
        for who in [director, manager] { #expect(try await lines(it, who) == ["unanswered unread"]) }
        #expect(try await entries(it, next).isEmpty)
        // somebody takes over and has it, and there it is gone
        try await it.place.run("insert into cohort_groups (cohort_id, group_id) values (\(it.id), \(it.group))")
        try await it.place.join(next, it.group)
        #expect(try await lines(it, next) == ["request Meet unread"])
        for who in [director, manager] { #expect(try await entries(it, who).isEmpty) }
    }

    @Test func `a wish for a later date comes to those who answer, and what became of it to the student`() async throws
    {
        let it = try await TestCohort.make()
        let (milestone, student) = (it.milestone, it.student.id)
        try await it.place.run(
            """
            insert into extensions (milestone_id, student_id, cohort_id, status, asked_for, comment)
            values (\(milestone), \(student), \(it.id), 'asked', date '2126-01-01', 'Ill')
            """)
        for who in [it.staff, it.admin] {
            #expect(try await lines(it, who) == ["extension-request Meet unread"])
            #expect(try await entries(it, who).first?["comment"]?.string == "Ill")
        }
        for who in [it.student, it.other] { #expect(try await entries(it, who).isEmpty) }
        let page = try await it.place.client().asBrowser(it.staff).get("/inbox").text
        #expect(page.contains("#progress-\(milestone)-\(student)\">Ada Lovelace asks for a later date: Meet</a>"))
        try await it.place.run("update extensions set status = 'granted', due_on = asked_for, asked_for = null")
        try await it.place.run(
            """
            insert into extension_events (milestone_id, student_id, cohort_id, actor_id, status, due_on)
            values (\(milestone), \(student), \(it.id), \(student), 'asked', date '2126-01-01'),
              (\(milestone), \(student), \(it.id), \(it.staff.id), 'granted', date '2126-01-01')
            """)
        for who in [it.staff, it.other] { #expect(try await entries(it, who).isEmpty) }
        #expect(try await lines(it, it.student) == ["extension granted Meet unread"])
    }

    @Test func `mail that failed comes to admins, as one entry, and is new again when more fails`() async throws {
        let it = try await TestCohort.make()
        func fail(_ day: Int) async throws {
            try await it.place.run(
                """
                insert into mails (account_id, kind, day, since, message_id, state, settled_at)
                values (\(it.student.id), 'reminder', date '2026-01-01' + \(day)::int, '2025-12-31', 'x', 'failed', now())
                """)
        }
        try await fail(1)
        try await fail(2)
        #expect(try await entries(it, it.admin).first?["number"]?.int == 2)
        let id = try #require(try await entries(it, it.admin).first?["id"]?.string)
        _ = try await it.send(it.admin, "POST /inbox/read", json: #"{"ids":["\#(id)"]}"#)
        #expect(try await lines(it, it.admin) == ["mail"])
        try await fail(3)
        #expect(try await lines(it, it.admin) == ["mail unread"])
        #expect(try await entries(it, it.staff).isEmpty)
        try await it.place.run("update mails set state = 'waiting', due_at = now(), settled_at = null")
        #expect(try await entries(it, it.admin).isEmpty)
    }

    @Test func `a long inbox goes page by page, each entry once`() async throws {
        let it = try await TestCohort.make()
        var milestones: [Int] = []
        for number in 0..<7 { milestones.append(try await it.milestone("Step \(number)")) }
        // several at the same moment
        try await it.place.run(
            """
            insert into progress (milestone_id, student_id, cohort_id, completion, status, updated_at)
            select m, \(it.student.id), \(it.id), 'staff', 'submitted', now() - (m % 3) * interval '1 second'
              from unnest(\(milestones)::int[]) m
            """)
        var found: [String] = []
        var path = "/inbox?limit=2"
        while true {
            let answer = try await it.send(it.staff, "GET \(path)").json()
            found += answer["items"]?.elements.compactMap { $0["id"]?.string } ?? []
            guard let next = answer["next"]?.string else { break }
            path = "/inbox?limit=2&cursor=\(next)"
        }
        #expect(found.count == 7 && Set(found).count == 7)
        #expect(try await it.send(it.staff, "GET /inbox?cursor=WzFd").status == 422)
    }

    @Test func `another institution's people have nothing of it`() async throws {
        let (it, other) = (try await TestCohort.make(), try await TestCohort.make())
        try await step(it, it.student, "submit")
        for who in [other.admin, other.staff, other.student] { #expect(try await entries(other, who).isEmpty) }
        let work = try it.place.database.deployment.work(
            in: it.place.institution, tokenHash: other.admin.token.hash, audience: .progress, writing: false)
        await #expect(throws: EntryRefusal.notSignedIn) { try await work.read(InboxRepository.unread) }
    }
}
