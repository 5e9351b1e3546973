import Casework
import Dates
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct ProgressAPITests {
    private func step(
        _ it: TestCohort, _ who: TestInstitution.Person, _ action: String, _ milestone: Int? = nil,
        of student: TestInstitution.Person? = nil, comment: String? = nil
    ) async throws -> TestClient.Answer {
        try await it.send(
            who, "POST /milestones/\(milestone ?? it.milestone)/progress/\((student ?? it.student).id)/\(action)",
            json: comment.map { #"{"comment":"\#($0)"}"# })
    }

    @Test func `a request goes back and forth until it is completed`() async throws {
        let it = try await TestCohort.make()
        let submitted = try await step(it, it.student, "submit")
        #expect(submitted.status == 200, "\(submitted.text)")
        #expect(try submitted.json()["status"]?.string == "submitted")
        #expect(try submitted.json()["student"]?["email"]?.string == it.student.email)
        #expect(try await step(it, it.staff, "return").status == 422)
        let returned = try await step(it, it.staff, "return", comment: "Sign it")
        #expect(try returned.json()["status"]?.string == "returned")
        #expect(try returned.json()["comment"]?.string == "Sign it")
        #expect(try await step(it, it.student, "submit").status == 200)
        #expect(try await step(it, it.student, "withdraw").json()["status"]?.string == "open")
        #expect(try await step(it, it.student, "submit").status == 200)
        #expect(try await step(it, it.staff, "complete", comment: "Well done").status == 200)
        #expect(try await step(it, it.staff, "reopen").status == 422)
        #expect(try await step(it, it.staff, "reopen", comment: "Wrong form").json()["status"]?.string == "open")
        #expect(try await step(it, it.admin, "waive", comment: "Transfer").json()["status"]?.string == "waived")
        #expect(try await step(it, it.admin, "reopen", comment: "Came back").json()["status"]?.string == "open")

        let path = "/milestones/\(it.milestone)/progress/\(it.student.id)"
        for reader in [it.student, it.staff, it.admin] {
            let history = try await it.send(reader, "GET \(path)")
            #expect(history.status == 200)
            let events = try history.json()["events"]?.elements ?? []
            #expect(
                events.compactMap { $0["to"]?.string } == [
                    "submitted", "returned", "submitted", "open", "submitted", "completed", "open", "waived", "open",
                ])
            #expect(events.first?["actor"]?["id"]?.int == it.student.id)
            #expect(events.first?["actor"]?["name"]?.string == "Ada Lovelace")
            #expect(events[1]["actor"]?["name"]?.string == "Ada Lovelace")
        }
        #expect(try await it.send(it.other, "GET \(path)").status == 404)
        let audit = try await it.send(it.admin, "GET /audit?subject=progress/\(it.milestone)/\(it.student.id)").json()
        #expect(audit["items"]?.elements.count == 9)
        #expect(audit["items"]?[8]?["action"]?.string == "progress.submit")
        #expect(audit["items"]?[8]?["before"]?["status"]?.string == "open")
        #expect(audit["items"]?[8]?["after"]?["status"]?.string == "submitted")
    }

    @Test func `what the state does not allow is 409 and says the state`() async throws {
        let it = try await TestCohort.make()
        for (who, action) in [(it.student, "withdraw"), (it.staff, "return"), (it.staff, "reopen")] {
            let refused = try await step(it, who, action, comment: "x")
            #expect(refused.status == 409, "\(action)")
            #expect(try refused.json()["state"]?.string == "open")
        }
        #expect(try await step(it, it.staff, "complete").status == 200)
        for (who, action) in [
            (it.student, "submit"), (it.student, "withdraw"), (it.staff, "complete"), (it.staff, "waive"),
        ] {
            let refused = try await step(it, who, action, comment: "x")
            #expect(refused.status == 409, "\(action)")
            #expect(try refused.json()["state"]?.string == "completed")
        }
        #expect(try await step(it, it.staff, "reopen", comment: "x").status == 200)
        #expect(try await step(it, it.staff, "waive", comment: "x").status == 200)
        #expect(try await step(it, it.staff, "waive", comment: "x").status == 409)
    }

    /// The design's state machine, for each role: from where a step may be taken. Nothing means that the role never may.
    private static let machine: [String: [String: Set<String>]] = {
        let staff: [String: Set<String>] = [
            "complete": ["open", "submitted", "returned"], "return": ["submitted"], "reopen": ["completed", "waived"],
            "waive": ["open", "submitted", "returned"],
        ]
        return [
            "admin": staff, "staff": staff,
            "student": [
                "submit": ["open", "returned"], "withdraw": ["submitted"], "complete": ["open", "returned"],
            ],
        ]
    }()

    @Test(arguments: ["admin", "staff", "student"])
    func `every step from every state does what the design says, and a refusal names the state`(role: String)
        async throws
    {
        let it = try await TestCohort.make()
        let who = try #require(["admin": it.admin, "staff": it.staff, "student": it.student][role])
        let milestone = try await it.milestone("Own", completion: "student")
        for action in ["submit", "withdraw", "complete", "return", "reopen", "waive"] {
            let sources = Self.machine[role]?[action]
            for state in ["open", "submitted", "returned", "completed", "waived", "untouched"] {
                try await it.place.run("delete from progress_events")
                try await it.place.run("delete from progress")
                if state != "untouched" {
                    try await it.place.run(
                        """
                        insert into progress (milestone_id, student_id, cohort_id, completion, status)
                        values (\(milestone), \(it.student.id), \(it.id), 'student', \(state))
                        """)
                }
                let answer = try await step(it, who, action, milestone, comment: "Why")
                let present = state == "untouched" ? "open" : state
                let label = "\(role) \(action) from \(state): \(answer.text)"
                guard let sources else {
                    #expect(answer.status == 403, "\(label)")
                    continue
                }
                #expect(answer.status == (sources.contains(present) ? 200 : 409), "\(label)")
                if answer.status == 409 { #expect(answer.text("state") == present, "\(label)") }
            }
        }
    }

    @Test func `a step names the version it decides`() async throws {
        let it = try await TestCohort.make()
        let path = "POST /milestones/\(it.milestone)/progress/\(it.student.id)"
        func take(_ who: TestInstitution.Person, _ action: String, _ tag: String) async throws -> TestClient.Answer {
            try await it.send(who, "\(path)/\(action)", json: #"{"comment":"x"}"#, headers: [.ifMatch: tag])
        }
        func listed() async throws -> Int? {
            let list = try await it.send(
                it.staff, "GET /cohorts/\(it.id)/progress?studentId=\(it.student.id)&milestoneId=\(it.milestone)")
            return list.number("items", 0, "version")
        }
        #expect(try await listed() == 0)
        for tag in ["\"1\"", "W/\"0\"", "x"] {
            #expect(try await take(it.student, "submit", tag).status == 412, "\(tag)")
        }
        let sent = try await take(it.student, "submit", "\"0\"")
        #expect(sent.status == 200 && sent.headers[.eTag] == "\"1\"" && sent.number("version") == 1)
        #expect(try await listed() == 1)
        let looked = try await it.send(it.staff, "GET /milestones/\(it.milestone)/progress/\(it.student.id)")
        #expect(looked.headers[.eTag] == "\"1\"" && looked.number("progress", "version") == 1)
        #expect(try await take(it.student, "withdraw", "\"1\"").status == 200)
        #expect(try await take(it.student, "submit", "\"2\"").status == 200)
        // what was read is not what is there, although it is submitted as before
        #expect(try await take(it.staff, "complete", "\"1\"").status == 412)
        // a step that the state does not allow either: first of all one is to read again
        #expect(try await take(it.staff, "reopen", "\"1\"").status == 412)
        #expect(try await take(it.staff, "reopen", "\"3\"").status == 409)
        #expect(try await take(it.staff, "return", "\"2\", \"3\"").status == 200)
        #expect(try await take(it.admin, "complete", "*").number("version") == 5)
        let record = try await it.send(it.staff, "GET /students/\(it.student.id)")
        #expect(record.number("milestones", 0, "version") == 5)
        #expect(try await it.send(it.student, "GET /dashboard").number("milestones", 0, "version") == 5)
        #expect(try await it.send(it.other, "GET /dashboard").number("milestones", 0, "version") == 0)
        #expect(try await it.place.number("select count(*)::int from progress_events") == 5)
    }

    @Test func `a version is compared with what is there when the row is locked`() async throws {
        let it = try await TestCohort.make()
        #expect(try await step(it, it.student, "submit").status == 200)
        let late = try await it.place.meanwhile(
            "update progress set version = version + 2, comment = 'Second' where milestone_id = \(it.milestone)"
        ) {
            try await it.send(
                it.staff, "POST /milestones/\(it.milestone)/progress/\(it.student.id)/complete",
                headers: [.ifMatch: "\"1\""])
        }
        #expect(late.status == 412)
        let fresh = try await it.milestone("Fresh")
        let second = try await it.place.meanwhile(
            """
            insert into progress (milestone_id, student_id, cohort_id, completion, status)
            select id, \(it.student.id), cohort_id, completion, 'submitted' from milestones where id = \(fresh)
            """
        ) {
            try await it.send(
                it.staff, "POST /milestones/\(fresh)/progress/\(it.student.id)/complete",
                headers: [.ifMatch: "\"0\""])
        }
        #expect(second.status == 412)
    }

    @Test func `in an archived cohort a step is 409, and says that it is archived`() async throws {
        let it = try await TestCohort.make()
        #expect(try await step(it, it.admin, "complete").status == 200)
        try await it.place.run("update cohorts set archived_at = now() where id = \(it.id)")
        let refused = try await step(it, it.admin, "reopen", comment: "x")
        #expect(refused.status == 409)
        #expect(refused.text("state") == "archived")
    }

    @Test func `who may take which step`() async throws {
        let it = try await TestCohort.make()
        let own = try await it.milestone("Own", completion: "student")
        let far = try await it.milestone("Far", in: it.hidden)
        #expect(try await step(it, it.student, "complete").status == 403, "the milestone does not allow it")
        #expect(try await step(it, it.student, "complete", own).status == 200)
        for action in ["return", "reopen", "waive"] {
            #expect(try await step(it, it.student, action, comment: "x").status == 403)
        }
        for action in ["submit", "withdraw"] {
            #expect(try await step(it, it.staff, action).status == 403)
            #expect(try await step(it, it.admin, action).status == 403)
        }
        #expect(try await step(it, it.student, "submit", of: it.other).status == 404)
        #expect(try await step(it, it.student, "submit", far).status == 404)
        #expect(try await step(it, it.staff, "complete", far).status == 404)
        #expect(try await step(it, it.admin, "complete", far).status == 404, "the student is not in that cohort")
        #expect(try await step(it, it.staff, "complete", of: it.admin).status == 404)
        #expect(try await step(it, it.staff, "frobnicate").status == 404)
        #expect(try await step(it, it.staff, "complete", 999_999).status == 404)
        try await it.place.run("update milestones set saved = false where id = \(own)")
        #expect(try await step(it, it.admin, "complete", own, of: it.other).status == 404, "not saved")
        try await it.place.run("update settings set student_visibility = false")
        #expect(try await step(it, it.student, "submit").status == 404)
    }

    @Test func `a director sees and does not act, unless a member`() async throws {
        let it = try await TestCohort.make()
        let director = try await it.place.person("director")
        let department = try await it.place.owner(
            SQL("insert into departments (name) values ('Science') returning id").value(Int.self))
        try await it.place.run("update groups set department_id = \(department) where id = \(it.group)")
        try await it.place.run(
            "insert into department_directors (department_id, account_id) values (\(department), \(director.id))")
        #expect(try await it.send(director, "GET /cohorts/\(it.id)/progress").status == 200)
        #expect(try await step(it, director, "complete").status == 403)
        try await it.place.run(
            "insert into group_members (group_id, account_id, account_role) values (\(it.group), \(director.id), 'director')"
        )
        #expect(try await step(it, director, "complete").status == 200)
    }

    @Test func `of many who act at once on a fresh milestone, one wins`() async throws {
        let it = try await TestCohort.make()
        for round in 0..<5 {
            let milestone = try await it.milestone("Race \(round)", completion: "student")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for who in [it.student, it.staff, it.admin, it.staff, it.student] {
                    group.addTask { try await step(it, who, "complete", milestone).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [200, 409, 409, 409, 409])
        }
    }

    @Test func `a cohort's progress is listed, filtered and paged`() async throws {
        let it = try await TestCohort.make()
        let late = try await it.milestone("Late", dueOn: CalendarDate("2020-01-01"))
        _ = try await step(it, it.student, "submit")
        let path = "GET /cohorts/\(it.id)/progress"
        let all = try await it.send(it.staff, path).json()
        #expect(all["items"]?.elements.count == 4)
        let first = try #require(all["items"]?[0])
        #expect(first["student"]?["name"]?.string == "Ada Lovelace")
        #expect(first["milestoneId"]?.int == it.milestone)
        #expect(first["status"]?.string == "submitted")
        #expect(first["updatedAt"]?.string != nil)
        #expect(all["items"]?[1]?["updatedAt"] == .null)
        func count(_ query: String) async throws -> Int? {
            try await it.send(it.staff, "\(path)?\(query)").json()["items"]?.elements.count
        }
        #expect(try await count("status=submitted") == 1)
        #expect(try await count("overdue=true") == 2)
        #expect(try await count("overdue=false") == 2)
        #expect(try await count("milestoneId=\(late)") == 2)
        #expect(try await count("studentId=\(it.other.id)&status=open") == 2)
        for bad in [
            "status=done", "overdue=maybe", "milestoneId=x", "limit=201", "cursor=zzz", "studentId=99999999999",
        ] {
            #expect(try await it.send(it.staff, "\(path)?\(bad)").status == 422, "\(bad)")
        }
        var seen: [Int] = []
        var query = "limit=3"
        while true {
            let page = try await it.send(it.staff, "\(path)?\(query)").json()
            seen += page["items"]?.elements.compactMap { $0["student"]?["id"]?.int } ?? []
            guard let next = page["next"]?.string else { break }
            query = "limit=3&cursor=\(next)"
        }
        #expect(seen == [it.student.id, it.student.id, it.other.id, it.other.id])
        #expect(try await it.send(it.staff, "GET /cohorts/\(it.hidden)/progress").status == 404)
        #expect(try await it.send(it.student, path).status == 403)
    }

    @Test func `leaving the cohort hides progress, rejoining brings it back`() async throws {
        let it = try await TestCohort.make()
        #expect(try await step(it, it.student, "submit").status == 200)
        try await it.place.run("update enrollments set left_at = now() where student_id = \(it.student.id)")
        #expect(try await step(it, it.student, "withdraw").status == 404)
        #expect(try await step(it, it.staff, "complete").status == 404)
        #expect(try await step(it, it.admin, "complete").status == 404)
        try await it.place.run("update enrollments set left_at = null where student_id = \(it.student.id)")
        #expect(try await step(it, it.staff, "complete").status == 200)
    }

    @Test func `a comment that is no text, and an unknown field, are 422`() async throws {
        let it = try await TestCohort.make()
        let path = "POST /milestones/\(it.milestone)/progress/\(it.student.id)/complete"
        #expect(try await it.send(it.staff, path, json: #"{"comment":1}"#).status == 422)
        #expect(try await it.send(it.staff, path, json: #"{"note":"x"}"#).status == 422)
        #expect(try await it.send(it.staff, path, json: "nonsense").status == 400)
        #expect(try await it.send(it.staff, path, json: #"{"comment":null}"#).status == 200)
    }

    @Test func `staff complete what the student sends at that moment`() async throws {
        let it = try await TestCohort.make()
        let completed = try await it.place.meanwhile(
            """
            insert into progress (milestone_id, student_id, cohort_id, completion, status)
            select id, \(it.student.id), cohort_id, completion, 'submitted' from milestones where id = \(it.milestone)
            """
        ) { try await step(it, it.staff, "complete") }
        #expect(completed.status == 200)
    }
}
