import Casework
import HTTPTypes
import TestSupport
import Testing

@testable import Web

@Suite struct MediaTypeTests {
    @Test(
        arguments: [
            ("text/csv", "text/csv", nil), ("Text/CSV ; Charset=UTF-8", "text/csv", "UTF-8"),
            ("text/csv; charset=\"utf-8\";", "text/csv", "utf-8"), ("text/csv;;header=present", "text/csv", nil),
        ] as [(String, String, String?)])
    func `a media type is read with its parameters`(_ header: String, _ name: String, _ charset: String?) throws {
        let type = try #require(MediaType(header))
        #expect(type.name == name && type.parameters["charset"] == charset)
        try type.requireUTF8()
    }

    @Test(arguments: [
        "", ";", "text", "text/", "/csv", "text/csv/x", "text/csv charset=utf-8", "text/csv; a=1; a=2", "te xt/csv",
    ])
    func `what is none is refused`(_ header: String) {
        #expect(MediaType(header) == nil)
    }

    @Test func `text that is said not to be UTF-8 is refused, and told so`() async throws {
        let college = try await TestInstitution.make()
        let admin = college.client(try await college.person("admin"))
        let csv = Array("email,given_name,family_name\n".utf8)
        for (path, type) in [
            ("/api/v1/imports/students", "text/csv; charset=koi8-r"),
            ("/api/v1/categories", "application/json; charset=utf-16"),
        ] {
            let answer = try await admin.send(.post, path, body: csv, contentType: type)
            #expect(answer.status == 415, "\(type)")
            #expect(answer.text.contains(type.hasSuffix("koi8-r") ? "koi8-r" : "utf-16"), "\(answer.text)")
        }
        let good = try await admin.send(
            .post, "/api/v1/imports/students?dryRun=true", body: csv,
            contentType: "text/csv; charset=UTF-8; header=present")
        #expect(good.status == 200, "\(good.text)")
    }

    @Test(arguments: [
        ("application/x-www-form-urlencoded; charset=iso-8859-1", "email=a"),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"email\"\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\na\r\n--b--"
        ),
    ])
    func `a form in another encoding is refused`(_ type: String, _ body: String) async throws {
        let client = try await TestInstitution.make().client()
        let answer = try await client.send(
            .post, "/sign-in", body: Array(body.utf8), contentType: type, headers: [.origin: "https://\(client.host)"])
        #expect(answer.status == 415, "\(answer.text)")
    }

    @Test func `a cohort's students come as JSON or as CSV, and 415 says so`() async throws {
        let college = try await TestInstitution.make()
        let admin = college.client(try await college.person("admin"))
        let category = try await admin.send(
            .post, "/api/v1/categories", json: #"{"name":"C"}"#)
        #expect(category.status == 201)
        let cohort = try await admin.send(
            .post, "/api/v1/categories/1/cohorts", json: #"{"name":"C"}"#)
        #expect(cohort.status == 201)
        let answer = try await admin.send(
            .post, "/api/v1/cohorts/1/students", body: Array("a@b.edu\n".utf8), contentType: "application/vnd.ms-excel")
        #expect(answer.status == 415 && answer.text.contains("text/csv"), "\(answer.text)")
    }

    @Test func `a workbook sent as CSV is named as one`() async throws {
        let college = try await TestInstitution.make()
        let person = try await college.person("admin")
        let workbook: [UInt8] = [0x50, 0x4B, 0x03, 0x04, 0x14, 0x00, 0x06, 0x00]
        let answer = try await college.client(person).send(
            .post, "/api/v1/imports/students", body: workbook, contentType: "text/csv")
        #expect(answer.status == 422 && answer.text.contains("Excel workbook"), "\(answer.text)")
        let page = try await college.client().asBrowser(person).upload(
            "/imports", file: ("file", "students.csv", "text/csv", workbook))
        #expect(page.status == 422 && page.text.contains("Excel workbook"), "\(page.text)")
    }
}
