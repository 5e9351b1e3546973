import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

@Suite struct CardAPITests {
    @Test(arguments: ["admin", "director", "manager", "staff"])
    func `everybody who works here keeps the own card`(role: String) async throws {
        let college = try await TestInstitution.make()
        let person = try await college.person(role)
        let client = college.client(person)
        let path = "/api/v1/accounts/\(person.id)/card"
        let empty = try await client.send(.get, path)
        #expect(empty.status == 200)
        #expect(empty.headers[.eTag] == "\"0\"")
        #expect(empty["title"] == .null)
        #expect(empty["published"] == .bool(false))
        let body = #"{"title":"Advisor","bookingURL":"https://book.example.edu/me","published":true}"#
        let written = try await client.send(.put, path, json: body, headers: [.ifMatch: "\"0\""])
        #expect(written.status == 200)
        #expect(written.text("title") == "Advisor")
        #expect(written["office"] == .null)
        // what was read can be sent back, and changes nothing
        let again = try await client.send(.put, path, json: written.text)
        #expect(again.headers[.eTag] == written.headers[.eTag])
        // absent fields are emptied
        let tag = try #require(written.headers[.eTag])
        let emptied = try await client.send(.put, path, json: #"{"office":"B 12"}"#, headers: [.ifMatch: tag])
        #expect(emptied["title"] == .null)
        #expect(emptied.text("office") == "B 12")
        #expect(emptied["published"] == .bool(false))
        #expect(try await client.send(.put, path, json: "{}", headers: [.ifMatch: "\"0\""]).status == 412)
        #expect(try await client.send(.get, path).text("office") == "B 12")
        #expect(try await college.audited() == ["create", "update"].map { "card.\($0) account/\(person.id)" })
    }

    @Test(arguments: [
        #""email":"a@example.edu""#, #""phone":"555 0100""#, #""bookingURL":"https://book.example.edu""#,
    ])
    func `a card is published with some way to reach its person, and counts then`(way: String) async throws {
        let college = try await TestInstitution.make()
        let staff = try await college.person("staff")
        try await college.makeReady()
        try await college.run("delete from cards")
        _ = try await college.group(
            "Tutors", of: [staff], cohorts: [try await college.number("select min(id) from cohorts")])
        let client = college.client(staff)
        let path = "/api/v1/accounts/\(staff.id)/card"
        let refused = try await client.send(.put, path, json: #"{"title":"Advisor","office":"B 12","published":true}"#)
        #expect(refused.status == 422)
        #expect(refused.refusedFields == ["email", "phone", "bookingURL"])
        #expect(try await client.send(.get, path)["title"] == .null)
        #expect(try await client.send(.put, path, json: #"{"title":"Advisor"}"#).status == 200)
        let published = try await client.send(.put, path, json: "{\(way),\"published\":true}")
        #expect(published.status == 200, "\(published.text)")
        #expect(try await client.send(.get, "/api/v1/setup")["ready"] == .bool(true))
        // one that was published before there was this rule is shown, and does not count
        try await college.run("update cards set email = null, phone = null, booking_url = null")
        #expect(try await client.send(.get, path)["published"] == .bool(true))
        #expect(try await client.send(.get, "/api/v1/setup")["ready"] == .bool(false))
    }

    @Test func `the form offers the account's address, and keeps one that was taken out`() async throws {
        let college = try await TestInstitution.make()
        let staff = try await college.person("staff", email: "ada+x@example.edu")
        let browser = college.client().asBrowser(staff)
        #expect(try await browser.get("/card").text.contains("value=\"ada+x@example.edu\""))
        let refused = try await browser.submit("/card", ["email": "", "published": "true"])
        #expect(refused.status == 422 && !refused.text.contains("value=\"ada+x@example.edu\""))
        #expect(refused.text.contains("A published card needs an e-mail address, a phone number or a booking link."))
        let saved = try await browser.submit(
            "/card", ["email": "desk@example.edu", "phone": "+1 555 0100", "published": "true"])
        #expect(saved.headers[.location]?.hasPrefix("/card?done=saved&what=My%20card&seal=") == true)
        let page = try await browser.get("/card").text
        #expect(page.contains("href=\"mailto:desk@example.edu\"") && page.contains("href=\"tel:+15550100\""))
        #expect(try await browser.submit("/card", ["phone": "1", "published": "true"]).status == 303)
        #expect(try await !browser.get("/card").text.contains("value=\"ada+x@example.edu\""))
    }

    @Test func `a booking address is https`() async throws {
        let college = try await TestInstitution.make()
        let staff = try await college.person("staff")
        let client = college.client(staff)
        let path = "/api/v1/accounts/\(staff.id)/card"
        for address in ["http://example.edu", "javascript:alert(1)", "https://", "ftp://x"] {
            let refused = try await client.send(.put, path, json: #"{"bookingURL":"\#(address)"}"#)
            #expect(refused.status == 422)
            #expect(refused.refusedFields == ["bookingURL"])
        }
        #expect(try await client.send(.put, path, json: #"{"photo":"x"}"#).refusedFields == ["photo"])
    }

    @Test func `students have no card`() async throws {
        let college = try await TestInstitution.make()
        let student = try await college.person("student")
        let admin = college.client(try await college.person("admin"))
        let path = "/api/v1/accounts/\(student.id)/card"
        #expect(try await admin.send(.put, path, json: "{}").status == 422)
        #expect(try await admin.send(.get, path).status == 422)
        #expect(try await college.client(student).send(.get, path).status == 403)
        #expect(try await college.client(student).send(.put, path, json: "{}").status == 403)
    }

    @Test func `others are kept by admins and by who leads their groups`() async throws {
        let college = try await TestInstitution.make()
        let director = try await college.person("director")
        let manager = try await college.person("manager")
        let member = try await college.person("staff")
        let outsider = try await college.person("staff")
        let student = try await college.person("student")
        let group = try await college.group("Tutors", in: try await college.department("Own", directors: [director]))
        try await college.join(manager, group, asManager: true)
        try await college.join(member, group)
        func card(_ id: Int) -> String { "/api/v1/accounts/\(id)/card" }
        for keeper in [director, manager] {
            let client = college.client(keeper)
            #expect(try await client.send(.get, card(member.id)).status == 200)
            let written = try await client.send(.put, card(member.id), json: #"{"title":"\#(keeper.id)"}"#)
            #expect(written.status == 200)
            #expect(written.text("title") == String(keeper.id))
            #expect(try await client.send(.get, card(outsider.id)).status == 403)
            #expect(try await client.send(.put, card(outsider.id), json: "{}").status == 403)
            #expect(try await client.send(.get, card(student.id)).status == 404)
            #expect(try await client.send(.put, card(student.id), json: "{}").status == 404)
            #expect(try await client.send(.put, card(999_999), json: "{}").status == 404)
        }
        let staff = college.client(member)
        #expect(try await staff.send(.get, card(outsider.id)).status == 403)
        #expect(try await staff.send(.put, card(manager.id), json: "{}").status == 403)
        let admin = college.client(try await college.person("admin"))
        #expect(try await admin.send(.put, card(outsider.id), json: #"{"hours":"9–5"}"#).status == 200)
        #expect(try await admin.send(.get, card(999_999)).status == 404)
    }

    @Test(arguments: ["director", "manager"])
    func `taking somebody into one's group opens no card but a staff member's`(role: String) async throws {
        let college = try await TestInstitution.make()
        let keeper = try await college.person(role)
        let department = try await college.department("Own", directors: role == "director" ? [keeper] : [])
        let group = try await college.group("Tutors", in: department)
        if role == "manager" { try await college.join(keeper, group, asManager: true) }
        let client = college.client(keeper)
        let browser = college.client().asBrowser(keeper)
        for other in ["admin", "director", "manager", "staff"] {
            let person = try await college.person(other)
            try await college.card(of: person, title: "Before")
            let path = "/api/v1/accounts/\(person.id)/card"
            #expect(
                try await client.send(.put, "/api/v1/groups/\(group)/members/\(person.id)", json: "{}").status == 204)
            let isOpen = other == "staff"
            #expect(try await client.send(.get, path).status == (isOpen ? 200 : 403), "\(other)")
            #expect(try await client.send(.put, path, json: "{}").status == (isOpen ? 200 : 403), "\(other)")
            let form = try await browser.submit("/accounts/\(person.id)/card", ["title": "By form"])
            #expect(form.status == (isOpen ? 303 : 403), "\(other)")
            #expect(try await browser.get("/accounts/\(person.id)/card").status == (isOpen ? 200 : 403), "\(other)")
            let page = try await browser.get("/groups/\(group)").text
            #expect(page.contains("href=\"/accounts/\(person.id)/card\"") == isOpen, "\(other): no link that refuses")
            let title = try await college.texts("select title from cards where account_id = \(person.id)")
            #expect(title == [isOpen ? "By form" : "Before"], "\(other)")
        }
    }

    @Test func `the card of an archived account is read-only`() async throws {
        let college = try await TestInstitution.make()
        let staff = try await college.account("staff", email: "ada@example.edu")
        let admin = college.client(try await college.person("admin"))
        let path = "/api/v1/accounts/\(staff)/card"
        #expect(try await admin.send(.put, path, json: #"{"title":"Advisor"}"#).status == 200)
        try await college.run("update accounts set status = 'archived' where id = \(staff)")
        let refused = try await admin.send(.put, path, json: #"{"title":"Dean"}"#)
        #expect(refused.status == 409 && refused.text("state") == "archived")
        #expect(try await admin.send(.get, path).text("title") == "Advisor")
        #expect(try await admin.send(.put, path, json: "{}", headers: [.ifMatch: "\"9\""]).status == 412)
    }

    @Test func `of two who write a card first one is told of the other`() async throws {
        let college = try await TestInstitution.make()
        let staff = try await college.person("staff")
        let client = college.client(staff)
        let path = "/api/v1/accounts/\(staff.id)/card"
        let other: SQL = "insert into cards (account_id, account_role, title) values (\(staff.id), 'staff', 'Other')"
        let second = try await college.meanwhile(other) {
            try await client.send(.put, path, json: #"{"title":"Mine"}"#, headers: [.ifMatch: "\"0\""])
        }
        #expect(second.status == 412)
        #expect(try await client.send(.get, path).text("title") == "Other")
    }

    @Test func `who is removed at the same moment has no card`() async throws {
        let college = try await TestInstitution.make()
        let staff = try await college.account("staff", email: "ada@example.edu")
        let admin = college.client(try await college.person("admin"))
        let late = try await college.meanwhile("delete from accounts where id = \(staff)") {
            try await admin.send(.put, "/api/v1/accounts/\(staff)/card", json: #"{"title":"Advisor"}"#)
        }
        #expect(late.status == 404)
    }
}
