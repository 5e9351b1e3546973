import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

@Suite struct SetupAPITests {
    private static let keys = [
        "groups-with-carded-members", "student-accounts", "cohort-goals", "planned-milestones", "cohorts",
        "students-assigned", "milestones", "support-groups-attached",
    ]

    @Test(arguments: ["admin", "director", "manager", "staff"])
    func `an empty institution has everything to do`(role: String) async throws {
        let college = try await TestInstitution.make()
        let answer = try await college.client(try await college.person(role)).send(.get, "/api/v1/setup")
        #expect(answer.status == 200)
        #expect(answer.items("key") == Self.keys.map { .string($0) })
        #expect(answer["ready"] == .bool(false))
        #expect(answer.text("studentVisibility") == "disabled")
        for position in Self.keys.indices {
            #expect(answer["items", position, "done"] == .bool(false))
            #expect(answer.number("items", position, "count") == 0)
            #expect(answer.text("items", position, "title")?.isEmpty == false)
        }
    }

    @Test func `a student learns nothing of it`() async throws {
        let college = try await TestInstitution.make()
        #expect(try await college.client(try await college.person("student")).send(.get, "/api/v1/setup").status == 403)
    }

    @Test func `one cohort with all pieces is ready, advice or not`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        try await college.makeReady()
        let answer = try await client.send(.get, "/api/v1/setup")
        #expect(answer["ready"] == .bool(true))
        for (position, key) in Self.keys.enumerated() {
            let isAdvice = key == "cohort-goals" || key == "planned-milestones"
            #expect(answer["items", position, "done"] == .bool(!isAdvice), "\(key)")
            #expect(answer.number("items", position, "count") == (isAdvice ? 0 : 1), "\(key)")
        }
        try await college.run("update cohorts set goal = 'Graduate', planned_milestones = 3")
        let advised = try await client.send(.get, "/api/v1/setup")
        #expect(advised["items", 2, "done"] == .bool(true))
        #expect(advised["items", 3, "done"] == .bool(true))
        try await college.run("update cards set published = false")
        let unready = try await client.send(.get, "/api/v1/setup")
        #expect(unready["ready"] == .bool(false))
        #expect(unready["items", 0, "done"] == .bool(false))
        #expect(unready["items", 7, "done"] == .bool(false))
    }

    @Test func `pieces in different cohorts are counted, but not done`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let student = try await college.person("student")
        let staff = try await college.person("staff")
        try await college.card(of: staff)
        let first = try await college.cohort("First").id
        let second = try await college.cohort("Second").id
        try await college.enroll(student.id, in: first)
        try await college.run("insert into milestones (cohort_id, title, saved) values (\(second), 'Meet', true)")
        _ = try await college.group("Tutors", of: [staff], cohorts: [first])
        let answer = try await client.send(.get, "/api/v1/setup")
        #expect(answer["ready"] == .bool(false))
        #expect(answer.number("items", 6, "count") == 1)
        #expect(answer["items", 6, "done"] == .bool(false))
    }
}
