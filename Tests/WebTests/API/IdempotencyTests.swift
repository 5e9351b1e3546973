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

    @Test func `where the commit's answer was lost, the key stays taken`() async throws {
        let database = try await TestDatabase.shared.prepared().apart()
        let college = try await TestInstitution.make(in: database)
        let client = college.client(try await college.person("admin"))
        let key = try #require(HTTPField.Name("Idempotency-Key"))
        let lost = try await college.meanwhile("lock table cohort_categories", breaking: .connection) {
            try await client.send(.post, "/api/v1/categories", json: #"{"name":"Athletes"}"#, headers: [key: "k"])
        }
        #expect(lost.status == 503)
        let again = try await client.send(
            .post, "/api/v1/categories", json: #"{"name":"Athletes"}"#, headers: [key: "k"])
        #expect(again.status == 409)
        #expect(again.text("state") == "running")
        await database.deployment.close()
    }

    @Test func `who goes away before the answer may ask again`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let key = try #require(HTTPField.Name("Idempotency-Key"))
        @Sendable func send() async throws -> TestClient.Answer {
            try await client.send(.post, "/api/v1/categories", json: #"{"name":"Athletes"}"#, headers: [key: "k"])
        }
        let gone = try await college.meanwhile("lock table cohort_categories", breaking: .request, send)
        #expect(gone.status == 503)  // nobody reads it
        #expect(try await send().status == 201)
        #expect(try await college.number("select count(*) from cohort_categories") == 1)
    }
}
