import Casework
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct StudentAPITests {
    @Test func `a record tells why it may be read, and that it was is audited`() async throws {
        let it = try await TestCohort.make()
        let answer = try await it.send(it.staff, "GET /students/\(it.student.id)")
        #expect(answer.status == 200)
        #expect(
            answer.text == """
                {"account":{"id":\(it.student.id),"email":"a@example.edu","givenName":"Ada","familyName":"Lovelace",\
                "preferredName":null,"role":"student","status":"active","studentNumber":null},\
                "cohorts":[{"id":\(it.id),"name":"Fall","category":"First-Year"}],\
                "milestones":[{"id":\(it.milestone),"cohortId":\(it.id),"title":"Meet","dueOn":null,"status":"open",\
                "overdue":false,"completion":"staff","comment":null,"updatedAt":null,"version":0}],"archivedMilestones":[],\
                "network":[{"group":"Advising","members":[{"name":"Ada Lovelace","card":{"title":null,"office":"B 12",\
                "email":"advising@example.edu","phone":null,"location":null,"biography":null,"hours":null,"bookingURL":null,"published":true}}]}],\
                "why":[{"cohortId":\(it.id),"groupId":\(it.group)}],"contacts":[]}
                """)
        let audit = try await it.send(it.admin, "GET /audit?subject=student/\(it.student.id)").json()
        #expect(audit["items"]?.elements.count == 1)
        let entry = audit["items"]?[0]
        #expect(entry?["action"]?.string == "student.read")
        #expect(entry?["actor"]?["id"]?.int == it.staff.id)
        #expect(entry?["after"]?["why"]?[0]?["groupId"]?.int == it.group)
    }

    @Test func `a look at one milestone of a student is audited too, but not the student's own`() async throws {
        let it = try await TestCohort.make()
        let path = "GET /milestones/\(it.milestone)/progress/\(it.student.id)"
        #expect(try await it.send(it.student, path).status == 200)
        #expect(try await it.send(it.staff, path).status == 200)
        #expect(try await it.send(it.staff, "GET /milestones/\(it.milestone)/progress/\(it.admin.id)").status == 404)
        let audit = try await it.send(it.admin, "GET /audit?subject=student/\(it.student.id)").json()["items"]
        #expect(audit?.elements.count == 1)
        #expect(audit?[0]?["actor"]?["id"]?.int == it.staff.id)
        #expect(audit?[0]?["after"]?["milestoneId"]?.int == it.milestone)
        #expect(audit?[0]?["after"]?["why"]?[0]?["cohortId"]?.int == it.id)
    }

    @Test func `what cannot be audited is not shown`() async throws {
        let it = try await TestCohort.make()
        let schema = it.place.institution.schema
        try await it.place.run(
            SQL(unchecked: "revoke insert (action, subject, before, after) on audit from \(schema)_staff"))
        for path in [
            "GET /students/\(it.student.id)", "GET /milestones/\(it.milestone)/progress/\(it.student.id)",
        ] {
            let answer = try await it.send(it.staff, path)
            #expect(answer.status >= 500 && !answer.text.contains("a@example.edu"), "\(path): \(answer.text)")
        }
    }

    @Test func `per student it is told who looked, when and why they could`() async throws {
        let it = try await TestCohort.make()
        let before = Date.now.addingTimeInterval(-5)
        for who in [it.staff, it.admin, it.staff] {
            #expect(try await it.send(who, "GET /students/\(it.student.id)").status == 200)
            #expect(try await it.send(who, "GET /students/\(it.other.id)").status == 200)
        }
        let looks = try await it.send(it.admin, "GET /audit?subject=student/\(it.student.id)").json()["items"]
        #expect(looks?.elements.compactMap { $0["actor"]?["id"]?.int } == [it.staff.id, it.admin.id, it.staff.id])
        let whys = looks?.elements.map { $0["after"]?["why"]?.elements.compactMap { $0["groupId"]?.int } }
        #expect(whys == [[it.group], [], [it.group]])
        for look in looks?.elements ?? [] {
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            let at = try style.parse(try #require(look["at"]?.string))
            #expect(at > before && at < Date.now.addingTimeInterval(5))
        }
        #expect(try await it.send(it.staff, "GET /audit?subject=student/\(it.student.id)").status == 403)
    }

    @Test func `admins read every student, others those in scope, students nobody`() async throws {
        let it = try await TestCohort.make()
        let stray = try await it.place.person("student")
        #expect(try await it.send(it.staff, "GET /students/\(stray.id)").status == 404)
        #expect(try await it.send(it.staff, "GET /students/\(it.admin.id)").status == 404)
        #expect(try await it.send(it.student, "GET /students/\(it.student.id)").status == 403)
        let read = try await it.send(it.admin, "GET /students/\(stray.id)")
        #expect(read.status == 200)
        #expect(try read.json()["why"]?.elements.isEmpty == true)
        #expect(
            try await it.send(it.admin, "GET /audit?subject=student/\(stray.id)").json()["items"]?.elements.count == 1)
        try await it.place.run("update enrollments set left_at = now() where student_id = \(it.student.id)")
        #expect(try await it.send(it.staff, "GET /students/\(it.student.id)").status == 404)
        #expect(
            try await it.send(it.admin, "GET /audit?subject=student/\(it.student.id)").json()["items"]?.elements.count
                == 0,
            "what was refused is not a read")
    }

    @Test func `an archived cohort adds nobody to the network`() async throws {
        let it = try await TestCohort.make()
        let path = "GET /students/\(it.student.id)"
        #expect(try await it.send(it.admin, path).strings("network", each: "group") == ["Advising"])
        try await it.place.run("update cohorts set archived_at = now() where id = \(it.id)")
        let record = try await it.send(it.admin, path)
        #expect(record["cohorts"] == .array([]) && record["network"] == .array([]))
    }
}
