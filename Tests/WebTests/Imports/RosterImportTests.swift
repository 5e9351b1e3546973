import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// What becomes of an institution by one package of OneRoster after another.
@Suite struct RosterImportTests {
    /// The package of a small school.
    struct Package {
        var users: [String] = []
        var classes: [String] = []
        var enrollments: [String] = []
        var mode = "bulk"

        var zip: [UInt8] {
            let state = mode == "bulk" ? "," : "active,2026-11-01T00:00:00Z"
            func rows(_ header: String, _ rows: [String]) -> String {
                ([header] + rows.map { $0.contains("tobedeleted") ? $0 : $0.replacing("||", with: state) })
                    .joined(separator: "\n") + "\n"
            }
            let manifest = """
                propertyName,value
                oneroster.version,1.1
                file.users,\(mode)
                file.classes,\(mode)
                file.enrollments,\(mode)

                """
            return ZipWriter.archive([
                .init("manifest.csv", manifest),
                .init(
                    "users.csv",
                    rows(
                        "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName,identifier,email",
                        users)),
                .init("classes.csv", rows("sourcedId,status,dateLastModified,title,classCode,classType", classes)),
                .init(
                    "enrollments.csv",
                    rows(
                        "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role",
                        enrollments)),
            ])
        }
    }

    private func student(_ id: String, _ name: String = "Ann", email: String? = nil, role: String = "student") -> String
    {
        "\(id),||,true,s1,\(role),\(id),\(name),Lee,N\(id),\(email ?? "\(id)@x.edu")"
    }

    private func enrolled(_ id: String, _ user: String, in place: String = "c1") -> String {
        "\(id),||,\(place),s1,\(user),student"
    }

    /// An institution whose classes become cohorts.
    private func college() async throws -> (TestInstitution, TestClient) {
        let college = try await TestInstitution.make()
        let client = college.client(try await college.person("admin"))
        let category = try await client.send(.post, "/api/v1/categories", json: #"{"name":"Advising"}"#)
        let rules = try await client.send(
            .patch, "/api/v1/imports/oneroster/rules",
            json: #"{"categoryId":\#(category.number("id") ?? 0),"classType":"homeroom","teacher":"staff"}"#)
        #expect(rules.status == 200, "\(rules.text)")
        return (college, client)
    }

    private func send(_ package: Package, to client: TestClient, _ query: String = "") async throws -> TestClient.Answer
    {
        try await client.send(
            .post, "/api/v1/imports/oneroster\(query)", body: package.zip, contentType: "application/zip")
    }

    private func people(_ college: TestInstitution) async throws -> [String] {
        try await college.texts(
            """
            select concat_ws('|', r.sourced_id, a.email, a.given_name, a.role, a.status, a.version)
            from roster_records r join accounts a on a.id = r.account_id where r.kind = 'user' order by r.sourced_id
            """)
    }

    private func members(_ college: TestInstitution) async throws -> [String] {
        try await college.texts(
            """
            select c.name || ' ' || a.email from enrollments e join cohorts c on c.id = e.cohort_id
            join accounts a on a.id = e.student_id where e.active order by 1
            """)
    }

    @Test func `bulk, then deltas, then bulk again`() async throws {
        let (college, client) = try await college()
        var first = Package(
            users: ["u1", "u2", "u3"].map { student($0) } + [student("t1", "Tom", role: "teacher")],
            classes: ["c1,||,Seminar,S1,homeroom"], enrollments: [enrolled("e1", "u1"), enrolled("e2", "u2")])
        let made = try await send(first, to: client)
        #expect(made.number("added") == 7 && made.number("failed") == 0, "\(made.text)")
        #expect(try await members(college) == ["Seminar u1@x.edu", "Seminar u2@x.edu"])
        let again = try await send(first, to: client)
        #expect(again.number("added") == 0 && again.number("updated") == 0 && again.number("unchanged") == 7)

        let changed = Package(
            users: [student("u1", "Anna", email: "anna@x.edu"), student("u4")], enrollments: [enrolled("e4", "u4")],
            mode: "delta")
        let delta = try await send(changed, to: client)
        #expect(delta["rows"]?[0]?["changed"] == .array([.string("email"), .string("givenName")]), "\(delta.text)")
        #expect(delta["missing"] == .null)
        #expect(try await members(college) == ["Seminar anna@x.edu", "Seminar u2@x.edu", "Seminar u4@x.edu"])

        let gone = Package(
            users: ["u4,tobedeleted,2026-11-02T00:00:00Z,,,,,,,,"],
            enrollments: ["e2,tobedeleted,2026-11-02T00:00:00Z,,,,", "e9,tobedeleted,2026-11-02T00:00:00Z,,,,"],
            mode: "delta")
        let unsure = try await send(gone, to: client)
        #expect(unsure.status == 409 && unsure.text.contains("1 people would be suspended"), "\(unsure.text)")
        let removed = try await send(gone, to: client, "?mostSuspended=1")
        #expect(removed.strings("rows", each: "result") == ["updated", "updated", "skipped"], "\(removed.text)")
        #expect(removed.number("suspended") == 1 && removed.number("leaving") == 1)
        #expect(try await members(college) == ["Seminar anna@x.edu", "Seminar u4@x.edu"])
        let twice = try await send(gone, to: client)
        #expect(twice.number("updated") == 0 && twice.number("suspended") == 0, "\(twice.text)")

        // who comes back may come in again; whom an admin has suspended may not
        try await college.run("update accounts set status = 'suspended' where email = 'u2@x.edu'")
        first.users[0] = student("u1", "Anna", email: "anna@x.edu")
        first.users.append(student("u4"))
        first.enrollments.append(enrolled("e4", "u4"))
        let back = try await send(first, to: client)
        #expect(back.number("updated") == 1 && back.number("added") == 1, "\(back.text)")
        #expect(
            try await people(college) == [
                "t1|t1@x.edu|Tom|staff|active|1", "u1|anna@x.edu|Anna|student|active|2",
                "u2|u2@x.edu|Ann|student|suspended|1", "u3|u3@x.edu|Ann|student|active|1",
                "u4|u4@x.edu|Ann|student|active|3",
            ])
        #expect(
            try await college.texts(
                "select before ->> 'status' || '>' || (after ->> 'status') from audit where action = 'account.update' and after ? 'status' order by id"
            ) == ["active>suspended", "suspended>active"])
    }

    @Test func `who is missing is suspended, and leaves, only with a yes`() async throws {
        let (college, client) = try await college()
        let other = try await college.account("student", email: "by-hand@x.edu")
        var package = Package(
            users: (1...30).map { student("u\($0)") }, classes: ["c1,||,Seminar,S1,homeroom"],
            enrollments: (1...30).map { enrolled("e\($0)", "u\($0)") })
        #expect(try await send(package, to: client).status == 200)
        let token = try await college.signIn(
            try await college.number("select id from accounts where email = 'u30@x.edu'"))
        package.users.removeLast(2)
        package.enrollments.removeLast(2)
        let kept = try await send(package, to: client)
        #expect(kept.number("missing") == 2 && kept.number("suspended") == 0 && kept.number("leaving") == 0)
        let dry = try await send(package, to: client, "?missing=suspend&dryRun=true")
        #expect(dry.number("suspended") == 2 && dry.number("leaving") == 2)
        #expect(dry.text("missingPeople", 0)?.hasSuffix("@x.edu)") == true)
        package.users.removeLast(8)
        package.enrollments.removeLast(8)
        let many = try await send(package, to: client, "?missing=suspend")
        #expect(many.status == 409 && many.text.contains("10 people"), "\(many.text)")
        #expect(try await members(college).count == 30)
        let yes = try await send(package, to: client, "?missing=suspend&mostSuspended=10")
        #expect(yes.number("suspended") == 10 && yes.number("leaving") == 10, "\(yes.text)")
        #expect(try await members(college).count == 20)
        #expect(try await college.number("select count(*) from accounts where status = 'suspended'") == 10)
        #expect(try await college.texts("select status from accounts where id = \(other)") == ["active"])
        #expect(try await college.client().signedIn(token.text).send(.get, "/api/v1/me").status == 401)
        // an enrollment by hand is none of the roster's
        try await college.run(
            "insert into enrollments (cohort_id, student_id) select min(id), \(other) from cohorts")
        let again = try await send(package, to: client, "?missing=suspend")
        #expect(again.number("leaving") == 0 && again.number("suspended") == 0, "\(again.text)")
    }

    @Test func `addresses that two people swap go as a whole, and a bad row keeps all from being stored`() async throws
    {
        let (college, client) = try await college()
        #expect(try await send(Package(users: [student("u1"), student("u2", "Bo")]), to: client).status == 200)
        var swapped = Package(users: [student("u1", email: "u2@x.edu"), student("u2", "Bo", email: "u1@x.edu")])
        let dry = try await send(swapped, to: client, "?dryRun=true")
        #expect(dry.strings("rows", each: "result") == ["updated", "updated"], "\(dry.text)")
        swapped.users.append(student("u3", email: "bad"))
        let refused = try await send(swapped, to: client)
        #expect(refused.status == 422 && refused.number("report", "failed") == 1, "\(refused.text)")
        #expect(try await people(college).count == 2)
        swapped.users.removeLast()
        #expect(try await send(swapped, to: client).number("updated") == 2)
        #expect(
            try await people(college) == ["u1|u2@x.edu|Ann|student|active|2", "u2|u1@x.edu|Bo|student|active|2"])
    }

    @Test func `nobody becomes more than the rules say, or an admin, and an API token adds students only`() async throws
    {
        let (college, client) = try await college()
        _ = try await college.account("manager", email: "m1@x.edu")
        let roles = ["administrator", "teacher", "aide", "guardian", "sysadmin"]
        let package = Package(
            users: roles.enumerated().map { student("p\($0)", role: $1) } + [student("m1", role: "teacher")])
        let tomorrow = Date(timeIntervalSinceNow: 86_400).formatted(.iso8601)
        let made = try await client.send(
            .post, "/api/v1/tokens", json: #"{"name":"N","expiresAt":"\#(tomorrow)","scopes":["read","write"]}"#)
        let byToken = try await send(package, to: college.client().signedIn(made.text("token")), "?partial=true")
        #expect(
            byToken.strings("rows", each: "result") == [
                "skipped", "invalid", "skipped", "skipped", "skipped", "updated",
            ],
            "\(byToken.text)")
        let inPerson = try await send(package, to: client)
        #expect(inPerson.number("added") == 1 && inPerson.number("skipped") == 4, "\(inPerson.text)")
        #expect(
            try await people(college) == [
                "m1|m1@x.edu|Ann|manager|active|2", "p1|p1@x.edu|Ann|staff|active|1",
            ])
        #expect(try await college.number("select count(*) from accounts where role = 'admin'") == 1)
        for role in ["admin", "student"] {
            let answer = try await client.send(
                .patch, "/api/v1/imports/oneroster/rules", json: #"{"administrator":"\#(role)"}"#)
            #expect(answer.status == 422 && answer.refusedFields == ["administrator"])
        }
    }

    @Test func `another institution sees nothing of it`() async throws {
        let (college, client) = try await college()
        let (other, otherClient) = try await self.college()
        #expect(try await send(Package(users: [student("u1")]), to: client).number("added") == 1)
        #expect(try await other.number("select count(*) from roster_records") == 0)
        #expect(try await people(other).isEmpty)
        #expect(try await send(Package(users: [student("u1")]), to: otherClient).number("added") == 1)
        #expect(try await people(college) == people(other))
        let elsewhere = try await send(Package(users: [student("u2")]), to: other.client().signedIn(client.token))
        #expect(elsewhere.status == 401)
    }

    @Test func `rules are changed by who has seen them, name what is wrong, and are audited`() async throws {
        let (college, client) = try await college()
        let rules = try await client.send(.get, "/api/v1/imports/oneroster/rules")
        #expect(rules.text("teacher") == "staff" && rules["aide"] == .null)
        let bad = try await client.send(
            .patch, "/api/v1/imports/oneroster/rules", json: #"{"categoryId":99999,"classType":"homeroom"}"#)
        #expect(bad.status == 422 && bad.refusedFields == ["categoryId"], "\(bad.text)")
        let worse = try await client.send(
            .patch, "/api/v1/imports/oneroster/rules", json: #"{"classType":"x","teacher":"boss","parent":"staff"}"#)
        #expect(worse.refusedFields == ["teacher", "classType", "parent"], "\(worse.text)")
        let tag = try #require(rules.headers[.eTag])
        func patch(_ json: String) async throws -> Int {
            try await client.send(
                .patch, "/api/v1/imports/oneroster/rules", json: json, headers: [.ifMatch: tag]
            ).status
        }
        #expect(try await patch(#"{"teacher":null}"#) == 200)
        #expect(try await patch(#"{"aide":"staff"}"#) == 412)
        #expect(
            try await college.texts(
                "select coalesce(after ->> 'teacher', '-') from audit where action = 'roster.rules' order by id")
                == ["staff", "-"])
    }

    @Test func `a student of a roster sees the dashboard of the cohort that a class became`() async throws {
        let (college, client) = try await college()
        let package = Package(
            users: [student("u1"), student("t1", "Tom", role: "teacher")], classes: ["c1,||,Seminar,S1,homeroom"],
            enrollments: [enrolled("e1", "u1")])
        #expect(try await send(package, to: client).number("added") == 4)
        let cohort = try await college.number("select id from cohorts where name = 'Seminar'")
        let (student, teacher) = (
            try await college.number("select id from accounts where email = 'u1@x.edu'"),
            try await college.number("select id from accounts where email = 't1@x.edu'")
        )
        let group = try await client.send(.post, "/api/v1/groups", json: #"{"name":"Advisers"}"#)
        let number = group.number("id") ?? 0
        let steps: [(HTTPRequest.Method, String, String)] = [
            (.put, "accounts/\(teacher)/card", #"{"phone":"1","published":true}"#),
            (.put, "groups/\(number)/members/\(teacher)", "{}"), (.put, "cohorts/\(cohort)/groups/\(number)", "{}"),
        ]
        for (method, path, json) in steps {
            #expect(try await client.send(method, "/api/v1/\(path)", json: json).status < 300, "\(path)")
        }
        let milestone = try await client.send(.post, "/api/v1/cohorts/\(cohort)/milestones", json: #"{"title":"Meet"}"#)
        _ = try await client.send(
            .patch, "/api/v1/milestones/\(milestone.number("id") ?? 0)", json: #"{"title":"Meet your adviser"}"#)
        let session = college.client().signedIn(try await college.signIn(student).text)
        #expect(try await session.send(.get, "/api/v1/dashboard").status == 404)
        let shown = try await client.send(.patch, "/api/v1/settings", json: #"{"studentVisibility":"enabled"}"#)
        #expect(shown.status == 200, "\(shown.text)")
        let dashboard = try await session.send(.get, "/api/v1/dashboard")
        #expect(dashboard.text("cohorts", 0, "name") == "Seminar", "\(dashboard.text)")
        #expect(dashboard.text("milestones", 0, "title") == "Meet your adviser")
        #expect(dashboard.text("supportNetwork", 0, "members", 0, "name") == "Tom Lee")
    }

    @Test func `a zip on the page of imports is known, shown first and stored afterwards`() async throws {
        let (college, client) = try await college()
        #expect(try await send(Package(users: [student("gone")]), to: client).status == 200)
        let browser = try await college.client().asBrowser(college.person("admin"))
        let zip = Package(users: [student("u1"), student("u2", email: "bad")]).zip
        let page = try await browser.upload("/imports", file: ("file", "roster.zip", "application/zip", zip))
        #expect(page.text.contains("1 would be added") && page.text.contains("1 cannot be used"), "\(page.text)")
        #expect(page.text.contains("users.csv 3") && !page.text.contains("Suspend the"))
        let good = try await browser.upload(
            "/imports", file: ("file", "roster.zip", "application/zip", Package(users: [student("u1")]).zip))
        #expect(good.text.contains("1 is not in the file") && good.text.contains("Suspend the 1 person"))
        let number = String(try #require(good.text.firstMatch(of: /name="upload" value="(\d+)"/)).output.1)
        let stored = try await browser.upload(
            "/imports", [("upload", number), ("step", "store"), ("suspends", "0"), ("suspend", "1")])
        #expect(stored.status == 303, "\(stored.text)")
        #expect(
            try await people(college).map { $0.split(separator: "|")[4] } == ["suspended", "active"])
        let broken = try await browser.upload(
            "/imports", file: ("file", "roster.zip", "application/zip", Array(zip.prefix(200))))
        #expect(broken.status == 422 && broken.text.contains("broken"))
        let rules = try await browser.send(.get, "/imports/oneroster")
        #expect(rules.status == 200 && rules.text.contains("Advising"))
    }
}
