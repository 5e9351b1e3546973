import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// For how long what is kept: the API, the page, and what the background work removes by it.
@Suite struct RetentionTests {
    private let path = "/api/v1/settings/retention"

    /// A college with a student archived for 99 days, mails and entries of the audit of several ages, and files of a cohort
    /// archived for 50 days.
    private func aged() async throws -> TestCohort {
        let it = try await TestCohort.make()
        let form = MultipartForm([], [("files", "essay.txt", "text/plain", Array("work".utf8))])
        for person in [it.student, it.other] {
            let sent = try await it.place.client(person).send(
                .post, "/api/v1/milestones/\(it.milestone)/progress/\(person.id)/submit", body: form.bytes,
                contentType: form.type)
            #expect(sent.status == 200, "\(sent.text)")
        }
        let archived = try await it.send(it.admin, "PATCH /accounts/\(it.other.id)", json: #"{"status":"archived"}"#)
        #expect(archived.status == 200)
        #expect(
            try await it.place.number("select count(*) from accounts where archived_at > now() - interval '1 hour'")
                == 1)
        let statements: [SQL] = [
            "update accounts set archived_at = now() - interval '99 days' where id = \(it.other.id)",
            "update cohorts set archived_at = now() - interval '50 days' where id = \(it.id)",
            """
            insert into mails (account_id, kind, day, since, message_id, state, settled_at)
            select \(it.student.id), 'reminder', current_date - d, current_date - d - 1, d::text, 'sent',
                   now() - make_interval(days => d) from unnest(array[10, 40, 390, 500]) d
            """,
            """
            insert into audit (at, actor_role, action, subject)
            select now() - make_interval(days => d), 'x', a, 'cohort/1'
              from unnest(array[10, 300, 400, 800]) d cross join unnest(array['x', 'attachment.create']) a
            """,
        ]
        for statement in statements { try await it.place.run(statement) }
        return it
    }

    private func sweep(_ it: TestCohort) async throws -> Int {
        try await it.place.database.deployment.system(of: it.place.institution).read(RetentionSweep.portion)
    }

    private func ages(_ it: TestCohort) async throws -> [String] {
        try await it.place.texts("select message_id from mails where message_id ~ '^[0-9]+$' order by id")
    }

    @Test func `an admin reads and changes the days, and sees what goes next`() async throws {
        let it = try await aged()
        let client = it.place.client(it.admin)
        let before = try await client.send(.get, path)
        #expect(before.status == 200)
        #expect(before.number("mailsDays") == 400 && before["auditDays"] == .null)
        #expect(before.number("removable", "mails") == 1 && before.number("removable", "audit") == 0)
        let tag = try #require(before.headers[.eTag])
        let after = try await client.send(
            .patch, path, json: #"{"mailsDays":30,"auditDays":365,"filesDays":49,"archivedStudentsDays":98}"#,
            headers: [.ifMatch: tag])
        #expect(after.status == 200, "\(after.text)")
        for (kind, count) in [("mails", 3), ("audit", 2), ("files", 2), ("archivedStudents", 1)] {
            #expect(after.number("removable", kind) == count, "\(kind)")
        }
        #expect(try await client.send(.patch, path, json: #"{"mailsDays":31}"#, headers: [.ifMatch: tag]).status == 412)
        let same = try await client.send(.patch, path, json: #"{"mailsDays":30}"#)
        #expect(same.headers[.eTag] == after.headers[.eTag])
        let emptied = try await client.send(.patch, path, json: #"{"mailsDays":null}"#)
        #expect(emptied["mailsDays"] == .null && emptied.number("auditDays") == 365)
        #expect(emptied.number("removable", "mails") == 0)
        let noted = try await it.place.texts(
            "select after ->> 'mailsDays' from audit where action = 'settings.retention' and after ->> 'mailsDays' > ''"
        )
        #expect(noted == ["30"])
    }

    @Test func `less than the least is refused, and names its field`() async throws {
        let it = try await TestCohort.make()
        for (field, least) in [("mailsDays", 30), ("auditDays", 365), ("filesDays", 30), ("archivedStudentsDays", 30)] {
            for value in ["\(least - 1)", "0", "-1", "36501", "9223372036854775807", "1e99", "\"30\"", "true", "30.5"] {
                let refused = try await it.send(it.admin, "PATCH /settings/retention", json: "{\"\(field)\":\(value)}")
                #expect(refused.status == 422 && refused.refusedFields == [field], "\(field) \(value)")
            }
            for value in ["\(least)", "36500", "null"] {
                let taken = try await it.send(it.admin, "PATCH /settings/retention", json: "{\"\(field)\":\(value)}")
                #expect(taken.status == 200, "\(field) \(value): \(taken.text)")
            }
        }
    }

    @Test func `the background work removes exactly what the days say, and notes how much`() async throws {
        let it = try await aged()
        #expect(try await sweep(it) == 1, "the one mail of before the 400 days")
        #expect(try await ages(it) == ["10", "40", "390"])
        #expect(try await sweep(it) == 0)
        let audited = try await it.place.number("select count(*) from audit")
        let changed = try await it.send(
            it.admin, "PATCH /settings/retention",
            json: #"{"mailsDays":41,"auditDays":401,"filesDays":51,"archivedStudentsDays":100}"#)
        #expect(changed.status == 200)
        #expect(try await sweep(it) == 2)
        #expect(try await ages(it) == ["10", "40"])
        #expect(
            try await it.place.number("select count(*) from audit where action = 'attachment.create'") >= 4,
            "which groups came to a cohort is what a policy asks for")
        #expect(try await it.place.number("select count(*) from audit") == audited + 1 - 1 + 1)
        let note: SQL = """
            select after::text from audit where action = 'retention.sweep' and actor_id is null order by id desc limit 1
            """
        #expect(try await it.place.texts(note) == [#"{"audit": 1, "files": 0, "mails": 1}"#])
        #expect(try await it.place.number("select count(*) from submission_files") == 2)

        let more = try await it.send(
            it.admin, "PATCH /settings/retention", json: #"{"filesDays":49,"archivedStudentsDays":98}"#)
        #expect(more.status == 200)
        // the erased student's file goes with the student
        #expect(try await sweep(it) == 2)
        #expect(try await it.place.number("select count(*) from submission_files") == 0)
        #expect(try await it.place.number("select bytes from file_space") == 0)
        #expect(
            try await it.place.texts("select name from accounts where id = \(it.other.id) and erased_at is not null")
                == ["Erased student"])
        #expect(try await it.place.texts("select name from accounts where id = \(it.student.id)") == ["Ada Lovelace"])
        #expect(
            try await it.place.texts("select after::text from audit where action = 'retention.erase'")
                == [#"{"students": 1}"#])
        #expect(try await sweep(it) == 0)
    }

    @Test func `days begin in the institution's zone, and who is brought back is not counted on`() async throws {
        let it = try await aged()
        try await it.place.run(
            "update settings set time_zone = 'Pacific/Kiritimati', keep_students_days = 30, keep_mails_days = 30")
        try await it.place.run(
            """
            insert into mails (account_id, kind, day, since, message_id, state, settled_at)
            select \(it.student.id), 'password', current_date - n, current_date - n - 1, 'm' || n, 'sent',
                   waymark.reminder_moment(waymark.day_of(now(), 'Pacific/Kiritimati') - 30, 0, 'Pacific/Kiritimati')
                     - make_interval(secs => n) from unnest(array[0, 1]) n
            """)
        for status in ["active", "archived"] {
            let answer = try await it.send(
                it.admin, "PATCH /accounts/\(it.other.id)", json: "{\"status\":\"\(status)\"}")
            #expect(answer.status == 200)
        }
        _ = try await sweep(it)
        #expect(try await it.place.texts("select message_id from mails where kind = 'password'") == ["m0"])
        #expect(try await it.place.number("select count(*) from accounts where erased_at is not null") == 0)
    }

    @Test func `two that sweep at once erase nobody twice`() async throws {
        let it = try await aged()
        try await it.place.run(
            "update settings set keep_students_days = 30, keep_mails_days = 30, keep_audit_days = 365")
        async let first = sweep(it)
        async let second = sweep(it)
        _ = try await (first, second)
        #expect(try await sweep(it) == 0)
        #expect(try await it.place.number("select version from accounts where id = \(it.other.id)") == 3)
        let sums: SQL = """
            select coalesce(sum((after ->> 'mails')::int + (after ->> 'audit')::int), 0)::int from audit
            where action = 'retention.sweep'
            """
        #expect(try await it.place.number(sums) == 5)
    }

    @Test func `the page says what goes, and asks before so much goes`() async throws {
        let it = try await aged()
        let browser = it.place.client(it.admin).asBrowser(it.admin)
        let address = "/settings/retention"
        #expect(try await browser.get("/settings").text.contains("href=\"\(address)\""))
        #expect(try await browser.get(address).text.contains("1 mail will be forgotten."))
        let fields = ["archivedStudentsDays": "98", "auditDays": "", "mailsDays": "30", "filesDays": ""]
        let asked = try await browser.submit(address, fields)
        #expect(asked.status == 200 && asked.text.contains("1 archived student will be erased."), "\(asked.text)")
        #expect(asked.text.contains("3 mails will be forgotten."))
        #expect(try await it.place.number("select count(*) from settings where keep_students_days is null") == 1)
        let hidden = asked.hiddenFields(to: address)
        #expect(hidden["confirmed"] == "true" && hidden["mailsDays"] == "30")
        let saved = try await browser.post(address, hidden)
        #expect(
            saved.status == 303 && saved.headers[.location]?.hasPrefix("\(address)?done=saved") == true, "\(saved.text)"
        )
        #expect(try await it.place.number("select keep_students_days from settings") == 98)
        let wrong = try await browser.submit(address, ["mailsDays": "many"])
        #expect(wrong.status == 422 && wrong.text.contains("value=\"many\""))
        let quiet = try await browser.submit(
            address, ["archivedStudentsDays": "", "mailsDays": "", "auditDays": "", "filesDays": ""])
        #expect(quiet.status == 303)
        #expect(try await browser.get(address).text.contains("Nothing at the moment."))
        #expect(try await it.place.client(it.staff).asBrowser(it.staff).get(address).status == 403)
    }
}
