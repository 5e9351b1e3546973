import Casework
import Foundation
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// Names are found however they are typed: with or without accents, composed or not, with any apostrophe.
@Suite struct NameSearchTests {
    private static let spellings: [(name: String, typed: [String])] = [
        ("Muñoz", ["munoz", "MUÑOZ", "mun\u{303}oz", "Muñ"]),
        ("O’Neil", ["o'neil", "O’NEIL", "oʼneil"]),
        ("Łukaszewicz", ["lukasz", "ŁUK"]),
        ("Strauß", ["strauss", "STRAUß"]),
    ]

    @Test func `every list finds them`() async throws {
        let it = try await TestCohort.make()
        for (number, one) in Self.spellings.enumerated() {
            let student = try await it.place.account(
                "student", email: "x\(number)@example.edu", given: "Ana", family: one.name)
            try await it.place.enroll(student, in: it.id)
            _ = try await it.place.account("staff", email: "y\(number)@example.edu", given: "Bo", family: one.name)
            _ = try await it.place.cohort("Cohort \(one.name)")
            _ = try await it.place.group("Group \(one.name)", cohorts: [])
        }
        let lists = ["/accounts", "/students", "/cohorts/\(it.id)/students", "/directory", "/cohorts", "/groups"]
        for (name, typed) in Self.spellings {
            for text in typed {
                let query = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                for list in lists {
                    let found = try await it.send(it.admin, "GET \(list)?q=\(query)").text
                    #expect(found.contains(name), "\(list) \(text)")
                    let others = Self.spellings.map(\.name).filter { $0 != name }
                    #expect(!others.contains { found.contains($0) }, "\(list) \(text)")
                }
                #expect(try await it.send(it.staff, "GET /students?q=\(query)").text.contains(name), "\(text)")
            }
        }
        // what a pattern would take for its own is looked for as it stands, also where folding made it
        for sign in ["%25", "_", "%EF%BC%85", "%EF%BC%BF", "%5C"] {
            for list in lists {
                let found = try await it.send(it.admin, "GET \(list)?q=\(sign)").json()
                #expect(found["items"]?.elements.isEmpty == true, "\(list) \(sign)")
            }
        }
    }

    @Test func `one name is one name, however its letters are composed`() async throws {
        let place = try await TestInstitution.make()
        let client = try await place.client(place.person("admin"))
        #expect(try await client.send(.post, "/api/v1/categories", json: "{\"name\":\"Oton\u{303}o\"}").status == 201)
        let again = try await client.send(.post, "/api/v1/categories", json: "{\"name\":\"Otoño\"}")
        #expect(again.status == 409)
        let category = try await place.number("select id from cohort_categories")
        for (name, status) in [("Ci\u{E8}l", 201), ("CIE\u{300}L", 409)] {
            for path in ["/categories/\(category)/cohorts", "/groups"] {
                let answer = try await client.send(.post, "/api/v1\(path)", json: "{\"name\":\"\(name)\"}")
                #expect(answer.status == status, "\(path) \(name): \(answer.text)")
            }
        }
    }

    @Test func `an archived account is called archived wherever its address is used again`() async throws {
        let it = try await TestCohort.make()
        let gone = try await it.place.account("student", email: "gone@example.edu")
        try await it.place.run("update accounts set status = 'archived' where id = \(gone)")
        let added = try await it.send(
            it.admin, "POST /cohorts/\(it.id)/students", json: #"{"email":"Gone@example.edu"}"#)
        #expect(added.status == 422 && added.text.contains("archived account"))
        let draft = #"{"email":"gone@example.edu","givenName":"N","role":"student"}"#
        let made = try await it.send(it.admin, "POST /accounts", json: draft)
        #expect(made.status == 409 && made.text.contains("archived account"))
        let changed = try await it.send(
            it.admin, "PATCH /accounts/\(it.other.id)", json: #"{"email":"gone@example.edu"}"#,
            headers: [.ifMatch: "*"])
        #expect(changed.status == 409 && changed.text.contains("archived account"))
        let taken = try await it.send(
            it.admin, "PATCH /accounts/\(it.other.id)", json: #"{"email":"a@example.edu"}"#,
            headers: [.ifMatch: "*"])
        #expect(taken.status == 409 && !taken.text.contains("archived"))
        let left = try await it.place.account("staff", email: "left@example.edu")
        try await it.place.run("update accounts set status = 'archived' where id = \(left)")
        let staff = try await it.send(
            it.admin, "POST /cohorts/\(it.id)/students", json: #"{"email":"left@example.edu"}"#)
        #expect(staff.text.contains("restore it under People first"))
        for (path, file) in [
            ("imports/students", "email,given_name,family_name\ngone@example.edu,,\nleft@example.edu,Le,Ft\n"),
            ("imports/staff", "email,given_name,family_name,role\nleft@example.edu,,,\ngone@example.edu,Go,Ne,staff\n"),
            ("cohorts/\(it.id)/students", "gone@example.edu\nleft@example.edu\n"),
        ] {
            let answer = try await it.place.client(it.admin).send(
                .post, "/api/v1/\(path)?dryRun=true", body: Array(file.utf8), contentType: "text/csv")
            let details = answer.strings("rows", each: "detail")
            let restore = "The account is archived. Restore it under People first."
            #expect(details == [restore, restore], "\(path): \(answer.text)")
        }
    }
}
