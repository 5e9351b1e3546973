import Casework
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// An `Idempotency-Key` on an upload: the same request again is answered as before, another one is refused.
@Suite struct IdempotencyTests {
    private func upload(
        _ it: TestCohort, name: String, type: String = "text/plain", bytes: String = "hello", key: String = "k"
    ) async throws -> TestClient.Answer {
        var headers: HTTPFields = [.contentDisposition: "attachment; filename=\"\(name)\""]
        headers[try #require(HTTPField.Name("Idempotency-Key"))] = key
        return try await it.place.client(it.admin).send(
            .post, "/api/v1/milestones/\(it.milestone)/files", body: Array(bytes.utf8), contentType: type,
            headers: headers)
    }

    @Test func `the same upload again is the same file`() async throws {
        let it = try await TestCohort.make()
        let first = try await upload(it, name: "a.txt")
        #expect(first.status == 201)
        let again = try await upload(it, name: "a.txt")
        #expect(again.status == 201 && again.bytes == first.bytes)
        #expect(try await it.place.number("select count(*) from milestone_files") == 1)
    }

    @Test func `another name, type or content under the same key is another request`() async throws {
        let it = try await TestCohort.make()
        #expect(try await upload(it, name: "a.txt").status == 201)
        for other in [
            try await upload(it, name: "b.txt"), try await upload(it, name: "a.txt", type: "application/pdf"),
            try await upload(it, name: "a.txt", bytes: "other"),
        ] {
            #expect(other.status == 422)
            #expect(other.text("errors", 0, "field") == "Idempotency-Key")
        }
        #expect(try await it.place.texts("select name from milestone_files") == ["a.txt"])
        #expect(try await upload(it, name: "b.txt", key: "other").status == 201)
    }

    @Test func `a file said to be written otherwise is another request`() async throws {
        let it = try await TestCohort.make()
        func send(_ type: String) async throws -> TestClient.Answer {
            try await it.place.client(it.admin).send(
                .post, "/api/v1/imports/students",
                body: Array("email,given_name,family_name\nz@x.edu,Zo".utf8) + [0xc3, 0xab] + Array(",M".utf8),
                contentType: type, headers: [try #require(HTTPField.Name("Idempotency-Key")): "k"])
        }
        let first = try await send("text/csv; charset=windows-1252")
        #expect(first.status == 200, "\(first.text)")
        #expect(try await send("Text/CSV;charset=\"Windows-1252\"").bytes == first.bytes)
        for other in ["text/csv", "text/csv; charset=utf-8", "text/csv; charset=utf-16le"] {
            let refused = try await send(other)
            #expect(refused.status == 422 && refused.refusedFields == ["Idempotency-Key"], "\(other): \(refused.text)")
        }
        #expect(try await it.place.texts("select given_name from accounts where email = 'z@x.edu'") == ["ZoÃ«"])
    }

    private func add(
        _ client: TestClient, _ path: String, _ json: String, key: String = "k"
    ) async throws -> TestClient.Answer {
        let name = try #require(HTTPField.Name("Idempotency-Key"))
        return try await client.send(.post, "/api/v1" + path, json: json, headers: [name: key])
    }

    @Test func `what was cut off before its answer is done when it is sent again`() async throws {
        let database = try await TestDatabase.shared.prepared().apart()
        let college = try await TestInstitution.make(in: database)
        let client = college.client(try await college.person("admin"))
        @Sendable func send() async throws -> TestClient.Answer {
            try await add(client, "/categories", #"{"name":"Athletes"}"#)
        }
        let lost = try await college.meanwhile("lock table cohort_categories", breaking: .connection, send)
        #expect(lost.status == 503)
        let again = try await send()
        #expect(again.status == 201)
        #expect(try await send().bytes == again.bytes)
        #expect(try await college.texts("select name from cohort_categories") == ["Athletes"])
        #expect(try await college.texts("select action from audit") == ["category.create"])
        await database.deployment.close()
    }

    @Test func `who goes away before the answer may ask again`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        @Sendable func send() async throws -> TestClient.Answer {
            try await add(client, "/categories", #"{"name":"Athletes"}"#)
        }
        let gone = try await college.meanwhile("lock table cohort_categories", breaking: .request, send)
        #expect(gone.status == 503)  // nobody reads it
        #expect(try await send().status == 201)
        #expect(try await college.number("select count(*) from cohort_categories") == 1)
    }

    @Test func `while the first is still running its repetition is told so`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        @Sendable func send(_ name: String = "Athletes") async throws -> TestClient.Answer {
            try await add(client, "/categories", #"{"name":"\#(name)"}"#)
        }
        let first = try await college.meanwhile("lock table cohort_categories") {
            try await send()
        } also: {
            let second = try await send()
            #expect(second.status == 409)
            #expect(second.text("state") == "running")
        }
        #expect(first.status == 201)
        #expect(try await send().bytes == first.bytes)
        #expect(try await send("Others").status == 422)
        #expect(try await college.number("select count(*) from cohort_categories") == 1)
    }

    @Test func `a refusal is kept, and nothing of the change`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        #expect(try await add(client, "/categories", #"{"name":"Athletes"}"#).status == 201)
        let refused = try await add(client, "/categories", #"{"name":"athletes"}"#, key: "2")
        #expect(refused.status == 409)
        try await college.run("delete from cohort_categories")
        let again = try await add(client, "/categories", #"{"name":"athletes"}"#, key: "2")
        #expect(again.status == 409 && again.bytes == refused.bytes)
        let malformed = try await add(client, "/categories", #"{"name":""}"#, key: "3")
        #expect(malformed.status == 422)
        #expect(try await add(client, "/categories", #"{"name":"Athletes"}"#, key: "3").status == 422)
        #expect(try await college.number("select count(*) from cohort_categories") == 0)
    }

    @Test func `a password is hashed ahead and opens the account`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let body =
            #"{"email":"eve@example.edu","givenName":"Eve","role":"staff","password":"correct horse battery"}"#
        let first = try await add(client, "/accounts", body)
        #expect(first.status == 201)
        #expect(try await add(client, "/accounts", body).bytes == first.bytes)
        let session = try await college.client().send(
            .post, "/api/v1/session", json: #"{"email":"eve@example.edu","password":"correct horse battery"}"#)
        #expect(session.status == 201)
    }

    @Test func `an import's report, however long, is given again to the letter`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let name = try #require(HTTPField.Name("Idempotency-Key"))
        let rows = (1...3_000).map { "s\($0)@x.edu,Given,Family,\($0)\n" }.joined()
        func send() async throws -> TestClient.Answer {
            try await client.send(
                .post, "/api/v1/imports/students",
                body: Array(("email,given_name,family_name,student_number\n" + rows).utf8), contentType: "text/csv",
                headers: [name: "k"])
        }
        let first = try await send()
        #expect(first.status == 200 && first.number("added") == 3_000)
        #expect(first.bytes.count > 65_536)
        let again = try await send()
        #expect(again.status == 200 && again.bytes == first.bytes)
        #expect(try await college.number("select count(*) from idempotency_pieces where n > 0") > 0)
        #expect(try await college.number("select count(*) from accounts where role = 'student'") == 3_000)
        #expect(try await college.number("select count(*) from audit where action = 'import.students'") == 1)
        try await college.run("delete from idempotency_keys")
        #expect(try await college.number("select count(*) from idempotency_pieces") == 0)
        #expect(try await send().number("unchanged") == 3_000)
    }
}
