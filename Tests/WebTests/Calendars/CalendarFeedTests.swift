import Casework
import Dates
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// Secret addresses of calendars: what they show to whom, and when they show nothing.
@Suite struct CalendarFeedTests {
    /// Makes somebody's feed.
    /// - Returns: the path of its address.
    private func make(_ it: TestCohort, _ who: TestInstitution.Person, json: String? = nil) async throws -> String {
        let answer = try await it.send(who, "POST /calendar", json: json)
        #expect(answer.status == 201, "\(answer.text)")
        let url = try #require(answer.text("url"))
        let origin = "https://\(it.place.institution.slug).localhost"
        #expect(url.hasPrefix("\(origin)/calendar/") || url.hasPrefix("\(origin):"))
        return "/calendar/" + (url.split(separator: "/").last ?? "")
    }

    private func read(_ it: TestCohort, _ path: String, headers: HTTPFields = [:]) async throws -> TestClient.Answer {
        try await it.place.client().send(.get, path, headers: headers)
    }

    /// The values of a property, unfolded.
    private func values(_ name: String, in answer: TestClient.Answer) -> [String] {
        answer.text.replacing("\r\n ", with: "").split(separator: "\r\n")
            .filter { $0.hasPrefix("\(name):") || $0.hasPrefix("\(name);") }
            .map { String($0.drop { $0 != ":" }.dropFirst()) }
    }

    @Test func `a student's calendar has the own milestones on their days`() async throws {
        let it = try await TestCohort.make()
        try await it.place.run(
            "update milestones set due_on = '2031-02-28', description = 'a, b; c' where id = \(it.milestone)")
        _ = try await it.milestone("Undated")
        let done = try await it.milestone("Done one", dueOn: CalendarDate("2031-12-31"))
        let waived = try await it.milestone("Waived", dueOn: CalendarDate("2031-05-01"))
        _ = try await it.milestone("Not mine", in: it.hidden, dueOn: CalendarDate("2031-05-01"))
        let relative = try await it.milestone("Relative")
        try await it.place.run("update milestones set due_after_days = 10 where id = \(relative)")
        try await it.place.run("update enrollments set joined_at = '2031-03-01 12:00Z'")
        for (milestone, step) in [(done, "complete"), (waived, "waive")] {
            let call = "POST /milestones/\(milestone)/progress/\(it.student.id)/\(step)"
            #expect(try await it.send(it.staff, call, json: #"{"comment":"secret note"}"#).status == 200)
        }
        let path = try await make(it, it.student)
        let answer = try await read(it, path)
        #expect(answer.status == 200 && answer.headers[.contentType] == "text/calendar; charset=utf-8")
        #expect(values("SUMMARY", in: answer) == ["Meet", "Relative", "Done: Done one"])
        #expect(values("DTSTART", in: answer) == ["20310228", "20310311", "20311231"])
        #expect(values("DTEND", in: answer) == ["20310301", "20310312", "20320101"])
        #expect(values("DESCRIPTION", in: answer)[0].hasPrefix(#"Fall\na\, b\; c\nhttps://"#))
        #expect(!answer.text.contains("secret note"))
        let uids = values("UID", in: answer)
        #expect(Set(uids).count == 3)
        // a moved date is the same event, changed
        let sequence = try #require(values("SEQUENCE", in: answer).first.flatMap { Int($0) })
        #expect(
            try await it.send(it.admin, "PATCH /milestones/\(it.milestone)", json: #"{"dueOn":"2031-03-05"}"#).status
                == 200)
        let moved = try await read(it, path)
        #expect(values("UID", in: moved).first == uids.first && values("DTSTART", in: moved).first == "20310305")
        #expect(values("SEQUENCE", in: moved).first == String(sequence + 1))
        try await it.place.run(
            "update milestones set due_after_days = 20, version = version + 1 where id = \(relative)")
        #expect(Set(values("UID", in: try await read(it, path))) == Set(uids), "also where it counts from joining")
    }

    @Test func `staff see how many of their students have what due, and no names`() async throws {
        let it = try await TestCohort.make()
        try await it.place.run("update milestones set due_on = '2031-02-28'")
        _ = try await it.milestone("Hidden one", in: it.hidden, dueOn: CalendarDate("2031-05-01"))
        try await it.place.run(
            "insert into enrollments (cohort_id, student_id) values (\(it.hidden), \(it.other.id))")
        let call = "POST /milestones/\(it.milestone)/progress/\(it.student.id)/complete"
        #expect(try await it.send(it.staff, call).status == 200)
        let staff = try await read(it, try await make(it, it.staff))
        #expect(values("SUMMARY", in: staff) == ["Meet (1 of 2 to do)"])
        #expect(values("URL", in: staff)[0].hasSuffix("/cohorts/\(it.id)/progress"))
        #expect(!staff.text.contains("Ada") && !staff.text.contains("example.edu"))
        let admin = try await read(it, try await make(it, it.admin))
        #expect(values("SUMMARY", in: admin) == ["Meet (1 of 2 to do)", "Hidden one (1 of 1 to do)"])
        // of a day that counts from joining, one event for each day
        try await it.place.run("update milestones set due_on = null, due_after_days = 1 where id = \(it.milestone)")
        try await it.place.run(
            "update enrollments set joined_at = '2031-03-01 12:00Z' where student_id = \(it.other.id)")
        let spread = try await read(it, try await make(it, it.staff))
        #expect(values("DTSTART", in: spread).count == 2 && Set(values("UID", in: spread)).count == 2)
        try await it.place.run("update cohorts set archived_at = now()")
        #expect(values("UID", in: try await read(it, try await make(it, it.admin))).isEmpty)
    }

    @Test func `a date that was given to one student is that student's, and another day to staff`() async throws {
        let it = try await TestCohort.make()
        try await it.place.run("update milestones set due_on = '2031-02-28'")
        let (own, staff) = (try await make(it, it.student), try await make(it, it.staff))
        let before = try await read(it, own)
        try await it.place.run(
            """
            insert into extensions (milestone_id, student_id, cohort_id, due_on, status)
            values (\(it.milestone), \(it.student.id), \(it.id), '2031-03-10', 'granted')
            """)
        let after = try await read(it, own)
        #expect(values("DTSTART", in: after) == ["20310310"])
        #expect(values("UID", in: after) == values("UID", in: before))
        #expect(values("SEQUENCE", in: after) != values("SEQUENCE", in: before))
        let seen = try await read(it, staff)
        #expect(values("DTSTART", in: seen) == ["20310228", "20310310"])
        #expect(values("SUMMARY", in: seen) == ["Meet (1 of 1 to do)", "Meet (1 of 1 to do)"])
        #expect(Set(values("UID", in: seen)).count == 2)
    }

    @Test func `pollers are told that nothing has changed, until something has`() async throws {
        let it = try await TestCohort.make()
        try await it.place.run("update milestones set due_on = '2031-02-28'")
        let path = try await make(it, it.student)
        let first = try await read(it, path)
        let tag = try #require(first.headers[.eTag])
        #expect(tag.hasPrefix("W/\""), "the time stamps differ from answer to answer")
        for seen in [tag, "\"x\", \(tag)", "*"] {
            let again = try await read(it, path, headers: [.ifNoneMatch: seen])
            #expect(again.status == 304 && again.bytes.isEmpty && again.headers[.eTag] == tag, "\(seen)")
        }
        #expect(try await read(it, path, headers: [.ifNoneMatch: "W/\"other\""]).status == 200)
        #expect(try await it.place.client().send(.head, path).status == 200)
        #expect(try await it.send(it.admin, "PATCH /milestones/\(it.milestone)", json: #"{"title":"N"}"#).status == 200)
        let changed = try await read(it, path, headers: [.ifNoneMatch: tag])
        #expect(changed.status == 200 && changed.headers[.eTag] != tag)
    }

    @Test func `an address that is renewed or revoked, or whose owner may not come in, is none`() async throws {
        let it = try await TestCohort.make()
        #expect(try await it.send(it.student, "GET /calendar").status == 404)
        #expect(try await it.send(it.student, "DELETE /calendar").status == 404)
        let first = try await make(it, it.student)
        #expect(try await it.send(it.student, "GET /calendar").text("language") == "en")
        let path = try await make(it, it.student)
        let nothing = try await read(it, "/calendar/\(String(repeating: "A", count: 43)).ics")
        func isGone(_ path: String) async throws -> Bool {
            let answer = try await read(it, path)
            return answer.status == 404 && answer.bytes == nothing.bytes
        }
        #expect(try await isGone(first))
        #expect(try await read(it, path).status == 200)
        let changes: [(SQL, SQL)] = [
            ("update accounts set status = 'suspended'", "update accounts set status = 'active'"),
            ("update accounts set status = 'archived'", "update accounts set status = 'active'"),
            ("update settings set student_visibility = false", "update settings set student_visibility = true"),
        ]
        for (away, back) in changes {
            try await it.place.run(away)
            #expect(try await isGone(path), "\(away.text)")
            try await it.place.run(back)
            #expect(try await read(it, path).status == 200)
        }
        try await it.place.run("update settings set suspended = true")
        #expect(try await read(it, path).status == 404)
        try await it.place.run("update settings set suspended = false")
        // who has left sees nothing more
        try await it.place.run("update milestones set due_on = '2031-02-28'")
        #expect(values("UID", in: try await read(it, path)).count == 1)
        try await it.place.run("update enrollments set left_at = now()")
        #expect(values("UID", in: try await read(it, path)).isEmpty)
        #expect(try await it.send(it.student, "DELETE /calendar").status == 204)
        #expect(try await isGone(path))
        for wrong in ["x", "x.ics", ".ics", "\(String(repeating: "A", count: 42)).ics", "%00.ics", "%ff.ics"] {
            #expect(try await read(it, "/calendar/\(wrong)").status == 404, "\(wrong)")
        }
    }

    @Test func `staff of an institution that is not set up get nothing`() async throws {
        let it = try await TestCohort.make()
        let path = try await make(it, it.staff)
        try await it.place.run("update settings set student_visibility = false")
        #expect(try await read(it, path).status == 200)
        try await it.place.run("delete from cohort_groups")
        #expect(try await read(it, path).status == 404)
    }

    @Test func `its secret opens nothing else, and no other secret opens it`() async throws {
        let it = try await TestCohort.make()
        let elsewhere = try await TestCohort.make()
        let path = try await make(it, it.admin)
        let secret = try #require(Secret(String(path.dropFirst(10).dropLast(4))))
        for kind in SessionToken.Kind.allCases {
            let token = SessionToken(kind: kind, institution: it.place.institution.id, secret: secret)
            #expect(try await it.place.client().signedIn(token.text).send(.get, "/api/v1/me").status == 401)
        }
        #expect(try await read(elsewhere, path).status == 404)
        for person in [it.admin, it.student] {
            #expect(try await read(it, "/calendar/\(person.token.secret.text).ics").status == 404)
        }
        #expect(
            try await it.place.number("select count(*) from calendar_feeds where token_hash = \(secret.hash)") == 1,
            "only its hash is stored")
        let audit = try await it.send(it.admin, "GET /audit?subject=account/\(it.admin.id)")
        #expect(audit.strings("items", each: "action").contains("calendar.create"))
        #expect(!audit.text.contains(secret.text))
    }

    @Test func `a program is refused, and so is a language without texts`() async throws {
        let it = try await TestCohort.make()
        let token = SessionToken(kind: .api, institution: it.place.institution.id, secret: try Secret.random())
        try await it.place.run(
            """
            insert into api_tokens (token_hash, name, scopes, maker_id, expires_at)
            values (\(token.hash), 'program', '{read,write}', \(it.admin.id), now() + interval '1 day')
            """)
        let program = it.place.client().signedIn(token.text)
        for method in [HTTPRequest.Method.get, .post, .delete] {
            #expect(try await program.send(method, "/api/v1/calendar").status == 403)
        }
        for json in [#"{"language":"tlh"}"#, #"{"language":1}"#, #"{"x":1}"#] {
            #expect(try await it.send(it.staff, "POST /calendar", json: json).status == 422)
        }
        try await it.place.run("update milestones set due_on = '2031-02-28'")
        let spanish = try await read(it, try await make(it, it.staff, json: #"{"language":"es"}"#))
        #expect(values("SUMMARY", in: spanish) == ["Meet (faltan 2 de 2)"])
    }

    @Test func `one's account shows the address once, renews it and ends it`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client().asBrowser(it.student)
        #expect(try await browser.get("/account").text.contains("Make a calendar address"))
        let made = try await browser.post("/account/calendar", [:])
        #expect(made.status == 200 && made.headers[.cacheControl] == "no-store")
        let address = try #require(
            made.text.firstMatch(of: /value="https:\/\/[^\/"]+(\/calendar\/[^"]+\.ics)"/)?.output.1)
        #expect(try await read(it, String(address)).status == 200)
        let later = try await browser.get("/account").text
        #expect(!later.contains(address) && later.contains("secret address since"))
        #expect(try await browser.post("/account/calendar", [:]).status == 200)
        #expect(try await read(it, String(address)).status == 404)
        #expect(try await browser.post("/account/calendar/revoke", [:]).status == 303)
        #expect(try await browser.get("/account").text.contains("Make a calendar address"))
        #expect(try await browser.post("/account/calendar/revoke", [:]).status == 404)
        try await it.place.run("update settings set student_visibility = false")
        #expect(try await !browser.get("/account").text.contains("calendar"), "as if there were nothing")
    }
}
