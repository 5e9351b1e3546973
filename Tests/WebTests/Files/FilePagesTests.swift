import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// Files by browser: in through the milestone's page, and what is refused there.
@Suite struct FilePagesTests {
    @Test func `a file goes in as it is and comes back byte by byte`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.admin)
        let path = "/cohorts/\(it.id)/milestones/\(it.milestone)"
        let bytes = (0..<3_200_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let sent = try await browser.upload(
            "\(path)/files", file: (name: "file", fileName: "nötes %22a%22.pdf", type: "application/pdf", bytes: bytes))
        #expect(sent.status == 303)
        #expect(sent.headers[.location] == "\(path)?done=added")
        let list = try await it.send(it.admin, "GET /milestones/\(it.milestone)/files").json()
        #expect(list["items"]?[0]?["name"]?.string == "nötes \"a\".pdf")
        #expect(list["items"]?[0]?["contentType"]?.string == "application/pdf")
        let id = try #require(list["items"]?[0]?["id"]?.int)
        #expect(try await it.send(it.student, "GET /files/\(id)").bytes == bytes)
    }

    @Test func `what is too large is 413, what is empty or missing comes again, and nothing of it stays`() async throws
    {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.admin)
        let path = "/cohorts/\(it.id)/milestones/\(it.milestone)/files"
        func send(_ size: Int, name: String = "a", type: String = "text/plain") async throws -> TestClient.Answer {
            try await browser.upload(
                path, file: (name: "file", fileName: name, type: type, bytes: [UInt8](repeating: 7, count: size)))
        }
        #expect(try await send((25 << 20) + 1).status == 413)
        #expect(try await send(66 << 20).status == 413)
        for answer in [try await send(0), try await send(1, name: ""), try await browser.upload(path)] {
            #expect(answer.status == 422)
            #expect(answer.text.contains("Choose a file first."))
        }
        #expect(try await send(1, name: "..").status == 422)
        #expect(try await it.place.number("select count(*) from milestone_files") == 0)
        #expect(try await send(1, type: "not a type").status == 303)
        #expect(try await it.place.texts("select content_type from milestone_files") == ["application/octet-stream"])
        #expect(try await send(25 << 20).status == 303)
    }

    @Test func `a form that is not whole is refused and changes nothing`() async throws {
        let it = try await TestCohort.make()
        let answer = try await it.place.client().send(
            .post, "/cohorts/\(it.id)/milestones/\(it.milestone)/files", body: Array("--b\r\nx".utf8),
            contentType: "multipart/form-data; boundary=b",
            headers: [
                .cookie: "__Host-waymark=\(it.admin.token.text)",
                .origin: "https://\(it.place.institution.slug).localhost",
            ])
        #expect(answer.status == 400)
        #expect(answer.text.contains("<h1"))
    }
}
