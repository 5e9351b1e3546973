import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct CohortAPITests {
    @Test func `an admin makes, changes and deletes a cohort`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let category = try await college.cohort("Old").category
        let made = try await client.send(
            .post, "/api/v1/categories/\(category)/cohorts",
            json: #"{"name":"Fall 2026","goal":"Arrive well","plannedMilestones":4}"#)
        #expect(made.status == 201)
        let id = try #require(made.number("id"))
        let tag = try #require(made.headers[.eTag])
        let read = try await client.send(.get, "/api/v1/cohorts/\(id)")
        #expect(read.bytes == made.bytes)
        #expect(read.headers[.eTag] == tag)
        #expect(read.text("categoryName") == "Kind of Old")
        #expect(read.number("categoryId") == category)
        #expect(read.number("students") == 0 && read.number("milestones") == 0 && read.number("groups") == 0)

        let changed = try await client.send(
            .patch, "/api/v1/cohorts/\(id)", json: #"{"goal":null,"plannedMilestones":0}"#, headers: [.ifMatch: tag])
        #expect(changed.status == 200)
        #expect(changed["goal"] == .null)
        #expect(changed.number("plannedMilestones") == 0)
        #expect(changed.text("name") == "Fall 2026")
        let late = try await client.send(
            .patch, "/api/v1/cohorts/\(id)", json: #"{"name":"Late"}"#, headers: [.ifMatch: tag])
        #expect(late.status == 412)

        #expect(try await client.send(.delete, "/api/v1/cohorts/\(id)").status == 204)
        #expect(try await client.send(.delete, "/api/v1/cohorts/\(id)").status == 404)
        let actions = try await college.texts("select action from audit order by id")
        #expect(actions == ["cohort.create", "cohort.update", "cohort.delete"])
    }

    @Test func `names are unique in their category without regard to case`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let (here, there) = (try await college.cohort("Fall"), try await college.cohort("Spring"))
        #expect(
            try await client.send(.post, "/api/v1/categories/\(here.category)/cohorts", json: #"{"name":"FALL"}"#)
                .status
                == 409)
        let twin = try await client.send(
            .post, "/api/v1/categories/\(there.category)/cohorts", json: #"{"name":"fall"}"#)
        #expect(twin.status == 201)
        let id = try #require(twin.number("id"))
        let moved = try await client.send(
            .patch, "/api/v1/cohorts/\(id)", json: "{\"categoryId\":\(here.category)}")
        #expect(moved.status == 409)
        let renamed = try await client.send(
            .patch, "/api/v1/cohorts/\(id)", json: "{\"categoryId\":\(here.category),\"name\":\"Winter\"}")
        #expect(renamed.text("categoryName") == "Kind of Fall")
        let nowhere = try await client.send(.patch, "/api/v1/cohorts/\(id)", json: #"{"categoryId":999}"#)
        #expect(nowhere.status == 422)
        #expect(nowhere.text("errors", 0, "field") == "categoryId")
    }

    @Test(arguments: [
        "{}", #"{"name":" "}"#, #"{"name":"x","goal":5}"#, #"{"name":"x","plannedMilestones":-1}"#,
        #"{"name":"x","plannedMilestones":1.5}"#, #"{"name":"x","students":3}"#,
    ])
    func `bad input is refused`(body: String) async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let category = try await college.cohort().category
        #expect(try await client.send(.post, "/api/v1/categories/\(category)/cohorts", json: body).status == 422)
        #expect(try await client.send(.post, "/api/v1/categories/999/cohorts", json: body).status == 404)
        #expect(try await client.send(.post, "/api/v1/categories/x/cohorts", json: body).status == 404)
    }

    @Test func `counts what hangs on a cohort`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let cohort = try await college.cohort().id
        let (ada, bob) = (
            try await college.account("student", email: "ada@x.edu"),
            try await college.account("student", email: "bob@x.edu")
        )
        try await college.enroll(ada, in: cohort)
        try await college.enroll(bob, in: cohort)
        try await college.run("update enrollments set left_at = now() where student_id = \(bob)")
        try await college.run("insert into milestones (cohort_id, saved) values (\(cohort), true), (\(cohort), false)")
        _ = try await college.group("Advisors", cohorts: [cohort])
        let read = try await client.send(.get, "/api/v1/cohorts/\(cohort)")
        #expect(read.number("students") == 1)
        #expect(read.number("milestones") == 2)
        #expect(read.number("groups") == 1)

        let refused = try await client.send(.delete, "/api/v1/cohorts/\(cohort)")
        #expect(refused.status == 409)
        #expect(refused.text("blockedBy", 0) == "1 student")
        #expect(refused.text("blockedBy", 1) == "1 former student")
    }

    @Test func `a cohort without students goes with its milestones and links`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let cohort = try await college.cohort().id
        try await college.run("insert into milestones (cohort_id, saved) values (\(cohort), true)")
        _ = try await college.group("Advisors", cohorts: [cohort])
        #expect(try await client.send(.delete, "/api/v1/cohorts/\(cohort)").status == 204)
        #expect(try await college.number("select count(*) from milestones") == 0)
        #expect(try await college.number("select count(*) from cohort_groups") == 0)
    }

    @Test func `an archived cohort is read-only and listed only when asked for`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let cohort = try await college.cohort().id
        _ = try await college.account("student", email: "ada@x.edu")
        let archived = try await client.send(.patch, "/api/v1/cohorts/\(cohort)", json: #"{"archived":true}"#)
        #expect(archived["archived"] == .bool(true))
        #expect(try await client.send(.get, "/api/v1/cohorts").strings("items", each: "name").isEmpty)
        #expect(try await client.send(.get, "/api/v1/cohorts?archived=true").strings("items", each: "name") == ["Fall"])
        #expect(try await client.send(.patch, "/api/v1/cohorts/\(cohort)", json: #"{"name":"x"}"#).status == 409)
        let students = "/api/v1/cohorts/\(cohort)/students"
        #expect(try await client.send(.post, students, json: #"{"email":"ada@x.edu"}"#).status == 409)
        #expect(
            try await client.send(.post, students, body: Array("ada@x.edu".utf8), contentType: "text/csv").status == 409
        )
        let restored = try await client.send(
            .patch, "/api/v1/cohorts/\(cohort)", json: #"{"archived":false,"name":"Back"}"#)
        #expect(restored.text("name") == "Back")
    }

    @Test func `lists by name, by category and by part of the name`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let one = try await college.cohort("beta")
        for name in ["Alpha", "gamma_1"] {
            _ = try await client.send(
                .post, "/api/v1/categories/\(one.category)/cohorts", json: "{\"name\":\"\(name)\"}")
        }
        _ = try await college.cohort("Delta")
        let all = try await client.send(.get, "/api/v1/cohorts")
        #expect(all.strings("items", each: "name") == ["Alpha", "beta", "Delta", "gamma_1"])
        let first = try await client.send(.get, "/api/v1/cohorts?categoryId=\(one.category)&limit=2")
        #expect(first.strings("items", each: "name") == ["Alpha", "beta"])
        let rest = try await client.send(
            .get, "/api/v1/cohorts?categoryId=\(one.category)&limit=2&cursor=\(try #require(first.text("next")))")
        #expect(rest.strings("items", each: "name") == ["gamma_1"])
        #expect(try await client.send(.get, "/api/v1/cohorts?q=MA_").strings("items", each: "name") == ["gamma_1"])
        #expect(try await client.send(.get, "/api/v1/cohorts?categoryId=x").status == 422)
    }

    @Test func `staff see the cohorts of their groups and change none`() async throws {
        let college = try await TestInstitution.make()
        try await college.makeVisible()
        let staff = try await college.person("staff")
        let (mine, other) = (try await college.cohort("Mine").id, try await college.cohort("Other").id)
        _ = try await college.group("Advisors", of: [staff], cohorts: [mine])
        let client = college.client(staff)
        #expect(try await client.send(.get, "/api/v1/cohorts").strings("items", each: "name") == ["Mine"])
        #expect(try await client.send(.get, "/api/v1/cohorts/\(mine)").status == 200)
        #expect(try await client.send(.get, "/api/v1/cohorts/\(other)").status == 404)
        #expect(try await client.send(.patch, "/api/v1/cohorts/\(mine)", json: #"{"name":"x"}"#).status == 403)
        #expect(try await client.send(.patch, "/api/v1/cohorts/\(other)", json: #"{"name":"x"}"#).status == 403)
        #expect(try await client.send(.delete, "/api/v1/cohorts/\(mine)").status == 403)
    }

    @Test func `before the institution is set up staff are told so, and students nothing`() async throws {
        let college = try await TestInstitution.make()
        let staff = try await college.client(college.person("staff")).send(.get, "/api/v1/cohorts")
        #expect(staff.status == 403)
        #expect(staff.text("type")?.hasSuffix("/not-set-up") == true)
        #expect(try await college.client(college.person("student")).send(.get, "/api/v1/cohorts").status == 403)
        #expect(try await college.client(college.person("admin")).send(.get, "/api/v1/cohorts").status == 200)
    }

    @Test func `a manager edits linked cohorts where it is delegated`() async throws {
        let college = try await TestInstitution.make()
        try await college.makeVisible()
        try await college.run("update settings set cohort_delegation = true")
        let manager = try await college.person("manager")
        let (linked, seen) = (try await college.cohort("Linked"), try await college.cohort("Seen"))
        let hidden = try await college.cohort("Hidden")
        let group = try await college.group("Managed", manager: manager, cohorts: [linked.id])
        _ = try await college.group("Belongs", of: [manager], cohorts: [seen.id])
        let client = college.client(manager)
        #expect(try await client.send(.patch, "/api/v1/cohorts/\(linked.id)", json: #"{"goal":"Go"}"#).status == 200)
        #expect(try await client.send(.patch, "/api/v1/cohorts/\(seen.id)", json: #"{"goal":"Go"}"#).status == 403)
        #expect(try await client.send(.patch, "/api/v1/cohorts/\(hidden.id)", json: #"{"goal":"Go"}"#).status == 404)
        #expect(try await client.send(.delete, "/api/v1/categories/\(hidden.category)").status == 409)

        let made = try await client.send(
            .post, "/api/v1/categories/\(linked.category)/cohorts", json: #"{"name":"New"}"#)
        #expect(made.status == 201)
        let id = try #require(made.number("id"))
        #expect(try await client.send(.get, "/api/v1/cohorts/\(id)").status == 200)
        #expect(try await client.send(.delete, "/api/v1/cohorts/\(id)").status == 204)
        let second = try await client.send(
            .post, "/api/v1/categories/\(linked.category)/cohorts", json: #"{"name":"Second"}"#)
        let kept = try #require(second.number("id"))
        #expect(try await client.send(.put, "/api/v1/cohorts/\(kept)/groups/\(group)").status == 204)
        #expect(try await client.send(.get, "/api/v1/cohorts/\(kept)").status == 200)
        #expect(try await client.send(.delete, "/api/v1/cohorts/\(kept)/groups/\(group)").status == 204)
        #expect(try await client.send(.get, "/api/v1/cohorts/\(kept)").status == 404)  // not the maker's any more
        let student = try await college.account("student", email: "ada@x.edu")
        try await college.enroll(student, in: linked.id)
        let left = try await client.send(.delete, "/api/v1/cohorts/\(linked.id)")
        #expect(left.text("blockedBy", 0) == "1 student")
        try await college.run("update enrollments set left_at = now()")
        #expect(try await client.send(.delete, "/api/v1/cohorts/\(linked.id)").status == 409)
    }
}
