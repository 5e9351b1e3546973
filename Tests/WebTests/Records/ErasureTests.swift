import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// Erasing a student: nothing says who it was, and all figures stay.
@Suite struct ErasureTests {
    @Test func `after it no column of the schema says who it was, in whatever table`() async throws {
        let scene = try await ErasureScene.make()
        let (all, filled) = try await scene.places()
        // of students there are none: see the constraints `..._account_role_check`
        let staff = ["cards.account_id", "department_directors.account_id", "group_members.account_id"]
        #expect(
            Set(all).subtracting(filled) == Set(all.filter { one in staff.contains { one.hasSuffix($0) } }),
            "a table the scene does not fill")
        let before = try await scene.traces()
        for column in [
            "accounts.email", "accounts.search_text", "accounts.password_hash", "audit.after", "audit.before",
            "progress.comment", "progress_events.comment", "extensions.comment", "extension_events.comment",
            "submission_files.name", "submission_chunks.bytes", "mails.reason", "identities.subject",
            "scim_users.emails", "idempotency_keys.response", "upload_pieces.bytes", "reset_requests.address",
            "roster_records.sourced_id", "sessions.program", "saved_views.name",
        ] { #expect(before.contains(column), "the walk finds \(column)") }
        let answer = try await scene.erase()
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.text("givenName") == "Erased" && answer.text("familyName") == "student")
        let left = try await scene.traces()
        #expect(left == [])
        let name: SQL = "select name from accounts where id = \(scene.student)"
        #expect(try await scene.it.place.texts(name) == ["Erased student"])
        let noted: SQL = "select count(*) from audit where action = 'account.erase' and actor_id = \(scene.it.admin.id)"
        #expect(try await scene.it.place.number(noted) == 1)
        #expect(try await scene.it.place.number("select bytes from file_space") == 0)
    }

    @Test func `others keep what is said of them, and their files that wait`() async throws {
        let scene = try await ErasureScene.make()
        let place = scene.it.place
        let other = #"{"email":"other.\#(ErasureScene.email)","givenName":"Ann","role":"student"}"#
        #expect(try await scene.it.send(scene.it.admin, "POST /accounts", json: other).status == 201)
        let kept: SQL = """
            select after ->> 'email' from audit where action = 'account.create' and after ->> 'email' like 'other.%'
            """
        #expect(try await place.texts(kept).count == 1)
        try await place.run(
            """
            insert into audit (action, subject, after)
            values ('account.update', 'account/77', '{"email": "zephyrine@x.edu", "said": "Quillonia Zephyrine"}')
            """)
        try await place.run("insert into uploads (account_id, name) values (\(scene.it.admin.id), 'others.csv')")
        #expect(try await scene.erase().status == 200)
        #expect(try await place.texts(kept) == ["other.\(ErasureScene.email)"], "an address within a longer one")
        #expect(
            try await place.number("select count(*) from audit where subject = 'account/77' and after is not null") == 1
        )
        #expect(try await place.texts("select name from uploads") == ["others.csv"])
        let actions = "select count(*) from audit where subject = 'account/\(scene.student)'"
        #expect(try await place.number(SQL(unchecked: actions)) > 2, "that something was done stays")
    }

    /// Every row of every report view and of every report, but for what reports say of when they were asked.
    private func figures(_ scene: ErasureScene) async throws -> [String: String] {
        let place = scene.it.place
        var figures: [String: String] = [:]
        let views = try await place.texts(
            """
            select relname from pg_class where relnamespace = \(place.institution.schema)::regnamespace
               and relkind = 'v' and relname like 'report\\_%'
            """)
        #expect(views.count >= 12)
        // that a student was erased is noted, and is a row more
        let condition = ["report_audit": "where action <> 'account.erase'"]
        for view in views {
            figures[view] = try await place.texts(
                SQL(unchecked: "select v::text from \(view) v \(condition[view] ?? "") order by 1")
            ).joined(separator: "\n")
        }
        for report in try Report.all() {
            let answer = try await scene.it.send(scene.it.admin, "GET /reports/\(report.name)")
            #expect(answer.status == 200, "\(answer.text)")
            figures[report.name] = try answer.json()["rows"].map { "\($0)" }
        }
        for (table, columns) in [
            ("enrollments", "cohort_id, student_id, joined_at, left_at"),
            ("progress", "milestone_id, student_id, cohort_id, status, updated_at"),
            ("progress_events", "id, milestone_id, student_id, actor_id, at, from_status, to_status"),
            ("extensions", "milestone_id, student_id, status, due_on, updated_at"),
            ("extension_events", "id, milestone_id, student_id, actor_id, at, status, due_on"),
            ("mails", "id, account_id, kind, day, state, settled_at"),
        ] {
            figures[table] = try await place.texts(
                SQL(unchecked: "select row(\(columns))::text from \(table) order by 1")
            ).joined(separator: "\n")
        }
        return figures
    }

    @Test func `every report and report view gives the same before and after, but for the name`() async throws {
        let scene = try await ErasureScene.make()
        var before = try await figures(scene)
        for view in [
            "report_answers", "report_mails", "report_requests", "report_extensions", "report_audit", "progress",
            "extension_events",
        ] { #expect(before[view]?.contains(",\(scene.student)") == true, "\(view) counts the student") }
        let students = before.removeValue(forKey: "report_students") ?? ""
        #expect(ErasureScene.words.allSatisfy { students.lowercased().contains($0) })
        #expect(try await scene.erase().status == 200)
        var after = try await figures(scene)
        let left = (after.removeValue(forKey: "report_students") ?? "").split(separator: "\n")
        #expect(left.count == students.split(separator: "\n").count)
        #expect(
            try await scene.it.place.texts(
                """
                select concat_ws(' ', student, email, student_number, status, archived, erased) from report_students
                 where student_id = \(scene.student)
                """) == ["Erased student erased-\(scene.student)@waymark.invalid archived t t"])
        #expect(Set(before.keys) == Set(after.keys))
        for (name, rows) in before {
            #expect(after[name] == rows.replacing("\"Quilly Zephyrine\"", with: "\"Erased student\""), "\(name)")
        }
    }

    @Test func `a shared milestone is not carried beside by it`() async throws {
        let scene = try await ErasureScene.make(isArchived: false)
        let place = scene.it.place
        let beside = try await scene.it.milestone("Meet", in: scene.it.hidden)
        try await place.run(
            """
            insert into progress (milestone_id, student_id, cohort_id, completion, status, comment)
            values (\(beside), \(scene.student), \(scene.it.hidden), 'staff', 'completed', 'Quilly')
            """)
        try await place.run(
            "update milestones set shared_id = 77 where id in (\(beside), \(scene.it.milestone))")
        try await scene.archive()
        #expect(try await scene.erase().status == 200)
        #expect(
            try await place.texts(
                "select status from progress where milestone_id in (\(beside), \(scene.it.milestone)) order by status")
                == ["completed", "returned"])
        let left = try await scene.traces()
        #expect(left == [])
    }

    @Test func `only who is archived is erased, once, by an admin who says whom`() async throws {
        let scene = try await ErasureScene.make(isArchived: false)
        let early = try await scene.erase()
        #expect(early.status == 409 && early.text.contains("account-not-archived"), "\(early.text)")
        try await scene.archive()
        for wrong in ["", " ", "Ada Lovelace", "Quillonia", "erased", "quillonia.z@example.ed"] {
            let refused = try await scene.erase(wrong)
            #expect(refused.status == 422 && refused.refusedFields == ["confirmation"], "\(wrong): \(refused.text)")
        }
        #expect(try await scene.erase(as: scene.it.staff).status == 403)
        for id in ["\(scene.it.staff.id)", "2147483647", "0", "x"] {
            let missing = try await scene.it.send(
                scene.it.admin, "POST /students/\(id)/erasure", json: #"{"confirmation":"x"}"#)
            #expect(missing.status == 404, "\(id)")
        }
        #expect(try await scene.traces().contains("accounts.email"))
        #expect(try await scene.erase("  QUILLY zephyrine ").status == 200)
        let again = try await scene.erase()
        #expect(again.status == 409 && again.text.contains("account-erased"))
    }

    @Test func `nobody brings it back, finds it or signs in by it`() async throws {
        let scene = try await ErasureScene.make()
        let it = scene.it
        #expect(try await scene.erase().status == 200)
        let address = "erased-\(scene.student)@waymark.invalid"
        for change in [
            #"{"status":"active"}"#, #"{"status":"suspended","givenName":"Quillonia"}"#,
            #"{"status":"active","password":"four words and more"}"#,
        ] {
            let refused = try await it.send(it.admin, "PATCH /accounts/\(scene.student)", json: change)
            #expect(refused.status == 409 && refused.text.contains("account-erased"), "\(change): \(refused.text)")
        }
        let renamed = try await it.send(
            it.admin, "PATCH /accounts/\(scene.student)", json: #"{"givenName":"Quillonia"}"#)
        #expect(renamed.status == 409)
        #expect(try await it.send(it.student, "GET /me").status == 401)
        for search in ["Quillonia", "QZ-4711", "Erased", "waymark.invalid", "q"] {
            let found = try await it.send(it.admin, "GET /accounts?q=\(search)&archived=true")
            #expect(try found.json()["items"]?.elements.isEmpty == true, "\(search)")
        }
        let listed = try await it.send(it.admin, "GET /accounts?archived=true")
        #expect(try listed.json()["items"]?.elements.count == 1)
        let added = try await it.send(
            it.admin, "POST /cohorts/\(it.id)/students", json: #"{"email":"\#(address)"}"#)
        #expect(added.status == 422)
        for email in [address, ErasureScene.email] {
            let answer = try await it.place.client(it.admin).send(
                .post, "/api/v1/imports/students?partial=true",
                body: Array("email,given_name,family_name\n\(email),Quillonia,Zephyrine\n".utf8),
                contentType: "text/csv")
            #expect(answer.number("added") == (email == address ? 0 : 1), "\(answer.text)")
        }
        let taken = try await it.send(
            it.admin, "POST /accounts", json: #"{"email":"\#(address.uppercased())","givenName":"Q","role":"student"}"#)
        #expect(taken.status == 422 && taken.refusedFields == ["email"])
        let nobody: SQL = "select count(*) from accounts where id = \(scene.student) and name = 'Erased student'"
        #expect(try await it.place.number(nobody) == 1)
    }

    @Test func `the account's page leads there, and shows nothing to change afterwards`() async throws {
        let scene = try await ErasureScene.make(isArchived: false)
        let browser = scene.it.place.client(scene.it.admin).asBrowser(scene.it.admin)
        let (account, address) = ("/accounts/\(scene.student)", "/students/\(scene.student)/erasure")
        #expect(try await browser.get(account).text.contains("href=\"\(address)\""))
        let early = try await browser.get(address)
        #expect(early.status == 200 && !early.text.contains("name=\"confirmation\""))
        try await scene.archive()
        let page = try await browser.get(address)
        #expect(page.text.contains("name=\"confirmation\"") && page.text.contains("Quilly Zephyrine"))
        let wrong = try await browser.submit(address, ["confirmation": "Somebody <else>"], on: address)
        #expect(wrong.status == 422 && wrong.text.contains("value=\"Somebody &lt;else&gt;\""), "\(wrong.text)")
        let done = try await browser.submit(address, ["confirmation": "quilly zephyrine"], on: address)
        #expect(done.status == 303 && done.headers[.location]?.hasPrefix("\(account)?done=erased") == true)
        let left = try await browser.get(account).text
        #expect(left.contains("Erased student") && left.contains("was erased on"))
        #expect(!left.contains("name=\"givenName\"") && !left.contains(address))
        #expect(try await browser.get(address).text.contains("was erased on"))
        #expect(try await browser.get("/audit").text.contains("erased a student"))
    }
}
