import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// People whom a file adds, and the mail by which they choose a password.
@Suite struct ImportInvitationTests {
    private let header = "email,given_name,family_name\n"

    private func send(
        _ text: String, to client: TestClient, _ query: String, kind: String = "students"
    ) async throws -> TestClient.Answer {
        try await client.send(
            .post, "/api/v1/imports/\(kind)\(query)", body: Array(text.utf8), contentType: "text/csv")
    }

    /// The addresses to which invitations wait to be sent.
    private func invited(_ college: TestInstitution) async throws -> [String] {
        try await college.texts(
            """
            select a.email from mails m join accounts a on a.id = m.account_id
            where m.kind = 'invitation' and m.state = 'waiting' order by a.id
            """)
    }

    @Test func `whom a file adds gets a link, and nobody else does`() async throws {
        let place = try await MailedPlace()
        let college = place.college
        let client = college.client(try await college.person("admin"))
        let known = try await college.account("student", email: "known@x.edu", given: "K", family: "N")
        let text = header + "known@x.edu,New,Name\na@x.edu,A,A\nb@x.edu,B,B\nB@x.edu,B,B\n"
        let dry = try await send(text, to: client, "?invite=true&dryRun=true")
        #expect(dry.status == 200 && dry.number("invited") == 2 && dry.number("added") == 2, "\(dry.text)")
        #expect(try await invited(college).isEmpty)
        let broken = try await send(text + "bad,B,B\n", to: client, "?invite=true")
        #expect(broken.status == 422 && broken.number("report", "failed") == 1, "\(broken.text)")
        #expect(try await invited(college).isEmpty, "nothing was stored")
        let real = try await send(text + "bad,B,B\n", to: client, "?invite=true&partial=true")
        #expect(real.status == 200 && real.number("invited") == 2 && real.number("updated") == 1)
        #expect(try await invited(college) == ["a@x.edu", "b@x.edu"])
        #expect(try await place.state(of: known, client) == "none")
        let audit = try await college.texts("select subject from audit where action = 'invitation.mail' order by id")
        #expect(audit.count == 2)
        // the same file adds nobody, and without the word nobody is invited
        #expect(try await send(text, to: client, "?invite=true").number("invited") == 0)
        #expect(try await send(header + "c@x.edu,C,C\n", to: client, "").number("invited") == 0)
        #expect(try await invited(college) == ["a@x.edu", "b@x.edu"])

        let mails = try await place.mails()
        #expect(mails.count == 2 && mails.allSatisfy { $0.contains("Subject: Your way into Test College") })
        let link = try place.link(in: try #require(mails.first { $0.contains("<a@x.edu>") }))
        let chosen = try await college.client().send(
            .post, "/api/v1\(link)", json: #"{"password":"my very own words"}"#)
        #expect(chosen.status == 204)
    }

    @Test func `an address that changes hands within the file is the one that is written to`() async throws {
        let place = try await MailedPlace()
        let client = place.college.client(try await place.college.person("admin"))
        let header = "email,given_name,family_name,student_number\n"
        _ = try await send(header + "lee@x.edu,Ann,Lee,1\n", to: client, "")
        let next = try await send(
            header + "ann.lee@x.edu,Ann,Lee,1\nlee@x.edu,Bo,Lee,2\n", to: client, "?invite=true")
        #expect(next.strings("rows", each: "result") == ["updated", "added"] && next.number("invited") == 1)
        #expect(try await invited(place.college) == ["lee@x.edu"])
        #expect(try await place.mails().map { $0.contains("<lee@x.edu>") } == [true])
    }

    @Test func `thousands are invited by a statement for each slice, and the worker looks when they are there`()
        async throws
    {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let rows = (1...10_001).map { "s\($0)@x.edu,Given,F\($0)\n" }.joined()
        let answer = try await send(header + rows, to: client, "?invite=true")
        #expect(answer.status == 200 && answer.number("invited") == 10_001)
        #expect(
            try await college.number("select count(distinct account_id) from mails where kind = 'invitation'") == 10_001
        )
        #expect(try await college.number("select count(distinct message_id) from mails") == 10_001)
        // a transaction has one moment, and a statement one command; each slice is one
        #expect(try await college.number("select count(distinct due_at) from mails") == 1)
        #expect(try await college.number("select count(distinct cmin::text::int) from mails") == 3)
        let due: SQL = "select work_at <= now() from waymark.institutions where id = \(college.institution.id)"
        #expect(try await college.owner(due.value(Bool.self)))
    }

    @Test func `staff are invited too, also where students have no passwords`() async throws {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        try await college.run(
            """
            update identity_providers set issuer = 'https://i.example', client_id = 'w', enabled = true,
                student_passwords = false
            """)
        let staff = "email,given_name,family_name,role\nbo@x.edu,Bo,Byrne,staff\n"
        let real = try await send(staff, to: client, "?invite=true", kind: "staff")
        #expect(real.status == 200 && real.number("invited") == 1, "\(real.text)")
        for query in ["?invite=true", "?invite=true&dryRun=true"] {
            let refused = try await send(header + "a@x.edu,A,A\n", to: client, query)
            #expect(refused.status == 422 && refused.refusedFields == ["invite"], "\(refused.text)")
            #expect(refused.text("errors", 0, "code") == "not-by-password")
        }
        #expect(try await invited(college) == ["bo@x.edu"])
        #expect(try await college.number("select count(*) from accounts where role = 'student'") == 0)
        try await college.run("update identity_providers set enabled = false")
        #expect(try await send(header + "a@x.edu,A,A\n", to: client, "?invite=true").number("invited") == 1)
    }

    @Test func `a token invites nobody, and where no mail leaves nobody is invited`() async throws {
        let college = try await TestInstitution.make()
        let person = try await college.person("admin")
        let client = college.client(person)
        let end = Date.now.addingTimeInterval(86_400).formatted(.iso8601)
        let token = try await client.send(
            .post, "/api/v1/tokens", json: #"{"name":"N","expiresAt":"\#(end)","scopes":["read","write"]}"#)
        let program = college.client().signedIn(token.text("token"))
        let text = header + "a@x.edu,A,A\n"
        for query in ["?invite=true", "?invite=true&dryRun=true"] {
            let refused = try await send(text, to: program, query)
            #expect(refused.status == 422 && refused.refusedFields == ["invite"], "\(refused.text)")
            #expect(refused.text("errors", 0, "code") == "not-invited-by-token")
        }
        #expect(try await send(text, to: client, "?invite=perhaps").refusedFields == ["invite"])
        var site = college.site
        site.sendsMail = false
        let silent = TestClient(site: site, host: client.host).signedIn(person.token.text)
        let none = try await send(text, to: silent, "?invite=true")
        #expect(none.status == 409 && none.text("code") == "no-mail")
        let page = try await TestClient(site: site, host: client.host).asBrowser(person).upload(
            "/imports", file: (name: "file", fileName: "s.csv", type: "text/csv", bytes: Array(text.utf8)))
        #expect(page.text.contains("1 would be added") && !page.text.contains(#"name="invite""#))
        #expect(try await college.number("select count(*) from accounts where role = 'student'") == 0)
        #expect(try await send(text, to: program, "").status == 200)
    }

    @Test func `by browser it is a box to tick below what would be added`() async throws {
        let college = try await TestInstitution.make()
        let browser = try await college.client().asBrowser(college.person("admin"))
        func file(_ text: String) -> (name: String, fileName: String, type: String, bytes: [UInt8]) {
            (name: "file", fileName: "s.csv", type: "text/csv", bytes: Array(text.utf8))
        }
        func upload(_ page: TestClient.Answer) throws -> String {
            String(try #require(page.text.firstMatch(of: /name="upload" value="(\d+)"/)).output.1)
        }
        let page = try await browser.upload("/imports", file: file(header + "a@x.edu,A,A\nb@x.edu,B,B\n"))
        #expect(page.text.contains("Send the 2 people who are added a link by mail to choose a password"))
        #expect(!page.text.contains(#"name="invite" value="true" checked"#))
        let stored = try await browser.upload(
            "/imports", [("upload", try upload(page)), ("step", "store"), ("invite", "true")])
        #expect(stored.status == 303)
        #expect(try await invited(college) == ["a@x.edu", "b@x.edu"])
        let after = try await browser.get(try #require(stored.headers[.location]))
        #expect(after.text.contains("The file was imported, and 2 invitations are on their way."))

        // who is known already is not, and who did not tick it invites nobody
        let known = try await browser.upload("/imports", file: file(header + "a@x.edu,A,Z\n"))
        #expect(!known.text.contains(#"name="invite""#))
        let quiet = try await browser.upload("/imports", file: file(header + "c@x.edu,C,C\n"))
        _ = try await browser.upload("/imports", [("upload", try upload(quiet)), ("step", "store")])
        #expect(try await invited(college) == ["a@x.edu", "b@x.edu"])

        // with rows that are left to be mended the page itself says it
        let staff = try await browser.upload(
            "/imports/staff", file: file("email,given_name,family_name,role\nm@x.edu,M,M,manager\nbad,B,B,staff\n"))
        #expect(staff.text.contains("Send the 1 person who is added a link"))
        let left = try await browser.upload(
            "/imports/staff", [("upload", try upload(staff)), ("step", "store"), ("invite", "true")])
        #expect(left.status == 200 && left.text.contains("1 invitation is on its way"))
        #expect(try await invited(college) == ["a@x.edu", "b@x.edu", "m@x.edu"])

        try await college.run(
            """
            update identity_providers set issuer = 'https://i.example', client_id = 'w', enabled = true,
                student_passwords = false
            """)
        let alone = try await browser.upload("/imports", file: file(header + "d@x.edu,D,D\n"))
        #expect(alone.text.contains("1 would be added") && !alone.text.contains(#"name="invite""#))
        let forced = try await browser.upload(
            "/imports", [("upload", try upload(alone)), ("step", "store"), ("invite", "true")])
        #expect(forced.status == 422 && forced.text.contains("come in by the identity provider alone"))
        #expect(try await college.number("select count(*) from accounts where email = 'd@x.edu'") == 0)
    }
}
