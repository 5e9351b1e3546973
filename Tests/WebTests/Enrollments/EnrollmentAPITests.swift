import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct EnrollmentAPITests {
    @Test func `a student joins, leaves and joins again`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let cohort = try await college.cohort().id
        let ada = try await college.account("student", email: "Ada@x.edu")
        let students = "/api/v1/cohorts/\(cohort)/students"

        let joined = try await client.send(.post, students, json: #"{"email":" ada@X.edu "}"#)
        #expect(joined.status == 201)
        #expect(joined.number("id") == ada)
        #expect(joined.text("email") == "Ada@x.edu")
        #expect(joined["studentNumber"] == .null)
        #expect(try await client.send(.post, students, json: #"{"email":"ada@x.edu"}"#).status == 200)
        try await college.run(
            """
            with m as (insert into milestones (cohort_id, saved) values (\(cohort), true) returning id, cohort_id, completion)
            insert into progress (milestone_id, student_id, cohort_id, completion, status)
            select id, \(ada), cohort_id, completion, 'submitted' from m
            """)

        #expect(try await client.send(.delete, "\(students)/\(ada)").status == 204)
        #expect(try await client.send(.delete, "\(students)/\(ada)").status == 404)
        #expect(try await client.send(.get, students).strings("items", each: "email").isEmpty)
        #expect(try await college.truth("select enrolled from progress") == false)
        #expect(try await client.send(.post, students, json: #"{"email":"ada@x.edu"}"#).status == 201)
        #expect(try await college.truth("select enrolled from progress"))
        #expect(
            try await college.texts("select action from audit order by id") == [
                "enrollment.create", "enrollment.delete", "enrollment.create",
            ])
    }

    @Test func `only a student of this institution joins`() async throws {
        let (college, other) = (try await TestInstitution.make(), try await TestInstitution.make())
        let client = college.client(try await college.person("admin"))
        let cohort = try await college.cohort().id
        _ = try await college.account("staff", email: "staff@x.edu")
        _ = try await other.account("student", email: "there@x.edu")
        let students = "/api/v1/cohorts/\(cohort)/students"
        for email in ["staff@x.edu", "there@x.edu", "nobody@x.edu", "nonsense"] {
            let refused = try await client.send(.post, students, json: "{\"email\":\"\(email)\"}")
            #expect(refused.status == 422)
            #expect(refused.text("errors", 0, "field") == "email")
        }
        #expect(try await client.send(.post, students, json: "{}").status == 422)
        #expect(try await client.send(.post, students, body: Array("x".utf8), contentType: "text/plain").status == 415)
        #expect(try await client.send(.post, "/api/v1/cohorts/999/students", json: "{}").status == 404)
        #expect(try await client.send(.get, "/api/v1/cohorts/999/students").status == 404)
        #expect(try await client.send(.delete, "\(students)/999").status == 404)
    }

    @Test func `lists students by family name, in pages, searching`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let cohort = try await college.cohort().id
        for (given, family) in [("Grace", "hopper"), ("Alan", "Turing"), ("Ada", "Lovelace"), ("Barbara", "Hopper")] {
            let student = try await college.account(
                "student", email: "\(given)@x.edu", given: given, family: family)
            try await college.enroll(student, in: cohort)
        }
        let students = "/api/v1/cohorts/\(cohort)/students"
        let first = try await client.send(.get, "\(students)?limit=3")
        #expect(first.strings("items", each: "givenName") == ["Barbara", "Grace", "Ada"])
        let next = try #require(first.text("next"))
        #expect(first.headers[.init("Link")!]?.contains("cursor=\(next)") == true)
        let rest = try await client.send(.get, "\(students)?limit=3&cursor=\(next)")
        #expect(rest.strings("items", each: "givenName") == ["Alan"])
        let found = try await client.send(.get, "\(students)?q=HOPPER")
        #expect(found.strings("items", each: "givenName") == ["Barbara", "Grace"])
        try await college.run(
            "update accounts set preferred_name = 'Amazing', student_number = 'G-77' where given_name = 'Grace'")
        for text in ["amazing%20hopper", "grace%20hopper", "g-77"] {
            let one = try await client.send(.get, "\(students)?q=\(text)")
            #expect(one.strings("items", each: "preferredName") == ["Amazing"], "\(text)")
        }
        let names = try await client.send(.get, students).strings("items", each: "givenName")
        #expect(names == ["Grace", "Barbara", "Ada", "Alan"], "by family name, then by what they are called")
    }

    @Test func `staff read the students of their cohorts and add none`() async throws {
        let college = try await TestInstitution.make()
        try await college.makeVisible()
        let staff = try await college.person("staff")
        let (mine, other) = (try await college.cohort("Mine").id, try await college.cohort("Other").id)
        _ = try await college.group("Advisors", of: [staff], cohorts: [mine])
        let student = try await college.account("student", email: "ada@x.edu")
        try await college.enroll(student, in: mine)
        let client = college.client(staff)
        let list = try await client.send(.get, "/api/v1/cohorts/\(mine)/students")
        #expect(list.strings("items", each: "email") == ["ada@x.edu"])
        #expect(try await client.send(.get, "/api/v1/cohorts/\(other)/students").status == 404)
        for cohort in [mine, other] {
            let students = "/api/v1/cohorts/\(cohort)/students"
            #expect(try await client.send(.post, students, json: #"{"email":"ada@x.edu"}"#).status == 403)
            #expect(try await client.send(.delete, "\(students)/\(student)").status == 403)
        }
        let herself = college.client(try await college.person("student"))
        #expect(try await herself.send(.get, "/api/v1/cohorts/\(mine)/students").status == 403)
    }

    @Test func `a cohort that is archived at that moment takes no student`() async throws {
        let it = try await TestCohort.make()
        _ = try await it.place.account("student", email: "new@example.edu")
        let late = try await it.place.meanwhile("update cohorts set archived_at = now() where id = \(it.id)") {
            try await it.send(it.admin, "POST /cohorts/\(it.id)/students", json: #"{"email":"new@example.edu"}"#)
        }
        #expect(late.status == 409)
        #expect(try await it.place.number("select count(*) from enrollments") == 2)
    }

    @Test func `a dry run with one address enrolls nobody`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let cohort = try await college.cohort().id
        _ = try await college.account("student", email: "ada@x.edu")
        let students = "/api/v1/cohorts/\(cohort)/students"
        for option in ["dryRun", "partial"] {
            let refused = try await client.send(
                .post, "\(students)?\(option)=true", json: #"{"email":"ada@x.edu"}"#)
            #expect(refused.status == 422 && refused.refusedFields == [option])
        }
        #expect(try await college.number("select count(*) from enrollments") == 0)
        let joined = try await client.send(.post, "\(students)?dryRun=false", json: #"{"email":"ada@x.edu"}"#)
        #expect(joined.status == 201)
    }

    @Test func `a student removed at the same moment does not join`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let cohort = try await college.cohort().id
        let students = "/api/v1/cohorts/\(cohort)/students"
        let ada = try await college.account("student", email: "ada@x.edu")
        let alone = try await college.meanwhile("delete from accounts where id = \(ada)") {
            try await client.send(.post, students, json: #"{"email":"ada@x.edu"}"#)
        }
        #expect(alone.status == 422 && alone.refusedFields == ["email"])
        let bob = try await college.account("student", email: "bob@x.edu")
        let file = try await college.meanwhile("delete from accounts where id = \(bob)") {
            try await client.send(.post, students, body: Array("email\nbob@x.edu\n".utf8), contentType: "text/csv")
        }
        #expect(file.status == 409)
        #expect(try await college.number("select count(*) from enrollments") == 0)
    }
}
