import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@Suite struct FileAPITests {
    private func upload(
        _ it: TestCohort, _ bytes: [UInt8], as who: TestInstitution.Person? = nil, to milestone: Int? = nil,
        name: String? = "attachment; filename=\"a.pdf\"", type: String? = "application/pdf"
    ) async throws -> TestClient.Answer {
        var headers = HTTPFields()
        if let name { headers[.contentDisposition] = name }
        return try await it.place.client(who ?? it.admin).send(
            .post, "/api/v1/milestones/\(milestone ?? it.milestone)/files", body: bytes, contentType: type,
            headers: headers)
    }

    @Test func `a file comes back byte by byte, as an attachment in a sandbox`() async throws {
        let it = try await TestCohort.make()
        let bytes = Array("%PDF-1.7\n".utf8) + (9..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let checksum = Digest.sha256(bytes)
        let made = try await upload(
            it, bytes, name: "attachment; filename=\"x.pdf\"; filename*=UTF-8''n%C3%B6tes%20%221%22.pdf")
        #expect(made.status == 201, "\(made.text)")
        let id = try #require(try made.json()["id"]?.int)
        #expect(
            made.text
                == #"{"id":\#(id),"name":"nötes \"1\".pdf","contentType":"application/pdf","size":700001,"sha256":"\#(Digest.hex(checksum))"}"#
        )
        for reader in [it.student, it.staff, it.admin] {
            let read = try await it.send(reader, "GET /files/\(id)")
            #expect(read.status == 200)
            #expect(read.bytes == bytes)
            #expect(read.headers[.contentLength] == "700001")
            #expect(read.headers[.contentType] == "application/pdf")
            #expect(
                read.headers[try #require(HTTPField.Name("Repr-Digest"))]
                    == "sha-256=:\(Data(checksum).base64EncodedString()):")
            #expect(read.headers[.xContentTypeOptions] == "nosniff")
            #expect(read.headers[.cacheControl] == "no-store")
            #expect(read.headers[.contentSecurityPolicy] == "sandbox; default-src 'none'")
            #expect(
                read.headers[.contentDisposition]
                    == "attachment; filename=\"n_tes _1_.pdf\"; filename*=UTF-8''n%C3%B6tes%20%221%22.pdf")
        }
        let list = try await it.send(it.staff, "GET /milestones/\(it.milestone)/files").json()
        #expect(list["items"]?[0]?["id"]?.int == id)
        let board = try await it.send(it.student, "GET /dashboard").json()
        #expect(board["milestones"]?[0]?["files"]?[0]?["name"]?.string == "nötes \"1\".pdf")
        #expect(board["milestones"]?[0]?["files"]?[0]?["size"]?.int == 700_001)
        #expect(try await it.send(it.admin, "DELETE /files/\(id)", headers: [.ifMatch: "\"9\""]).status == 412)
        #expect(try await it.send(it.admin, "DELETE /files/\(id)").status == 204)
        #expect(try await it.send(it.admin, "DELETE /files/\(id)").status == 404)
        #expect(try await it.send(it.student, "GET /files/\(id)").status == 404)
        let audit = try await it.send(it.admin, "GET /audit?subject=file/\(id)").json()
        #expect(audit["items"]?.elements.compactMap { $0["action"]?.string } == ["file.delete", "file.create"])
    }

    @Test func `students see files of saved milestones in their cohorts alone`() async throws {
        let it = try await TestCohort.make()
        let far = try await it.milestone("Far", in: it.hidden)
        let draft = try #require(try await it.send(it.admin, "POST /cohorts/\(it.id)/milestones").json()["id"]?.int)
        let farFile = try #require(try await upload(it, [1], to: far).json()["id"]?.int)
        let draftFile = try #require(try await upload(it, [2], to: draft).json()["id"]?.int)
        let file = try #require(try await upload(it, [3]).json()["id"]?.int)
        #expect(try await it.send(it.student, "GET /files/\(farFile)").status == 404)
        #expect(try await it.send(it.student, "GET /files/\(draftFile)").status == 404)
        #expect(try await it.send(it.staff, "GET /files/\(farFile)").status == 404)
        #expect(try await it.send(it.staff, "GET /files/\(draftFile)").status == 200)
        #expect(try await it.send(it.student, "GET /files/\(file)").bytes == [3])
        #expect(try await it.send(it.admin, "PATCH /milestones/\(draft)", json: "{}").status == 200)
        #expect(try await it.send(it.student, "GET /files/\(draftFile)").bytes == [2])
        #expect(try await it.send(it.staff, "DELETE /files/\(file)").status == 403)
        #expect(try await it.send(it.student, "DELETE /files/\(file)").status == 403)
        #expect(try await upload(it, [1], as: it.staff).status == 403)
        try await it.place.run("update settings set student_visibility = false")
        #expect(try await it.send(it.student, "GET /files/\(file)").status == 404)
        #expect(try await it.send(it.admin, "DELETE /milestones/\(it.milestone)").status == 204)
        #expect(try await it.send(it.admin, "GET /files/\(file)").status == 404)
    }

    @Test func `a missing name, a bad type and an empty file are refused and leave nothing`() async throws {
        let it = try await TestCohort.make()
        #expect(try await upload(it, [1], name: nil).status == 422)
        #expect(try await upload(it, [1], name: "inline").status == 422)
        #expect(try await upload(it, [1], name: "attachment").status == 422)
        #expect(try await upload(it, [1], name: "attachment; filename=\"\"").status == 422)
        #expect(try await upload(it, [1], name: "attachment; filename*=UTF-8''%ff").status == 422)
        #expect(try await upload(it, [1], type: "nonsense").status == 415)
        #expect(try await upload(it, []).status == 422)
        #expect(try await upload(it, [1], type: nil).json()["contentType"]?.string == "application/octet-stream")
        #expect(try await upload(it, [1], to: 999_999).status == 404)
        #expect(try await rows(it) == 1)
    }

    @Test func `more than 25 MiB, and more than the quota, are 413 and leave nothing`() async throws {
        let it = try await TestCohort.make()
        let limit = 25 << 20
        #expect(try await upload(it, [UInt8](repeating: 7, count: limit + 1)).status == 413)
        #expect(try await rows(it) == 0)
        try await it.place.run("update settings set file_quota_bytes = 300000")
        #expect(try await upload(it, [UInt8](repeating: 7, count: 300_000)).status == 201)
        #expect(try await upload(it, [1]).status == 413)
        #expect(try await rows(it) == 1)
        let chunks = try await it.place.owner(SQL("select count(*) from file_chunks where n < 2").value(Int.self))
        #expect(chunks == 2)
    }

    @Test func `an upload that breaks off leaves nothing`() async throws {
        struct Gone: Error {}
        let it = try await TestCohort.make()
        let content = AsyncThrowingStream<[UInt8], any Error> { stream in
            stream.yield([UInt8](repeating: 1, count: 600_000))
            stream.finish(throwing: Gone())
        }
        let files = FileRepository(work: try it.place.work(it.admin, .editors))
        await #expect(throws: Gone.self) {
            try await files.add(
                try FileName("a.txt"), contentType: "text/plain", to: it.milestone, content: content, scanner: nil)
        }
        #expect(try await rows(it) == 0)
    }

    private func rows(_ it: TestCohort) async throws -> Int {
        try await it.place.owner(SQL("select count(*) from milestone_files").value(Int.self))
    }

    @Test func `a milestone or file removed while it arrives is not found`() async throws {
        let it = try await TestCohort.make()
        let milestone = try await it.milestone("Short-lived")
        let early = try await it.place.meanwhile("delete from milestones where id = \(milestone)") {
            try await upload(it, [1], to: milestone)
        }
        #expect(early.status == 404)

        let (content, feed) = AsyncStream<[UInt8]>.makeStream()
        let work = try it.place.work(it.admin, .editors)
        let name = try FileName("a.pdf")
        let storing = Task {
            try await FileRepository(work: work).add(
                name, contentType: "application/pdf", to: it.milestone, content: content, scanner: nil)
        }
        while try await it.place.number("select count(*) from milestone_files") == 0 {
            try await Task.sleep(for: .milliseconds(5))
        }
        try await it.place.meanwhile("delete from milestone_files") {
            feed.yield([1])
            feed.finish()
        }
        await #expect(throws: CaseworkError.notFound) { try await storing.value }
    }

    @Test(.timeLimit(.minutes(10)))
    func `of an upload whose client goes away nothing is kept, nor counted against the quota`() async throws {
        let it = try await TestCohort.make()
        let (content, arrive) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
        let files = FileRepository(work: try it.place.work(it.admin, .editors))
        let name = try FileName("a.pdf")
        let upload = Task {
            try await files.add(name, contentType: "application/pdf", to: it.milestone, content: content, scanner: nil)
        }
        arrive.yield([UInt8](repeating: 7, count: 600_000))
        while try await it.place.number("select count(*) from file_chunks") == 0 {
            try await Task.sleep(for: .milliseconds(10))
        }
        upload.cancel()
        _ = await upload.result
        #expect(try await it.place.number("select count(*) from milestone_files") == 0)
    }
}
