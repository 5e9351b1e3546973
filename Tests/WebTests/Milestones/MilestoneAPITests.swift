import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

@Suite struct MilestoneAPITests {
    @Test func `an empty body makes an unsaved New Milestone, which the first PATCH saves`() async throws {
        let it = try await TestCohort.make()
        let made = try await it.send(it.admin, "POST /cohorts/\(it.id)/milestones")
        #expect(made.status == 201)
        let json = try made.json()
        #expect(json["title"]?.string == "New Milestone")
        #expect(json["saved"] == .bool(false))
        #expect(json["reminders"]?.elements.isEmpty == true)
        #expect(json["cohortId"]?.int == it.id)
        let id = try #require(json["id"]?.int)

        var dashboard = try await it.send(it.student, "GET /dashboard").json()
        #expect(dashboard["milestones"]?.elements.count == 1)
        let saved = try await it.send(it.admin, "PATCH /milestones/\(id)", json: "{}")
        #expect(saved.status == 200)
        #expect(try saved.json()["saved"] == .bool(true))
        #expect(saved.headers[.eTag] == "\"2\"")
        dashboard = try await it.send(it.student, "GET /dashboard").json()
        #expect(dashboard["milestones"]?.elements.count == 2)
    }

    @Test func `a POST with fields makes a saved milestone`() async throws {
        let it = try await TestCohort.make()
        let body = """
            {"title":" Register ","dueOn":"2026-12-01","description":"Go\\nthere","reminders":[7,1,7],"completion":"student"}
            """
        let made = try await it.send(it.admin, "POST /cohorts/\(it.id)/milestones", json: body)
        #expect(made.status == 201)
        let id = try #require(try made.json()["id"]?.int)
        #expect(
            made.text == """
                {"id":\(id),"cohortId":\(it.id),"title":"Register","dueOn":"2026-12-01","dueAfterDays":null,\
                "description":"Go\\nthere","reminders":[1,7],"completion":"student","saved":true,"archived":false,"sharedId":null}
                """)
        let read = try await it.send(it.staff, "GET /milestones/\(id)")
        #expect(read.text == made.text)
        #expect(read.headers[.eTag] == made.headers[.eTag])
        #expect(
            try await it.send(it.admin, "POST /cohorts/\(it.id)/milestones", json: "{}").json()["saved"] == .bool(false)
        )
    }

    @Test(arguments: [
        #"{"title":""}"#, #"{"title":null}"#, #"{"title":"x","reminders":[3]}"#, #"{"title":"x","reminders":["1"]}"#,
        #"{"title":"x","reminders":null}"#, #"{"title":"x","completion":"both"}"#,
        #"{"title":"x","dueOn":"2026-02-30"}"#,
        #"{"title":"x","dueOn":"2026-12-01","dueAfterDays":3}"#, #"{"title":"x","nonsense":1}"#,
        #"{"title":"x","description":7}"#, #"{"dueOn":"2026-12-01"}"#,
    ])
    func `what is wrong is 422 and names the field`(_ body: String) async throws {
        let it = try await Self.shared.value
        let answer = try await it.send(it.admin, "POST /cohorts/\(it.hidden)/milestones", json: body)
        #expect(answer.status == 422, "\(body): \(answer.text)")
        #expect(try answer.json()["errors"]?.elements.isEmpty == false)
        #expect(
            try await it.send(it.admin, "GET /cohorts/\(it.hidden)/milestones").text == #"{"items":[],"next":null}"#)
    }

    private static let shared = Task { try await TestCohort.make() }

    @Test func `a title may have 200 characters and not 201`() async throws {
        let it = try await TestCohort.make()
        let path = "PATCH /milestones/\(it.milestone)"
        let long = String(repeating: "ö", count: 200)
        #expect(try await it.send(it.admin, path, json: #"{"title":"\#(long)"}"#).status == 200)
        #expect(try await it.send(it.admin, path, json: #"{"title":"\#(long)x"}"#).status == 422)
        #expect(try await it.send(it.admin, path, json: #"{"title":null}"#).status == 422)
    }

    @Test func `a change keeps what it does not name, and If-Match refuses an old version`() async throws {
        let it = try await TestCohort.make()
        let path = "/milestones/\(it.milestone)"
        let first = try await it.send(it.admin, "PATCH \(path)", json: #"{"dueOn":"2026-12-01","reminders":[2]}"#)
        #expect(try first.json()["title"]?.string == "Meet")
        let tag = try #require(first.headers[.eTag])
        let second = try await it.send(
            it.admin, "PATCH \(path)", json: #"{"dueAfterDays":10}"#, headers: [.ifMatch: tag])
        #expect(second.status == 200)
        #expect(try second.json()["dueOn"] == .null)
        #expect(try second.json()["dueAfterDays"]?.int == 10)
        #expect(try second.json()["reminders"]?[0]?.int == 2)
        let third = try await it.send(it.admin, "PATCH \(path)", json: #"{"title":"x"}"#, headers: [.ifMatch: tag])
        #expect(third.status == 412)
        let same = try await it.send(it.admin, "PATCH \(path)", json: #"{"dueAfterDays":10}"#)
        #expect(same.headers[.eTag] == second.headers[.eTag], "nothing changed, so nothing is written")
        #expect(try await it.send(it.admin, "DELETE \(path)", headers: [.ifMatch: tag]).status == 412)
        #expect(try await it.send(it.admin, "DELETE \(path)").status == 204)
        #expect(try await it.send(it.admin, "DELETE \(path)").status == 404)
        let audit = try await it.send(it.admin, "GET /audit?subject=milestone/\(it.milestone)").json()
        #expect(
            audit["items"]?.elements.compactMap { $0["action"]?.string } == [
                "milestone.delete", "milestone.update", "milestone.update",
            ])
    }

    @Test func `students and staff may not edit, and what is out of scope does not exist`() async throws {
        let it = try await TestCohort.make()
        let hidden = try await it.milestone("Far", in: it.hidden)
        #expect(try await it.send(it.student, "GET /cohorts/\(it.id)/milestones").status == 403)
        #expect(try await it.send(it.staff, "PATCH /milestones/\(it.milestone)", json: "{}").status == 403)
        #expect(try await it.send(it.staff, "PATCH /milestones/\(hidden)", json: "{}").status == 403)
        #expect(try await it.send(it.staff, "GET /milestones/\(it.milestone)").status == 200)
        #expect(try await it.send(it.staff, "GET /milestones/\(hidden)").status == 404)
        #expect(try await it.send(it.staff, "GET /cohorts/\(it.hidden)/milestones").status == 404)
        #expect(try await it.send(it.admin, "GET /milestones/999999").status == 404)
        #expect(try await it.send(it.admin, "POST /cohorts/999999/milestones").status == 404)
    }

    @Test func `a delegated manager edits linked cohorts alone`() async throws {
        let it = try await TestCohort.make()
        let manager = try await it.place.person("manager")
        try await it.place.run(
            """
            insert into group_members (group_id, account_id, account_role, manager)
            values (\(it.group), \(manager.id), 'manager', true)
            """)
        let hidden = try await it.milestone("Far", in: it.hidden)
        #expect(try await it.send(manager, "PATCH /milestones/\(it.milestone)", json: "{}").status == 403)
        try await it.place.run("update settings set cohort_delegation = true")
        let changed = try await it.send(manager, "PATCH /milestones/\(it.milestone)", json: #"{"title":"Mine"}"#)
        #expect(changed.status == 200, "\(changed.text)")
        #expect(try await it.send(manager, "POST /cohorts/\(it.id)/milestones").status == 201)
        #expect(try await it.send(manager, "PATCH /milestones/\(hidden)", json: "{}").status == 404)
        #expect(try await it.send(manager, "DELETE /milestones/\(it.milestone)").status == 204)
    }

    @Test func `lists go by title without regard to case, and page`() async throws {
        let it = try await TestCohort.make()
        for title in ["beta", "Alpha", "alpha", "Gamma"] { _ = try await it.milestone(title, in: it.hidden) }
        var titles: [String] = []
        var path = "/cohorts/\(it.hidden)/milestones?limit=3"
        while true {
            let page = try await it.send(it.admin, "GET \(path)").json()
            titles += page["items"]?.elements.compactMap { $0["title"]?.string } ?? []
            guard let next = page["next"]?.string else { break }
            path = "/cohorts/\(it.hidden)/milestones?limit=3&cursor=\(next)"
        }
        #expect(titles == ["Alpha", "alpha", "beta", "Gamma"])
        #expect(try await it.send(it.admin, "GET /cohorts/\(it.id)/milestones?cursor=x").status == 422)
        #expect(try await it.send(it.admin, "GET /cohorts/\(it.id)/milestones?limit=0").status == 422)
    }

    @Test func `a milestone somebody worked on stays`() async throws {
        let it = try await TestCohort.make()
        #expect(
            try await it.send(it.student, "POST /milestones/\(it.milestone)/progress/\(it.student.id)/submit").status
                == 200)
        let refused = try await it.send(it.admin, "DELETE /milestones/\(it.milestone)")
        #expect(refused.status == 409)
        #expect(try refused.json()["blockedBy"]?[0]?.string == "progress of 1 student")
    }

    @Test func `an archived cohort's milestones are read-only`() async throws {
        let it = try await TestCohort.make()
        try await it.place.run("update cohorts set archived_at = now() where id = \(it.id)")
        #expect(try await it.send(it.admin, "GET /milestones/\(it.milestone)").status == 200)
        #expect(try await it.send(it.admin, "PATCH /milestones/\(it.milestone)", json: #"{"title":"x"}"#).status == 409)
        #expect(try await it.send(it.admin, "POST /cohorts/\(it.id)/milestones").status == 409)
        #expect(try await it.send(it.admin, "DELETE /milestones/\(it.milestone)").status == 409)
    }

    @Test func `a cohort that is archived at that moment takes no milestone`() async throws {
        let it = try await TestCohort.make()
        let late = try await it.place.meanwhile("update cohorts set archived_at = now() where id = \(it.id)") {
            try await it.send(it.admin, "POST /cohorts/\(it.id)/milestones", json: #"{"title":"Late"}"#)
        }
        #expect(late.status == 409)
        #expect(try await it.place.number("select count(*) from milestones") == 1)
    }

    @Test func `a cohort deleted at the same moment gets no milestone`() async throws {
        let it = try await TestCohort.make()
        let late = try await it.place.meanwhile("delete from cohorts where id = \(it.hidden)") {
            try await it.send(it.admin, "POST /cohorts/\(it.hidden)/milestones")
        }
        #expect(late.status == 404)
    }
}
