import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// A milestone on which students have worked is not deleted. It can be retired: it counts nowhere any more, and what was done
/// on it is kept.
@Suite struct RetiredMilestoneTests {
    /// A milestone that is overdue, with a file and a student's request.
    private struct Scene {
        let it: TestCohort
        let file: Int

        init() async throws {
            it = try await TestCohort.make()
            let made = try await it.place.client(it.admin).send(
                .post, "/api/v1/milestones/\(it.milestone)/files", body: Array("a".utf8), contentType: "text/plain",
                headers: [.contentDisposition: "attachment; filename=\"a.txt\""])
            file = try #require(try made.json()["id"]?.int)
            try await it.place.run("update milestones set due_on = '2020-01-01', reminders = '{1}'")
            _ = try await it.milestone("Stays")
            #expect(try await it.send(it.student, "POST \(steps)/submit", json: "{}").status == 200)
        }

        var path: String { "/milestones/\(it.milestone)" }
        var steps: String { "\(path)/progress/\(it.student.id)" }

        func retire(_ isRetired: Bool = true) async throws -> TestClient.Answer {
            try await it.send(it.admin, "PATCH \(path)", json: #"{"archived":\#(isRetired)}"#)
        }
    }

    @Test func `it is seen and counted nowhere, and comes back as it was`() async throws {
        let scene = try await Scene()
        let it = scene.it
        func counts() async throws -> [Int?] {
            let board = try await it.send(it.student, "GET /dashboard").json()
            return [
                board["milestones"]?.elements.count, board["progress"]?["total"]?.int,
                try await it.send(it.staff, "GET /cohorts/\(it.id)/progress").json()["items"]?.elements.count,
                try await it.send(it.staff, "GET /cohorts/\(it.id)/milestones").json()["items"]?.elements.count,
                try await it.send(it.admin, "GET /cohorts/\(it.id)").json()["milestones"]?.int,
                try await it.send(it.admin, "GET /setup").json()["items"]?.elements.first {
                    $0["key"]?.string == "milestones"
                }?["count"]?.int,
                try await it.place.work(it.staff, .casework)(SQL("select count(*)::int from waiting").value(Int.self)),
                try await it.place.owner(SQL("select count(*)::int from report_progress").value(Int.self)),
            ]
        }
        let before = try await counts()
        #expect(before == [2, 2, 4, 2, 2, 2, 1, 4])
        #expect(try await it.send(it.admin, "DELETE \(scene.path)").status == 409)

        let retired = try await scene.retire()
        #expect(retired.status == 200, "\(retired.text)")
        let json = try retired.json()
        #expect(json["archived"] == .bool(true) && json["saved"] == .bool(true) && json["title"]?.string == "Meet")
        #expect(try await counts() == [1, 1, 2, 1, 1, 1, 0, 2])
        let list = try await it.send(it.staff, "GET /cohorts/\(it.id)/milestones?archived=true").json()
        #expect(list["items"]?.elements.compactMap { $0["id"]?.int } == [it.milestone])
        let order = try await it.send(it.staff, "GET /cohorts/\(it.id)/milestone-order").json()
        #expect(order["milestoneIds"]?.elements.compactMap(\.int).contains(it.milestone) == false)

        #expect(try await scene.retire(false).json()["archived"] == .bool(false))
        #expect(try await counts() == before)
        #expect(try await it.send(it.student, "GET /files/\(scene.file)").status == 200)
        let entries = try await it.place.texts(
            "select after->>'archived' from audit where action = 'milestone.update' order by id")
        #expect(entries == ["true", "false"])
    }

    @Test func `what students did stays in their record and history, and nothing more is done there`() async throws {
        let scene = try await Scene()
        let it = scene.it
        #expect(try await scene.retire().status == 200)
        let record = try await it.send(it.staff, "GET /students/\(it.student.id)").json()
        #expect(record["milestones"]?.elements.count == 1)
        #expect(record["archivedMilestones"]?.elements.count == 1)
        #expect(record["archivedMilestones"]?[0]?["status"]?.string == "submitted")
        #expect(record["archivedMilestones"]?[0]?["overdue"] == .bool(false))
        let history = try await it.send(it.staff, "GET \(scene.steps)")
        #expect(history.status == 200)
        #expect(try history.json()["events"]?.elements.count == 1)
        let page = try await it.place.client().asBrowser(it.staff).get("/students/\(it.student.id)").text
        #expect(page.contains("1 retired milestone with progress"))

        #expect(try await it.send(it.student, "GET \(scene.steps)").status == 404)
        #expect(try await it.send(it.student, "GET /files/\(scene.file)").status == 404)
        #expect(try await it.send(it.student, "POST \(scene.steps)/withdraw", json: "{}").status == 404)
        for (who, call, json) in [
            (it.staff, "POST \(scene.steps)/complete", "{}"), (it.admin, "POST \(scene.steps)/undo", "{}"),
            (it.admin, "PATCH \(scene.path)", #"{"title":"New"}"#),
            (it.admin, "DELETE /files/\(scene.file)", nil),
        ] as [(TestInstitution.Person, String, String?)] {
            let answer = try await it.send(who, call, json: json)
            #expect(answer.status == 409, "\(call): \(answer.text)")
            #expect(try answer.json()["code"]?.string == "milestone-archived", "\(call)")
        }
        let file = try await it.place.client(it.admin).send(
            .post, "/api/v1\(scene.path)/files", body: Array("b".utf8), contentType: "text/plain",
            headers: [.contentDisposition: "attachment; filename=\"b.txt\""])
        #expect(try file.status == 409 && file.json()["code"]?.string == "milestone-archived")
        // whatever else is to change goes together with bringing it back
        let back = try await it.send(it.admin, "PATCH \(scene.path)", json: #"{"archived":false,"title":"New"}"#)
        #expect(try back.json()["title"]?.string == "New")
    }

    @Test func `a milestone is deleted or retired by what is offered for it`() async throws {
        let scene = try await Scene()
        let it = scene.it
        let browser = it.place.client().asBrowser(it.admin)
        let worked = "/cohorts/\(it.id)/milestones/\(it.milestone)"
        let stays = "/cohorts/\(it.id)/milestones/\(try await it.place.number("select max(id) from milestones"))"
        let (first, second) = (try await browser.get(worked).text, try await browser.get(stays).text)
        #expect(first.contains("Retire milestone") && !first.contains("Delete milestone"))
        #expect(second.contains("Delete milestone") && !second.contains("Retire milestone"))

        let version = try #require(try await browser.get(worked).hiddenFields(to: worked)["version"])
        #expect(try await browser.post(worked, ["archived": "true"]).status == 412)
        let retired = try await browser.post(worked, ["archived": "true", "version": version])
        #expect(retired.headers[.location]?.hasPrefix("\(worked)?done=retired&what=Meet&seal=") == true)
        let page = try await browser.get(try #require(retired.headers[.location])).text
        #expect(page.contains("Retired: Meet</div>") && page.contains("Retired (1)</summary>"))
        #expect(page.contains("This milestone is retired") && !page.contains("name=\"title\""))
        #expect(try await browser.get("/audit").text.contains("retired the milestone"))

        let restored = try await browser.submit(worked, ["archived": "false"])
        #expect(restored.headers[.location]?.hasPrefix("\(worked)?done=restored&what=Meet") == true)
        // the form that retires has no boxes for reminders, and leaves them
        #expect(try await it.place.number("select reminders[1] from milestones where id = \(it.milestone)") == 1)
    }

    @Test func `the work of students who have left counts, also for who does not see it`() async throws {
        let scene = try await Scene()
        let it = scene.it
        let manager = try await it.place.person("manager")
        for sql: SQL in [
            "update settings set cohort_delegation = true",
            """
            insert into group_members (group_id, account_id, account_role, manager)
            values (\(it.group), \(manager.id), 'manager', true)
            """,
            "update enrollments set left_at = now()",
        ] { try await it.place.run(sql) }
        let path = "/cohorts/\(it.id)/milestones/\(it.milestone)"
        let page = try await it.place.client().asBrowser(manager).get(path).text
        #expect(page.contains("Retire milestone") && !page.contains("Delete milestone"))
        #expect(try await it.send(manager, "DELETE \(scene.path)").status == 409)
    }
}
