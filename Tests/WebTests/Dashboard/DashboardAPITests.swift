import Casework
import Dates
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct DashboardAPITests {
    @Test func `a student sees what is due, by date, and who can help`() async throws {
        let it = try await TestCohort.make()
        let past = try await it.milestone("Past", dueOn: CalendarDate("2020-01-01"), completion: "student")
        let later = try await it.milestone("Later", dueOn: CalendarDate("9000-01-01"))
        try await it.place.run("update milestones set description = 'Bring \"ID\"' where id = \(past)")
        let answer = try await it.send(it.student, "GET /dashboard")
        #expect(answer.status == 200)
        #expect(
            answer.text == """
                {"cohorts":[{"id":\(it.id),"name":"Fall","category":"First-Year"}],"milestones":[\
                {"id":\(past),"cohortId":\(it.id),"title":"Past","dueOn":"2020-01-01","description":"Bring \\"ID\\"",\
                "status":"open","overdue":true,"completion":"student","comment":null,"version":0,"files":[],\
                "regularDueOn":"2020-01-01","extension":null},\
                {"id":\(later),"cohortId":\(it.id),"title":"Later","dueOn":"9000-01-01","description":null,\
                "status":"open","overdue":false,"completion":"staff","comment":null,"version":0,"files":[],\
                "regularDueOn":"9000-01-01","extension":null},\
                {"id":\(it.milestone),"cohortId":\(it.id),"title":"Meet","dueOn":null,"description":null,\
                "status":"open","overdue":false,"completion":"staff","comment":null,"version":0,"files":[],\
                "regularDueOn":null,"extension":null}],\
                "supportNetwork":[{"group":"Advising","members":[{"name":"Ada Lovelace","card":{"title":null,"office":"B 12",\
                "email":"advising@example.edu","phone":null,"location":null,"biography":null,"hours":null,"bookingURL":null,"published":true}}]}],\
                "progress":{"completed":0,"total":3}}
                """)
    }

    @Test func `waived milestones leave the total, completed ones count`() async throws {
        let it = try await TestCohort.make()
        let other = try await it.milestone("Other", dueOn: CalendarDate("2020-01-01"))
        let step = "/progress/\(it.student.id)"
        #expect(try await it.send(it.staff, "POST /milestones/\(it.milestone)\(step)/complete").status == 200)
        #expect(
            try await it.send(it.staff, "POST /milestones/\(other)\(step)/waive", json: #"{"comment":"moved"}"#).status
                == 200)
        let board = try await it.send(it.student, "GET /dashboard").json()
        #expect(board["progress"]?["completed"]?.int == 1)
        #expect(board["progress"]?["total"]?.int == 1)
        #expect(board["milestones"]?[0]?["status"]?.string == "waived")
        #expect(board["milestones"]?[0]?["overdue"] == .bool(false))
        #expect(board["milestones"]?[0]?["comment"]?.string == "moved")
        let others = try await it.send(it.other, "GET /dashboard").json()
        #expect(others["progress"]?["total"]?.int == 2, "nobody else's progress changes")
    }

    @Test func `days after joining become a date in the institution's time zone`() async throws {
        let it = try await TestCohort.make(timeZone: "Pacific/Kiritimati")
        let id = try await it.milestone("Soon")
        try await it.place.run("update milestones set due_after_days = 3 where id = \(id)")
        // 10:30 UTC on the 9th is the 10th, fourteen hours ahead.
        try await it.place.run(
            "update enrollments set joined_at = '2020-03-09 10:30+00' where student_id = \(it.student.id)")
        let board = try await it.send(it.student, "GET /dashboard").json()
        #expect(board["milestones"]?[0]?["dueOn"]?.string == "2020-03-13")
        #expect(board["milestones"]?[0]?["overdue"] == .bool(true))
    }

    @Test func `it is 403 for staff, and does not exist before visibility`() async throws {
        let it = try await TestCohort.make()
        #expect(try await it.send(it.staff, "GET /dashboard").status == 403)
        #expect(try await it.send(it.admin, "GET /dashboard").status == 403)
        try await it.place.run("update settings set student_visibility = false")
        #expect(try await it.send(it.student, "GET /dashboard").status == 404)
        #expect(try await it.send(it.staff, "GET /dashboard").status == 403)
    }

    @Test func `a member whose card is not published is not shown, a shared group once`() async throws {
        let it = try await TestCohort.make()
        let quiet = try await it.place.person("staff")
        let second = try await it.place.owner(
            SQL("insert into cohorts (category_id, name) values (\(it.category), 'Spring') returning id").value(
                Int.self))
        try await it.place.run(
            "insert into group_members (group_id, account_id, account_role) values (\(it.group), \(quiet.id), 'staff')")
        try await it.place.run("insert into cohort_groups (cohort_id, group_id) values (\(second), \(it.group))")
        try await it.place.run("insert into enrollments (cohort_id, student_id) values (\(second), \(it.student.id))")
        let board = try await it.send(it.student, "GET /dashboard").json()
        #expect(board["cohorts"]?.elements.count == 2)
        #expect(board["supportNetwork"]?.elements.count == 1)
        #expect(board["supportNetwork"]?[0]?["members"]?.elements.count == 1)
        try await it.place.run("update enrollments set left_at = now() where student_id = \(it.student.id)")
        let left = try await it.send(it.student, "GET /dashboard").text
        #expect(
            left == #"{"cohorts":[],"milestones":[],"supportNetwork":[],"progress":{"completed":0,"total":0}}"#)
    }
}
