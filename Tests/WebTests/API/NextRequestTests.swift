import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// What somebody may do is asked anew at each request: what was taken away a moment ago is gone.
@Suite struct NextRequestTests {
    @Test func `who leaves a group loses its cohorts with the next request`() async throws {
        let it = try await TestCohort.make()
        let paths = [
            "GET /cohorts/\(it.id)", "GET /cohorts/\(it.id)/students", "GET /cohorts/\(it.id)/progress",
            "GET /students/\(it.student.id)", "GET /milestones/\(it.milestone)",
            "GET /milestones/\(it.milestone)/progress/\(it.student.id)",
        ]
        for path in paths { #expect(try await it.send(it.staff, path).status == 200, "\(path)") }
        #expect(try await it.send(it.admin, "DELETE /groups/\(it.group)/members/\(it.staff.id)").status == 204)
        for path in paths { #expect(try await it.send(it.staff, path).status == 404, "\(path)") }
        #expect(try await it.send(it.staff, complete(it)).status == 404)
        #expect(
            try await it.send(it.admin, "PUT /groups/\(it.group)/members/\(it.staff.id)", json: "{}").status == 204)
        for path in paths { #expect(try await it.send(it.staff, path).status == 200, "\(path)") }
    }

    @Test(arguments: ["detached", "archived group", "archived cohort"])
    func `a cohort that lost its group is out of sight`(way: String) async throws {
        let it = try await TestCohort.make()
        #expect(try await it.send(it.staff, "GET /cohorts/\(it.id)").status == 200)
        let change =
            switch way {
            case "detached": ("DELETE /cohorts/\(it.id)/groups/\(it.group)", nil as String?)
            case "archived group": ("PATCH /groups/\(it.group)", #"{"archived":true}"#)
            default: ("PATCH /cohorts/\(it.id)", #"{"archived":true}"#)
            }
        #expect(try await it.send(it.admin, change.0, json: change.1).status < 300)
        #expect(try await it.send(it.staff, "GET /cohorts/\(it.id)").status == 404)
        #expect(try await it.send(it.staff, complete(it)).status == 404)
    }

    @Test func `a director's scope ends with the directorship`() async throws {
        let it = try await TestCohort.make()
        let director = try await it.place.person("director")
        let department = try await it.place.department("Advising", directors: [director])
        try await it.place.run("update groups set department_id = \(department) where id = \(it.group)")
        #expect(try await it.send(director, "GET /students/\(it.student.id)").status == 200)
        #expect(
            try await it.send(it.admin, "DELETE /departments/\(department)/directors/\(director.id)").status == 204)
        #expect(try await it.send(director, "GET /students/\(it.student.id)").status == 404)
        #expect(try await it.send(director, "PATCH /groups/\(it.group)", json: #"{"description":"x"}"#).status == 403)
    }

    @Test func `delegation opens and closes at once`() async throws {
        let it = try await TestCohort.make()
        let manager = try await it.place.person("manager")
        try await it.place.join(manager, it.group, asManager: true)
        let edits = [
            ("PATCH /cohorts/\(it.id)", #"{"goal":"x"}"#), ("POST /cohorts/\(it.id)/milestones", "{}"),
            ("PATCH /milestones/\(it.milestone)", #"{"title":"x"}"#), ("POST /categories", #"{"name":"x"}"#),
        ]
        for (round, isOpen) in [false, true, false].enumerated() {
            let setting = #"{"cohortDelegation":\#(isOpen)}"#
            #expect(try await it.send(it.admin, "PATCH /settings", json: setting).status == 200)
            for (path, body) in edits {
                let status = try await it.send(manager, path, json: body).status
                #expect(isOpen ? status < 300 : status == 403, "\(path), \(round)")
            }
        }
    }

    @Test(arguments: [
        #"{"status":"suspended"}"#, #"{"password":"four quite new words"}"#, #"{"role":"staff"}"#,
    ])
    func `a suspension, a password or a demotion ends every session`(change: String) async throws {
        let place = try await TestInstitution.make()
        let admin = try await place.person("admin")
        let manager = try await place.person("manager")
        let elsewhere = place.client().signedIn(try await place.signIn(manager.id).text)
        for client in [place.client(manager), elsewhere] {
            #expect(try await client.send(.get, "/api/v1/me").status == 200)
        }
        let answer = try await place.client(admin).send(.patch, "/api/v1/accounts/\(manager.id)", json: change)
        #expect(answer.status == 200, "\(answer.text)")
        for client in [place.client(manager), elsewhere] {
            #expect(try await client.send(.get, "/api/v1/me").status == 401)
        }
        #expect(try await place.number("select count(*)::int from sessions where account_id = \(manager.id)") == 0)
    }

    @Test func `of two who answer at once one wins, the other is told the present state`() async throws {
        let it = try await TestCohort.make()
        let colleague = try await it.place.person("staff")
        try await it.place.join(colleague, it.group)
        let path = "/milestones/\(it.milestone)/progress/\(it.student.id)"
        for _ in 0..<5 {
            #expect(try await it.send(it.student, "POST \(path)/submit").status == 200)
            async let first = it.send(it.staff, "POST \(path)/complete")
            async let second = it.send(colleague, "POST \(path)/waive", json: #"{"comment":"Not needed"}"#)
            let answers = try await [first, second]
            #expect(answers.map(\.status).sorted() == [200, 409])
            let won = try #require(answers.first { $0.status == 200 }).json()["status"]?.string
            let lost = try #require(answers.first { $0.status == 409 })
            #expect(try lost.json()["state"]?.string == won, "\(lost.text)")
            #expect(
                try await it.place.number(
                    "select count(*)::int from progress_events where to_status in ('completed', 'waived')") == 1)
            try await it.place.run("delete from progress_events")
            try await it.place.run("delete from progress")
        }
    }

    private func complete(_ it: TestCohort) -> String {
        "POST /milestones/\(it.milestone)/progress/\(it.student.id)/complete"
    }
}
