import Casework
import Foundation
import HTTPTypes
import Mail
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// Reports that go out by mail each week.
@Suite struct MailedReportTests {
    /// Monday, 2028-03-06, 08:00 UTC, which is a day before the morning of `MailScene`.
    private static let monday = MailScene.morning - 86_400

    /// The report of progress goes to the admin on Mondays at 8; before that Monday.
    private func scene(_ transport: RecordingTransport = RecordingTransport(), more: String = "") async throws
        -> MailScene
    {
        let scene = try await MailScene.make(transport)
        scene.clock.now = Self.monday - 3600
        try await scene.place.run("update milestones set reminders = '{}'")
        let admin = scene.cohort.admin
        let made = try await scene.cohort.send(
            admin, "POST /report-mails",
            json: #"{"report":"progress-by-cohort","weekday":1,"hour":8,"recipients":[\#(admin.id)]\#(more)}"#)
        #expect(made.status == 201, "\(made.text)")
        // as if it had been made a week before
        try await scene.place.run("update mailed_reports set planned_until = \(Self.monday - 6 * 86_400)")
        return scene
    }

    private func text(_ mail: ComposedMail) -> String {
        String(decoding: mail.bytes, as: UTF8.self).replacing("=\r\n", with: "")
    }

    @Test func `it goes out at its hour, once a week, with the rows of that moment and a link`() async throws {
        let scene = try await scene()
        let place = scene.place.institution.id
        try await scene.work()
        #expect(scene.transport.mails.isEmpty)
        #expect(
            try await scene.place.truth("select work_at = \(Self.monday) from waymark.institutions where id = \(place)")
        )
        scene.clock.now = Self.monday
        try await scene.place.run("update cohorts set name = 'Renamed' where id = \(scene.cohort.id)")
        for _ in 0..<3 { try await scene.work() }
        #expect(scene.transport.mails.count == 1)
        let mail = try #require(scene.transport.mails.first)
        #expect(mail.recipient == scene.cohort.admin.email)
        #expect(mail.messageID.hasPrefix("report."))
        let text = text(mail)
        #expect(text.contains("Subject: Progress by cohort, March 6, 2028"), "\(text)")
        #expect(text.contains("Cohort: Renamed") && text.contains("/reports/progress-by-cohort"))
        #expect(!text.contains("List-Unsubscribe"))
        scene.clock.now = Self.monday + 6 * 86_400
        try await scene.work()
        #expect(scene.transport.mails.count == 1)
        scene.clock.now = Self.monday + 7 * 86_400
        try await scene.work()
        #expect(scene.transport.mails.count == 2)
        #expect(Set(scene.transport.mails.map(\.messageID)).count == 2)
        scene.clock.now = Self.monday + 40 * 86_400
        try await scene.work()
        #expect(scene.transport.mails.count == 3, "five were missed, one makes up for them")
        #expect(try await scene.states() == ["sent", "sent", "sent"])
        let listed = try await scene.cohort.send(scene.cohort.admin, "GET /mails")
        #expect(try listed.json()["items"]?.elements.allSatisfy { $0["kind"]?.string == "report" } == true)
    }

    @Test func `workers that plan and send at once send one`() async throws {
        let scene = try await scene()
        scene.clock.now = Self.monday
        let other = try scene.another()
        async let first: Void = scene.work()
        async let second = other.visit(scene.place.institution)
        _ = try await (first, second)
        try await scene.work()
        #expect(try await scene.place.number("select count(*) from mails") == 1)
        #expect(scene.transport.mails.count == 1)
        // a worker that died in the middle of planning has planned nothing, and one that died sending has it sent by another
        try await scene.place.run("update mailed_reports set planned_until = \(Self.monday - 1)")
        try await scene.work()
        #expect(try await scene.place.number("select count(*) from mails") == 1, "the same moment is there")
        try await scene.place.run(
            """
            update mails set state = 'sending', lease = gen_random_uuid(), link_hash = sha256('x'), settled_at = null,
                due_at = \(Self.monday - 1)
            """)
        try await scene.work()
        #expect(
            scene.transport.mails.map(\.messageID) == Array(repeating: scene.transport.mails[0].messageID, count: 2))
    }

    @Test(
        arguments: [
            ("update accounts set status = 'suspended' where role = 'admin'", 0),
            ("update accounts set role = 'director' where role = 'admin'", 0),
            ("delete from mailed_reports", 0),
            ("update mailed_reports set recipients = '{2147483647}'", 0),
            ("update mailed_reports set report = 'gone'", 0),
            ("update accounts set preferred_name = 'Addie' where role = 'admin'", 1),
        ])
    func `figures go to nobody who may not see them when they leave`(change: String, sent: Int) async throws {
        let scene = try await scene()
        let outbox = Outbox(work: try scene.place.database.deployment.system(of: scene.place.institution))
        #expect(try await outbox.planReports(at: Self.monday, host: "h.example") == 1)
        #expect(try await outbox.planReports(at: Self.monday, host: "h.example") == 0)
        try await scene.place.run(SQL(unchecked: change))
        scene.clock.now = Self.monday
        try await scene.work()
        #expect(scene.transport.mails.count == sent)
        #expect(try await scene.states() == [sent == 1 ? "sent" : "dropped"])
    }

    @Test func `it is about what was asked, and each report can be mailed`() async throws {
        let scene = try await MailScene.make()
        try await scene.place.run("update milestones set reminders = '{}'")
        let admin = scene.cohort.admin
        for report in Report.bundled {
            let made = try await scene.cohort.send(
                admin, "POST /report-mails",
                json: """
                    {"report":"\(report.name)","weekday":1,"hour":8,"recipients":[\(admin.id)],
                     "cohortId":\(scene.cohort.id),"categoryId":\(scene.cohort.category),"groupId":\(scene.cohort.group),
                     "from":"2020-01-01","to":"2030-01-01"}
                    """)
            #expect(made.status == 201, "\(made.text)")
        }
        try await scene.place.run("update mailed_reports set planned_until = \(Self.monday - 1)")
        scene.clock.now = Self.monday
        try await scene.work()
        #expect(scene.transport.mails.count == Report.bundled.count)
        let texts = scene.transport.mails.map { text($0) }
        for report in Report.bundled {
            #expect(texts.contains { $0.contains("/reports/\(report.name)?categoryId=3D") }, "\(report.name)")
        }
        let progress = try #require(texts.first { $0.contains("/reports/progress-by-cohort?") })
        #expect(progress.contains("Fall") && !progress.contains("Hidden"))
    }

    @Test func `another program reads the mail, formulas and markup being text`() async throws {
        guard MailServer.isAvailable else { return }
        let server = try await MailServer()
        let scene = try await scene()
        try await scene.place.run("update cohorts set name = '=1+1 <b>&' where id = \(scene.cohort.id)")
        var configuration = MailWorker.Configuration(
            transport: try SMTPTransport(.init(host: "localhost", port: server.port, protection: .none)),
            sender: "reports@{institution}.example", domain: "localhost", port: 8443)
        configuration.clock = { Self.monday }
        let worker = try MailWorker(deployment: scene.place.database.deployment, configuration)
        _ = try await worker.visit(scene.place.institution)
        let mail = try #require(try server.mails.first)
        #expect(mail.defects == [] && mail.recipient == scene.cohort.admin.email)
        #expect(mail.subject.hasPrefix("Progress by cohort, "))
        #expect(mail.text?.contains("Cohort: =1+1 <b>&") == true, "\(mail.text ?? "")")
        #expect(mail.html?.contains("=1+1 &lt;b&gt;&amp;") == true && mail.html?.contains("<b>&") == false)
        #expect(try server.mails.count == 1)
    }

    @Test func `admins keep them, and a bad value names its field`() async throws {
        let it = try await TestCohort.make()
        func body(_ change: String) -> String {
            #"{"report":"staff-load","weekday":5,"hour":17,"recipients":[\#(it.admin.id)]"# + change + "}"
        }
        let made = try await it.send(it.admin, "POST /report-mails", json: body(#","from":"2026-01-01""#))
        #expect(made.status == 201 && made.text("from") == "2026-01-01", "\(made.text)")
        let id = try #require(made.number("id"))
        let tag = try #require(made.headers[.eTag])
        for (json, field) in [
            (#"{"report":"nothing","weekday":1,"hour":1,"recipients":[\#(it.admin.id)]}"#, "report"),
            (#"{"report":"staff-load","weekday":0,"hour":1,"recipients":[\#(it.admin.id)]}"#, "weekday"),
            (#"{"report":"staff-load","weekday":8,"hour":1,"recipients":[\#(it.admin.id)]}"#, "weekday"),
            (#"{"report":"staff-load","weekday":1,"hour":24,"recipients":[\#(it.admin.id)]}"#, "hour"),
            (#"{"report":"staff-load","weekday":1,"hour":1,"recipients":[]}"#, "recipients"),
            (#"{"report":"staff-load","weekday":1,"hour":1,"recipients":[\#(it.staff.id)]}"#, "recipients"),
            (#"{"report":"staff-load","weekday":1,"hour":1,"recipients":[2147483647]}"#, "recipients"),
            (#"{"report":"staff-load","weekday":1,"hour":1,"recipients":[99999999999]}"#, "recipients"),
            (
                "{\"report\":\"staff-load\",\"weekday\":1,\"hour\":1,\"recipients\":\(Array(repeating: it.admin.id, count: 51))}",
                "recipients"
            ),
            (body(#","cohortId":0"#), "cohortId"), (body(#","to":"tomorrow""#), "to"), (body(#","x":1"#), "x"),
        ] {
            let refused = try await it.send(it.admin, "POST /report-mails", json: json)
            #expect(refused.status == 422 && refused.refusedFields == [field], "\(json): \(refused.text)")
        }
        let changed = try await it.send(
            it.admin, "PATCH /report-mails/\(id)", json: #"{"hour":9}"#, headers: [.ifMatch: tag])
        #expect(changed.status == 200 && changed.number("hour") == 9 && changed.number("weekday") == 5)
        #expect(changed.text("nextAt")?.contains("T09:00:00") == true)
        let late = try await it.send(it.admin, "DELETE /report-mails/\(id)", headers: [.ifMatch: tag])
        #expect(late.status == 412)
        #expect(try await it.send(it.admin, "PATCH /report-mails/\(id)", json: #"{"recipients":[]}"#).status == 422)
        #expect(try await it.send(it.admin, "DELETE /report-mails/\(id)").status == 204)
        #expect(try await it.send(it.admin, "DELETE /report-mails/\(id)").status == 404)
        #expect(try await it.send(it.staff, "GET /report-mails").status == 403)
        let actions: SQL = "select count(*) from audit where action like 'mailedreport.%'"
        #expect(try await it.place.number(actions) == 3)
    }

    @Test func `the report's page has it mailed, about what it shows`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client(it.admin).asBrowser(it.admin)
        let address = "/reports/staff-load"
        let page = "\(address)?cohortId=\(it.id)&from=2026-01-01"
        #expect(try await browser.get(page).text.contains("Mail each week"))
        let fields = ["weekday": "2", "hour": "7"]
        let nobody = try await browser.submit(address, fields, on: page)
        #expect(nobody.status == 422 && nobody.text.contains("must name at least one person"), "\(nobody.text)")
        #expect(nobody.text.contains(#"name="cohortId" value="\#(it.id)""#), "the filter is still there")
        let done = try await browser.submit(address, fields.merging(["recipients": "\(it.admin.id)"]) { $1 }, on: page)
        #expect(done.status == 303, "\(done.text)")
        #expect(done.headers[.location]?.hasPrefix("\(page)&done=created") == true, "\(done.headers)")
        let listed = try await browser.get(address).text
        #expect(listed.contains("Tuesday, 07:00, to Ada Lovelace."))
        #expect(listed.contains("cohortId=\(it.id)&amp;from=2026-01-01"))
        let id = try await it.place.number("select id from mailed_reports where cohort_id = \(it.id)")
        let ended = try await browser.submit("\(address)/mails/\(id)/delete", on: address)
        #expect(ended.status == 303)
        #expect(try await it.place.number("select count(*) from mailed_reports") == 0)
    }

    @Test func `a mail is changed on a page of its own, by whoever has seen what it was`() async throws {
        let it = try await TestCohort.make()
        let browser = it.place.client(it.admin).asBrowser(it.admin)
        let other = try await it.place.account("admin", email: "o@example.edu", given: "Olu", family: "<b>Other")
        let made = try await it.send(
            it.admin, "POST /report-mails",
            json: """
                {"report":"staff-load","weekday":5,"hour":17,"recipients":[\(it.admin.id)],"cohortId":\(it.id)}
                """)
        let id = try #require(made.number("id"))
        let path = "/reports/staff-load/mails/\(id)"
        #expect(try await browser.get("/reports/staff-load").text.contains("href=\"\(path)\""))
        let page = try await browser.get(path)
        #expect(page.text.contains("Friday, 17:00, to Ada Lovelace.") && !page.text.contains("<b>Other"))
        let old = page.hiddenFields(to: path)
        #expect(old["version"] != nil)

        // each mistake at its field, with what was typed
        let nobody = try await browser.submit(path, ["weekday": "1", "hour": "6"], on: path)
        #expect(nobody.status == 422 && nobody.text.contains("id=\"recipients-error\""), "\(nobody.text)")
        #expect(nobody.text.contains("<option value=\"6\" selected"), "\(nobody.text)")
        for (field, value) in [("weekday", "8"), ("hour", "x"), ("recipients", "\(it.staff.id)"), ("recipients", "-1")]
        {
            var fields = ["weekday": "1", "hour": "6", "recipients": "\(other)"]
            fields[field] = value
            let refused = try await browser.submit(path, fields, on: path)
            #expect(
                refused.status == 422 && refused.text.contains("id=\"\(field)-error\""), "\(field): \(refused.text)")
        }
        #expect(try await it.place.number("select version from mailed_reports") == 1, "nothing is stored")

        let wish = ["weekday": "2", "hour": "7", "recipients": "\(other)"]
        let done = try await browser.post(path, wish.merging(old) { $1 })
        #expect(done.status == 303, "\(done.text)")
        #expect(done.headers[.location]?.hasPrefix("/reports/staff-load?cohortId=\(it.id)&done=saved") == true)
        #expect(
            try await it.place.texts("select weekday || ' ' || hour || ' ' || recipients::text from mailed_reports")
                == ["2 7 {\(other)}"])

        // another had the page open since before
        for version in [old["version"], nil, "x", "99999999999999999999"] {
            let mine = ["weekday": "3", "hour": "9", "recipients": "\(it.admin.id)"]
            let late = try await browser.post(path, mine.merging(version.map { ["version": $0] } ?? [:]) { $1 })
            #expect(late.status == 412, "\(version ?? "none"): \(late.text)")
            for field in ["weekday", "hour", "recipients"] { #expect(late.text.contains("id=\"\(field)-stored\"")) }
            #expect(late.text.contains("Olu &lt;b&gt;Other"))
        }
        #expect(try await it.place.number("select hour from mailed_reports") == 7)
        #expect(
            try await it.place.texts("select action from audit where subject = \("mailed-report/\(id)")").count == 2)

        #expect(try await browser.get("/reports/students-behind/mails/\(id)").status == 404)
        #expect(try await browser.get("/reports/staff-load/mails/999999").status == 404)
        #expect(try await browser.post("/reports/staff-load/mails/999999", wish.merging(old) { $1 }).status == 404)
        let staff = it.place.client(it.staff).asBrowser(it.staff)
        #expect(try await staff.get(path).status == 403)
    }
}
