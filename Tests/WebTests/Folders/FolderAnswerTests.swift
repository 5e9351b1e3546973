import Casework
import Foundation
import HTTPTypes
import Postgres
import Tenancy
import TestSupport
import Testing

@testable import Web

/// Files that wait for an admin's yes, and what admins see and rule.
@Suite struct FolderAnswerTests {
    /// An institution with ten students, and a file of half of them.
    private func waiting() async throws -> FolderScene {
        let scene = try await FolderScene.make(#"{"enabled":true,"suspendsMissing":true}"#)
        try scene.put("students.csv", students: 10)
        await scene.work()
        try scene.put("students.csv", students: 5)
        await scene.work()
        #expect(try await scene.states() == ["students.csv done moved", "students.csv waiting stopped"])
        #expect(try await scene.students().count == 10)
        #expect(try scene.names() == ["done", "students.csv"])
        return scene
    }

    @Test func `too many who are missing wait for a yes that says how many`() async throws {
        let scene = try await waiting()
        let told = try await scene.files()
        #expect(told.number("items", 0, "faultCount") == 5 && told.number("items", 0, "faultMost") == 1, "\(told.text)")
        #expect(scene.book.titles.last == "folder_file_refused stopped")
        // it is not tried again and again
        scene.clock.now += 100
        await scene.worker.round()
        #expect(try await scene.states().count == 2 && scene.book.events.count == 2)
        #expect(scene.worker.waiting.files == 0, "it waits for an admin, not for a worker")

        let browser = scene.college.client().asBrowser(scene.person)
        let id = try #require(told.number("items", 0, "id"))
        let page = try await browser.get("/imports/folder")
        #expect(page.text.contains("5 people would be suspended, or leave their cohorts; without your yes it may be 1"))
        #expect(page.hiddenFields(to: "/imports/folder/\(id)/approve") == ["mostSuspended": "5"])
        let yes = try await browser.submit("/imports/folder/\(id)/approve", on: "/imports/folder")
        #expect(yes.status == 303, "\(yes.text)")
        #expect(try await browser.get("/imports/folder").text.contains("taken in within a minute"))
        scene.clock.now += 31
        await scene.worker.round()
        #expect(try await scene.states() == ["students.csv done moved", "students.csv done moved"])
        #expect(try await scene.students("suspended").count == 5)
        #expect(try scene.names() == ["done"])
        let done = try await scene.files()
        #expect(done.number("items", 0, "suspended") == 5 && done.number("items", 0, "accountId") == scene.person.id)
        let after = try await browser.get("/imports/folder")
        #expect(after.text.contains("said yes") && after.text.contains("5 people suspended"))
        #expect(
            try await scene.college.texts("select action from audit where action like 'folder.%' order by id")
                == ["folder.rules", "folder.approve"])
        let again = try await browser.post("/imports/folder/\(id)/approve", ["mostSuspended": "5"])
        #expect(again.status == 422 && again.text.contains("does not wait for an answer"), "\(again.status)")
    }

    @Test func `a yes is for that content: another file of the name is asked about anew`() async throws {
        let scene = try await waiting()
        let id = try #require(try await scene.files().number("items", 0, "id"))
        let yes = try await scene.admin.send(
            .post, FolderScene.path + "/files/\(id)/approve", json: #"{"mostSuspended":5}"#)
        #expect(yes.status == 200 && yes.number("mostSuspended") == 5, "\(yes.text)")
        try scene.put("students.csv", students: 2)
        await scene.work()
        #expect(
            try await scene.states() == [
                "students.csv done moved", "students.csv refused replaced moved", "students.csv waiting stopped",
            ])
        #expect(try await scene.students("suspended") == [])
        #expect(try await scene.files().number("items", 0, "faultCount") == 8)
    }

    @Test func `more than the yes was for wait again, and a no moves the file away`() async throws {
        let scene = try await waiting()
        let id = try #require(try await scene.files().number("items", 0, "id"))
        let path = FolderScene.path + "/files/\(id)"
        #expect(try await scene.admin.send(.post, path + "/approve", json: #"{"mostSuspended":4}"#).status == 200)
        scene.clock.now += 31
        await scene.worker.round()
        let told = try await scene.files()
        #expect(told["items"]?[0]?["mostSuspended"] == .null && told.text("items", 0, "state") == "waiting")
        #expect(try await scene.students("suspended") == [])
        let no = try await scene.admin.send(.post, path + "/decline")
        #expect(no.status == 200 && no.text("fault") == "declined", "\(no.text)")
        #expect(try await scene.admin.send(.post, path + "/decline").status == 409)
        scene.clock.now += 31
        await scene.worker.round()
        #expect(try scene.names() == ["done", "refused"])
        #expect(try scene.names("refused") == ["students-STAMP-reason.txt", "students-STAMP.csv"])
        #expect(try await scene.students().count == 10)
    }

    @Test func `only admins in person see and rule it, and what is wrong is named`() async throws {
        let scene = try await FolderScene.make(nil)
        let first = try await scene.admin.send(.get, FolderScene.path)
        #expect(first["enabled"] == .bool(false) && first["suspendsMissing"] == .bool(false), "\(first.text)")
        #expect(first["partial"] == .bool(false) && first.headers[.eTag] != nil)
        for json in [#"{"enabled":"x"}"#, #"{"partial":null}"#, #"{"folder":"/etc"}"#] {
            #expect(try await scene.rule(json).status == 422, "\(json)")
        }
        #expect(try await scene.rule(#"{"partial":true}"#)["partial"] == .bool(true))
        let outdated = try await scene.admin.send(
            .put, FolderScene.path, json: "{}", headers: [.ifMatch: "\"1\""])
        #expect(outdated.status == 412)
        for role in ["director", "manager", "staff", "student"] {
            let browser = scene.college.client().asBrowser(try await scene.college.person(role))
            #expect(try await browser.get("/imports/folder").status == 403, "\(role)")
            #expect(try await browser.post("/imports/folder", ["enabled": "true"]).status == 403, "\(role)")
        }
        let browser = scene.college.client().asBrowser(scene.person)
        #expect(try await browser.post("/imports/folder/1/approve", ["mostSuspended": "1"]).status == 404)
        #expect(try await browser.submit("/imports/folder", ["enabled": "true"]).status == 303)
        #expect(try await scene.admin.send(.get, FolderScene.path)["enabled"] == .bool(true))
    }

    @Test func `the page says what files are called and lists them page by page, in both languages`() async throws {
        let scene = try await FolderScene.make()
        try await scene.college.run(
            """
            insert into folder_files (name, state, started_at, ended_at, fault, detail, problems, added, failed)
            select '<b>' || n || '.csv', 'refused', now(), now(), 'unusable', 'no <header>', '{"3: <i>: no name"}', 2, 1
            from generate_series(1, 45) n
            """)
        let browser = TestClient(site: scene.site, host: scene.admin.host).asBrowser(scene.person)
        let page = try await browser.get("/imports/folder")
        #expect(
            page.status == 200 && page.text.contains("<code>students*.csv</code>") && page.text.contains("rel=\"next\"")
        )
        #expect(page.text.contains("&lt;b>45.csv") || page.text.contains("&lt;b&gt;45.csv"))
        #expect(
            !page.text.contains("<b>") && !page.text.contains("<i>:") && !page.text.contains("has not set a folder"))
        #expect(page.text.contains("1 cannot be used") && !page.text.contains("2 added"), "nothing was stored")
        let listed = try await scene.admin.send(.get, FolderScene.path + "/files?limit=20")
        let next = try #require(listed.text("next"))
        #expect(try await browser.get("/imports/folder?cursor=\(next)").text.contains("25.csv"))
        #expect(try await browser.get("/imports/folder?cursor=x").status == 422)
        // where no folder is configured the page says so
        let without = try await scene.college.client().asBrowser(scene.person).get("/imports/folder")
        #expect(without.text.contains("has not set a folder"))
        try await scene.college.run("update settings set language = 'es'")
        let spanish = try await browser.get("/imports/folder")
        #expect(spanish.text.contains("Archivos desde una carpeta"), "\(spanish.text.prefix(300))")
        #expect(try await browser.get("/imports").text.contains("href=\"/imports/folder\""))
    }
}
