import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing
import Web

/// Who waits for an import, and for whom it waits.
@Suite struct ImportWaitTests {
    /// The same institution on a server whose statements wait for a lock for so long: who would have to wait for longer
    /// is refused, however slow the machine.
    private func client(of place: TestInstitution, waiting limit: Duration) -> (client: TestClient, Deployment) {
        let deployment = place.database.apart(lockTimeout: limit).deployment
        let site = TestInstitution.site(deployment)
        return (TestClient(site: site, host: "\(place.institution.slug).localhost"), deployment)
    }

    @Test(arguments: [
        "student_number = '77'", "email = 'new@example.edu'", "given_name = 'New', family_name = 'Name'",
        "status = 'suspended'", "password_hash = 'x'",
    ])
    func `a student whose account is being changed signs in and submits at once`(change: String) async throws {
        let it = try await TestCohort.make()
        let (client, deployment) = client(of: it.place, waiting: .seconds(1))
        let hash = try await it.place.site.passwords.hash("correct horse battery")
        try await it.place.run("update accounts set password_hash = \(hash) where id = \(it.student.id)")
        try await it.place.owner.transaction { transaction in
            try await transaction(
                SQL("update accounts set \(SQL(unchecked: change)) where id = \(it.student.id)").done())
            let session = try await client.send(
                .post, "/api/v1/session", json: #"{"email":"a@example.edu","password":"correct horse battery"}"#)
            #expect(session.status == 201)
            let submitted = try await client.signedIn(session.text("token")).send(
                .post, "/api/v1/milestones/\(it.milestone)/progress/\(it.student.id)/submit")
            #expect(submitted.status == 200)
        }
        await deployment.close()
    }

    @Test func `a cohort that students are being imported into is renamed and archived at once`() async throws {
        let it = try await TestCohort.make()
        let (client, deployment) = client(of: it.place, waiting: .seconds(1))
        let admin = client.signedIn(it.admin.token.text)
        let student = try await it.place.account("student", email: "c@example.edu")
        try await it.place.owner.transaction { transaction in
            try await transaction(
                SQL("insert into enrollments (cohort_id, student_id) values (\(it.id), \(student))").done())
            for change in [#"{"name":"Autumn"}"#, #"{"archived":true}"#] {
                let changed = try await admin.send(.patch, "/api/v1/cohorts/\(it.id)", json: change)
                #expect(changed.status == 200, "\(changed.text)")
            }
        }
        await deployment.close()
    }

    @Test func `a cohort that is archived while students are imported takes none`() async throws {
        let it = try await TestCohort.make()
        _ = try await it.place.account("student", email: "new@example.edu")
        let client = it.place.client(it.admin)
        let late = try await it.place.meanwhile("update cohorts set archived_at = now() where id = \(it.id)") {
            try await client.send(
                .post, "/api/v1/cohorts/\(it.id)/students", body: Array("new@example.edu\n".utf8),
                contentType: "text/csv")
        }
        #expect(late.status == 409)
        #expect(try await it.place.number("select count(*) from enrollments") == 2)
    }

    @Test func `the operator's import waits its turn too`() async throws {
        let college = try await TestInstitution.make()
        var file = SpoolWriter()
        try await file.append("email,given_name,family_name\na@x.edu,A,B\n".utf8)
        let spool = try await ImportFile(file.finish())
        let report = try await college.meanwhile("select take_turn()") {
            try await StudentImport(work: college.owner).run(spool, ImportOptions())
        }
        #expect(report.added == 1)
    }

    @Test func `an import waits its turn behind one on another server`() async throws {
        let college = try await TestInstitution.make()
        let admin = try await college.person("admin")
        // gives the connection back, and comes again, many times
        let (client, deployment) = client(of: college, waiting: .milliseconds(50))
        let second = try await college.owner.transaction { transaction in
            try await transaction(SQL("select take_turn()").done())
            let second = Task {
                try await client.signedIn(admin.token.text).send(
                    .post, "/api/v1/imports/students", body: Array("email,given_name,family_name\na@x.edu,A,B\n".utf8),
                    contentType: "text/csv")
            }
            let waits: SQL = """
                select virtualtransaction from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))
                """
            var seen: Set<String> = []
            for _ in 0..<3_000 where seen.count < 3 {
                let waiting: [String] = try await transaction(waits.values())
                seen.formUnion(waiting)
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(seen.count >= 3)
            return second
        }
        let answer = try await second.value
        #expect(answer.status == 200 && answer.number("added") == 1)
        await deployment.close()
    }
}
