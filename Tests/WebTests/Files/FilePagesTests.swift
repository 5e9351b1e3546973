import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

/// A milestone and its files are one form: one save stores all of it, or nothing.
@Suite struct FilePagesTests {
    /// A milestone's form, as an admin fills it in.
    struct Scene {
        let it: TestCohort
        let browser: Browser
        let path: String

        init() async throws {
            it = try await TestCohort.make()
            browser = it.place.client().asBrowser(it.admin)
            path = "/cohorts/\(it.id)/milestones/\(it.milestone)"
        }

        /// Sends the form that the page shows, with these changes.
        func save(
            _ fields: [(name: String, value: String)] = [], _ files: [Browser.ChosenFile] = [], version: String? = nil
        ) async throws -> TestClient.Answer {
            let seen: String?
            if let version {
                seen = version
            } else {
                seen = try await browser.get(path).hiddenFields(to: path)["version"]
            }
            let all = [("title", "Meet"), ("completion", "staff"), ("version", seen ?? "")]
                .filter { pair in !fields.contains { $0.name == pair.0 } }.map { (name: $0.0, value: $0.1) }
            return try await browser.upload(path, all + fields, files: files)
        }

        func names() async throws -> [String] {
            try await it.place.texts("select name from milestone_files where complete order by name")
        }
    }

    private static func file(_ name: String, _ size: Int = 3, type: String = "text/plain") -> Browser.ChosenFile {
        ("files", name, type, [UInt8](repeating: 7, count: size))
    }

    @Test func `one save stores the details, adds files and takes marked ones away`() async throws {
        let scene = try await Scene()
        let bytes = (0..<3_200_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let first = try await scene.save(
            [], [("files", "nötes %22a%22.pdf", "application/pdf", bytes), Self.file("b.txt", type: "not a type")])
        #expect(first.status == 303, "\(first.text)")
        #expect(try await scene.names() == ["b.txt", "nötes \"a\".pdf"])
        let list = try await scene.it.send(scene.it.admin, "GET /milestones/\(scene.it.milestone)/files").json()
        #expect(list["items"]?[0]?["contentType"]?.string == "application/octet-stream")
        let id = try #require(list["items"]?[1]?["id"]?.int)
        #expect(try await scene.it.send(scene.it.student, "GET /files/\(id)").bytes == bytes)

        let page = try await scene.browser.get(scene.path).text
        #expect(page.contains("name=\"removed\" value=\"\(id)\""))
        let second = try await scene.save(
            [
                ("title", "Meet <b>"), ("description", "Bring it"), ("dueOn", "2126-12-01"), ("reminders", "1"),
                ("reminders", "7"), ("removed", "\(id)"),
            ], [Self.file("c.txt")])
        let place = try #require(second.headers[.location])
        #expect(place.hasPrefix("\(scene.path)?done=saved&what=Meet%20%3Cb%3E&seal="))
        #expect(try await scene.browser.get(place).text.contains("Saved: Meet &lt;b&gt;</div>"))
        #expect(try await scene.names() == ["b.txt", "c.txt"])
        let stored = try await scene.it.send(scene.it.admin, "GET /milestones/\(scene.it.milestone)").json()
        #expect(stored["title"]?.string == "Meet <b>" && stored["description"]?.string == "Bring it")
        #expect(stored["reminders"]?.elements.compactMap(\.int) == [1, 7] && stored["dueOn"]?.string == "2126-12-01")
        #expect(
            try await scene.it.place.texts("select action from audit where subject like 'file/%' order by id") == [
                "file.create", "file.create", "file.delete", "file.create",
            ])
        // somebody else has taken it away already
        #expect(try await scene.save([("removed", "\(id)")]).status == 303)
    }

    @Test func `where a file is refused nothing is stored, and what was typed is kept`() async throws {
        let scene = try await Scene()
        #expect(try await scene.save([], [Self.file("old.txt")]).status == 303)
        let old = try await scene.it.place.number("select id from milestone_files")
        let typed = [
            (name: "title", value: "Typed"), (name: "description", value: "Long thought"),
            (name: "reminders", value: "2"),
            (name: "removed", value: "\(old)"),
        ]
        let cases: [([Browser.ChosenFile], [String])] = [
            ([Self.file("good.txt"), Self.file("big.pdf", (25 << 20) + 1)], ["“big.pdf” is larger than 25 MiB"]),
            (
                [Self.file("empty.txt", 0), Self.file("..", 1)],
                ["“empty.txt” is empty\\.", "Files must name the file\\."]
            ),
        ]
        for (files, sentences) in cases {
            let answer = try await scene.save(typed, files)
            #expect(answer.status == 422)
            for sentence in sentences {
                #expect(answer.text.firstMatch(of: try Regex("<a href=\"#files\">[^<]*\(sentence)")) != nil)
                #expect(
                    answer.text.firstMatch(of: try Regex("id=\"files-error\">[^<]*\(sentence)")) != nil)
            }
            #expect(answer.text.contains("value=\"Typed\"") && answer.text.contains(">\nLong thought</textarea>"))
            #expect(answer.text.contains("value=\"2\" checked") && answer.text.contains("value=\"\(old)\" checked"))
            #expect(answer.text.contains("The files you chose were not stored."))
        }
        // the other way round: a field is refused, and the file is not stored
        let wrong = try await scene.save([("title", " ")], [Self.file("good.txt")])
        #expect(wrong.status == 422 && wrong.text.contains("The files you chose were not stored."))
        // and where somebody else has changed the milestone
        #expect(try await scene.save(typed, [Self.file("good.txt")], version: "99").status == 412)
        try await scene.it.place.run("update settings set file_quota_bytes = 5")
        let full = try await scene.save(typed, [Self.file("good.txt")])
        #expect(full.status == 422 && full.text.contains("space for files is used up"))

        #expect(try await scene.names() == ["old.txt"])
        #expect(try await scene.it.place.number("select count(*) from milestone_files") == 1)
        #expect(try await scene.it.place.texts("select title from milestones") == ["Meet"])
    }

    @Test func `a file of another milestone is not taken away`() async throws {
        let scene = try await Scene()
        #expect(try await scene.save([], [Self.file("a.txt")]).status == 303)
        let file = try await scene.it.place.number("select id from milestone_files")
        let other = try await scene.it.milestone("Other")
        let path = "/cohorts/\(scene.it.id)/milestones/\(other)"
        let answer = try await scene.browser.submit(
            path, ["title": "Other", "completion": "staff", "removed": "\(file)"])
        #expect(answer.status == 303)
        #expect(try await scene.names() == ["a.txt"])
    }

    @Test func `dates that are perhaps not meant are told of, and saved`() async throws {
        let scene = try await Scene()
        let today = try await scene.it.place.texts("select (now() at time zone 'UTC')::date::text")[0]
        func shown(_ fields: [(name: String, value: String)]) async throws -> [String] {
            let answer = try await scene.save(fields)
            let place = try #require(answer.headers[.location])
            let page = try await scene.browser.get(place).text
            let cautions = page.matches(of: /data-caution="([a-z]*)">/).map { String($0.output.1) }
            #expect(page.contains("Look at the dates once more.") != cautions.isEmpty)
            return cautions
        }
        #expect(try await shown([("reminders", "7")]) == ["none"])
        #expect(try await shown([("dueOn", "2020-01-01"), ("reminders", "7")]) == ["past"])
        #expect(try await shown([("dueOn", today), ("reminders", "7"), ("reminders", "1")]) == ["late"])
        #expect(try await scene.browser.get(scene.path).text.contains("<span>1 day, 1 week</span>"))
        #expect(try await shown([("dueOn", "2126-01-01"), ("reminders", "7")]) == [])
        try await scene.it.place.run("update milestones set due_on = null, due_after_days = 10")
        #expect(try await shown([("reminders", "7")]) == [])
    }

    @Test func `a form that is not whole is refused and changes nothing`() async throws {
        let it = try await TestCohort.make()
        let answer = try await it.place.client().send(
            .post, "/cohorts/\(it.id)/milestones/\(it.milestone)", body: Array("--b\r\nx".utf8),
            contentType: "multipart/form-data; boundary=b",
            headers: [
                .cookie: "__Host-waymark=\(it.admin.token.text)",
                .origin: "https://\(it.place.institution.slug).localhost",
            ])
        #expect(answer.status == 400)
        #expect(answer.text.contains("<h1"))
    }
}
