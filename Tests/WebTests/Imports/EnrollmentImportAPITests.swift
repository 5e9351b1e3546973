import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct EnrollmentImportAPITests {
    private func send(
        _ text: String, to client: TestClient, cohort: Int, _ query: String = ""
    ) async throws -> TestClient.Answer {
        try await client.send(
            .post, "/api/v1/cohorts/\(cohort)/students\(query)", body: Array(text.utf8), contentType: "text/csv")
    }

    private func members(_ college: TestInstitution) async throws -> [String] {
        try await college.texts(
            "select a.email from enrollments e join accounts a on a.id = e.student_id where e.active order by a.email")
    }

    @Test func `a column of addresses without a header`() async throws {
        let (college, other) = (try await TestInstitution.make(), try await TestInstitution.make())
        let client = college.client(try await college.person("admin"))
        let cohort = try await college.cohort().id
        let known = try await college.account("student", email: "known@x.edu")
        try await college.enroll(known, in: cohort)
        for name in ["ada", "bob"] { _ = try await college.account("student", email: "\(name)@x.edu") }
        _ = try await college.account("manager", email: "boss@x.edu")
        _ = try await other.account("student", email: "there@x.edu")
        let text =
            "ada@x.edu\r\n\r\nADA@x.edu\r\nknown@x.edu\r\nbob@x.edu,\r\nboss@x.edu\r\nthere@x.edu\r\nnonsense\r\n"
        let results = ["added", "duplicate", "already-member", "added", "not-a-student", "unknown", "invalid"]

        let dry = try await send(text, to: client, cohort: cohort, "?dryRun=true")
        #expect(dry.status == 200)
        #expect(dry.strings("rows", each: "result") == results)
        #expect(dry.number("added") == 2 && dry.number("unchanged") == 2 && dry.number("failed") == 3)
        #expect(dry.number("rows", 1, "line") == 3)
        #expect(try await members(college) == ["known@x.edu"])

        let refused = try await send(text, to: client, cohort: cohort)
        #expect(refused.status == 422)
        #expect(refused.number("report", "failed") == 3)
        #expect(try await members(college) == ["known@x.edu"])

        let partial = try await send(text, to: client, cohort: cohort, "?partial=true")
        #expect(partial.status == 200)
        #expect(partial.strings("rows", each: "result") == results)
        #expect(try await members(college) == ["ada@x.edu", "bob@x.edu", "known@x.edu"])
    }

    @Test func `student numbers, where the header names no address`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let cohort = try await college.cohort().id
        let ada = try await college.account("student", email: "ada@x.edu")
        try await college.run("update accounts set student_number = '0042' where id = \(ada)")
        let answer = try await send(
            "name,Student_Number\nAda, 0042\nBob,43\n", to: client, cohort: cohort, "?partial=true")
        #expect(answer.strings("rows", each: "result") == ["added", "unknown"])
        #expect(answer.text("rows", 0, "email") == "ada@x.edu")
        let both = try await send(
            "student_number,email\n43,ada@x.edu\n", to: client, cohort: cohort)
        #expect(both.strings("rows", each: "result") == ["already-member"])
    }

    @Test func `who left comes back`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let cohort = try await college.cohort().id
        let ada = try await college.account("student", email: "ada@x.edu")
        try await college.enroll(ada, in: cohort)
        #expect(try await client.send(.delete, "/api/v1/cohorts/\(cohort)/students/\(ada)").status == 204)
        let answer = try await send("email\nada@x.edu\n", to: client, cohort: cohort)
        #expect(answer.strings("rows", each: "result") == ["added"])
        #expect(try await members(college) == ["ada@x.edu"])
    }

    @Test func `files that name nobody are refused`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let cohort = try await college.cohort().id
        for text in ["", "name,address\nAda,x\n", "email,EMAIL\n", "just a line\n"] {
            let refused = try await send(text, to: client, cohort: cohort)
            #expect(refused.status == 422)
            #expect(refused.text("errors", 0, "field") == "header")
        }
        #expect(try await send("email\n", to: client, cohort: cohort).number("added") == 0)
        #expect(try await send("email\na@x.edu\n", to: client, cohort: 999).status == 404)
        let staff = college.client(try await college.person("staff"))
        #expect(try await send("email\na@x.edu\n", to: staff, cohort: cohort).status == 403)
    }

    @Test func `imports that wait keep nobody else from working`() async throws {
        let college = try await TestInstitution.make()
        let admin = college.client(try await college.person("admin"))
        let cohort = try await college.cohort().id
        _ = try await college.account("student", email: "ada@x.edu")
        let colleague = try await college.account("staff", email: "s@x.edu")
        let waits: SQL =
            "select count(*)::int from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))"
        let imports = try await college.owner.transaction { transaction in
            try await transaction(SQL("select id from cohorts where id = \(cohort) for update").done())
            let imports = (0..<6).map { _ in
                Task { try await send("ada@x.edu\n", to: admin, cohort: cohort).status }
            }
            for _ in 0..<1000 {
                if try await transaction(waits.value(Int.self)) > 0 { break }
                try await Task.sleep(for: .milliseconds(10))
            }
            try await Task.sleep(for: .milliseconds(300))
            let change = try await admin.send(.patch, "/api/v1/accounts/\(colleague)", json: #"{"role":"manager"}"#)
            #expect(change.status == 200)
            return imports
        }
        for status in imports { #expect(try await status.value == 200) }
    }
}
