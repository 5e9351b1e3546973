import Casework
import HTTPTypes
import Postgres
import TestSupport
import Testing

/// The inbox as a page, and the number beside its name in every menu.
@Suite struct InboxPagesTests {
    private func badge(_ page: String) -> String? {
        page.firstMatch(
            of: /<a href="\/inbox"[^>]*>(?:<svg.*?<\/svg>)?Inbox(?: <span class="tag info">(.*?)<\/span>)?<\/a>/
        )
        .map { $0.output.1.map(String.init) ?? "none" }
    }

    @Test func `it says what came and why, leads there, and is read one by one or at once`() async throws {
        let it = try await TestCohort.make()
        let second = try await it.milestone("Second <b>")
        let (student, staff) = (it.place.client().asBrowser(it.student), it.place.client().asBrowser(it.staff))
        for milestone in [it.milestone, second] {
            #expect(try await student.post("/milestones/\(milestone)/submit", ["version": "0"]).status == 303)
        }
        for path in ["/inbox", "/queue", "/students", "/account"] {
            #expect(badge(try await staff.get(path).text) == "2", "\(path)")
        }
        let page = try await staff.get("/inbox").text
        #expect(page.contains("Ada Lovelace asks for an answer: Second &lt;b&gt;</a>"))
        #expect(page.contains("href=\"/students/\(it.student.id)#progress-\(second)-\(it.student.id)\""))
        #expect(page.contains("You belong to a group that supports Fall"))
        let read = try await staff.post(
            "/inbox/read", ["ids": "request/\(second)/\(it.student.id)/1", "to": "/inbox?unread=true"])
        #expect(read.status == 303 && read.headers[.location] == "/inbox?unread=true")
        #expect(badge(try await staff.get("/inbox").text) == "1")
        let rest = try await staff.get("/inbox?unread=true").text
        #expect(rest.contains(": Meet</a>") && !rest.contains("Second"))
        #expect(
            try await staff.submit("/inbox/read", ["to": "//evil.example"], on: "/inbox").headers[.location] == "/inbox"
        )
        #expect(badge(try await staff.get("/inbox").text) == "none")
        #expect(try await staff.get("/inbox?unread=true").text.contains("Nothing unread"))
        #expect(try await staff.get("/inbox").text.contains("Second"), "what waits stays")
        #expect(try await staff.post("/inbox/read", [:]).status == 422)
        #expect(try await staff.post("/inbox/read", ["ids": "x"], csrf: "forged").status != 303)
    }

    @Test func `a student is told of an answer on every page, and reads it`() async throws {
        let it = try await TestCohort.make()
        let student = it.place.client().asBrowser(it.student)
        #expect(badge(try await student.get("/dashboard").text) == "none")
        #expect(try await student.post("/milestones/\(it.milestone)/submit", ["version": "0"]).status == 303)
        let step = "/milestones/\(it.milestone)/progress/\(it.student.id)/return"
        #expect(try await it.send(it.staff, "POST \(step)", json: #"{"comment":"Sign it"}"#).status == 200)
        for path in ["/dashboard", "/inbox", "/directory", "/account"] {
            #expect(badge(try await student.get(path).text) == "1", "\(path)")
        }
        let page = try await student.get("/inbox").text
        #expect(
            page.contains("<a href=\"/dashboard#milestone-\(it.milestone)\">Ada Lovelace sent Meet back to you</a>"))
        #expect(page.contains("It is your milestone in Fall") && page.contains("“Sign it”"))
        #expect(try await student.submit("/inbox/read", on: "/inbox").status == 303)
        #expect(badge(try await student.get("/dashboard").text) == "none")
        // before the switch there is none
        try await it.place.run("update settings set student_visibility = false")
        #expect(badge(try await student.get("/account").text) == nil)
        #expect(try await student.get("/inbox").status == 404)
    }

    @Test func `requests with nobody to answer lead to where that is mended, and the guide warns of such cohorts`()
        async throws
    {
        let it = try await TestCohort.make()
        let admin = it.place.client().asBrowser(it.admin)
        let warning = "1 cohort has nobody to answer its students"
        #expect(try await !admin.get("/setup").text.contains(warning))
        try await it.place.run("delete from group_members")
        #expect(try await admin.get("/setup").text.contains(warning))
        #expect(try await admin.get("/setup").text.contains("<a href=\"/cohorts/\(it.id)/attach\"><bdi>Fall</bdi></a>"))
        let student = it.place.client().asBrowser(it.student)
        #expect(try await student.post("/milestones/\(it.milestone)/submit", ["version": "0"]).status == 303)
        let sentence = "1 request waits in Fall, and nobody is there to answer"
        #expect(try await admin.get("/inbox").text.contains("<a href=\"/cohorts/\(it.id)/attach\">\(sentence)</a>"))
        try await it.place.run("delete from cohort_groups")
        let manager = try await it.place.person("manager")
        #expect(try await it.place.client().asBrowser(manager).get("/inbox").text.contains("<b>\(sentence)</b>"))
    }
}
