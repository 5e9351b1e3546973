import Casework
import Dates
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// Later dates for single students: asked for, granted, declined, taken back.
@Suite struct ExtensionAPITests {
    private func step(
        _ it: TestCohort, _ who: TestInstitution.Person, _ action: String, of student: TestInstitution.Person? = nil,
        dueOn: CalendarDate? = nil, comment: String? = nil, ifMatch: String? = nil, milestone: Int? = nil
    ) async throws -> TestClient.Answer {
        var members: [String] = []
        if let dueOn { members.append(#""dueOn":"\#(dueOn)""#) }
        if let comment { members.append(#""comment":"\#(comment)""#) }
        var headers: HTTPFields = [:]
        if let ifMatch { headers[.ifMatch] = ifMatch }
        return try await it.send(
            who, "POST /milestones/\(milestone ?? it.milestone)/extensions/\((student ?? it.student).id)/\(action)",
            json: "{\(members.joined(separator: ","))}", headers: headers)
    }

    /// A cohort whose milestone was due so many days from today.
    private func scene(dueIn days: Int) async throws -> (it: TestCohort, today: CalendarDate) {
        let it = try await TestCohort.make(timeZone: "Pacific/Kiritimati")
        let today = try await it.place.owner(
            ("select waymark.day_of(now(), time_zone) from settings" as SQL).value(CalendarDate.self))
        try await it.place.run("update milestones set due_on = \(today.adding(days: days))")
        return (it, today)
    }

    @Test func `a student asks, staff grant another day, and everybody reads how it came to that`() async throws {
        let (it, today) = try await scene(dueIn: 2)
        let asked = try await step(it, it.student, "request", dueOn: today.adding(days: 9), comment: "I am ill")
        #expect(asked.status == 200, "\(asked.text)")
        #expect(try asked.json()["extension"]?["status"]?.string == "asked")
        #expect(try asked.json()["dueOn"]?.string == "\(today.adding(days: 2))")
        for reader in [it.staff, it.admin] {
            let items = try await it.send(reader, "GET /extensions").json()["items"]?.elements ?? []
            #expect(items.map { $0["askedFor"]?.string } == ["\(today.adding(days: 9))"])
            #expect(items.first?["reason"]?.string == "I am ill")
            #expect(items.first?["student"]?["name"]?.string == "Ada Lovelace")
        }
        let director = try await it.place.person("director")
        #expect(try await it.send(director, "GET /extensions").json()["items"]?.elements.isEmpty == true)
        let granted = try await step(it, it.staff, "grant", dueOn: today.adding(days: 5), comment: "Get well")
        #expect(granted.status == 200, "\(granted.text)")
        #expect(try granted.json()["dueOn"]?.string == "\(today.adding(days: 5))")
        #expect(try granted.json()["regularDueOn"]?.string == "\(today.adding(days: 2))")
        #expect(try granted.json()["extension"]?["askedFor"] == .null)
        #expect(try await it.send(it.staff, "GET /extensions").json()["items"]?.elements.isEmpty == true)
        let path = "/milestones/\(it.milestone)/extensions/\(it.student.id)"
        for reader in [it.student, it.staff, it.admin] {
            let answer = try await it.send(reader, "GET \(path)")
            #expect(answer.headers[.eTag] == "\"2\"")
            let events = try answer.json()["events"]?.elements ?? []
            #expect(events.map { $0["status"]?.string } == ["asked", "granted"])
            #expect(events.map { $0["comment"]?.string } == ["I am ill", "Get well"])
            #expect(events.last?["actor"]?["name"]?.string == "Ada Lovelace")
        }
        #expect(try await it.send(it.other, "GET \(path)").status == 404)
        let dashboard = try await it.send(it.student, "GET /dashboard").json()["milestones"]?[0]
        #expect(dashboard?["dueOn"]?.string == "\(today.adding(days: 5))")
        #expect(dashboard?["extension"]?["comment"]?.string == "Get well")
        let others = try await it.send(it.other, "GET /dashboard").json()["milestones"]?[0]
        #expect(others?["dueOn"]?.string == "\(today.adding(days: 2))" && others?["extension"] == .null)
        let audit =
            try await it.send(
                it.admin, "GET /audit?subject=extension/\(it.milestone)/\(it.student.id)"
            ).json()["items"]?.elements ?? []
        #expect(audit.map { $0["action"]?.string } == ["extension.grant", "extension.request"])
        #expect(audit.first?["subjectName"]?.string == "Meet" && audit.first?["otherName"]?.string == "Ada Lovelace")
        #expect(audit.first?["before"]?["status"]?.string == "asked")
    }

    @Test func `the extended day is the day everywhere`() async throws {
        let (it, today) = try await scene(dueIn: -3)
        try await it.place.run("update milestones set reminders = '{1}'")
        let numbers = { (it: TestCohort) async throws -> [Int] in
            let overdue = try await it.send(it.staff, "GET /students?overdue=true").json()["items"]?.elements.count
            let soon = try await it.send(it.staff, "GET /students?dueSoon=true").json()["items"]?.elements.count
            let listed = try await it.send(it.staff, "GET /cohorts/\(it.id)/progress?overdue=true")
                .json()["items"]?.elements.count
            let within = try await it.send(it.staff, "GET /cohorts/\(it.id)/progress?dueWithin=7")
                .json()["items"]?.elements.count
            let reported = try await it.place.number("select count(*) from report_progress where overdue")
            let summary = try await it.place.work(it.staff, .casework).read(CaseloadRepository.overview()).all
            return [overdue ?? -1, soon ?? -1, listed ?? -1, within ?? -1, reported, summary.overdue, summary.dueSoon]
        }
        #expect(try await numbers(it) == [2, 0, 2, 0, 2, 2, 0])
        #expect(try await step(it, it.staff, "grant", dueOn: today.adding(days: 1)).status == 200)
        #expect(try await numbers(it) == [1, 1, 1, 1, 1, 1, 1])
        let own = try await it.send(it.student, "GET /dashboard").json()["milestones"]?[0]
        #expect(own?["overdue"] == .bool(false))
        #expect(try await it.send(it.other, "GET /dashboard").json()["milestones"]?[0]?["overdue"] == .bool(true))
        let record = try await it.send(it.staff, "GET /students/\(it.student.id)").json()["milestones"]?[0]
        #expect(record?["dueOn"]?.string == "\(today.adding(days: 1))")
        let reminded = try await it.place.owner(
            ("select student_id from due_reminders where day = \(today)" as SQL).values(Int.self))
        #expect(reminded == [it.student.id])
        // never earlier than for the others, and nothing where they have no day
        try await it.place.run("update milestones set due_on = \(today.adding(days: 20))")
        #expect(
            try await it.send(it.student, "GET /dashboard").json()["milestones"]?[0]?["dueOn"]?.string
                == "\(today.adding(days: 20))")
        try await it.place.run("update milestones set due_on = null")
        #expect(try await it.send(it.student, "GET /dashboard").json()["milestones"]?[0]?["dueOn"] == .null)
    }

    @Test func `what cannot be asked or granted is refused, and says why`() async throws {
        let (it, today) = try await scene(dueIn: -3)
        let field = { (answer: TestClient.Answer) in
            let problem = try answer.json()["errors"]?[0]
            return "\(answer.status) \(problem?["field"]?.string ?? "-") \(problem?["code"]?.string ?? "-")"
        }
        let late = today.adding(days: 9)
        #expect(try await field(step(it, it.student, "request", dueOn: late)) == "422 comment required")
        #expect(try await field(step(it, it.student, "request", comment: "x")) == "422 dueOn required")
        #expect(
            try await field(step(it, it.student, "request", dueOn: today.adding(days: -1), comment: "x"))
                == "422 dueOn not-later", "a day that is past")
        #expect(try await field(step(it, it.staff, "grant", dueOn: today.adding(days: -3))) == "422 dueOn not-later")
        #expect(
            try await step(it, it.staff, "grant", dueOn: today.adding(days: -2)).status == 200, "as a registrar may")
        #expect(try await field(step(it, it.staff, "decline")) == "422 comment required")
        #expect(try await field(step(it, it.staff, "revoke", dueOn: late, comment: "x")) == "422 dueOn unknown-field")
        for (who, action) in [(it.staff, "decline"), (it.student, "withdraw")] {
            let refused = try await step(it, who, action, comment: "x")
            #expect(refused.status == 409 && refused.text.contains("granted"), "\(refused.text)")
        }
        for (who, action) in [
            (it.student, "grant"), (it.student, "decline"), (it.staff, "request"), (it.admin, "withdraw"),
        ] {
            #expect(try await step(it, who, action, dueOn: late, comment: "x").status == 403, "\(action)")
        }
        #expect(try await step(it, it.other, "request", dueOn: late, comment: "x").status == 404)
        #expect(try await step(it, it.staff, "extend", dueOn: late, comment: "x").status == 404)
        let director = try await it.place.person("director")
        let department = try await it.place.department("Science", directors: [director])
        try await it.place.run("update groups set department_id = \(department) where id = \(it.group)")
        #expect(try await step(it, director, "grant", dueOn: late).status == 403, "who oversees and is no member")
        let done = try await it.milestone("Done", dueOn: today)
        try await it.place.run(
            """
            insert into progress (milestone_id, student_id, cohort_id, completion, status)
            values (\(done), \(it.student.id), \(it.id), 'staff', 'completed')
            """)
        for (who, action) in [(it.student, "request"), (it.staff, "grant")] {
            let refused = try await step(it, who, action, dueOn: late, comment: "x", milestone: done)
            #expect(refused.status == 409 && refused.text("state") == "completed", "\(refused.text)")
        }
        let endless = try await it.milestone("Endless")
        let refused = try await step(it, it.student, "request", dueOn: late, comment: "x", milestone: endless)
        #expect(refused.status == 409 && refused.text.contains("nothing to extend"))
        let hidden = try await it.milestone("Hidden", in: it.hidden, dueOn: today)
        #expect(try await step(it, it.staff, "grant", dueOn: late, milestone: hidden).status == 404)
        try await it.place.run("update cohorts set archived_at = now() where id = \(it.id)")
        #expect(try await step(it, it.admin, "grant", dueOn: late).text("state") == "archived")
    }

    @Test func `a decision names the request that it decides`() async throws {
        let (it, today) = try await scene(dueIn: 2)
        #expect(try await step(it, it.student, "request", dueOn: today.adding(days: 5), comment: "One").status == 200)
        #expect(try await step(it, it.student, "request", dueOn: today.adding(days: 50), comment: "Two").status == 200)
        for action in ["grant", "decline"] {
            let stale = try await step(
                it, it.staff, action, dueOn: action == "grant" ? today.adding(days: 5) : nil, comment: "x",
                ifMatch: "\"1\"")
            #expect(stale.status == 412, "\(stale.text)")
        }
        #expect(
            try await step(it, it.staff, "decline", comment: "Too long", ifMatch: "\"2\"").status == 200)
        #expect(
            try await step(it, it.student, "request", dueOn: today.adding(days: 4), comment: "x", ifMatch: "\"0\"")
                .status == 412)
        #expect(
            try await it.send(it.student, "GET /dashboard").json()["milestones"]?[0]?["extension"]?["comment"]?.string
                == "Too long")
    }

    @Test func `what was granted holds while more is asked, and is taken back only by staff`() async throws {
        let (it, today) = try await scene(dueIn: 2)
        let due = { (it: TestCohort) async throws -> String? in
            try await it.send(it.student, "GET /dashboard").json()["milestones"]?[0]?["dueOn"]?.string
        }
        #expect(try await step(it, it.staff, "grant", dueOn: today.adding(days: 5)).status == 200)
        for _ in 0..<2 {
            #expect(
                try await step(it, it.student, "request", dueOn: today.adding(days: 8), comment: "More").status == 200)
        }
        #expect(try await step(it, it.staff, "revoke", comment: "x").status == 409, "it is to be answered")
        #expect(try await due(it) == "\(today.adding(days: 5))")
        #expect(try await step(it, it.student, "withdraw").status == 200)
        #expect(try await due(it) == "\(today.adding(days: 5))")
        #expect(try await step(it, it.student, "request", dueOn: today.adding(days: 8), comment: "More").status == 200)
        #expect(try await step(it, it.staff, "decline", comment: "No more").status == 200)
        #expect(try await due(it) == "\(today.adding(days: 5))")
        #expect(try await step(it, it.staff, "revoke", comment: "A mistake").status == 200)
        #expect(try await due(it) == "\(today.adding(days: 2))")
        #expect(try await step(it, it.staff, "revoke", comment: "x").status == 409)
    }

    @Test func `of two who decide at the same moment one wins`() async throws {
        let (it, today) = try await scene(dueIn: 2)
        #expect(try await step(it, it.student, "request", dueOn: today.adding(days: 5), comment: "x").status == 200)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for who in [it.staff, it.admin] {
                group.addTask { try await step(it, who, "decline", comment: "No", ifMatch: "\"1\"").status }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }.sorted()
        }
        #expect(statuses == [200, 412])
        #expect(try await it.place.number("select count(*) from extension_events") == 2)
    }

    @Test func `what waits is what can be answered: not of who has left, is done, or whose milestone is retired`()
        async throws
    {
        let (it, today) = try await scene(dueIn: 2)
        for student in [it.student, it.other] {
            #expect(
                try await step(it, student, "request", of: student, dueOn: today.adding(days: 5), comment: "x").status
                    == 200)
        }
        let waiting = { (it: TestCohort) async throws -> Int? in
            try await it.send(it.staff, "GET /extensions").json()["items"]?.elements.count
        }
        let page = try await it.send(it.staff, "GET /extensions?limit=1").json()
        let next = try #require(page["next"]?.string)
        let rest = try await it.send(it.staff, "GET /extensions?limit=1&cursor=\(next)").json()
        #expect(rest["items"]?[0]?["student"]?["id"]?.int == it.other.id && rest["next"] == .null)
        #expect(try await it.send(it.staff, "GET /extensions?cursor=x").status == 422)
        try await it.place.run("update enrollments set left_at = now() where student_id = \(it.other.id)")
        #expect(try await waiting(it) == 1)
        try await it.place.run("update enrollments set left_at = null where student_id = \(it.other.id)")
        #expect(try await waiting(it) == 2, "rejoining brings it back")
        _ = try await it.send(it.student, "POST /milestones/\(it.milestone)/progress/\(it.student.id)/submit")
        #expect(try await waiting(it) == 1)
        let removed = try await it.send(it.admin, "DELETE /milestones/\(it.milestone)")
        #expect(removed.status == 409, "students have asked about it")
        try await it.place.run("update milestones set saved = false, archived_at = now()")
        #expect(try await waiting(it) == 0)
    }
}
