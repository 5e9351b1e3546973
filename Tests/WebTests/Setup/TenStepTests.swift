import Casework
import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing
import Web

/// The set-up checklist and the ten steps over HTTPS, at two institutions of one deployment: every number is a line of
/// the checklist of what a set-up must offer, in its order.
@Suite struct TenStepTests {
    private static let password = "a long enough passphrase"

    /// An institution on its way through the steps.
    private struct College {
        let place: TestInstitution
        let admin: SecureClient
        /// Nobody signed in.
        let visitor: SecureClient
        /// Part of its addresses: `ada@north.example`.
        let domain: String
    }

    @Test func `two institutions walk the checklist, each by itself`() async throws {
        let places = [try await TestInstitution.make(), try await TestInstitution.make()]
        try await RunningServer.with(deployment: places[0].database.deployment) { server in
            try await SecureClient.with(server, hosts: places.map { "\($0.institution.slug).localhost" }) { visitors in
                var colleges: [College] = []
                for (place, visitor) in zip(places, visitors) {
                    let domain = "\(place.institution.slug).example"
                    let hash = try await place.site.passwords.hash(Self.password)
                    let admin = try await place.account("admin", email: "admin@\(domain)")
                    try await place.run("update accounts set password_hash = \(hash) where id = \(admin)")
                    colleges.append(
                        College(
                            place: place, admin: try await visitor.signedIn("admin@\(domain)", Self.password),
                            visitor: visitor, domain: domain))
                }
                try await walk(colleges[0], beside: colleges[1])
                try await walk(colleges[1], beside: colleges[0])
            }
        }
    }

    private func walk(_ college: College, beside other: College) async throws {
        let staff = try await prepare(college, beside: other)
        let (category, cohort) = try await makeCohort(college)
        let student = try await addStudents(college, beside: other, to: cohort)
        let milestone = try await makeMilestone(college, in: cohort)
        let group = try await attachGroup(college, staff: staff, to: cohort)
        #expect(category > 0)
        try await switchOn(college, beside: other, student: student, milestone: milestone, group: group)
    }

    private func done(_ college: College) async throws -> Set<String> {
        let setup = try await college.admin.send("GET", "/setup")
        let keys = setup.strings("items", each: "key")
        return Set(keys.enumerated().filter { setup["items", $0.offset, "done"] == .bool(true) }.map(\.element))
    }

    /// Lines 7 to 13: the checklist before the steps. Returns the staff member with a card.
    private func prepare(_ college: College, beside other: College) async throws -> Int {
        let admin = college.admin
        #expect(try await done(college) == [])  // 13
        let early = try await admin.send("PATCH", "/settings", json: #"{"studentVisibility":"enabled"}"#)
        #expect(early.status == 422)  // 37
        #expect(early.text.contains("A group with a member whose published card says how to reach them"))
        let person = try await admin.send(
            "POST", "/accounts",
            json: #"{"email":"ada@\#(college.domain)","givenName":"Ada","familyName":"Byron","role":"staff"}"#)
        let staff = try #require(person.number("id"))
        let group = try #require(
            try await admin.send("POST", "/groups", json: #"{"name":"Advising"}"#).number("id"))
        for name in ["Tutoring Center", "Financial Aid"] {
            #expect(try await admin.send("POST", "/groups", json: #"{"name":"\#(name)"}"#).status == 201)
        }
        #expect(try await admin.send("PUT", "/groups/\(group)/members/\(staff)").status == 204)
        #expect(try await done(college) == [], "a member without a card is not enough")
        let card = try await admin.send(
            "PUT", "/accounts/\(staff)/card", json: #"{"title":"Advisor","phone":"555 0100","published":true}"#)
        #expect(card.status == 200)
        #expect(try await done(college) == ["groups-with-carded-members"])  // 7

        // 9: a registrar's file, BOM, CRLF, any order, quotes, a name that needs them
        let file =
            "\u{FEFF}family_name,Email,given_name,student_number\r\n"
            + "\"Osei, Jr.\",amara@\(college.domain),Amara,0017\r\n\r\nZhao,mei@\(college.domain), Mei-Ling ,0018\r\n"
            + "Ferreira,luis@\(college.domain),Luis,\r\n"
        let dry = try await admin.send("POST", "/imports/students?dryRun=true", body: file)
        #expect(dry.number("added") == 3)
        #expect(try await admin.send("GET", "/accounts?role=student").items("id").isEmpty)
        let report = try await admin.send("POST", "/imports/students", body: file)
        #expect(report.status == 200 && report.number("added") == 3)
        #expect(report.strings("rows", each: "email").count == 3)
        let again = try await admin.send("POST", "/imports/students", body: file)
        #expect(again.number("unchanged") == 3 && again.number("added") == 0)
        // somebody whom only this institution has, for line 22 at the other one
        let only = "email,given_name,family_name\nonly@\(college.domain),Only,Here\n"
        #expect(try await admin.send("POST", "/imports/students", body: only).number("added") == 1)
        #expect(try await done(college) == ["groups-with-carded-members", "student-accounts"])
        return staff
    }

    /// Lines 11, 12 and 14 to 18: category, cohorts, goal and plan.
    private func makeCohort(_ college: College) async throws -> (category: Int, cohort: Int) {
        let admin = college.admin
        let category = try #require(
            try await admin.send("POST", "/categories", json: #"{"name":"First-Year Students"}"#).number("id"))  // 15
        #expect(try await admin.send("POST", "/categories", json: #"{"name":"first-year students"}"#).status == 409)
        let path = "/categories/\(category)/cohorts"
        let cohort = try #require(try await admin.send("POST", path, json: #"{"name":"Fall 26"}"#).number("id"))  // 16
        #expect(try await admin.send("POST", path, json: #"{"name":"Spring 27"}"#).status == 201)  // 17
        let listed = try await admin.send("GET", "/cohorts?categoryId=\(category)")  // 14
        #expect(listed.strings("items", each: "name") == ["Fall 26", "Spring 27"])
        let edited = try await admin.send(
            // 11, 12, 18
            "PATCH", "/cohorts/\(cohort)", json: #"{"goal":"All first-years by major","plannedMilestones":3}"#)
        #expect(edited.status == 200)
        let read = try await admin.send("GET", "/cohorts/\(cohort)")
        #expect(read.text("goal") == "All first-years by major" && read.number("plannedMilestones") == 3)
        #expect(read.text("categoryName") == "First-Year Students")
        #expect(try await done(college).isSuperset(of: ["cohorts", "cohort-goals", "planned-milestones"]))
        return (category, cohort)
    }

    /// Lines 10 and 19 to 22: one by one and by CSV; an address that only the other institution has is unknown here.
    /// Returns the account of the student who signs in later.
    private func addStudents(_ college: College, beside other: College, to cohort: Int) async throws -> Int {
        let admin = college.admin
        let path = "/cohorts/\(cohort)/students"
        let one = try await admin.send("POST", path, json: #"{"email":"AMARA@\#(college.domain)"}"#)  // 21, 10
        #expect(one.status == 201)
        #expect(try await admin.send("POST", path, json: #"{"email":"amara@\#(college.domain)"}"#).status == 200)
        let nobody = try await admin.send("POST", path, json: #"{"email":"nobody@\#(college.domain)"}"#)
        #expect(nobody.status == 422 && nobody.refusedFields == ["email"])
        let file = """
            email
            amara@\(college.domain)
            mei@\(college.domain)
            mei@\(college.domain)
            only@\(other.domain)
            ada@\(college.domain)
            not an address
            """
        let results = ["already-member", "added", "duplicate", "unknown", "not-a-student", "invalid"]
        let dry = try await admin.send("POST", path + "?dryRun=true", body: file)
        #expect(dry.status == 200 && dry.strings("rows", each: "result") == results)
        let refused = try await admin.send("POST", path, body: file)  // 22
        #expect(refused.status == 422)
        #expect(try await admin.send("GET", path).items("id").count == 1, "nothing is stored")
        let repaired = "amara@\(college.domain)\nmei@\(college.domain)\nluis@\(college.domain)\n"
        let report = try await admin.send("POST", path, body: repaired)  // 20
        #expect(report.status == 200 && report.number("added") == 2 && report.number("unchanged") == 1)
        #expect(try await admin.send("GET", path).items("id").count == 3)
        #expect(try await done(college).contains("students-assigned"))
        return try #require(one.number("id"))
    }

    /// Lines 23 to 27: *New Milestone*, its details, two files, the five reminders.
    private func makeMilestone(_ college: College, in cohort: Int) async throws -> Int {
        let admin = college.admin
        let new = try await admin.send("POST", "/cohorts/\(cohort)/milestones")  // 23, 24
        #expect(new.status == 201 && new.text("title") == "New Milestone" && new["saved"] == .bool(false))
        let id = try #require(new.number("id"))
        #expect(try await !done(college).contains("milestones"))
        let wrong = try await admin.send("PATCH", "/milestones/\(id)", json: #"{"reminders":[1,3]}"#)
        #expect(wrong.status == 422 && wrong.refusedFields == ["reminders"])
        let saved = try await admin.send(
            "PATCH", "/milestones/\(id)",
            json: """
                {"title":"Meet your advisor","dueOn":"2031-12-01","description":"Book a time.\\nBring the plan.",
                 "reminders":[30,14,7,2,1]}
                """)  // 25, 26, 27
        #expect(saved.status == 200 && saved["saved"] == .bool(true))
        #expect(saved["reminders"] == (try JSONValue(parsing: Array("[1,2,7,14,30]".utf8))))
        for name in ["Plan.pdf", "Fragen für alle.txt"] {
            let encoded = try #require(name.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let stored = try await admin.send(
                "POST", "/milestones/\(id)/files", body: "content of \(name)", contentType: "application/pdf",
                headers: ["Content-Disposition": "attachment; filename*=UTF-8''\(encoded)"])
            #expect(stored.status == 201 && stored.text("name") == name)
        }
        let box = try await admin.send("GET", "/cohorts/\(cohort)/milestones")
        #expect(box.strings("items", each: "title") == ["Meet your advisor"])
        #expect(try await done(college).contains("milestones"))
        return id
    }

    /// Lines 28 to 31: find, attach one at a time, list with people, detach.
    private func attachGroup(_ college: College, staff: Int, to cohort: Int) async throws -> Int {
        let admin = college.admin
        let all = try await admin.send("GET", "/cohorts/\(cohort)/available-groups")  // 28
        #expect(all.strings("items", each: "name") == ["Advising", "Financial Aid", "Tutoring Center"])
        let narrowed = try await admin.send("GET", "/cohorts/\(cohort)/available-groups?q=ADVI")
        #expect(narrowed.strings("items", each: "name") == ["Advising"])
        let group = try #require(narrowed.number("items", 0, "id"))
        let second = try #require(all.number("items", 1, "id"))
        for id in [group, second] {
            #expect(try await admin.send("PUT", "/cohorts/\(cohort)/groups/\(id)").status == 204)  // 29
        }
        let attached = try await admin.send("GET", "/cohorts/\(cohort)/groups")  // 30
        #expect(attached.strings("items", each: "name") == ["Advising", "Financial Aid"])
        #expect(attached.number("items", 0, "members", 0, "id") == staff)
        #expect(attached.text("items", 0, "members", 0, "card", "title") == "Advisor")
        #expect(try await admin.send("DELETE", "/cohorts/\(cohort)/groups/\(second)").status == 204)  // 31
        #expect(try await admin.send("DELETE", "/cohorts/\(cohort)/groups/\(second)").status == 404)
        #expect(try await done(college).count == 8)
        #expect(try await admin.send("GET", "/setup")["ready"] == .bool(true))
        return group
    }

    /// Lines 8 and 32 to 36: the switch, and what one student sees before and after.
    private func switchOn(
        _ college: College, beside other: College, student: Int, milestone: Int, group: Int
    ) async throws {
        let admin = college.admin
        let link = try #require(try await admin.send("POST", "/accounts/\(student)/invitation").text("url"))
        let secret = try #require(link.split(separator: "/").last)
        let visitor = college.visitor
        let accepted = try await visitor.send(
            "POST", "/invitations/\(secret)", json: #"{"password":"\#(Self.password)"}"#)
        #expect(accepted.status == 204)
        let pupil = try await visitor.signedIn("amara@\(college.domain)", Self.password)
        #expect(try await pupil.send("GET", "/me")["menu"] == .array([]))
        #expect(try await pupil.send("GET", "/dashboard").status == 404)
        let files = try await admin.send("GET", "/milestones/\(milestone)/files")
        let file = try #require(files.number("items", 0, "id"))
        #expect(try await pupil.send("GET", "/files/\(file)").status == 404)
        // 32
        #expect(try await pupil.send("PATCH", "/settings", json: #"{"studentVisibility":"enabled"}"#).status == 403)
        #expect(try await admin.send("GET", "/settings").text("studentVisibility") == "disabled")  // 34
        let on = try await admin.send("PATCH", "/settings", json: #"{"studentVisibility":"enabled"}"#)  // 33
        #expect(on.status == 200)
        #expect(try await admin.send("GET", "/settings").text("studentVisibility") == "enabled")

        let dashboard = try await pupil.send("GET", "/dashboard")  // 35, 36, 8
        #expect(dashboard.strings("cohorts", each: "name") == ["Fall 26"])
        #expect(dashboard.strings("milestones", each: "title") == ["Meet your advisor"])
        #expect(dashboard.text("milestones", 0, "description") == "Book a time.\nBring the plan.")
        #expect(dashboard.text("milestones", 0, "files", 1, "name") != nil)
        #expect(dashboard.text("supportNetwork", 0, "group") == "Advising")
        #expect(dashboard.text("supportNetwork", 0, "members", 0, "name") == "Ada Byron")
        #expect(dashboard.text("supportNetwork", 0, "members", 0, "card", "phone") == "555 0100")
        #expect(dashboard.number("progress", "total") == 1)
        #expect(!dashboard.text.contains(other.domain))
        let content = try await pupil.send("GET", "/files/\(file)")
        #expect(content.status == 200 && content.text.hasPrefix("content of "))
        // the same token at the other institution is nobody's
        var stranger = other.visitor
        stranger.token = pupil.token
        #expect(try await stranger.send("GET", "/dashboard").status == 401)
        let off = try await admin.send("PATCH", "/settings", json: #"{"studentVisibility":"disabled"}"#)
        #expect(off.status == 200)
        #expect(try await pupil.send("GET", "/dashboard").status == 404)
    }
}
