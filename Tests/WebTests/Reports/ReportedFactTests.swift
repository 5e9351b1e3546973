import Casework
import Dates
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// An analyst's SQL login finds in the report views what pages and programs are shown.
@Suite struct ReportedFactTests {
    /// A text for each row that the reporter's login finds, sorted.
    private func facts(_ place: TestInstitution, _ queries: SQL...) async throws -> [[String]] {
        let login = try await Connection.connect(conninfo: place.openReporter(), connectTimeout: .seconds(10))
        var facts: [[String]] = []
        for query in queries { facts.append(try await login(query.values(String.self)).sorted()) }
        await login.close()
        return facts
    }

    /// Members of each element of a list of the API, as `concat_ws` writes them, sorted.
    private func items(_ client: TestClient, _ path: String, _ line: (JSONValue) -> [String?]) async throws -> [String]
    {
        let answer = try await client.send(.get, "/api/v1\(path)")
        #expect(answer.status == 200, "\(path): \(answer.text)")
        return try answer.json()["items"]?.elements.map { line($0).compactMap(\.self).joined(separator: " ") }.sorted()
            ?? []
    }

    private func text(_ value: JSONValue?) -> String? {
        switch value {
        case .bool(let flag): flag ? "t" : "f"
        case .number(let number): number.integer.map(String.init)
        default: value?.string
        }
    }

    @Test func `requests, answers and later dates are those of the queue and of each history`() async throws {
        let it = try await TestCohort.make(timeZone: "Pacific/Auckland")
        let essay = try await it.milestone("Essay", dueOn: CalendarDate("2126-01-01"))
        let talk = try await it.milestone("Talk", completion: "student")
        let steps: [(TestInstitution.Person, Int, TestInstitution.Person, String)] = [
            (it.student, it.milestone, it.student, "submit"), (it.student, it.milestone, it.staff, "return"),
            (it.student, it.milestone, it.staff, "undo"),
            (it.other, it.milestone, it.other, "submit"), (it.other, it.milestone, it.staff, "complete"),
            (it.student, essay, it.student, "submit"), (it.student, essay, it.student, "withdraw"),
            (it.other, essay, it.other, "submit"), (it.other, essay, it.staff, "return"),
            (it.other, essay, it.other, "submit"), (it.student, talk, it.student, "complete"),
            (it.other, talk, it.other, "submit"), (it.other, talk, it.admin, "waive"),
        ]
        for (whose, milestone, who, action) in steps {
            let hasWords = ["submit", "return", "waive"].contains(action)
            let answer = try await it.send(
                who, "POST /milestones/\(milestone)/progress/\(whose.id)/\(action)",
                json: hasWords ? #"{"comment":"Words"}"# : nil)
            #expect(answer.status == 200, "\(action): \(answer.text)")
        }
        let later = try await it.milestone("Later", dueOn: CalendarDate("2126-02-01"))
        for (whose, who, action) in [
            (it.student, it.student, "request"), (it.other, it.other, "request"), (it.other, it.staff, "grant"),
        ] {
            let answer = try await it.send(
                who, "POST /milestones/\(later)/extensions/\(whose.id)/\(action)",
                json: #"{"dueOn":"2126-03-01","comment":"Ill"}"#)
            #expect(answer.status == 200, "\(action): \(answer.text)")
        }

        // what the pages show: each history without what was taken back at once
        var stood: [String] = []
        var requests: [String] = []
        for milestone in [it.milestone, essay, talk] {
            for student in [it.student, it.other] {
                let history = try await it.send(it.admin, "GET /milestones/\(milestone)/progress/\(student.id)").json()
                let all = history["events"]?.elements ?? []
                let events = all.indices.filter { place in
                    let next = all.dropFirst(place + 1).first
                    return all[place]["undo"] != .bool(true) && next?["undo"] != .bool(true)
                }.map { all[$0] }
                for (place, event) in events.enumerated() {
                    let line = [
                        text(event["id"]), text(event["actor"]?["id"]), event["from"]?.string, event["to"]?.string,
                    ]
                    stood.append(line.compactMap(\.self).joined(separator: " "))
                    guard event["to"]?.string == "submitted" else { continue }
                    let answer = events.dropFirst(place + 1).first
                    let word = answer?["to"]?.string.map { $0 == "open" ? "withdrawn" : $0 } ?? "waiting"
                    let by = text(answer?["actor"]?["id"])
                    requests.append(
                        [text(event["id"]), "\(student.id)", "\(milestone)", word, by].compactMap(\.self)
                            .joined(separator: " "))
                }
            }
        }
        let found = try await facts(
            it.place, "select concat_ws(' ', id, actor_id, from_status, to_status) from report_answers",
            """
            select concat_ws(' ', id, student_id, milestone_id, case when waiting then 'waiting' else answer end, answered_by)
              from report_requests
            """,
            "select concat_ws(' ', student_id, milestone_id) from report_requests where waiting",
            "select concat_ws(' ', student_id, milestone_id, asked_for) from report_extensions where waiting",
            "select concat_ws(' ', student_id, milestone_id, granted_on, steps) from report_extensions where not waiting"
        )
        #expect(found[0] == stood.sorted() && stood.count == 11)
        #expect(found[1] == requests.sorted() && requests.count == 6)
        let admin = it.place.client(it.admin)
        let waiting = try await items(admin, "/cohorts/\(it.id)/progress?status=submitted") {
            [text($0["student"]?["id"]), text($0["milestoneId"])]
        }
        #expect(found[2] == waiting && waiting.count == 2)
        let asked = try await items(admin, "/extensions") {
            [text($0["student"]?["id"]), text($0["milestoneId"]), $0["askedFor"]?.string]
        }
        #expect(found[3] == asked && asked.count == 1)
        #expect(found[4] == ["\(it.other.id) \(later) 2126-03-01 2"])

        // who leaves waits no longer, and has asked all the same
        try await it.place.run("update enrollments set left_at = now() where student_id = \(it.other.id)")
        let left = try await facts(
            it.place, "select concat_ws(' ', student_id, milestone_id) from report_requests where waiting",
            "select id::text from report_requests")
        #expect(left[0] == ["\(it.student.id) \(it.milestone)"] && left[1].count == 6)
        let byAge = try await it.send(it.admin, "GET /reports/requests-by-age").json()["rows"]
        #expect(byAge?.elements.map { $0["waiting"]?.int } == [1])
    }

    @Test func `students, cohorts, groups and sign-ins are those of the lists`() async throws {
        let world = try await CaseloadWorld.make()
        let empty = try await world.place.cohort("=Empty")
        try await world.place.run(
            """
            insert into sign_ins (account_id, at)
            select id, date_trunc('second', now()) - id * interval '1 minute' from accounts where id % 3 > 0
            """)
        let admin = world.place.client(world.admin)
        let found = try await facts(
            world.place, "select concat_ws(' ', student_id, email, student, status) from report_students",
            """
            select concat_ws(' ', cohort_id, cohort, category, archived, milestones, students, groups) from report_cohorts
            """,
            "select concat_ws(' ', cohort_id, group_id, group_name, account_id, name) from report_support",
            """
            select concat_ws(' ', account_id, to_char(signed_in_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS'))
              from report_sign_ins where role = 'student' and account_id in (select student_id from report_enrollments)
            """)
        var students: [String] = []
        for filter in ["status=active", "status=suspended", "archived=true"] {
            students += try await items(admin, "/accounts?role=student&\(filter)&limit=200") { one in
                let name = [one["givenName"]?.string, one["familyName"]?.string].compactMap(\.self)
                return [text(one["id"]), one["email"]?.string, name.joined(separator: " "), one["status"]?.string]
            }
        }
        #expect(found[0] == students.sorted() && students.count == 11)

        var cohorts: [String] = []
        for archived in [false, true] {
            cohorts += try await items(admin, "/cohorts?archived=\(archived)&limit=200") { one in
                ["id", "name", "categoryName", "archived", "milestones", "students", "groups"].map { text(one[$0]) }
            }
        }
        #expect(found[1] == cohorts.sorted() && cohorts.count == 6)
        #expect(found[1].contains("\(empty.id) =Empty Kind of =Empty f 0 0 0"))

        var support: [String] = []
        for cohort in world.cohorts + [empty.id] {
            let groups = try await admin.send(.get, "/api/v1/cohorts/\(cohort)/groups").json()["items"]?.elements ?? []
            for group in groups {
                let members = group["members"]?.elements ?? []
                for member in members.isEmpty ? [nil] : members.map(Optional.some) {
                    let line = [
                        "\(cohort)", text(group["id"]), group["name"]?.string, text(member?["id"]),
                        member?["name"]?.string,
                    ]
                    support.append(line.compactMap(\.self).joined(separator: " "))
                }
            }
        }
        #expect(found[2] == support.sorted() && support.count == 5)

        let signedIn = try await items(admin, "/students?limit=200") { one in
            [text(one["id"]), one["signedInAt"]?.string.map { String($0.prefix(19)) }]
        }
        #expect(found[3] == signedIn && signedIn.count > 5 && signedIn.contains { $0.contains("T") })
    }

    @Test func `mails, imports and audit are those that admins are shown`() async throws {
        let scene = try await FolderScene.make()
        let place = scene.college
        try scene.put("students-fall.csv", students: 3)
        try scene.put("broken.csv", "who\nnobody\n")
        await scene.work()
        let sent = try await scene.admin.send(
            .post, "/api/v1/imports/students?partial=true",
            body: Array((FolderScene.header + "s1@x.edu,Sam,Other\nnew@x.edu,New,One\nnobody,,\n").utf8),
            contentType: "text/csv")
        #expect(sent.status == 200, "\(sent.text)")
        try await place.run(
            """
            insert into roster_runs (state, account_id, started_at, ended_at, fault, added) values
              ('failed', null, now(), now(), 'stopped', 0), ('done', \(scene.person.id), now(), now(), null, 7)
            """)
        try await place.run(
            """
            insert into mails (account_id, kind, day, since, since_at, message_id, state, due_at, settled_at, attempts)
            select \(scene.person.id), k, case when k not in ('request', 'report') then current_date end,
                   case when k not in ('request', 'report') then current_date - 1 end,
                   case when k in ('request', 'report') then now() end, k, case when k < 'p' then 'sent' else 'waiting' end,
                   case when k >= 'p' then now() end, case when k < 'p' then now() end, length(k)
              from unnest(array['reminder', 'request', 'invitation', 'reset', 'password', 'codes-on', 'codes-off', 'report']) k
            """)
        let found = try await facts(
            place, "select concat_ws(' ', id, kind, account_id, day, state, attempts) from report_mails",
            """
            select concat_ws(' ', id, account_id, state, added, updated, unchanged, failed, suspended) from report_imports
             where kind = 'folder'
            """,
            """
            select concat_ws(' ', id, account_id, state, added, updated, unchanged, failed, suspended) from report_imports
             where kind = 'roster'
            """,
            """
            select concat_ws(' ', kind, account_id, state, added, updated, unchanged, failed, suspended) from report_imports
             where kind not in ('folder', 'roster')
            """,
            "select concat_ws(' ', id, actor_id, actor, token_id, action, subject) from report_audit",
            "select distinct actor_role from report_audit")
        let mails = try await items(scene.admin, "/mails?limit=200") { one in
            [text(one["id"]), one["kind"]?.string, text(one["account"]?["id"])]
                + ["day", "state", "attempts"].map { text(one[$0]) }
        }
        #expect(found[0] == mails && mails.count == 8)
        let counts = ["id", "accountId", "state", "added", "updated", "unchanged", "failed", "suspended"]
        for (place, path) in [(1, "/imports/folder/files"), (2, "/settings/roster-source/runs")] {
            let shown = try await items(scene.admin, path) { one in counts.map { text(one[$0]) } }
            #expect(found[place] == shown && shown.count == 2, "\(path)")
        }
        // what the folder took in stands in the audit too, and is not told twice
        #expect(found[3] == ["students \(scene.person.id) done 1 1 0 1 0"])
        let audit = try await items(scene.admin, "/audit?limit=200") { one in
            [text(one["id"]), text(one["actor"]?["id"]), one["actor"]?["name"]?.string, text(one["tokenId"])]
                + ["action", "subject"].map { one[$0]?.string }
        }
        #expect(found[4] == audit && audit.contains { $0.hasSuffix("import.students accounts") })
        #expect(found[5] == ["admin"])
    }
}
