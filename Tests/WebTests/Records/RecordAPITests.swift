import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Casework

/// The whole record of a student, as the student and an admin get it.
@Suite struct RecordAPITests {
    private func unpacked(_ answer: TestClient.Answer) async throws -> [String: [UInt8]] {
        var spool = SpoolWriter()
        try await spool.append(answer.bytes)
        let archive = try await ZipArchive(spool.finish())
        var files: [String: [UInt8]] = [:]
        for (member, content) in zip(archive.members, try await archive.unpack(archive.members)) {
            files[member.name] = try await content.bytes()
        }
        return files
    }

    private func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }

    /// The student has sent work with two files of the same name, was answered, and has asked for a later date.
    private func furnish(_ it: TestCohort, essay: [UInt8]) async throws {
        let files: [Browser.ChosenFile] = [
            ("files", "essay.txt", "text/plain", essay), ("files", "essay.txt", "text/plain", Array("=1+1".utf8)),
        ]
        let form = MultipartForm([("comment", "Here it is")], files)
        let sent = try await it.place.client(it.student).send(
            .post, "/api/v1/milestones/\(it.milestone)/progress/\(it.student.id)/submit", body: form.bytes,
            contentType: form.type)
        #expect(sent.status == 200, "\(sent.text)")
        let returned = try await it.send(
            it.staff, "POST /milestones/\(it.milestone)/progress/\(it.student.id)/return",
            json: #"{"comment":"=cmd|x, please"}"#)
        #expect(returned.status == 200, "\(returned.text)")
    }

    @Test func `a student gets account, cohorts, milestones, steps and files, and so does an admin, audited`()
        async throws
    {
        let it = try await TestCohort.make()
        let essay = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7 &* 31) }
        try await furnish(it, essay: essay)
        let answer = try await it.send(it.student, "GET /me/record")
        #expect(answer.status == 200 && answer.headers[.contentType] == "application/zip")
        #expect(answer.headers[.cacheControl] == "no-store")
        let files = try await unpacked(answer)
        let own = files.keys.filter { !$0.hasSuffix(".csv") }
        #expect(own.count == 2 && own.allSatisfy { $0.hasSuffix("-essay.txt") })
        #expect(files.values.contains(essay))
        #expect(text(files["account.csv"]).contains("\r\n\(it.student.id),a@example.edu,Ada,Lovelace,,,active\r\n"))
        #expect(text(files["cohorts.csv"]).contains("\(it.id),Fall,"))
        #expect(text(files["milestones.csv"]).contains("\(it.milestone),\(it.id),Meet,,returned,"))
        let steps = text(files["steps.csv"])
        #expect(steps.contains("open,submitted,Here it is"))
        #expect(steps.contains(#""'=cmd|x, please""#), "no spreadsheet runs it: \(steps)")
        #expect(text(files["files.csv"]).contains(Digest.hex(Digest.sha256(essay))))
        #expect(text(files["sessions.csv"]).split(separator: "\r\n").count >= 2)
        #expect(try await it.place.number("select count(*) from audit where action = 'student.read'") == 0)

        let forAdmin = try await unpacked(try await it.send(it.admin, "GET /students/\(it.student.id)/record"))
        #expect(Set(forAdmin.keys) == Set(files.keys))
        for name in ["account.csv", "cohorts.csv", "milestones.csv", "files.csv"] {
            #expect(forAdmin[name] == files[name], "\(name)")
        }
        #expect(try await it.place.number("select count(*) from audit where action = 'student.read'") == 1)
    }

    @Test func `before students see anything there is no copy for them, but one for an admin whom they ask`()
        async throws
    {
        let it = try await TestCohort.make()
        let hidden = try await it.send(it.admin, "PATCH /settings", json: #"{"studentVisibility":"disabled"}"#)
        #expect(hidden.status == 200, "\(hidden.text)")
        #expect(try await it.send(it.student, "GET /me/record").status == 404)
        let page = try await it.place.client(it.student).asBrowser(it.student).get("/account")
        #expect(page.status == 200 && !page.text.contains("/account/record"))
        let files = try await unpacked(try await it.send(it.admin, "GET /students/\(it.student.id)/record"))
        #expect(text(files["cohorts.csv"]).contains("\(it.id),Fall,"))
    }

    @Test func `nobody gets it of others, and only students have one`() async throws {
        let it = try await TestCohort.make()
        for person in [it.staff, it.student] {
            #expect(try await it.send(person, "GET /students/\(it.student.id)/record").status == 403)
        }
        #expect(try await it.send(it.staff, "GET /me/record").status == 403)
        #expect(try await it.send(it.admin, "GET /students/\(it.staff.id)/record").status == 404)
        #expect(try await it.send(it.admin, "GET /students/2147483647/record").status == 404)
        #expect(try await it.send(it.admin, "GET /students/2147483648/record").status == 404)
    }

    @Test func `the account's page and an admin's lead to it`() async throws {
        let it = try await TestCohort.make()
        let student = it.place.client(it.student).asBrowser(it.student)
        #expect(try await student.get("/account").text.contains("href=\"/account/record\""))
        #expect(try await student.get("/account/record").headers[.contentType] == "application/zip")
        let admin = it.place.client(it.admin).asBrowser(it.admin)
        let address = "/students/\(it.student.id)/record"
        #expect(try await admin.get("/accounts/\(it.student.id)").text.contains("href=\"\(address)\""))
        #expect(try await unpacked(try await admin.get(address))["account.csv"] != nil)
        #expect(!(try await admin.get("/accounts/\(it.staff.id)").text.contains("/record\"")))
        #expect(!(try await admin.get("/account").text.contains("/account/record")))
    }
}
